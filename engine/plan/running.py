"""Both versions over each order, by the code that judges it live, and what differs gathered: changes with what is compared.

An order is read once, judged by the old version and by the new one (with the mask trace: nobody reads the full one), and
let go. What is kept of it are counts, sums and a few numbers of orders.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any, Literal, NamedTuple

import connectors.quickbooks
from connectors.answers import read_json
from connectors.canonical import from_canonical
from connectors.documents import PaymentDocument, SalesDocument
from connectors.records import Order
from dsl.program import EvaluationFailure, FlowSpec, Program
from engine.books_view import BooksView, NeutralBooks
from engine.differences import StandingDocument
from engine.judging import Builds, Circumstances, Judgement, Part, judge_order
from engine.keys import RecordKey
from engine.plan.comparing import FEW_VALUES, FieldChange, amount_of, compare_documents, document_type
from engine.plan.groups import Groups, Sum, merge_sums
from engine.plan.locks import Lock, lock_of
from engine.preview import read_orders
from engine.projection import RuleRecord, of_order
from engine.spread import spread

_AT_ONCE = 50
"""Orders in one piece of work."""

SumKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a rule set, as a plan runs it: each order by the first of its flows that takes it."""

    name: str
    program: Program
    flows: tuple[FlowSpec, ...]

    def flow_for(self, order: Order, today: date) -> FlowSpec | None:
        """The flow that decides an order: the first whose condition lets it in, or has no answer; else the first of all."""
        if len(self.flows) < 2:
            return next(iter(self.flows), None)
        record = of_order(order)
        return next((flow for flow in self.flows if _takes(flow, record, today)), self.flows[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a plan is about: both versions, the records' kind of shop, the day, and the books (neutral ones without).

    `closed_until` is the last closed day of the books (ISO), `store` the identity of the shop where records stand in the
    ledger under one. `starting` is the first day whose orders a published flow takes.
    """

    old: Version
    new: Version
    source: str
    today: date
    zone: str | None = None
    books: BooksView | None = None
    closed_until: str | None = None
    store: str | None = None
    starting: date | None = None


def _takes(flow: FlowSpec, record: RuleRecord, today: date) -> bool:
    try:
        return flow.accepts(record, today=today)
    except EvaluationFailure:
        return True


class Stands(NamedTuple):
    """What stands in a slot, in a form that goes from process to process: `form` is the document's canonical one."""

    slot: str
    hash: str
    form: dict[str, Any]
    state: Literal["live", "voided", "deleted"]
    making_room: bool

    @property
    def document(self) -> StandingDocument:
        return StandingDocument(
            slot=self.slot,
            document_hash=self.hash,
            document=from_canonical(self.form),
            state=self.state,
            making_room=self.making_room,
        )


class Case(NamedTuple):
    """One order: its raw JSON text as the shop gave it, or (`mapped`) its canonical form. With what stands in the books for
    it and what is known to lock that, since when it is held, and what a person let pass."""

    text: str
    mapped: str = ""
    stands: tuple[Stands, ...] = ()
    locks: tuple[tuple[str, str], ...] = ()
    held_since: tuple[tuple[str, date], ...] = ()
    releases: frozenset[str] = frozenset()

    @property
    def standing(self) -> dict[str, StandingDocument]:
        """What stands, for judging."""
        return {each.slot: each.document for each in self.stands}


class DocumentDifference(NamedTuple):
    """One document that differs: `change` is appears, vanishes or changes; `touches` says what becomes of what stands."""

    order: str
    id: str
    slot: str
    change: str
    type: str
    fields: tuple[FieldChange, ...]
    touches: Lock | None


class OutcomeDifference(NamedTuple):
    """One record that ends otherwise, with the reason of what is not `sync`."""

    order: str
    id: str
    slot: str
    old: str
    new: str
    reason: str


class OutcomeKey(NamedTuple):
    """Records whose outcome differs alike: `cause` is the rule, or the code, behind what is not `sync`."""

    kind: str
    old: str
    new: str
    cause: str


class DocumentKey(NamedTuple):
    """Documents that differ alike: `parts` are (what, line, field, before, after), values only where they are few."""

    change: str
    type: str
    parts: tuple[tuple[str, str, str, str, str], ...]


class FindingKey(NamedTuple):
    """A finding that comes or goes."""

    comes: bool
    severity: str
    code: str
    where: str


class StandingKey(NamedTuple):
    """Standing documents that the new version touches alike."""

    action: str
    type: str
    lock: str


@dataclass(slots=True)
class Plan:
    """What differs, gathered. `differing` counts orders with any difference in outcome or documents."""

    orders: int = 0
    unreadable: int = 0
    differing: int = 0
    outcomes: Groups = field(default_factory=Groups)
    documents: Groups = field(default_factory=Groups)
    findings: Groups = field(default_factory=Groups)
    standing: Groups = field(default_factory=Groups)
    sums: dict[SumKey, Sum] = field(default_factory=dict)
    each: list[DocumentDifference | OutcomeDifference] = field(default_factory=list)
    read: int = 0

    def merge(self, other: Plan) -> None:
        """Add what another stretch of the same records came to; its single differences are not kept."""
        self.orders += other.orders
        self.unreadable += other.unreadable
        self.differing += other.differing
        self.outcomes.merge(other.outcomes, OutcomeKey("record", "", "", ""))
        self.documents.merge(other.documents, DocumentKey("changes", "document", ()))
        self.findings.merge(other.findings, FindingKey(True, "", "", ""))
        self.standing.merge(other.standing, StandingKey("", "document", ""))
        merge_sums(self.sums, other.sums)
        self.read = max(self.read, other.read)

    @property
    def differs(self) -> bool:
        """Whether the new version would do anything otherwise: a document, an outcome or a finding."""
        return bool(self.differing or self.findings.by)


class Piece(NamedTuple):
    """A piece of work: some orders, and how far into the file they reach (bytes)."""

    cases: Sequence[Case]
    read: int


def pieces(cases: Iterable[tuple[Case, int]]) -> Iterator[Piece]:
    """Orders in pieces, as they come."""
    rest = iter(cases)
    while found := list(islice(rest, _AT_ONCE)):
        yield Piece([case for case, _ in found], found[-1][1])


def run(question: Question, cases: Iterable[tuple[Case, int]], *, jobs: int, each: bool = False) -> Iterator[Plan]:
    """The plan of each piece of the records, in their order; add them up with `Plan.merge`. With `each`, also every single
    difference."""
    judge = _Judge(question, each=each)
    yield from spread(judge.piece, pieces(cases), jobs=jobs)


class _Judge:
    """Judges orders by both versions. One for each process; neutral books are made once for each currency."""

    def __init__(self, question: Question, *, each: bool) -> None:
        self.question = question
        self.each = each
        self.neutral: dict[str, BooksView] = {}

    def piece(self, piece: Piece) -> Plan:
        plan = Plan(read=piece.read)
        for case in piece.cases:
            self.case(case, plan)
        return plan

    def case(self, case: Case, plan: Plan) -> None:
        question = self.question
        plan.orders += 1
        if case.mapped:
            order = from_canonical(json.loads(case.mapped))
        else:
            order = next(read_orders(question.source, [read_json(case.text.encode())], zone=question.zone)).record
        if not isinstance(order, Order):
            plan.unreadable += 1
            return
        builds: Builds = {}
        standing = case.standing
        old = self.judged(order, question.old, case, standing, builds)
        new = self.judged(order, question.new, case, standing, builds)
        self.compare(order, old, new, case, standing, plan)

    def judged(
        self, order: Order, version: Version, case: Case, standing: Mapping[str, StandingDocument], builds: Builds
    ) -> Judgement:
        question = self.question
        books = question.books
        if books is None:
            currency = order.currency or "USD"
            books = self.neutral.get(currency) or self.neutral.setdefault(currency, NeutralBooks(currency))
        return judge_order(
            order,
            key=RecordKey(question.store or f"{question.source}:preview", "order", order.id),
            program=version.program,
            flow=version.flow_for(order, question.today),
            books=books,
            rules=connectors.quickbooks,
            around=Circumstances(
                today=question.today,
                starting=question.starting,
                held_since=dict(case.held_since),
                releases=case.releases,
            ),
            source=question.source,
            standing=standing,
            trace="mask",
            builds=builds,
        )

    # --- what differs -------------------------------------------------------------------------------------------------

    def compare(
        self,
        order: Order,
        old: Judgement,
        new: Judgement,
        case: Case,
        standing: Mapping[str, StandingDocument],
        plan: Plan,
    ) -> None:
        before = {part.slot: part for part in old.parts}
        after = {part.slot: part for part in new.parts}
        differs = False
        for slot in dict.fromkeys((*before, *after)):
            one, other = before.get(slot), after.get(slot)
            differs |= self._outcome(order, slot, one, other, plan)
            if one is None or other is None or one.findings != other.findings:
                _findings(order, one, other, plan)
        differs |= self._documents(order, _documents(old), _documents(new), after, case, standing, plan)
        plan.differing += differs

    def _outcome(self, order: Order, slot: str, one: Part | None, other: Part | None, plan: Plan) -> bool:
        old, new = _outcome_of(one), _outcome_of(other)
        if old == new:
            return False
        kind = "refund" if slot.startswith("refund") else "order"
        # What is behind the new outcome is what one asks for; where it goes to the books now, what kept it before.
        cause = new if new[0] not in ("sync", "none") else old
        group = plan.outcomes.at(OutcomeKey(kind, old[0], new[0], cause[1]), OutcomeKey(kind, old[0], new[0], ""))
        sign = {"sync": 1}.get(new[0], 0) - {"sync": 1}.get(old[0], 0)
        group.note(order.number, order.currency, _amount(order, slot) * sign)
        group.value("reason", old[2], new[2])
        if self.each:
            plan.each.append(OutcomeDifference(order.number, order.id, slot, old[0], new[0], cause[2]))
        return True

    def _documents(
        self,
        order: Order,
        old: Mapping[str, SalesDocument | PaymentDocument],
        new: Mapping[str, SalesDocument | PaymentDocument],
        after: Mapping[str, Part],
        case: Case,
        standing: Mapping[str, StandingDocument],
        plan: Plan,
    ) -> bool:
        differs = False
        for slot in dict.fromkeys((*old, *new)):
            one, other = old.get(slot), new.get(slot)
            if one is not None:
                _add_up(one, plan.sums, new=False)
            if other is not None:
                _add_up(other, plan.sums, new=True)
            if one is other or one == other:
                continue
            differs = True
            found = compare_documents(one, other) if one is not None and other is not None else ()
            change = (
                "changes" if one is not None and other is not None else "appears" if other is not None else "vanishes"
            )
            shown = other if other is not None else one
            if shown is None:
                continue
            type_ = document_type(shown)
            _group_document(order, change, type_, found, one, other, plan)
            lock = lock_of(slot, one, other, after, standing, dict(case.locks), self.question.closed_until)
            if lock is not None:
                group = plan.standing.at(
                    StandingKey(lock.action, type_, lock.why), StandingKey(lock.action, "document", lock.why)
                )
                group.note(
                    order.number, shown.currency, amount_of(other) - amount_of(one) if one and other else Decimal(0)
                )
            if self.each:
                plan.each.append(DocumentDifference(order.number, order.id, slot, change, type_, found, lock))
        return differs


def _documents(judgement: Judgement) -> dict[str, SalesDocument | PaymentDocument]:
    """What would be in the books, by slot; a held record brings nothing."""
    return {each.slot: each.document for part in judgement.parts if part.outcome == "sync" for each in part.documents}


def _outcome_of(part: Part | None) -> tuple[str, str, str]:
    """(outcome, cause, reason); a refund that is no longer looked at has the outcome "none"."""
    if part is None:
        return "none", "", ""
    if part.outcome == "sync":
        return "sync", "", ""
    return part.outcome, part.title or part.code, part.reason or ""


def _amount(order: Order, slot: str) -> Decimal:
    """What the shop says that a part of an order comes to; what goes back to the customer counts as less."""
    kind, _, id_ = slot.partition(":")
    if kind == "refund":
        return -sum((refund.amount for refund in order.refunds if refund.id == id_), Decimal(0))
    return order.total


def _findings(order: Order, one: Part | None, other: Part | None, plan: Plan) -> None:
    before, after = _said(one), _said(other)
    if other is None or other.outcome not in ("sync", "hold"):
        before = {}  # of what the new version leaves out nothing is said any more: its outcome says why
    part = one or other
    where = "refund" if part is not None and part.slot.startswith("refund") else "order"
    for comes, these, those in ((True, after, before), (False, before, after)):
        for (severity, code), text in these.items():
            if (severity, code) not in those:
                group = plan.findings.at(
                    FindingKey(comes, severity, code, where), FindingKey(comes, severity, "", where)
                )
                group.note(order.number)
                group.value("text", "", text)


def _said(part: Part | None) -> dict[tuple[str, str], str]:
    """What is said of a part beside the reason it ended with."""
    if part is None:
        return {}
    return {(each.severity, each.code): each.text for each in part.findings if each.text != part.reason}


def _group_document(
    order: Order,
    change: str,
    type_: str,
    found: tuple[FieldChange, ...],
    one: SalesDocument | PaymentDocument | None,
    other: SalesDocument | PaymentDocument | None,
    plan: Plan,
) -> None:
    parts: dict[tuple[str, str, str, str, str], None] = {}
    each_its_own: list[FieldChange] = []
    for part in found:
        if part.what == "field" and part.field in FEW_VALUES:
            parts[part.what, part.line, part.field, part.before, part.after] = None
        else:
            line = part.line if part.what == "field" or part.line != "item" else "item"
            parts[part.what, line, part.field.partition("[")[0], "", ""] = None
            each_its_own.append(part)
    key = DocumentKey(change, type_, tuple(parts))
    coarse = DocumentKey(
        change, type_, tuple({(what, line, name, "", ""): None for what, line, name, _, _ in parts})[:3]
    )
    group = plan.documents.at(key, coarse)
    shown = other if other is not None else one
    amount = (amount_of(other) if other is not None else Decimal(0)) - (
        amount_of(one) if one is not None else Decimal(0)
    )
    group.note(order.number, "" if shown is None else shown.currency, amount)
    for part in each_its_own:
        group.value(part.called, part.before, part.after)


def _add_up(document: SalesDocument | PaymentDocument, sums: dict[SumKey, Sum], *, new: bool) -> None:
    """Sums by what bookkeepers ask for: kinds of documents, accounts, classes, tax codes; each in its currency."""
    currency, amount = document.currency, amount_of(document)

    def add(by: str, name: str | None, value: Decimal) -> None:
        sums.setdefault((by, name or "(not set)", currency), Sum()).add(value, new=new)

    add("document", document_type(document), amount)
    if isinstance(document, PaymentDocument):
        add("account", document.deposit_account, amount)
        return
    sign = -1 if document.type in ("credit_memo", "refund_receipt") else 1
    if document.type in ("sales_receipt", "refund_receipt"):
        add("account", document.deposit_account, amount)
    for line in document.lines:
        if line.account:
            add("account", line.account, sign * line.amount)
        add("class", line.class_ or document.class_, sign * line.amount)
        if line.tax_code:
            add("tax code", line.tax_code, sign * line.amount)
    if not all(line.tax_code for line in document.lines):
        rest = sum((line.amount for line in document.lines if not line.tax_code), Decimal(0))
        add("tax code", document.tax_code, sign * rest)
    if document.tax_total:
        add("tax", document.tax_code, sign * document.tax_total)


def each_form(difference: DocumentDifference | OutcomeDifference) -> dict[str, Any]:
    """One single difference as JSON; `kind` is document or outcome."""
    if isinstance(difference, OutcomeDifference):
        return {"kind": "outcome", **difference._asdict()}
    return {
        "kind": "document",
        **difference._asdict(),
        "fields": [
            {**each._asdict(), "line": each.line or None, "field": each.field or None} for each in difference.fields
        ],
        "touches": None if difference.touches is None else difference.touches._asdict(),
    }
