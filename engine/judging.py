"""What is to become of one order: rules, options, documents, and the difference to what stands. Pure: preview and live run alike.

An order has parts that stand or fall for themselves: the sale (with its payments) and each refund. A held refund holds no sale.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any, Literal

from connectors.documents import PaymentDocument, SalesDocument, SalesType
from connectors.records import Order, SourceFinding
from dsl.decision import Decision
from dsl.explain import as_json
from dsl.program import EvaluationFailure, FlowSpec, Program, TraceKind
from engine import projection
from engine.books_view import BooksView
from engine.differences import Difference, StandingDocument, compare
from engine.documents.refund import build_refund
from engine.documents.sale import build_sale
from engine.documents.wanted import SALE, Creation, Desired, LeftOutPayments, Slotted, called
from engine.findings import Finding, first_stop
from engine.keys import RecordKey
from engine.matching import TargetRules
from engine.options import FlowOptions

Outcome = Literal["sync", "skip", "hold", "fail"]

# Not orders yet, or no longer: never posted whatever the flow says.
NEVER = frozenset({"checkout-draft", "auto-draft", "trash"})
# Orders that brought no sale: posted only where the flow names the status.
UNLESS_NAMED = frozenset({"pending", "failed", "cancelled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The sale (`slot` "sale") or one refund (`refund:ID`) of an order.

    `title` names what holds it (a rule's key or a finding's code): a release is given for it. `creates` are names
    that its documents need.
    """

    slot: str
    outcome: Outcome
    code: str = ""
    reason: str | None = None
    next_step: str = ""
    title: str = ""
    due_days: int | None = None
    decision: Decision | None = None
    documents: tuple[Slotted, ...] = ()
    creates: tuple[Creation, ...] = ()
    findings: tuple[Finding, ...] = ()
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Everything about one order; `parts[0]` is the sale."""

    key: RecordKey
    order: Order
    parts: tuple[Part, ...]
    options: FlowOptions

    @property
    def sale(self) -> Part:
        return self.parts[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What evaluation takes from outside the order, all of it recorded with the decision.

    `held_since` maps what holds (rule key or finding code) to the day it first did, `releases` what a person waived.
    """

    today: date
    starting: date | None = None
    held_since: Mapping[str, date] | None = None
    releases: frozenset[str] = frozenset()
    only: str | None = None


def options_for(flow: FlowSpec | None, record: projection.RuleRecord, kind: str, today: date) -> FlowOptions:
    """The flow's options for one record, those that depend on it decided. Raises EvaluationFailure (two currencies)."""
    if flow is None:
        return FlowOptions()
    return FlowOptions.of(flow.options(record, kind=kind, today=today))


def _unanswered(slot: str, failure: EvaluationFailure, decision: Decision | None = None) -> Part:
    """A flow's condition or option that has no answer holds the record: it never counts as no."""
    return Part(
        slot=slot,
        outcome="hold",
        code="flow_without_answer",
        title="flow_without_answer",
        reason=f"The flow's settings have no answer for this record: {failure}.",
        next_step="Look at the flow's when and with: two currencies cannot be compared.",
        decision=decision,
    )


def _filtered(order: Order, record: projection.RuleRecord, flow: FlowSpec | None, options: FlowOptions,
              around: Circumstances) -> tuple[str, str] | None:  # fmt: skip
    """(code, words) why a flow's filters keep an order out. They gate first entry only."""
    if flow is None:
        return None  # a preview of rules alone: there is no flow that could keep anything out
    if order.status in NEVER:
        return "not_an_order", f"The shop says '{order.status}': it is no order yet, or no longer."
    if options.statuses:
        if order.status not in options.statuses:
            return "status", f"Its status is '{order.status}'; the flow takes {', '.join(options.statuses)}."
    elif order.status in UNLESS_NAMED:
        return "status", f"Its status is '{order.status}'. Name it in the flow's statuses to post such orders."
    if options.stores and (order.store or "") not in options.stores:
        return "store", f"Its store is '{order.store or 'not set'}'; the flow takes {', '.join(options.stores)}."
    starting = around.starting or (flow.starting if flow else None)
    if starting and order.date < starting:
        return "before_start", f"It is of {order.date.isoformat()}; the flow starts with {starting.isoformat()}."
    if isinstance(options.until, date) and order.date > options.until:
        return "after_end", f"It is of {order.date.isoformat()}; the flow ends with {options.until.isoformat()}."
    if flow is not None and not flow.accepts(record, today=around.today):
        return "flow_condition", "It does not fit the flow's condition (when …)."
    return None


