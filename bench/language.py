"""The rules language at the speed of typing: a file of 2,000 rules read, checked, changed and compiled; changes with its goals.

    python -m bench.language [--rules 2000] [--rounds 5]

Times are CPU times of this process, the best of some rounds, except the cold one, which is the first of a new process.
"""

from __future__ import annotations

import argparse
import gc
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable

from bench.large import text
from dsl.check import check_text
from dsl.grammar_tables import tables
from dsl.parse import parse_text
from dsl.program import compile_ruleset
from dsl.workspace import Workspace
from engine.rulesets import compile_text, schema

_COLD = """
import time
from bench.large import text
from dsl.grammar_tables import tables
from dsl.program import compile_ruleset
from dsl.workspace import Workspace
from engine.rulesets import schema
written = text({rules})
tables(), schema()
begun = time.process_time()
workspace = Workspace(schema())
workspace.put("chain.rules", written)
workspace.quick("chain.rules")
read = time.process_time()
checked = workspace.checked("chain.rules")
analysed = time.process_time()
compile_ruleset(checked.ruleset)
done = time.process_time()
print(read - begun + done - analysed, done - begun)
"""
_MISTAKES = 8


def run(rules: int = 2000, rounds: int = 5) -> None:
    """Prints each figure beside its goal."""
    written = text(rules)
    print(f"  {rules:,} rules, {written.count(chr(10)):,} lines, {len(written) / 1000:,.0f} kB")
    cold = [_cold(rules) for _ in range(3)]
    _show("read, checked and compiled cold", min(each[0] for each in cold), 0.6)
    _show("the same with all analyses", min(each[1] for each in cold), 1.5)
    tables()
    _show("read only, second time", _best(lambda: parse_text(written, file="chain.rules"), rounds))
    _typing(written, rounds)
    _mistakes(rounds)
    checked = check_text(written, file="chain.rules", schema=schema())
    if checked.ruleset is not None:
        ruleset = checked.ruleset
        _show("compiled again", _best(lambda: compile_ruleset(ruleset), rounds))
    compile_text(written, file="chain.rules")
    _show("loaded warm", _best(lambda: compile_text(written, file="chain.rules"), rounds), 0.010)
    _memory(written, rules)


def _cold(rules: int) -> tuple[float, float]:
    out = subprocess.run([sys.executable, "-c", _COLD.format(rules=rules)], check=True, capture_output=True, text=True)
    first, second = out.stdout.split()
    return float(first), float(second)


def _typing(written: str, rounds: int) -> None:
    """Letters typed into a rule in the middle, with all that follows moved by each."""
    workspace = Workspace(schema())
    workspace.put("chain.rules", written)
    workspace.checked("chain.rules")
    at = written.index('skip "', len(written) // 2) + 6
    local: list[float] = []
    whole: list[float] = []
    for count in range(1, rounds + 1):
        changed = written[:at] + "x" * count + written[at:]
        gc.collect()
        begun = time.process_time()
        workspace.put("chain.rules", changed)
        workspace.quick("chain.rules")
        local.append(time.process_time() - begun)
        begun = time.process_time()
        workspace.checked("chain.rules")
        whole.append(time.process_time() - begun)
    _show("after a keystroke, what is local", min(local), 0.030)
    _show("after a keystroke, what crosses rules", min(whole), 0.300)


def _mistakes(rounds: int) -> None:
    broken = text(20).split("\nrule ")
    for place in range(1, _MISTAKES + 1):
        broken[place] = broken[place].replace("then ", "thne ", 1)
    seeded = "\nrule ".join(["", *broken[1:]])
    found = len(parse_text(seeded, file="broken.rules").diagnostics)
    _show(
        f"{_MISTAKES} mistakes give {found} diagnostics",
        _best(lambda: parse_text(seeded, file="broken.rules"), rounds),
        0.010,
    )


def _memory(written: str, rules: int) -> None:
    gc.collect()
    tracemalloc.start()
    workspace = Workspace(schema())
    workspace.put("chain.rules", written)
    checked = workspace.checked("chain.rules")
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"  {'memory a rule, text, tree and findings kept':45} {size / rules / 1000:8.1f} kB")
    del checked


def _best(work: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        gc.collect()
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)


def _show(what: str, seconds: float, goal: float | None = None) -> None:
    wanted = "" if goal is None else f"  (goal {goal * 1000:,.0f} ms)"
    print(f"  {what:45} {seconds * 1000:8.1f} ms{wanted}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rules", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    wanted = parser.parse_args()
    run(wanted.rules, wanted.rounds)
