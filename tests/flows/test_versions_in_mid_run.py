"""A rule set published, or rolled back, while a run is going: each order shows one version wherever one looks (F24)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select

from engine import agenda, decisions, log, records, sync
from engine.keys import RecordKey
from engine.posting import poster, reading
from engine.store.tables import decision
from engine.sync import FlowRun
from sandbox.woocommerce import Options
from tests.flows.flows_kit import World, plain

Record = dict[str, Any]

NUMBERED = 'rule "Numbers" for order then set order.number to "{letter}-{{order.number}}" end\n'
FIRST = plain("invoice", NUMBERED.format(letter="A"))
OTHER = plain("invoice", NUMBERED.format(letter="B"))
SAME_CONTENT = FIRST + 'rule "Never" for order when order.note is "never" then hold "never" end\n'


@pytest.fixture
def world(migrated_url: str) -> Iterator[World]:
    with World(migrated_url, shop_options=Options(generated=1)) as made:
        yield made


def key_of(world: World, order: Record) -> RecordKey:
    return RecordKey(world.identity, "order", str(order["id"]))


def judge_again(world: World) -> None:
    """What any change in the shop, a release, or a hold that falls due does."""
    scope = world.office.scope
    with world.store.write() as session:
        keys = records.known_keys(scope, session, world.flow.connection_id)
        agenda.decide_again(scope, session, keys, world.clock.now())
    world.desk.plan(world.flow.id)


def version_of(world: World, order: Record) -> tuple[int, str]:
    """The one version that decision, operation, ledger and log of an order tell, and the first letter of its number."""
    scope, key = world.office.scope, key_of(world, order)
    with world.store.read() as session:
        rows = session.execute(select(decision.c.id, decision.c.ruleset_version_id).where(scope.of(decision)))
        by_decision = {row.id: row.ruleset_version_id for row in rows}
        last = decisions.latest(scope, session, world.company.id, key)
        told = {
            by_decision[entry.decision_id]
            for entry in log.read(scope, session, key=key)
            if entry.code == "posted" and entry.decision_id is not None
        }
        out = [op for op in reading.of_record(scope, session, world.company.id, key) if op.state == "done"]
    assert last is not None
    standing = world.standing(order["id"])
    assert set(standing) == {"sale"}
    assert len(out) == 1
    seen = {
        "the last decision": last.version_id,
        "the operation": out[0].version_id,
        "the operation's decision": by_decision[out[0].decision_id],
        "the ledger": standing["sale"].ruleset_version_id,
        "the log": told.pop(),
    }
    assert not told
    assert len(set(seen.values())) == 1, seen
    found = [each["DocNumber"] for each in world.documents("Invoice") if each["DocNumber"].endswith(order["number"])]
    assert len(found) == 1, "one document"
    return int(last.version_id or 0), found[0][0]


def test_a_run_that_has_begun_goes_on_with_the_version_it_began_with(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = world.publish(FIRST).version_id
    orders = [world.simple_order() for _ in range(6)]
    monkeypatch.setattr(sync, "BATCH", 3)
    texts = [OTHER, FIRST, OTHER]
    numbers: list[int] = []

    def publish(_report: object) -> None:
        if texts:
            numbers.append(world.publish(texts.pop()).version_id)

    world.desk.run(world.flow.id, fetched=publish, planned=publish)  # between fetch and plan, between two batches
    assert len(set(numbers) - {first}) == 3
    world.post()
    assert {version_of(world, order) for order in orders} == {(first, "A")}
    later = world.simple_order()
    judge_again(world)
    world.sync()
    assert {version_of(world, order) for order in orders} == {(first, "A")}, "what stands stays with its version"
    assert version_of(world, later) == (world.flow.version_id, "B")


BETWEEN: dict[str, tuple[str, bool, str]] = {
    # what is published between planning and posting, whether the order is judged again, and the letter that goes out
    "another version": (OTHER, False, "A"),
    "another version, and the order is judged again": (OTHER, True, "B"),
    "one that comes to the same": (SAME_CONTENT, False, "A"),
    "one that comes to the same, and the order is judged again": (SAME_CONTENT, True, "A"),
}


@pytest.mark.parametrize("case", BETWEEN)
def test_what_goes_out_names_the_version_whose_decision_it_carries_after(world: World, case: str) -> None:
    text, again, letter = BETWEEN[case]
    first = world.publish(FIRST).version_id
    order = world.simple_order()
    world.fetch_and_plan()
    second = world.publish(text).version_id
    if again:
        judge_again(world)
    world.post()
    assert version_of(world, order) == (second if again else first, letter)


def test_a_roll_back_before_posting_is_the_version_that_goes_out(world: World) -> None:
    world.publish(FIRST)
    order = world.simple_order()
    world.fetch_and_plan()
    world.publish(OTHER)
    judge_again(world)
    back = world.publish(FIRST).version_id
    judge_again(world)
    world.post()
    assert version_of(world, order) == (back, "A")


def once(does: Callable[[], object]) -> Callable[[], object]:
    left = [does]
    return lambda: left.pop()() if left else None


@pytest.mark.parametrize(("text", "letter"), [(OTHER, "B"), (SAME_CONTENT, "A")])
def test_a_version_that_is_planned_while_the_poster_prepares_is_told_by_all_or_by_none(
    world: World, text: str, letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.publish(FIRST)
    order = world.simple_order()
    world.fetch_and_plan()

    def publish_and_plan() -> None:
        # Names go out first; what matters is the moment in which the invoice is ready to be sent.
        world.publish(text)
        judge_again(world)

    step = once(publish_and_plan)

    def fault(name: str) -> None:
        if name == "poster.prepared" and world.documents("Item"):
            step()

    monkeypatch.setattr(poster, "fault", fault)
    world.post()
    assert version_of(world, order) == (world.flow.version_id, letter)


def test_a_version_that_is_judged_while_another_is_posted_gives_way_to_what_stands(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = world.publish(FIRST).version_id
    order = world.simple_order()
    world.fetch_and_plan()
    world.publish(OTHER)
    post = once(world.post)
    judge = FlowRun.judge

    def judged_meanwhile(self: FlowRun, *given: Any) -> Any:
        found = judge(self, *given)
        post()
        return found

    with monkeypatch.context() as patched:
        patched.setattr(FlowRun, "judge", judged_meanwhile)
        judge_again(world)
    world.sync()
    assert version_of(world, order) == (first, "A")
    assert world.held() == []


def test_flows_are_published_and_rolled_back_without_losing_their_cursor(world: World) -> None:
    world.publish(FIRST)
    world.sync()
    for number, text in ((2, OTHER), (3, FIRST)):
        assert world.publish(text).number == number
        fetched, planned = world.sync()
        assert (fetched.changed, planned.planned) == (0, 0)
