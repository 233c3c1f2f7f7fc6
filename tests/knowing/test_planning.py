"""engine/plan: what another version would change, gathered the same way however it is shared out"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest

from engine.plan.running import (
    Case,
    DocumentDifference,
    DocumentKey,
    OutcomeKey,
    Plan,
    Question,
    StandingKey,
    Version,
    run,
)
from engine.plan.settings import SettingRefused, with_settings
from engine.plan.telling import as_form
from engine.raw_records import RecordsUnreadable, read_payloads, stream
from engine.rule_tests import run_tests
from tests.knowing.conftest import DEMO, PLAY_SHOP, RECORDED, compiled

TODAY = date(2026, 11, 20)
FLOW = """
flow "Web"
  from woocommerce  to quickbooks
  sync orders
  with
    record_as = sales_receipt
    sales_tax = line_item
end
"""


def question(old: str, new: str, **more: Any) -> Question:
    one, other = compiled(old, "old.rules"), compiled(new, "new.rules")
    return Question(
        old=Version(name="old.rules", program=one, flows=one.flows),
        new=Version(name="new.rules", program=other, flows=other.flows),
        source="woocommerce",
        today=TODAY,
        **more,
    )


def cases(count: int = 40) -> Iterator[tuple[Case, int]]:
    for number, (text, place) in enumerate(stream(PLAY_SHOP)):
        if number < count:
            yield Case(text), place


def planned(asked: Question, *, jobs: int = 1, count: int = 40, each: bool = False) -> Plan:
    plan = Plan()
    for part in run(asked, cases(count), jobs=jobs, each=each):
        plan.each.extend(part.each)
        plan.merge(part)
    return plan


def documents(plan: Plan) -> list[tuple[str, str, tuple[str, ...], int]]:
    return [
        (
            key.change,
            key.type,
            tuple(f"{name}: {before}>{after}" for _, _, name, before, after in key.parts),
            group.count,
        )
        for key, group in ((cast(DocumentKey, key), group) for key, group in plan.documents.ranked())
    ]


def test_the_same_rules_change_nothing() -> None:
    text = DEMO.read_text()
    plan = planned(question(text, text.replace("// Canned", "// Ready-made")))
    assert plan.orders == 40
    assert not plan.differs
    assert all(not found.differs for found in plan.sums.values())


def test_documents_that_change_alike_are_one_group_with_its_values_and_examples() -> None:
    rules = 'rule "C" for order when order.currency is "USD" then set books.class to "A" end'
    plan = planned(question(FLOW + rules, FLOW + rules.replace('"A"', '"B"')))
    change, type_, parts, count = documents(plan)[0]
    assert (change, type_, parts) == ("changes", "sales receipt", ("class: A>B",))
    group = plan.documents.by[DocumentKey("changes", type_, (("field", "", "class", "A", "B"),))]
    assert 5 < count == group.count <= plan.differing
    assert len(group.examples) == 5
    assert plan.sums["class", "A", "USD"].new == plan.sums["class", "B", "USD"].old == 0
    assert plan.sums["class", "A", "USD"].old == plan.sums["class", "B", "USD"].new > 0


def test_values_that_differ_from_one_to_the_next_are_kept_as_examples() -> None:
    plan = planned(question(FLOW, FLOW + 'rule "N" for order then set order.number to "W-{order.number}" end'))
    change, type_, parts, count = documents(plan)[0]
    assert (change, parts) == ("changes", ("number: >",))
    group = plan.documents.by[DocumentKey("changes", type_, (("field", "", "number", "", ""),))]
    values = group.values["number"]
    assert sum(values.pairs.values()) + values.more == count
    assert all(after == f"W-{before}" for before, after in values.pairs)


def test_lines_are_matched_by_the_record_s_line() -> None:
    rule = 'rule "I" for each line in order.lines where line.quantity is more than 1 then set line.class to "Many" end'
    gone = 'rule "G" for each line in order.lines where line.quantity is more than 1 then skip line "no" end'
    plan = planned(question(FLOW, FLOW + rule))
    assert {parts for _, _, parts, _ in documents(plan)} == {("class: (not set)>Many",)}
    plan = planned(question(FLOW, FLOW + gone), each=True)
    some = next(each for each in plan.each if isinstance(each, DocumentDifference) and each.change == "changes")
    assert {each.what for each in some.fields} == {"field", "line goes"}
    assert {"total"} <= {each.field for each in some.fields}


def test_outcomes_are_grouped_by_what_is_behind_them() -> None:
    hold = 'rule "Big" for order when order.total is more than 200 then hold "Look at {order.number}" end'
    plan = planned(question(FLOW, FLOW + hold))
    sync = plan.outcomes.by[OutcomeKey("order", "sync", "hold", "Big")]
    assert sync.count > 2
    assert sync.money["USD"] < 0
    assert {change for change, *_ in documents(plan)} == {"vanishes"}
    back = planned(question(FLOW + hold, FLOW))
    assert OutcomeKey("order", "hold", "sync", "Big") in back.outcomes.by
    assert {change for change, *_ in documents(back)} == {"appears"}


@pytest.mark.parametrize("jobs", [2, 3])
def test_shared_out_among_processes_it_comes_to_the_same(jobs: int) -> None:
    old = DEMO.read_text()
    asked = question(old, old.replace('"New York City"', '"NYC"').replace("more than 5000", "more than 300"))
    alone, together = planned(asked, count=130), planned(asked, count=130, jobs=jobs)
    assert as_form(alone, "a", "b") == as_form(together, "a", "b")
    assert alone.differing > 10


def test_what_a_closed_period_forbids_is_said() -> None:
    rules = 'rule "C" for order then set books.class to "A" end'
    plan = planned(question(FLOW, FLOW + rules, closed_until="2026-10-01"), count=80)
    locked = [(cast(StandingKey, key), group) for key, group in plan.standing.by.items()]
    assert {(key.action, key.lock) for key, _ in locked} == {
        ("locked", "if it stands in the books: they are closed up to 2026-10-01")
    }
    assert 0 < locked[0][1].count < sum(group.count for group in plan.documents.by.values())


def test_both_versions_together_say_what_the_preview_says_of_each() -> None:
    """The sums under the new version are those of a plan from nothing to it."""
    old, new = DEMO.read_text(), DEMO.read_text().replace("more than 5000", "more than 300")
    both, again = planned(question(old, new)), planned(question(new, new))
    assert {key: found.new for key, found in both.sums.items() if found.new} == {
        key: found.old for key, found in again.sums.items() if found.old
    }


# ---------------------------------------------------------------------------------------------------------- settings


def test_settings_are_typed_by_the_one_checker() -> None:
    text = 'setting prefix is text default ""\nsetting limit is money default 5.00 USD\n' + (
        'rule "P" for order when order.total is more than limit then set order.number to "{prefix}{order.number}" end\n'
        'test "t" given order order.total = 20 USD expect order.number is "W-1" end'
    )
    program = compiled(text)

    def passes(*given: str) -> bool:
        changed = with_settings(program, given, text=text, file="web.rules", tables={})
        return all(result.passed for result in run_tests(changed.resolved, today=TODAY))

    assert passes("prefix=W-")
    assert passes('prefix="W-"', "limit=19.99 USD")
    assert not passes("prefix=W-", "limit=20.00 USD")
    for given, said in (("limit=W", "limit cannot be W"), ("prefx=1", "no setting prefx"), ("prefix", "NAME=VALUE")):
        with pytest.raises(SettingRefused, match=said):
            with_settings(program, (given,), text=text, file="web.rules", tables={})


# ------------------------------------------------------------------------------------------------------------ records


def test_every_form_of_records_is_read_in_a_stream_as_it_is_read_whole(tmp_path: Path) -> None:
    files = [PLAY_SHOP, *sorted(RECORDED.glob("order*.json"))]
    lines = tmp_path / "lines.jsonl"
    lines.write_text("\n\n".join(json.dumps(each) for each in read_payloads(PLAY_SHOP.read_bytes(), "x")[:20]) + "\n")
    empty = tmp_path / "none.json"
    empty.write_text(" [ ] ")
    for file in (*files, lines, empty):
        try:
            whole: Any = read_payloads(file.read_bytes(), "x")
        except RecordsUnreadable:
            with pytest.raises(RecordsUnreadable):
                list(stream(file))
            continue
        found = list(stream(file))
        assert [json.loads(text) for text, _ in found] == whole, file
        assert [place for _, place in found] == sorted(place for _, place in found)


def test_records_larger_than_a_block_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.raw_records._BLOCK", 7)
    file = tmp_path / "some.json"
    told = [{"id": 1, "note": "ä€😀" * 9}, {"id": -12, "x": [1.5, {"y": "]}"}]}, {"id": 3}]
    file.write_text(json.dumps(told, ensure_ascii=False, indent=2), encoding="utf-8")
    assert [json.loads(text) for text, _ in stream(file)] == told


@pytest.mark.parametrize("text", ["", "[{]", '[{"id": 1}', '[{"id": 1}, 5]', '{"id": 1}\nx\n', "nothing"])
def test_records_that_are_none_are_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    file.write_text(text)
    with pytest.raises(RecordsUnreadable):
        list(stream(file))


def test_an_order_that_cannot_be_read_is_counted() -> None:
    asked = question(FLOW, FLOW)
    (part,) = run(asked, [(Case('{"id": 5, "number": "55", "total": "x"}'), 1)], jobs=1)
    assert (part.orders, part.unreadable, part.differs) == (1, 1, False)
    assert replace(asked, zone="UTC").zone == "UTC"


def test_each_order_is_decided_by_the_flow_that_takes_it() -> None:
    flows = FLOW.replace('"Web"', '"Large"').replace(
        "  with\n", "  when order.total is at least 200\n  with\n"
    ) + FLOW.replace('"Web"', '"Small"').replace("  with\n", "  when order.total is less than 200\n  with\n")
    rule = 'rule "S" for order in flow "Small" then set books.class to "Small" end'
    plan = planned(question(flows, flows + rule))
    classes = {name for by, name, _ in plan.sums if by == "class"}
    assert classes == {"Small", "(not set)"}
    assert 0 < plan.differing < plan.orders
    assert plan.sums["class", "(not set)", "USD"].new > 0
