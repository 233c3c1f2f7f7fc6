"""Runs the conformance cases: every way of running a rule set must decide each of them as its file says."""

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dsl.check import check_text
from dsl.decision import Decision
from dsl.diagnostics import Diagnostic
from dsl.mending import applied
from dsl.parse import parse_text
from dsl.program import Program, compile_ruleset
from engine.vocabulary import vocabulary
from tests.dsl.marks import unmarked

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
        for case in loaded.get("case", []):
            yield pytest.param(case, id=f"{path.parent.name}/{path.stem}: {case['name']}")


def rows(*forms: str) -> Iterator[Any]:
    """The rows of all tables: a table, which list of it, and the place of the row in that."""
    for path in sorted(HERE.glob("*/*.toml")):
        loaded = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        for number, table in enumerate(loaded.get("table", [])):
            for form in forms:
                for place, (text, *_) in enumerate(table.get(form, [])):
                    yield pytest.param(
                        (str(path), number), form, place, id=f"{path.parent.name}/{path.stem}: {table['name']}: {text}"
                    )


@cache
def table_of(key: tuple[str, int]) -> dict[str, Any]:
    file, number = key
    found: dict[str, Any] = tomllib.loads(Path(file).read_text(encoding="utf-8"), parse_float=Decimal)["table"][number]
    return found


@cache
def answers(key: tuple[str, int], way: str) -> dict[str, str]:
    """What each row of a table comes to, decided in one way, all in one rule set: row -> the text that it prints."""
    table = table_of(key)
    scope = table.get("scope", "for order")
    rules = [table.get("rules", "")]
    for form in ("holds", "prints"):
        for place, (text, _) in enumerate(table.get(form, [])):
            name = f"{form} {place}"
            if form == "holds":
                rules.append(f'rule "{name}" {scope} when {text} then log "{name}: yes" otherwise log "{name}: no" end')
            else:
                filled = text.replace('"', '""')
                rules.append(f'rule "{name}" {scope} then log "{name}: {{{filled}}}" end')
    case = {"rules": "\n".join(rules), "record": table.get("record", {}), "tables": table.get("tables", {})}
    program, record = program_of(case), received(case)
    if way == "walk":
        decision = program.walk(record, kind="order", today=TODAY)
    else:
        decision = program.run_generated(record, kind="order", today=TODAY, trace=way)  # type: ignore[arg-type]
    assert decision.outcome == "sync", decision.reason
    found = {}
    for _, line in decision.log:
        name, _, said = line.partition(": ")
        found[name] = said
    return found


@pytest.mark.parametrize(("key", "form", "place"), list(rows("holds", "prints")))
def test_every_row_comes_to_what_is_written(key: tuple[str, int], form: str, place: int) -> None:
    _, expected = table_of(key)[form][place]
    said = ("yes" if expected else "no") if form == "holds" else expected
    for way in ("walk", "off", "mask", "full"):
        assert answers(key, way)[f"{form} {place}"] == said, way


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
        assert [[each.kind, each.number, each.reason] for each in decision.left_out] == expect["left_out"]
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


@pytest.mark.parametrize(("key", "form", "place"), list(rows("writes")))
def test_every_statement_writes_what_is_written(key: tuple[str, int], form: str, place: int) -> None:
    table = table_of(key)
    statements, path, expected = table[form][place]
    rules = f'{table.get("rules", "")}\nrule "A" {table.get("scope", "for order")} then {statements} end'
    case = {"rules": rules, "record": table.get("record", {}), "tables": table.get("tables", {})}
    program, record = program_of(case), received(case)
    walked = program.walk(record, kind="order", today=TODAY)
    for decision in (
        walked,
        *(program.run_generated(record, kind="order", today=TODAY, trace=trace) for trace in ("off", "mask", "full")),
    ):
        found = at(decision.record, path)
        if expected == "(missing)":
            assert found is None or (isinstance(found, str) and not found.strip())
        else:
            assert found == leaves(expected)
            assert type(found) is type(leaves(expected))


# --- what is said of mistakes -----------------------------------------------------------------------------------------


def mistakes() -> Iterator[Any]:
    for path in sorted(HERE.glob("*/*.toml")):
        for case in tomllib.loads(path.read_text(encoding="utf-8")).get("mistake", []):
            yield pytest.param(case, id=f"{path.parent.name}/{path.stem}: {case.get('code', '')} {case['text'][:80]}")


@pytest.mark.parametrize("case", list(mistakes()))
def test_each_mistake_is_found_once_at_its_place_and_mended(case: dict[str, Any]) -> None:
    """Doubts about other things than the case's own are let pass: a sample may name what nothing uses."""
    text, blamed, start = unmarked(case["text"])
    code = case.get("code")

    def said(text: str) -> list[Diagnostic]:
        if case.get("only_form"):
            return list(parse_text(text, file="case.rules").diagnostics)
        found = check_text(text, file="case.rules", schema=SCHEMA, tables=case.get("tables", {})).diagnostics
        return [each for each in found if each.is_error or each.code == code]

    found = said(text)
    if code is None:
        assert found == []
        return
    assert [(each.code, text[each.start.offset : each.end.offset]) for each in found] == [(code, blamed)]
    assert found[0].start.offset == start
    assert case.get("says", "") in f"{found[0].message} {found[0].label} {found[0].help}"
    if "fixed" in case:
        mended = applied(text, found[0].fixes[0].edits)
        assert mended == text[:start] + case["fixed"] + text[start + len(blamed) :]
        left = said(mended)
        if case.get("only_form"):
            left = [each for each in left if each.code == code and each.start.offset == start]
        assert not [each for each in left if each.is_error]