def _source_findings(findings: Sequence[SourceFinding]) -> tuple[Finding, ...]:
    severities: Mapping[str, Literal["info", "warning", "hold"]] = {
        "info": "info",
        "warning": "warning",
        "error": "hold",
    }
    return tuple(
        Finding(
            code=each.code,
            text=each.message,
            next_step="Look at the order in the shop." if each.severity == "error" else "",
            severity=severities[each.severity],
            values={"field": each.field} if each.field else {},
        )
        for each in findings
    )


def _held_too_long(title: str, days: int | None, around: Circumstances) -> bool:
    since = (around.held_since or {}).get(title)
    return days is not None and since is not None and (around.today - since).days >= days


def _after_a_rule(decision: Decision) -> str:
    """What a person can do about what a rule stopped."""
    if decision.outcome == "skip":
        return ""
    if decision.hold is not None and decision.hold.releasable:
        return "Look at it, then release it."
    return f"Correct the rule '{decision.rule}' or the order, publish, then release it: it is judged anew."


def _stopped(slot: str, decision: Decision, findings: Sequence[Finding]) -> Part:
    """A rule said that it goes no further."""
    return Part(
        slot=slot,
        outcome=decision.outcome,
        code=f"rule_{decision.outcome}",
        reason=decision.reason,
        next_step=_after_a_rule(decision),
        title=decision.rule or "",
        due_days=decision.hold.due_days if decision.hold else None,
        decision=decision,
        findings=tuple(findings),
    )


def _part(slot: str, decision: Decision, desired: Desired, findings: Sequence[Finding], options: FlowOptions,
          around: Circumstances) -> Part:  # fmt: skip
    """The outcome of rules and building together: the rules let it pass, now it is for what the engine found."""
    every = (*findings, *desired.findings)
    if desired.skip is not None:
        return Part(slot=slot, outcome="skip", code="option", reason=desired.skip, decision=decision, findings=every)
    every = tuple(
        replace(each, severity="warning") if each.stops and each.code in around.releases else each for each in every
    )
    stop = first_stop(every)
    part = Part(
        slot=slot,
        outcome="sync",
        decision=decision,
        documents=desired.documents,
        creates=desired.creates,
        findings=every,
    )
    if stop is None:
        if options.review_first and "review" not in around.releases:
            return replace(
                part,
                outcome="hold",
                code="review",
                title="review",
                reason="Waits for a person to look at it (review_first).",
                next_step="Release it: one, some or all.",
            )
        return part
    if stop.code == "not_paid" and _held_too_long("not_paid", options.unpaid_days, around):
        return replace(
            part,
            outcome="skip",
            code="gave_up",
            title="not_paid",
            reason=f"Gave up after {options.unpaid_days} days: {stop.text}",
        )
    return replace(
        part,
        outcome="fail" if stop.severity == "fail" else "hold",
        code=stop.code,
        title=stop.code,
        reason=stop.text,
        next_step=stop.next_step,
        due_days=options.unpaid_days if stop.code == "not_paid" else None,
    )


def _decided(
    program: Program, record: projection.RuleRecord, kind: Literal["order", "refund"], flow: FlowSpec | None, source: str,
    around: Circumstances, trace: TraceKind,
) -> Decision:  # fmt: skip
    return program.evaluate(
        record,
        kind=kind,
        flow=flow.name if flow else None,
        source=source,
        today=around.today,
        held_since=around.held_since or {},
        releases=around.releases,
        trace=trace,
    )


