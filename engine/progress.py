"""How far things are, in figures: for whoever shows progress or a summary. It reads, and decides nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ScalarSelect, func, select

from connectors.records import Order
from engine import decisions, log, projection, records
from engine.keys import RecordKey
from engine.publishing import FlowRow
from engine.store.engine import Session
from engine.store.keyed import same_record
from engine.store.scope import TenantScope
from engine.store.tables import agenda, decision, hold, ledger, operation, slot, source_record


def of_run(scope: TenantScope, session: Session, flow: FlowRow, run_id: int) -> tuple[int, int, int, int, bool]:
    """(records read, records decided, operations done, operations on their way, whether that run is under way)."""
    read = session.execute(
        select(func.count()).where(scope.of(source_record), source_record.c.connection_id == flow.connection_id)
    ).scalar_one()
    waiting = session.execute(
        select(func.count())
        .select_from(agenda)
        .join(
            source_record,
            (source_record.c.tenant_id == agenda.c.tenant_id) & (source_record.c.id == agenda.c.source_record_id),
        )
        .where(
            scope.of(agenda),
            agenda.c.flow_id == flow.id,
            agenda.c.decide_at.is_not(None),
            source_record.c.version > _decided_version(scope, flow),
        )
    ).scalar_one()
    states: Counter[str] = Counter(
        dict(
            session.execute(
                select(operation.c.state, func.count())
                .where(scope.of(operation), operation.c.company_id == flow.company_id)
                .group_by(operation.c.state)
            )
            .tuples()
            .all()
        )
    )
    state = session.execute(select(slot.c.state).where(scope.of(slot), slot.c.id == run_id)).scalar_one_or_none()
    on_their_way = states["planned"] + states["sending"] + states["unknown"]
    return read, read - waiting, states["done"], on_their_way, state not in (None, "done")


def _decided_version(scope: TenantScope, flow: FlowRow) -> ScalarSelect[int]:
    return (
        select(func.coalesce(func.max(decision.c.record_version), 0))
        .where(
            scope.of(decision),
            decision.c.company_id == flow.company_id,
            same_record(decision, source_record),
        )
        .scalar_subquery()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """Orders that are not in the books for one cause: what waits for a person, or what was left out.

    `reasons` counts the words said, `money` adds up the shop's totals of the orders by currency; refunds carry no amount.
    """

    title: str
    next_step: str
    reasons: Mapping[str, int]
    orders: int
    refunds: int
    money: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """A flow's orders and what became of them.

    `orders` and `posted` count and add up the shop's own totals by currency; `documents` what stands in the books by kind.
    """

    statuses: Mapping[str, int]
    orders: Mapping[str, tuple[int, Decimal]]
    posted: Mapping[str, tuple[int, Decimal]]
    documents: Mapping[tuple[str, str], tuple[int, Decimal]]
    waiting: tuple[Aside, ...]
    left_out: tuple[Aside, ...]


def overview(scope: TenantScope, session: Session, flow: FlowRow) -> Overview:
    """Everything about a flow's orders, for a summary."""
    keys = records.known_keys(scope, session, flow.connection_id, "order")
    statuses: Counter[str] = Counter()
    orders: dict[str, list[Decimal]] = {}
    posted: dict[str, list[Decimal]] = {}
    totals: dict[str, tuple[str, Decimal]] = {}
    sales = set(
        session.execute(
            select(ledger.c.source_id).where(
                scope.of(ledger), ledger.c.company_id == flow.company_id, ledger.c.slot == "sale"
            )
        ).scalars()
    )
    for start in range(0, len(keys), 500):
        for kept in records.load(scope, session, keys[start : start + 500]).values():
            if isinstance(kept.record, Order):
                statuses[kept.record.status] += 1
                orders.setdefault(kept.record.currency, []).append(kept.record.total)
                totals[kept.key.source_id] = (kept.record.currency, kept.record.total)
                if kept.key.source_id in sales:
                    posted.setdefault(kept.record.currency, []).append(kept.record.total)
    documents: dict[tuple[str, str], list[Decimal]] = {}
    for entity, currency, total in session.execute(
        select(ledger.c.entity, ledger.c.currency, ledger.c.total).where(
            scope.of(ledger), ledger.c.company_id == flow.company_id, ledger.c.state == "live"
        )
    ):
        documents.setdefault((entity, currency or ""), []).append(total or Decimal(0))
    return Overview(
        statuses=statuses,
        orders={currency: (len(all_), sum(all_, Decimal(0))) for currency, all_ in orders.items()},
        posted={currency: (len(all_), sum(all_, Decimal(0))) for currency, all_ in posted.items()},
        documents={place: (len(all_), sum(all_, Decimal(0))) for place, all_ in documents.items()},
        waiting=_asides(_held(scope, session, flow), totals),
        left_out=_asides(_skipped(scope, session, flow), totals),
    )


