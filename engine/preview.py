"""What would become of raw records: the same judging as in a live run, without store and network. It carries out nothing.

Where no snapshot of the books is given, they are neutral: every name exists, nothing is off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import connectors.quickbooks
from connectors.documents import PaymentDocument, SalesDocument
from connectors.money import minor_unit
from connectors.records import ZERO, Fetched, Order, Refund
from connectors.woocommerce import ShopSetting
from connectors.woocommerce import read_orders as read_woocommerce_orders
from dsl.decision import Decision
from dsl.explain import change_json
from dsl.program import FlowSpec, Program
from dsl.types import MONEY
from engine import projection
from engine.books_view import BooksView, NeutralBooks
from engine.documents.wanted import Slotted
from engine.findings import Finding
from engine.judging import Circumstances, Outcome, Part, judge_order
from engine.keys import RecordKey
from engine.raw_records import Payload
from engine.vocabulary import vocabulary

SOURCES = ("woocommerce",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """One record (an order, or a refund of one) and what would become of it. `judged` is missing where it cannot be read.

    `record` is the rule record, after the rules where they ran.
    """

    kind: str
    id: str
    outcome: Outcome
    reason: str | None
    next_step: str
    record: Mapping[str, Any]
    decision: Decision | None
    documents: tuple[Slotted, ...]
    findings: tuple[Finding, ...]
    today: date
    flow: str | None = None
    order: Order | None = None
    refund: Refund | None = None


def read_orders(source: str, payloads: Iterable[Payload], *, zone: str | None = None) -> Iterator[Fetched]:
    """Raw orders as their connector maps them. `zone` is the shop's, where it is known (IANA)."""
    if source not in SOURCES:
        raise ValueError(f"no orders can be read from {source!r}; known: {', '.join(SOURCES)}")
    yield from read_woocommerce_orders(payloads, ShopSetting(zone=zone))


def preview(
    program: Program,
    fetched: Iterable[Fetched],
    *,
    source: str,
    today: date,
    flow: FlowSpec | None = None,
    books: BooksView | None = None,
) -> Iterator[Previewed]:
    """What would become of each record, orders before their refunds.

    With a flow, its filters and options decide as they would live. Without one there is nothing to filter by and
    nothing would be posted: then the outcome is what the rules say, and documents are built with the options' defaults.
    """
    for one in fetched:
        if not isinstance(one.record, Order):
            yield _unreadable(one, today)
            continue
        order = one.record
        judged = judge_order(
            order,
            key=RecordKey(f"{source}:preview", "order", order.id),
            program=program,
            flow=flow,
            books=books or NeutralBooks(order.currency or "USD"),
            rules=connectors.quickbooks,
            around=Circumstances(today=today),
            source=source,
        )
        yield from (_previewed(part, order, flow, today) for part in judged.parts)


def _unreadable(one: Fetched, today: date) -> Previewed:
    said = tuple(Finding(code=each.code, text=each.message, severity="hold") for each in one.findings)
    return Previewed(
        kind=one.kind,
        id=one.id,
        outcome="hold",
        reason=" ".join(each.text for each in said) or "The record cannot be read.",
        next_step="Look at the record in the shop.",
        record={},
        decision=None,
        documents=(),
        findings=said,
        today=today,
    )


def _previewed(part: Part, order: Order, flow: FlowSpec | None, today: date) -> Previewed:
    kind, _, id_ = part.slot.partition(":")
    refund = next((each for each in order.refunds if kind == "refund" and each.id == id_), None)
    decision = part.decision
    outcome, reason, next_step = part.outcome, part.reason, part.next_step
    if flow is None and decision is not None:
        outcome, reason, next_step = decision.outcome, decision.reason, ""
    return Previewed(
        kind="order" if refund is None else "refund",
        id=order.id if refund is None else id_,
        outcome=outcome,
        reason=reason,
        next_step=next_step,
        record=_rule_record(order, refund) if decision is None else decision.record,
        decision=decision,
        documents=part.documents,
        findings=part.findings,
        today=today,
        flow=flow.name if flow else None,
        order=order,
        refund=refund,
    )


def _rule_record(order: Order, refund: Refund | None) -> dict[str, Any]:
    return projection.of_order(order) if refund is None else projection.of_refund(refund, order)


