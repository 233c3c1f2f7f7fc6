"""Runs the workload through everything that is compared, in one process, and prints what each takes; knows no rule.

CPU time of this process. Machines change their pace from one moment to the next, so only what ran side by side is
compared: chunk by chunk every contestant judges the same orders, in an order that rotates, garbage collection off while
it does; the figures are medians of the ratios of the chunks. Slow engines judge fewer orders of each chunk.
"""

import gc
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from statistics import median
from typing import Any

from bench.rules import by_hand, ours, workload
from bench.rules.peers import Peer, found
from bench.rules.workload import TODAY
from dsl.decision import Decision
from dsl.program import Program

CHUNK = 200
PATIENCE = 60_000.0  # microseconds that a slow engine gets for its share of a chunk
AIMS = {"trace off": (0.80, 0.95), "mask": (1.10,), "full": (1.40,), "peers": (10.0, 25.0)}


@dataclass(slots=True)
class Contestant:
    """Something that judges orders. `prepare` is not timed with it, but for itself."""

    name: str
    work: Callable[[Any], Any]
    prepare: Callable[[dict[str, Any]], Any] | None = None
    share: int = CHUNK
    spent: list[float] = field(default_factory=list)
    """Microseconds an order, chunk by chunk."""
    preparing: list[float] = field(default_factory=list)


def check(rule_set: Program, records: list[dict[str, Any]]) -> int:
    """Rules and both hand-written functions must say the same of every order; the number of orders skipped."""
    skipped = 0
    for record in records:
        told = by_hand.tuned(record)
        for name, other in (("plain Python", by_hand.plain(record)), ("rules", _told(rule_set, record))):
            if other != told:
                raise SystemExit(f"{name} and tuned Python differ for order {record['order']['number']}")
        skipped += told[0] == "skip"
    return skipped


def _told(rule_set: Program, record: dict[str, Any]) -> by_hand.Told:
    decision = rule_set.run_generated(record, today=TODAY, trace="off")
    left = tuple((each.kind, each.item_id, each.number, each.reason, each.rule) for each in decision.left_out)
    return decision.outcome, decision.reason, decision.rule, decision.record, left


def check_peer(peer: Peer, records: list[dict[str, Any]]) -> None:
    """What a peer makes of orders must be what the rules make of them; money is compared as numbers, days as ISO text."""
    for record in records:
        outcome, _, _, wanted, _ = by_hand.tuned(record)
        made = peer.decide(peer.prepare(record))
        if (made is None) != (outcome == "skip") or (made is not None and _plain(made) != _plain(wanted)):
            raise SystemExit(f"{peer.name} and tuned Python differ for order {record['order']['number']}")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items() if entry is not None}
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if hasattr(value, "__float__") else value


def timed(work: Callable[[Any], Any], records: Sequence[Any]) -> float:
    """Microseconds of CPU time for one order."""
    gc.collect()
    gc.disable()
    start = time.process_time()
    for record in records:
        work(record)
    spent = time.process_time() - start
    gc.enable()
    return spent / len(records) * 1e6


def contest(contestants: Sequence[Contestant], records: list[dict[str, Any]], rounds: int) -> None:
    """Let all of them judge the orders, chunk by chunk."""
    turn = 0
    for _ in range(rounds):
        for start in range(0, len(records), CHUNK):
            chunk = records[start : start + CHUNK]
            turn += 1
            for place in range(len(contestants)):
                each = contestants[(turn + place) % len(contestants)]
                mine: list[Any] = chunk[: each.share]
                if each.prepare is not None:
                    made: list[Any] = []
                    each.preparing.append(timed(partial(_prepare, each.prepare, made), mine))
                    mine = made
                each.spent.append(timed(each.work, mine))


def _prepare(prepare: Callable[[Any], Any], made: list[Any], record: Any) -> None:
    made.append(prepare(record))


def ratio(one: Contestant, other: Contestant, with_preparing: bool = False) -> float:
    """How much longer `one` takes than `other`, where both ran in the same moment."""
    spent = one.spent
    if with_preparing:
        spent = [work + extra for work, extra in zip(one.spent, one.preparing, strict=True)]
    return median(mine / theirs for mine, theirs in zip(spent, other.spent, strict=True))


