"""Runs the tests in a rule-set file: each gives a record and says what must become of it, down to the documents.

Documents are built with the file's first flow and neutral books, as a preview without a snapshot does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import connectors.quickbooks
from connectors.documents import PaymentDocument, SalesDocument
from dsl import tree
from dsl.decision import Decision
from dsl.evaluate.operations import constant
from dsl.evaluate.records import collection_of, untagged
from dsl.program import EvaluationFailure, FlowSpec, Program, compile_ruleset
from dsl.resolved import ResolvedRuleSet, Standing
from dsl.values import fold, same_text
from engine.books_view import NeutralBooks
from engine.documents.refund import build_refund
from engine.documents.sale import build_sale
from engine.documents.wanted import Desired, LeftOutPayments
from engine.keys import RecordKey
from engine.options import FlowOptions
from engine.projection import RuleRecord
from engine.trial_records import ReadRecorded, TestRecordBroken, record_of

_OUTCOMES = {"skipped": "skip", "held": "hold", "failed": "fail"}


@dataclass(frozen=True, slots=True)
class TestResult:
    """What one test came to; `failures` say in words what was expected and what was found. `fired`: rules by key."""

    title: str
    line: int
    failures: tuple[str, ...]
    fired: tuple[str, ...] = ()

    __test__ = False  # not one for pytest to collect

    @property
    def passed(self) -> bool:
        return not self.failures


@dataclass(frozen=True, slots=True)
class _Case:
    """A test that has run."""

    program: Program
    flow: FlowSpec | None
    kind: str
    before: RuleRecord
    decision: Decision
    today: date

    def holds(self, condition: tree.Expression, record: Mapping[str, Any]) -> str | None:
        """What is wrong with a condition over a record, in words; None where it holds."""
        walker = self.program.walker
        try:
            if walker.holds(condition, record, self.kind, self.today):
                return None
        except EvaluationFailure as failure:
            return str(failure)
        return walker.why_not(condition, record, self.kind, self.today)


def run_tests(
    ruleset: ResolvedRuleSet, *, today: date, recorded: ReadRecorded | None = None, fail_fast: bool = False
) -> Iterator[TestResult]:
    """Run the tests of a file in their order. `today` is for tests that name no day; `recorded` reads the files that
    they name. With `fail_fast` it ends at the first that fails."""
    plain = compile_ruleset(ruleset)
    for test in ruleset.tests:
        result = _run(test, ruleset, plain, test.today or today, recorded)
        yield result
        if fail_fast and not result.passed:
            return


def never_fired(ruleset: ResolvedRuleSet, results: Sequence[TestResult]) -> tuple[str, ...]:
    """The rules that run and that fired in no test."""
    fired = {key for result in results for key in result.fired}
    return tuple(rule.key for rule in ruleset.rules if rule.runs and rule.key not in fired)


def unmissed(ruleset: ResolvedRuleSet, *, today: date, recorded: ReadRecorded | None = None) -> Iterator[str]:
    """The rules that no test would miss: without them all tests still pass. The tests have to pass as they are."""
    for rule in ruleset.rules:
        if not rule.runs:
            continue
        without = replace(
            ruleset,
            rules=tuple(replace(each, standing=Standing.OFF) if each is rule else each for each in ruleset.rules),
        )
        if all(result.passed for result in run_tests(without, today=today, recorded=recorded, fail_fast=True)):
            yield rule.key


def _run(
    test: tree.Test, ruleset: ResolvedRuleSet, plain: Program, today: date, recorded: ReadRecorded | None
) -> TestResult:
    line = ruleset.sources.get(test.span.file, "").count("\n", 0, test.span.start) + 1
    if test.given is None:
        return TestResult(test.title.text, line, ("it gives no record",))
    program = plain
    if test.settings:
        program = compile_ruleset(ruleset.with_settings({each.name: each.value for each in test.settings}))
    try:
        record = record_of(test.given, _leaf, today, recorded)
    except TestRecordBroken as broken:
        return TestResult(test.title.text, line, (str(broken),))
    flow = next(iter(program.flows), None)
    kind = test.given.kind.text
    decision = program.evaluate(
        record, kind=kind, flow=flow.name if flow else None, source=flow.source if flow else None, today=today
    )
    case = _Case(program, flow, kind, record, decision, today)
    failures = [found for each in test.expect if (found := _failure(each, case)) is not None]
    return TestResult(test.title.text, line, tuple(failures), decision.fired)


def _leaf(expression: tree.Expression) -> Any:
    return untagged(constant(expression))


# -------------------------------------------------------------------------------------------------- what is expected


def _failure(expected: tree.Expectation, case: _Case) -> str | None:
    """What an expectation does not find; None where it is met."""
    decision = case.decision
    match expected:
        case tree.ExpectCondition(condition=condition):
            return case.holds(condition, decision.record)
        case tree.ExpectItem():
            return _item(expected, case)
        case tree.ExpectItemCount(item=item, condition=condition):
            count = Decimal(len(_items(decision.record, case.kind, item)))
            return case.holds(condition, {**decision.record, item: {"count": count}})
        case tree.ExpectItemSkipped():
            return _item_skipped(expected, decision)
        case tree.ExpectOutcome():
            return _outcome(expected, decision)
        case tree.ExpectFired(rule=rule, negated=negated):
            fired = any(fold(key) == fold(rule.text) for key in decision.fired)
            if fired is not negated:
                return None
            return f'"{rule.text}" {"fired" if fired else "did not fire"}{_why(rule.text, decision)}'
        case tree.ExpectDocument():
            return _document(expected, case)
    desired = _desired(case)
    if isinstance(desired, str) or not desired.documents or desired.stop or desired.skip:
        return None
    return f"expected no document, but there is a {_words(desired.documents[0].document)}"


def _outcome(expected: tree.ExpectOutcome, decision: Decision) -> str | None:
    is_so = decision.outcome == _OUTCOMES[expected.outcome] and (
        expected.reason is None or same_text(expected.reason, decision.reason or "")
    )
    if is_so is not expected.negated:
        return None
    reason = f' "{expected.reason}"' if expected.reason else ""
    found = f"it goes to the books{'' if decision.reason is None else ': ' + decision.reason}"
    if decision.outcome != "sync":
        word = next(word for word, outcome in _OUTCOMES.items() if outcome == decision.outcome)
        found = f'it is {word} "{decision.reason}" by "{decision.rule}"'
    return f"expected {'not ' if expected.negated else ''}{expected.outcome}{reason}, but {found}"


def _why(title: str, decision: Decision) -> str:
    if decision.trace is None:
        return ""
    words = dict.fromkeys(each.words for each in decision.trace.why_not() if fold(each.rule) == fold(title))
    return f": {'; '.join(words)}" if words else ""


def _items(record: Mapping[str, Any], kind: str, item: str) -> list[dict[str, Any]]:
    root, _, name = collection_of(kind, item).partition(".")
    return list(record.get(root, {}).get(name) or ())


def _item(expected: tree.ExpectItem, case: _Case) -> str | None:
    left_out = [each for each in case.decision.left_out if each.kind == expected.item]
    gone = next((each for each in left_out if each.index == expected.number), None)
    if gone is not None:
        return f'{expected.item} {expected.number} was left out ("{gone.reason}") by "{gone.rule}"'
    place = expected.number - 1 - sum(1 for each in left_out if each.index < expected.number)
    items = _items(case.decision.record, case.kind, expected.item)
    if place >= len(items):
        return f"there is no {expected.item} {expected.number}; there are {len(items) + len(left_out)}"
    # The one item under the word that the condition reads: `line.sku` of the record {"line": {…}}.
    found = case.holds(expected.condition, {**case.decision.record, expected.item: items[place]})
    return None if found is None else f"{expected.item} {expected.number}: {found}"


def _item_skipped(expected: tree.ExpectItemSkipped, decision: Decision) -> str | None:
    left_out = [
        each for each in decision.left_out if each.kind == expected.item and expected.number in (None, each.index)
    ]
    if any(expected.reason is None or same_text(expected.reason, each.reason) for each in left_out):
        return None
    name = expected.item if expected.number is None else f"{expected.item} {expected.number}"
    reason = f' "{expected.reason}"' if expected.reason else ""
    found = f'it was left out with "{left_out[0].reason}"' if left_out else "it was not left out"
    return f"expected {name} skipped{reason}, but {found}"


# ------------------------------------------------------------------------------------------------------- documents


def _desired(case: _Case) -> Desired | str:
    """The documents of a decision, or why there can be none."""
    decision = case.decision
    if decision.outcome != "sync":
        return f"the rules say {decision.outcome}: {decision.reason}"
    if case.kind not in ("order", "refund"):
        return f"a {case.kind} makes no document yet"
    try:
        options = FlowOptions() if case.flow is None else FlowOptions.of(
            case.flow.options(decision.record, kind=case.kind, today=case.today)
        )  # fmt: skip
    except EvaluationFailure as failure:
        return str(failure)
    books = NeutralBooks(str(case.before["order"].get("currency") or "USD"))
    key = RecordKey("test", "order", "1")
    # Building may not change what conditions are looked up in.
    before, after = deepcopy(case.before), deepcopy(decision.record)
    if case.kind == "refund":
        return build_refund(
            key, before, after, options, books, connectors.quickbooks,
            sale_type="sales_receipt" if options.record_as == "sales_receipt" else "invoice", index=1,
        )  # fmt: skip
    left_out = [each for each in decision.left_out if each.kind == "payment"]
    return build_sale(
        key, before, after, options, books, connectors.quickbooks,
        left_out=LeftOutPayments(count=len(left_out), reason=left_out[0].reason if left_out else ""),
    )  # fmt: skip


def _document(expected: tree.ExpectDocument, case: _Case) -> str | None:
    desired = _desired(case)
    if isinstance(desired, str):
        return f"there is no document: {desired}"
    stop = desired.skip or (desired.stop.text if desired.stop else None)
    if stop or not desired.documents:
        return f"there is no document: {stop or 'nothing is to be posted'}"
    if expected.kind is not None:
        kinds = [_words(each.document) for each in desired.documents]
        wanted = expected.kind.text.replace("_", " ")
        if (wanted in kinds) is not expected.negated:
            return None
        return f"expected {'not ' if expected.negated else ''}a {wanted}, but there is a {' and a '.join(kinds)}"
    if expected.condition is None:
        return None
    return case.holds(expected.condition, {**case.decision.record, "document": _fields(desired.documents[0].document)})


def _words(document: SalesDocument | PaymentDocument) -> str:
    return document.type.replace("_", " ") if isinstance(document, SalesDocument) else "payment"


def _fields(document: SalesDocument | PaymentDocument) -> dict[str, Any]:
    """A document under the names that tests use."""
    fields = {
        name: getattr(document, name) for name in document.__dataclass_fields__ if name not in ("lines", "class_")
    }
    if isinstance(document, SalesDocument):
        return {**fields, "class": document.class_, "subtotal": document.subtotal}
    return {**fields, "total": document.amount}
