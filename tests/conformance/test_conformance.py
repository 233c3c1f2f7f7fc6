"""Runs the conformance cases: every way of running a rule set must decide each of them as its file says."""

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dsl.check import check_text
from dsl.decision import Decision
from dsl.program import Program, compile_ruleset
from engine.vocabulary import vocabulary

HERE = Path(__file__).parent
SCHEMA = vocabulary()
TODAY = date(2026, 1, 31)
LISTS = {
    "lines": "line",
    "payments": "payment",
    "shipping_lines": "shipping",
    "fees": "fee",
    "discounts": "discount",
    "taxes": "tax",
}
ROOTS = {
    "order": ("order", "customer", "bill_to", "ship_to", "books"),
    "refund": ("refund", "order", "customer", "bill_to", "ship_to", "books"),
    "product": ("product", "books"),
    "stock": ("stock", "books"),
    "purchase": ("purchase", "vendor", "books"),
}


def cases() -> Iterator[Any]:
    for path in sorted(HERE.glob("*/*.toml")):
        loaded = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        for case in loaded["case"]:
            yield pytest.param(case, id=f"{path.parent.name}/{path.stem}: {case['name']}")


def leaves(value: Any) -> Any:
    """A TOML value as leaves of a record: whole numbers are Decimal too."""
    if isinstance(value, dict):
        return {key: leaves(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [leaves(entry) for entry in value]
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def received(case: dict[str, Any]) -> dict[str, Any]:
    kind = case.get("kind", "order")
    record: dict[str, Any] = {root: {} for root in ROOTS[kind]}
    for root, fields in leaves(case.get("record", {})).items():
        record[root].update(fields)
    for root in ("order", "refund", "purchase"):
        if root not in record:
            continue
        record[root].setdefault("currency", "USD")
        for name, word in LISTS.items():
            items = record[root].setdefault(name, [])
            for number, item in enumerate(items, 1):
                item.setdefault("id", f"{word}-{number}")
    return record


def at(record: dict[str, Any], path: str) -> Any:
    value: Any = record
    for name, key, number in re.findall(r'([A-Za-z_]\w*)|\["((?:[^"]|"")*)"\]|\[(\d+)\]', path):
        if value is None:
            return None
        if number:
            value = value[int(number) - 1] if int(number) <= len(value) else None
        else:
            value = value.get(name or key.replace('""', '"'))
    return value


def program_of(case: dict[str, Any]) -> Program:
    checked = check_text(case["rules"], file="case.rules", schema=SCHEMA, tables=case.get("tables", {}))
    errors = [f"{each.code} {each.message}" for each in checked.diagnostics if each.is_error]
    assert errors == []
    assert checked.ruleset is not None
    return compile_ruleset(checked.ruleset)


def compare(decision: Decision, expect: dict[str, Any]) -> None:
    assert decision.outcome == expect.get("outcome", "sync"), decision.reason
    for name in ("reason", "rule"):
        if name in expect:
            assert getattr(decision, name) == expect[name]
    for path, value in leaves(expect.get("set", {})).items():
        assert at(decision.record, path) == value, path
    for path in expect.get("missing", []):
        found = at(decision.record, path)
        assert found is None or (isinstance(found, str) and not found.strip()), path
    if "left_out" in expect:
        assert [[each.kind, each.index, each.reason] for each in decision.left_out] == expect["left_out"]
    if "tags" in expect:
        assert list(decision.tags) == expect["tags"]
    if "log" in expect:
        assert [text for _, text in decision.log] == expect["log"]
    assert [each.code for each in decision.findings] == expect.get("findings", [])
    for name, value in expect.get("hold", {}).items():
        assert decision.hold is not None
        assert getattr(decision.hold, name) == value


def compare_trace(decision: Decision, expect: dict[str, Any]) -> None:
    if "fired" in expect:
        assert list(decision.fired) == expect["fired"]
    for title in expect.get("not_fired", []):
        assert title not in decision.fired
    if "changes" in expect:
        told = [[each.path, "-" if each.before is None else each.before, each.after] for each in decision.changes]
        assert [[path, before, "-" if after is None else after] for path, before, after in told] == leaves(
            expect["changes"]
        )
    assert decision.trace is not None
    if "without_effect" in expect:
        assert [[each.path, each.reason] for each in decision.trace.without_effect] == expect["without_effect"]
    for title, words in expect.get("why_not", {}).items():
        told_words = "; ".join(each.words for each in decision.trace.why_not() if each.rule == title)
        assert words in told_words


@pytest.mark.parametrize("case", list(cases()))
def test_every_way_of_running_decides_a_case_as_written(case: dict[str, Any]) -> None:
    program = program_of(case)
    record = received(case)
    untouched = received(case)
    inputs: dict[str, Any] = {
        "kind": case.get("kind", "order"),
        "flow": case.get("flow"),
        "source": case.get("source"),
        "today": case.get("today", TODAY),
        "held_since": case.get("held_since", {}),
        "releases": frozenset(case.get("releases", [])),
    }
    expect = case.get("expect", {})
    walked = program.walk(record, **inputs)
    compare(walked, expect)
    compare_trace(walked, expect)
    for trace in ("off", "mask", "full"):
        decision = program.evaluate(record, **inputs, trace=trace)
        compare(decision, expect)
        if trace == "full":
            compare_trace(decision, expect)
            assert decision == walked
    assert record == untouched
    assert program.evaluate(walked.record, **inputs) == program.walk(walked.record, **inputs)


@pytest.mark.parametrize("case", [case for case in cases() if "walker" not in case.values[0]])
def test_generated_code_decides_a_case_itself(case: dict[str, Any]) -> None:
    """A case is marked `walker = true` where generated code rightly leaves it to the tree walker."""
    program = program_of(case)
    for trace in ("off", "mask", "full"):
        decision = program.run_generated(
            received(case),
            kind=case.get("kind", "order"),
            flow=case.get("flow"),
            source=case.get("source"),
            today=case.get("today", TODAY),
            held_since=case.get("held_since", {}),
            releases=frozenset(case.get("releases", [])),
            trace=trace,
        )
        compare(decision, case.get("expect", {}))