def received(one: Previewed) -> dict[str, Any]:
    """The rule record as it was before the rules; for a record that could be read."""
    if one.order is None:
        raise ValueError(f"{one.kind} {one.id} could not be read")
    return _rule_record(one.order, one.refund)


def title_of(slotted: Slotted) -> str:
    """A document in one line: `invoice 1007 for Jo Smith, 2026-11-01, 3 lines, 41.98 USD`."""
    document = slotted.document
    if isinstance(document, PaymentDocument):
        return f"payment by {document.customer}, {document.date.isoformat()}, {document.amount:f} {document.currency}"
    count = len(document.lines)
    parts = [
        f"{document.type.replace('_', ' ')} {document.number or '(no number)'} for {document.customer or '(no customer)'}",
        document.date.isoformat(),
        f"{count} line{'' if count == 1 else 's'}",
        f"{document.total:f} {document.currency}",
    ]
    return ", ".join(parts)


# ------------------------------------------------------------------------------------------------------------- as JSON


def as_form(one: Previewed, *, documents: bool) -> dict[str, Any]:
    """One line of `cloudcart run`: what became of a record, money as text with the currency beside it."""
    decision = one.decision
    form: dict[str, Any] = {
        "kind": one.kind,
        "id": one.id,
        "outcome": one.outcome,
        "reason": one.reason,
        "record": _in_full(projection.plain(dict(one.record)), _currency(one.record)),
        "changes": [change_json(change) for change in decision.changes] if decision else [],
        "fired": list(decision.fired) if decision else [],
    }
    if documents:
        form["documents"] = [
            _in_full(document_form(each, one.documents), each.document.currency) for each in one.documents
        ]
    form["findings"] = [
        *(
            {"code": each.code, "severity": "hold", "text": each.message, "next_step": "", "values": dict(each.values)}
            for each in (decision.findings if decision else ())
        ),
        *(each.as_json() for each in one.findings),
    ]
    return form


def document_form(slotted: Slotted, siblings: Iterable[Slotted] = ()) -> dict[str, Any]:
    """A document as JSON. `paid` is what has come in for it: all of a receipt, an invoice's applied payments."""
    document = slotted.document
    form: dict[str, Any] = {"slot": slotted.slot}
    if isinstance(document, PaymentDocument):
        form["type"] = "payment"
    form |= {each.name.rstrip("_"): _plain(getattr(document, each.name)) for each in fields(document)}
    if isinstance(document, SalesDocument):
        form["subtotal"] = _plain(document.subtotal)
        form["paid"] = _plain(_paid(slotted, document, siblings))
    return form


def _paid(slotted: Slotted, document: SalesDocument, siblings: Iterable[Slotted]) -> Decimal:
    if document.type in ("sales_receipt", "refund_receipt"):
        return document.total
    return sum(
        (
            each.document.applies_to.get(slotted.slot, ZERO)
            for each in siblings
            if isinstance(each.document, PaymentDocument)
        ),
        ZERO,
    )


#: Texts under keys of the shop's own: whatever they are called, they are no amounts of ours.
_KEYED = frozenset({"meta", "options", "custom"})


def _currency(record: Mapping[str, Any]) -> str | None:
    return next(
        (held["currency"] for held in record.values() if isinstance(held, Mapping) and held.get("currency")), None
    )


@cache
def _amounts() -> frozenset[str]:
    """The names of fields that hold money, in records and in documents."""
    return frozenset(each.name for each in vocabulary().fields if each.type == MONEY) | {"paid", "total", "subtotal"}


def _in_full(form: Any, currency: str | None) -> Any:
    """The same with every amount written down to the currency's smallest unit: 39.30, not 39.3. No digit is taken away."""
    if isinstance(form, list):
        return [_in_full(each, currency) for each in form]
    if not isinstance(form, dict):
        return form
    own = form.get("currency") or currency
    return {
        name: held
        if name in _KEYED
        else _to_the_unit(held, own)
        if name in _amounts() and isinstance(held, str)
        else _in_full(held, own)
        for name, held in form.items()
    }


def _to_the_unit(amount: str, currency: str | None) -> str:
    places, digits = len(amount.partition(".")[2]), minor_unit(currency)
    if places >= digits:
        return amount
    return f"{amount}{'' if places else '.'}{'0' * (digits - places)}"


def _plain(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return {each.name.rstrip("_"): _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(held) for key, held in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(held) for held in value]
    return projection.plain(value)
