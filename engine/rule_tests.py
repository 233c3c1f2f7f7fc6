"""Runs the tests in a rule-set file: each gives a record and says what must become of it, down to the documents.

Documents are built with the file's first flow and neutral books, as a preview without a snapshot does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import connectors.quickbooks
from connectors.documents import PaymentDocument, SalesDocument
from dsl import tree
from dsl.decision import Decision
from dsl.evaluate.operations import constant
from dsl.evaluate.records import collection_of, untagged
from dsl.evaluate.walk import Inputs, Walker
from dsl.labels import Labels
from dsl.nearness import shown
from dsl.program import EvaluationFailure, FlowSpec, compile_ruleset
from dsl.recording import decide as decide_without_words
from dsl.recording import how_near, record_run
from dsl.resolved import ResolvedRuleSet
from dsl.values import fold, same_text
from engine.books_view import NeutralBooks
from engine.documents.refund import build_refund
from engine.documents.sale import build_sale
from engine.documents.wanted import Desired, LeftOutPayments
from engine.keys import RecordKey
from engine.options import FlowOptions
from engine.projection import RuleRecord
from engine.rulesets import schema
from engine.trial_records import ReadRecorded, TestRecordBroken, record_of

_OUTCOMES = {"skipped": "skip", "held": "hold", "failed": "fail"}


@dataclass(frozen=True, slots=True)
class TestResult:
    """What one test came to; `failures` say in words what was expected and what was found, `shown` (one for each failure)
    draws the expectation with the value of each of its parts below it. `fired`: rules by key."""

    title: str
    line: int
    failures: tuple[str, ...]
    fired: tuple[str, ...] = ()
    shown: tuple[tuple[str, ...], ...] = ()

    __test__ = False  # not one for pytest to collect

    @property
    def passed(self) -> bool:
        return not self.failures


@dataclass(frozen=True, slots=True)
class ReadyTest:
    """A test with all that running it takes: any number of times, and with any walker over the same settings."""

    test: tree.Test
    line: int
    walker: Walker
    flow: FlowSpec | None
    record: RuleRecord
    today: date
    broken: str = ""

    @property
    def kind(self) -> str:
        return "" if self.test.given is None else self.test.given.kind.text

    @property
    def inputs(self) -> Inputs:
        return Inputs(self.today, self.flow.name if self.flow else None, self.flow.source if self.flow else None)


#: Decides a ready test's record.
Decide = Callable[[ReadyTest, Walker], Decision]


@dataclass(frozen=True, slots=True)
class _Case:
    """A test that has run."""

    walker: Walker
    flow: FlowSpec | None
    kind: str
    before: RuleRecord
    decision: Decision
    inputs: Inputs
    words: bool

    @property
    def today(self) -> date:
        return self.inputs.today

    @property
    def labels(self) -> Labels:
        return Labels(schema(), self.walker.wording)

    def holds(self, condition: tree.Expression, record: Mapping[str, Any], item: str = "") -> str | None:
        """What is wrong with a condition over a record, in words; None where it holds. In "line 2: …" `item` is "line"."""
        try:
            if self.walker.holds(condition, record, self.kind, self.today):
                return None
        except EvaluationFailure as failure:
            return str(failure)
        if not self.words:
            return "it does not hold"
        near = how_near(self.walker, condition, record, self.kind, self.inputs, self.labels, item)
        return "it does not hold" if near is None else near.words


def run_tests(
    ruleset: ResolvedRuleSet, *, today: date, recorded: ReadRecorded | None = None, fail_fast: bool = False
) -> Iterator[TestResult]:
    """Run the tests of a file in their order. `today` is for tests that name no day; `recorded` reads the files that
    they name. With `fail_fast` it ends at the first that fails."""
    for ready in ready_tests(ruleset, today=today, recorded=recorded):
        result = run_ready(ready)
        yield result
        if fail_fast and not result.passed:
            return


def ready_tests(ruleset: ResolvedRuleSet, *, today: date, recorded: ReadRecorded | None = None) -> Iterator[ReadyTest]:
    """The tests of a file, made ready in their order; those with settings of their own have a walker of their own.

    A record is decided by the tree walker, which everything faster is proven equal to: one record is not worth compiling.
    """
    plain = compile_ruleset(ruleset)
    starts: dict[str, str] = dict(ruleset.sources)
    for test in ruleset.tests:
        line = starts.get(test.span.file, "").count("\n", 0, test.span.start) + 1
        program = plain
        if test.settings:
            program = compile_ruleset(ruleset.with_settings({each.name: each.value for each in test.settings}))
        day, broken = test.today or today, ""
        record: RuleRecord = {}
        if test.given is None:
            broken = "it gives no record"
        else:
            try:
                record = record_of(test.given, _leaf, day, recorded)
            except TestRecordBroken as error:
                broken = str(error)
        yield ReadyTest(test, line, program.walker, next(iter(program.flows), None), record, day, broken)


def quickly(ready: ReadyTest, walker: Walker) -> Decision:
    """The decision without words for the rules that did not fire."""
    return decide_without_words(walker, ready.record, ready.kind, ready.inputs)


def run_ready(ready: ReadyTest) -> TestResult:
    """Run a test; one that fails is run again with all words, which cost more than all the rest."""
    result = run_with(ready, ready.walker, quickly, words=False)
    return result if result.passed else run_with(ready, ready.walker, quickly, words=True)


def run_with(ready: ReadyTest, walker: Walker, decide: Decide, *, words: bool = True) -> TestResult:
    """Run a test with a walker, its own or that of a changed rule set; without `words` it only says whether it passes."""
    if ready.broken:
        return TestResult(ready.test.title.text, ready.line, (ready.broken,), (), ((),))
    decision = decide(ready, walker)
    case = _Case(walker, ready.flow, ready.kind, ready.record, decision, ready.inputs, words)
    failures: list[str] = []
    drawn: list[tuple[str, ...]] = []
    for each in ready.test.expect:
        found = _failure(each, case)
        if found is not None:
            failures.append(found)
            drawn.append(_drawn(each, case) if words else ())
    return TestResult(ready.test.title.text, ready.line, tuple(failures), decision.fired, tuple(drawn))


def never_fired(ruleset: ResolvedRuleSet, results: Sequence[TestResult]) -> tuple[str, ...]:
    """The rules that run and that fired in no test."""
    fired = {key for result in results for key in result.fired}
    return tuple(rule.key for rule in ruleset.rules if rule.runs and rule.key not in fired)


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
            return f'"{rule.text}" {"fired" if fired else "did not fire"}{_why(rule.text, case)}'
        case tree.ExpectDocument():
            return _document(expected, case)
    desired = _desired(case)
    if isinstance(desired, str) or not desired.documents or desired.stop or desired.skip:
        return None
    return f"expected no document, but there is a {_words(desired.documents[0].document)}"


def _drawn(expected: tree.Expectation, case: _Case) -> tuple[str, ...]:
    """The condition of an expectation with the value of each of its parts below it; nothing where it has no condition."""
    record: Mapping[str, Any] = case.decision.record
    match expected:
        case tree.ExpectCondition(condition=condition):
            pass
        case tree.ExpectItem(condition=condition):
            place = (
                expected.number
                - 1
                - sum(
                    1 for each in case.decision.left_out if each.kind == expected.item and each.number < expected.number
                )
            )
            items = _items(record, case.kind, expected.item)
            if place >= len(items):
                return ()
            record = {**record, expected.item: items[place]}
        case tree.ExpectItemCount(item=item, condition=condition):
            record = {**record, item: {"count": Decimal(len(_items(record, case.kind, item)))}}
        case tree.ExpectDocument(condition=tree.Expression() as condition):
            desired = _desired(case)
            if isinstance(desired, str) or not desired.documents:
                return ()
            record = {**record, "document": _fields(desired.documents[0].document)}
        case _:
            return ()
    text = case.walker.wording.text(condition)
    marks: list[tuple[int, str]] = []
    begin = 0
    for part in _parts(condition):
        at = text.find(case.walker.wording.text(part), begin)
        if at < 0:
            continue
        begin = at + 1
        try:
            value = shown(case.walker.value(part, record, case.kind, case.today))
        except EvaluationFailure as failure:
            value = str(failure)
        marks.append((at, value))
    lines = [text]
    for number in range(len(marks) - 1, -1, -1):
        row = ""
        for at, _ in marks[:number]:
            row += " " * (at - len(row)) + "│"
        at, value = marks[number]
        lines.append(row + " " * (at - len(row)) + f"└ {value}")
    return tuple(lines)


def _parts(node: tree.Node) -> Iterator[tree.Expression]:
    """The parts of a condition whose value is no matter of reading: fields, settings, look-ups, what functions make."""
    if isinstance(
        node, tree.Path | tree.SettingValue | tree.ListValue | tree.Lookup | tree.Call | tree.Count | tree.Sum
    ):
        yield node
    elif not isinstance(node, tree.Quantified):
        for child in tree.children(node):
            yield from _parts(child)


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


def _why(title: str, case: _Case) -> str:
    """Why a rule did not fire: how near it came, or what ended the record before it."""
    if not case.words:
        return ""
    recording = record_run(case.walker, case.before, case.kind, case.inputs, words=case.labels)
    told = dict.fromkeys(
        each.told for key, misses in recording.misses.items() if fold(key) == fold(title) for each in misses
    )
    if not told and case.decision.rule is not None and not any(fold(key) == fold(title) for key in recording.reached):
        return f': "{case.decision.rule}" had ended the record'
    return f": {'; '.join(told)}" if told else ""


def _items(record: Mapping[str, Any], kind: str, item: str) -> list[dict[str, Any]]:
    root, _, name = collection_of(kind, item).partition(".")
    return list(record.get(root, {}).get(name) or ())


def _item(expected: tree.ExpectItem, case: _Case) -> str | None:
    left_out = [each for each in case.decision.left_out if each.kind == expected.item]
    gone = next((each for each in left_out if each.number == expected.number), None)
    if gone is not None:
        return f'{expected.item} {expected.number} was left out ("{gone.reason}") by "{gone.rule}"'
    place = expected.number - 1 - sum(1 for each in left_out if each.number < expected.number)
    items = _items(case.decision.record, case.kind, expected.item)
    if place >= len(items):
        return f"there is no {expected.item} {expected.number}; there are {len(items) + len(left_out)}"
    # The one item under the word that the condition reads: `line.sku` of the record {"line": {…}}.
    found = case.holds(expected.condition, {**case.decision.record, expected.item: items[place]}, expected.item)
    return None if found is None else f"{expected.item} {expected.number}: {found}"


def _item_skipped(expected: tree.ExpectItemSkipped, decision: Decision) -> str | None:
    left_out = [
        each for each in decision.left_out if each.kind == expected.item and expected.number in (None, each.number)
    ]
    if any(expected.reason is None or same_text(expected.reason, each.reason) for each in left_out):
        return None
    name = expected.item if expected.number is None else f"{expected.item} {expected.number}"
    reason = f' "{expected.reason}"' if expected.reason else ""
    found = f'it was left out with "{left_out[0].reason}"' if left_out else "it was not left out"
    return f"expected {name} skipped{reason}, but {found}"


# ------------------------------------------------------------------------------------------------------- documents


def _desired(case: _Case) -> Desired | str:
    return desired_of(case.walker, case.flow, case.kind, case.before, case.decision, case.today)


def given_record(test: tree.Test, today: date, recorded: ReadRecorded | None = None) -> RuleRecord:
    """The record that a test gives. Raises TestRecordBroken."""
    if test.given is None:
        raise TestRecordBroken("it gives no record")
    return record_of(test.given, _leaf, test.today or today, recorded)


def desired_of(
    walker: Walker, flow: FlowSpec | None, kind: str, record: RuleRecord, decision: Decision, today: date
) -> Desired | str:
    """The documents of a decision in a test (neutral books, the flow's options), or why there can be none."""
    if decision.outcome != "sync":
        return f"the rules say {decision.outcome}: {decision.reason}"
    if kind not in ("order", "refund"):
        return f"a {kind} makes no document yet"
    try:
        options = FlowOptions() if flow is None else FlowOptions.of(
            flow.options(decision.record, kind=kind, today=today)
        )  # fmt: skip
    except EvaluationFailure as failure:
        return str(failure)
    books = NeutralBooks(str(record["order"].get("currency") or "USD"))
    key = RecordKey("test", "order", "1")
    # Building may not change what conditions are looked up in.
    before, after = deepcopy(record), deepcopy(decision.record)
    if kind == "refund":
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