def run(count: int = workload.COUNT, rounds: int = 3, *, peers: bool = False) -> None:
    """Print the figures."""
    out = sys.stdout
    rule_set, records = ours.program(), workload.orders(count)
    # The orders stay, so that nobody need look through them before each chunk.
    gc.collect()
    gc.freeze()
    skipped = check(rule_set, records)
    out.write(
        f"{len(records):,} orders, seed {workload.SEED}, 20 rules, {skipped:,} skipped ({skipped / len(records):.1%}); "
        f"{rounds} rounds in chunks of {CHUNK}; Python {sys.version.split()[0]}\n"
    )
    evaluate = rule_set.evaluate
    tuned = Contestant("hand-written Python, tuned", by_hand.tuned)
    plain = Contestant("hand-written Python, plain", by_hand.plain)
    off = Contestant("rules, trace off", partial(evaluate, today=TODAY, trace="off"))
    mask = Contestant("rules, fired rules (mask)", partial(evaluate, today=TODAY, trace="mask"))
    full = Contestant("rules, every change (full)", partial(evaluate, today=TODAY))
    told = Contestant("rules, full and read at once", lambda record: _read(evaluate(record, today=TODAY)))
    own = [tuned, plain, off, mask, full, told]
    contest(own, records[: CHUNK * 5], 1)  # Warm, and thrown away.
    for each in own:
        each.spent.clear()
    contest(own, records, rounds)
    some = records[:CHUNK]
    out.write(f"{'':30} {'us an order':>12} {'speed of tuned':>15}\n")
    for each in own:
        out.write(f"{each.name:30} {median(each.spent):12.2f} {1 / ratio(each, tuned):15.2f}\n")
    walker = timed(partial(rule_set.walk, today=TODAY), some[:50])
    out.write(f"{'rules, tree walker':30} {walker:12.2f} {median(tuned.spent) / walker:15.3f}\n")
    _verdict("trace off, of the speed of tuned Python", 1 / ratio(off, tuned), AIMS["trace off"], more=True)
    _verdict("mask, times the time of trace off", ratio(mask, off), AIMS["mask"], more=False)
    _verdict("full, times the time of trace off", ratio(full, off), AIMS["full"], more=False)
    if peers:
        _with_peers(own, records)


def _read(decision: Decision) -> int:
    return len(decision.changes)


def _verdict(what: str, figure: float, aims: tuple[float, ...], *, more: bool) -> None:
    reached = [aim for aim in aims if (figure >= aim if more else figure <= aim)]
    word = "at least" if more else "at most"
    goal = f"goal: {word} {aims[0]:g}" + (f", aim {aims[1]:g}" if len(aims) > 1 else "")
    sys.stdout.write(f"  {what}: {figure:.2f} ({goal}{'' if reached else '; MISSED'})\n")


def _with_peers(own: list[Contestant], records: list[dict[str, Any]]) -> None:
    out = sys.stdout
    installed, missing = found()
    for name in missing:
        out.write(f"  {name} is not installed here: ./dev bench rules --peers sets up an environment that has it\n")
    if not installed:
        return
    made: list[tuple[Peer, Contestant]] = []
    for peer in installed:
        check_peer(peer, records[:200])
        each = timed(peer.decide, [peer.prepare(record) for record in records[:5]])
        share = max(5, min(CHUNK, int(PATIENCE / each)))
        made.append((peer, Contestant(peer.name, peer.decide, peer.prepare, share)))
    tuned, off = own[0], own[2]
    everyone = [tuned, off, *(contestant for _, contestant in made)]
    for one in everyone:
        one.spent.clear()
        one.preparing.clear()
    contest(everyone, records[: CHUNK * 20], 1)
    out.write(
        "\nOther engines: the same orders, the same records out (checked). Left: with the order already in the form that\n"
        "the engine likes best; right: its making counted too. Tests and the texts that it can make are the engine's,\n"
        "assignments and look-ups Python's.\n"
        f"{'':34} {'us an order':>12} {'x tuned':>8} {'x ours':>8}   {'us made and judged':>18} {'x ours':>8}\n"
    )
    ranked = sorted((one for _, one in made), key=lambda one: median(one.spent))
    for one in ranked:
        both = median(work + extra for work, extra in zip(one.spent, one.preparing, strict=True))
        out.write(
            f"{one.name:34} {median(one.spent):12.1f} {ratio(one, tuned):8.1f} {ratio(one, off):8.1f}   "
            f"{both:18.1f} {ratio(one, off, True):8.1f}\n"
        )
    fastest = ranked[0]
    _verdict(f"ours, times as fast as {fastest.name}", ratio(fastest, off), AIMS["peers"], more=True)
    _verdict("the same with the making of its input", ratio(fastest, off, True), AIMS["peers"], more=True)
    for peer in installed:
        out.write(f"  {peer.name}: {peer.cannot}\n")