#: By slot, what documents were last built from, and what came of it.
Builds = dict[str, tuple[tuple[Any, ...], Desired]]


def _built(builds: Builds | None, slot: str, inputs: tuple[Any, ...], build: Callable[[], Desired]) -> Desired:
    """What is built from these inputs. Who judges one order by two versions keeps `builds` between them: building is pure,
    so that equal inputs need no second one."""
    if builds is None:
        return build()
    kept = builds.get(slot)
    if kept is None or kept[0] != inputs:
        kept = builds[slot] = inputs, build()
    return kept[1]


def _sale_part(
    order: Order, key: RecordKey, program: Program, flow: FlowSpec | None, books: BooksView, rules: TargetRules,
    standing: Mapping[str, StandingDocument], on_their_way: frozenset[str], around: Circumstances, source: str,
    trace: TraceKind, builds: Builds | None,
) -> tuple[Part, FlowOptions]:  # fmt: skip
    before = projection.of_order(order)
    stands = bool(standing) or bool(on_their_way)
    try:
        first = options_for(flow, before, "order", around.today)
        filtered = None if stands else _filtered(order, before, flow, first, around)
    except EvaluationFailure as failure:
        return _unanswered(SALE, failure), FlowOptions()
    if filtered:
        code, words = filtered
        return Part(slot=SALE, outcome="skip", code=code, reason=words), first
    decision = _decided(program, before, "order", flow, source, around, trace)
    findings = _source_findings(order.findings)
    if decision.outcome != "sync":
        return _stopped(SALE, decision, findings), first
    try:
        options = options_for(flow, decision.record, "order", around.today)
    except EvaluationFailure as failure:
        return _unanswered(SALE, failure, decision), first
    left_out = [each for each in decision.left_out if each.kind == "payment"]
    missing = LeftOutPayments(count=len(left_out), reason=left_out[0].reason if left_out else "")
    stand = (frozenset(standing) | on_their_way) - _to_be_made_anew(standing, on_their_way, options)
    desired = _built(
        builds, SALE, (decision.record, options, missing, stand),
        lambda: build_sale(
            key, before, decision.record, options, books, rules, left_out=missing, standing=stand,
        ),
    )  # fmt: skip
    return _part(SALE, decision, desired, findings, options, around), options


def _to_be_made_anew(
    standing: Mapping[str, StandingDocument], on_their_way: frozenset[str], options: FlowOptions
) -> frozenset[str]:
    """The sale's slot, where a receipt in place of what stands there would be a new one: it waits for the money as any
    other does."""
    stands = standing.get(SALE)
    if stands is None or SALE in on_their_way:
        return frozenset()
    replaceable = options.after_posting == "update" and called(stands.document) != "sales receipt"
    return frozenset({SALE}) if stands.making_room or replaceable else frozenset()