#: One record set aside: (order's id, whether it is a refund, cause, what to do, reason).
_SetAside = tuple[str, bool, str, str, str]


def _asides(found: Iterable[_SetAside], totals: Mapping[str, tuple[str, Decimal]]) -> tuple[Aside, ...]:
    """What was set aside, by cause, the most common first."""
    groups: dict[tuple[str, str], list[_SetAside]] = {}
    for each in found:
        groups.setdefault((each[2], each[3]), []).append(each)
    asides = []
    for (title, next_step), members in groups.items():
        orders = {each[0] for each in members if not each[1]}
        money: dict[str, Decimal] = {}
        for order in orders & totals.keys():
            currency, total = totals[order]
            money[currency] = money.get(currency, Decimal(0)) + total
        asides.append(
            Aside(
                title=title,
                next_step=next_step,
                reasons=Counter(each[4] for each in members),
                orders=len(orders),
                refunds=sum(1 for each in members if each[1]),
                money=money,
            )
        )
    return tuple(sorted(asides, key=lambda each: (-each.orders - each.refunds, each.title)))


def _held(scope: TenantScope, session: Session, flow: FlowRow) -> list[_SetAside]:
    rows = session.execute(
        select(hold.c.source_id, hold.c.slot, hold.c.title, hold.c.next_step, hold.c.reason).where(
            scope.of(hold), hold.c.company_id == flow.company_id, hold.c.state == "held"
        )
    )
    return [(order, place.startswith("refund"), title, step, reason) for order, place, title, step, reason in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """An order by its number, the rule record that rules see of it, and the lines of the log about it."""

    number: str
    record: projection.RuleRecord
    lines: tuple[str, ...]


def most_touched(scope: TenantScope, session: Session, flow: FlowRow) -> Touched | None:
    """The order in the books to which rules did most: the one worth telling step by step."""
    best: tuple[int, str, RecordKey] | None = None
    for key in records.known_keys(scope, session, flow.connection_id, "order"):
        kept = decisions.latest(scope, session, flow.company_id, key)
        if kept is None or kept.outcome != "sync":
            continue
        trace = kept.trace or {}
        candidate = (len(trace.get("said", ())), str(trace.get("order", "")), key)
        best = candidate if best is None else max(best, candidate)
    if best is None:
        return None
    found = records.load(scope, session, [best[2]])[best[2]].record
    if not isinstance(found, Order):
        return None
    lines = tuple(entry.text for entry in log.read(scope, session, key=best[2]))
    return Touched(number=found.number, record=projection.of_order(found), lines=lines)


def _skipped(scope: TenantScope, session: Session, flow: FlowRow) -> list[_SetAside]:
    latest = (
        select(decision.c.store, decision.c.kind, decision.c.source_id, func.max(decision.c.number).label("number"))
        .where(scope.of(decision), decision.c.company_id == flow.company_id)
        .group_by(decision.c.store, decision.c.kind, decision.c.source_id)
        .subquery()
    )
    rows = session.execute(
        select(decision.c.source_id, decision.c.kind, decision.c.reason)
        .join_from(
            decision,
            latest,
            (decision.c.store == latest.c.store)
            & (decision.c.kind == latest.c.kind)
            & (decision.c.source_id == latest.c.source_id)
            & (decision.c.number == latest.c.number),
        )
        .where(scope.of(decision), decision.c.company_id == flow.company_id, decision.c.outcome == "skip")
    )
    return [
        (source, kind == "refund", reason or "no reason", "", reason or "no reason") for source, kind, reason in rows
    ]