def judge_order(
    order: Order, *, key: RecordKey, program: Program, flow: FlowSpec | None, books: BooksView, rules: TargetRules,
    around: Circumstances, standing: Mapping[str, StandingDocument] | None = None, source: str = "woocommerce",
    unchanged: frozenset[str] = frozenset(), on_their_way: frozenset[str] = frozenset(), trace: TraceKind = "full",
    builds: Builds | None = None,
) -> Judgement:  # fmt: skip
    """Judge one order and its refunds against what stands in the books. `on_their_way` are slots that are just being
    filled: they count as standing, except that nobody can say yet how they differ. `builds` is for who judges the order
    by another version as well: see `_built`."""
    held = dict(standing or {})
    sale, options = _sale_part(
        order, key, program, flow, books, rules, held, on_their_way, around, source, trace, builds
    )
    if SALE in held and _emptied(sale, order):
        sale = Part(
            slot=SALE,
            outcome="skip",
            code="emptied",
            reason="The rules leave out every line of it; what stands in the books is left as it is.",
            decision=sale.decision,
        )
    sale = _with_differences(sale, held, options, unchanged)
    parts = [sale]
    # A sale that is skipped on purpose takes its refunds with it; a held one lets them wait (their own finding says so).
    if sale.outcome in ("sync", "hold") or SALE in held:
        sale_type = _sale_type(sale, held)
        after_sale = SALE not in held or held[SALE].making_room or _is_made_anew(sale)
        for index, refund in enumerate(order.refunds, start=1):
            slot = f"refund:{refund.id}"
            before = projection.of_refund(refund, order)
            decision = _decided(program, before, "refund", flow, source, around, trace)
            findings = _source_findings(refund.findings)
            if decision.outcome != "sync":
                parts.append(_stopped(slot, decision, findings))
                continue
            try:
                refund_options = options_for(flow, decision.record, "refund", around.today)
            except EvaluationFailure as failure:
                parts.append(_unanswered(slot, failure, decision))
                continue
            desired = _built(
                builds, slot, (decision.record, refund_options, sale_type),
                partial(
                    build_refund, key, before, decision.record, refund_options, books, rules, sale_type=sale_type, index=index,
                ),
            )  # fmt: skip
            part = _part(slot, decision, desired, findings, refund_options, around)
            parts.append(_with_differences(part, held, refund_options, unchanged, after_sale=after_sale))
    return Judgement(key=key, order=order, parts=tuple(parts), options=options)


def _emptied(sale: Part, order: Order) -> bool:
    """Whether the rules left nothing of what was sold: that never takes away what stands."""
    left_out = [] if sale.decision is None else [each for each in sale.decision.left_out if each.kind == "line"]
    return sale.outcome == "sync" and bool(order.lines) and len(left_out) >= len(order.lines)


def _sale_type(sale: Part, held: Mapping[str, StandingDocument]) -> SalesType | None:
    """What stands, or will stand after this judgement, as the order's sale."""
    stands = held.get(SALE)
    if stands is not None and isinstance(stands.document, SalesDocument) and not _is_made_anew(sale):
        return stands.document.type
    wanted = [each.document for each in sale.documents] if sale.outcome == "sync" else []
    found = next((each.type for each in wanted if isinstance(each, SalesDocument)), None)
    if found is None and any(
        isinstance(each, PaymentDocument) and each.invoice_number
        for each in (*wanted, *(each.document for each in held.values()))
    ):
        return "invoice"  # of somebody else, by its number: we bring its payments only
    return found


def _is_made_anew(sale: Part) -> bool:
    """Whether this judgement makes the sale, be it the first time or in place of another one."""
    return any(each.slot == SALE and each.action != "update" for each in sale.differences)


def _with_differences(
    part: Part, held: Mapping[str, StandingDocument], options: FlowOptions, unchanged: frozenset[str],
    *, after_sale: bool = False,
) -> Part:  # fmt: skip
    if part.outcome != "sync":
        return part
    differences, said = compare(part.documents, held, options, unchanged)
    if after_sale:
        differences = tuple(replace(each, needs=(SALE,)) for each in differences)
    return replace(part, differences=differences, findings=(*part.findings, *said))


def documents_of(judgement: Judgement) -> list[tuple[str, SalesDocument | PaymentDocument]]:
    """(slot, document) of all parts that are to be in the books, the sale first."""
    return [(each.slot, each.document) for part in judgement.parts if part.outcome == "sync" for each in part.documents]


def trace_of(part: Part) -> dict[str, Any]:
    """A part's decision as plain JSON, for the store and for explaining later."""
    return {
        "slot": part.slot,
        "outcome": part.outcome,
        "code": part.code,
        "reason": part.reason,
        "findings": [finding.as_json() for finding in part.findings],
        **({"rules": as_json(part.decision, why_not=False)} if part.decision is not None else {}),
    }
