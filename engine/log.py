"""The transaction log: what happened, as code and values, worded when it is read. Changes when an event, or the way it
is said, does. It decides nothing and knows no other module's state."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import insert, select, union

from engine.keys import RecordKey
from engine.store.engine import Session
from engine.store.scope import TenantScope
from engine.store.tables import log

Level = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something to be logged. `code` is one of `WORDS`, or any other code whose `values` hold a `message`."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
    level: Level = "info"
    key: RecordKey | None = None
    company_id: int | None = None
    connection_id: int | None = None
    operation_id: int | None = None
    decision_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the log, read back."""

    id: int
    at: datetime
    level: Level
    code: str
    values: Mapping[str, Any]
    key: RecordKey | None
    company_id: int | None
    connection_id: int | None
    operation_id: int | None
    decision_id: int | None

    @property
    def text(self) -> str:
        """The line as people speak."""
        return words(self.code, self.values)


def write(scope: TenantScope, session: Session, event: Event, *, at: datetime) -> None:
    """Log one event, in the transaction of what happened."""
    write_many(scope, session, [event], at=at)


def write_many(scope: TenantScope, session: Session, events: Sequence[Event], *, at: datetime) -> None:
    """Log events in one statement, in the transaction of what happened."""
    if events:
        session.execute(
            insert(log),
            [
                {
                    "tenant_id": scope.tenant_id,
                    "at": at,
                    "level": event.level,
                    "code": event.code,
                    "values": dict(event.values),
                    "company_id": event.company_id,
                    "connection_id": event.connection_id,
                    "store": event.key.store if event.key else None,
                    "kind": event.key.kind if event.key else None,
                    "source_id": event.key.source_id if event.key else None,
                    "order_number": _number(event.values.get("order")),
                    "operation_id": event.operation_id,
                    "decision_id": event.decision_id,
                }
                for event in events
            ],
        )


def _number(order: Any) -> str | None:
    """An order's number as it is looked for: a database's index takes no text of any length."""
    return None if order in (None, "") else str(order).removeprefix("#")[:100]


def read(
    scope: TenantScope,
    session: Session,
    *,
    key: RecordKey | None = None,
    order: str | None = None,
    since: datetime | None = None,
    levels: Sequence[Level] = (),
    before_id: int | None = None,
    limit: int = 1000,
) -> list[Entry]:
    """Lines of the log in the order they were written: the last `limit` of those asked for (of one record, of an order
    by its number or its id in the shop, since a moment, before a line)."""
    where = [scope.of(log)]
    if key is not None:
        where += [log.c.source_id == key.source_id, log.c.store == key.store, log.c.kind == key.kind]
    if since is not None:
        where.append(log.c.at >= since)
    if levels:
        where.append(log.c.level.in_(levels))
    if before_id is not None:
        where.append(log.c.id < before_id)
    lines = select(log).where(*where).order_by(log.c.id.desc()).limit(limit)
    if order is not None:
        # Each by its own index: asked for with OR, SQLite would read the whole log.
        asked = (log.c.order_number == _number(order), log.c.source_id == order.removeprefix("#"))
        found = union(*(select(lines.where(each).subquery().c.id) for each in asked))
        lines = select(log).where(scope.of(log), log.c.id.in_(found)).order_by(log.c.id.desc()).limit(limit)
    rows = session.execute(lines).all()
    return [
        Entry(
            id=row.id,
            at=row.at,
            level=row.level,
            code=row.code,
            values=row._mapping["values"],
            key=RecordKey(row.store, row.kind, row.source_id) if row.kind is not None else None,
            company_id=row.company_id,
            connection_id=row.connection_id,
            operation_id=row.operation_id,
            decision_id=row.decision_id,
        )
        for row in reversed(rows)
    ]


# ------------------------------------------------------------------------------------------------------------- wording

_DOCUMENTS = {
    "invoice": "invoice",
    "sales_receipt": "sales receipt",
    "estimate": "estimate",
    "credit_memo": "credit memo",
    "refund_receipt": "refund receipt",
    "payment": "payment",
    "customer": "customer",
    "item": "item",
    "payment_method": "payment method",
    "term": "terms",
    "class": "class",
    "department": "location",
}


def _subject(values: Mapping[str, Any]) -> str:
    order = values.get("order")
    if order in (None, ""):
        return ""
    record = str(values.get("record") or "order").capitalize()
    return f"{record} #{str(order).removeprefix('#')}: "


def _document(values: Mapping[str, Any]) -> str:
    kind = str(values.get("document") or "document")
    said = _DOCUMENTS.get(kind, kind.replace("_", " "))
    return f"{said} {values['number']}" if values.get("number") else said


def _money(values: Mapping[str, Any], name: str = "total") -> str:
    amount = values.get(name)
    return "" if amount in (None, "") else f"{amount} {values.get('currency') or ''}".strip()


def _posted(values: Mapping[str, Any]) -> str:
    lines = values.get("lines")
    parts = [
        _document(values),
        f"{lines} line{'' if lines == 1 else 's'}" if lines else "",
        _money(values),
        str(values.get("tax") or ""),
    ]
    said = _subject(values) + ", ".join(part for part in parts if part)
    rules = [str(rule) for rule in values.get("rules") or ()]
    return said + "".join(f"; {rule}" for rule in rules)


def _gone(how: str) -> Callable[[Mapping[str, Any]], str]:
    """A document that was taken away, and what for."""
    return lambda v: "; ".join([f"{_subject(v)}{_document(v)} was {how} in the books", *map(str, v.get("rules") or ())])


def _and_then(said: str, values: Mapping[str, Any]) -> str:
    """What was said, and the next step as a sentence of its own."""
    step = values.get("next_step")
    if not step:
        return said
    return f"{said}{'' if said.endswith(('.', '!', '?', '…')) else '.'} {step}"


def _with_message(before: str) -> Callable[[Mapping[str, Any]], str]:
    def say(values: Mapping[str, Any]) -> str:
        message = str(values.get("message") or "")
        return _and_then(f"{_subject(values)}{_document(values)} {before}{': ' if message else ''}{message}", values)

    return say


def _ended(how: str) -> Callable[[Mapping[str, Any]], str]:
    """A record that did not reach the books: how it ended, why, by which rule, and what to do."""

    def say(values: Mapping[str, Any]) -> str:
        by = f" (rule '{values['rule']}')" if values.get("rule") else ""
        return _and_then(f"{_subject(values)}{how}: {values.get('message') or 'no reason given'}{by}", values)

    return say


#: code -> the line, from its values (`order`, `document`, `number`, `total`, `currency`, `message`, `next_step`, …).
WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "posted": _posted,
    "adopted": lambda v: f"{_subject(v)}{_document(v)} stood in the books already and is now kept in step",
    "found": lambda v: (
        f"{_subject(v)}{_document(v)} was found in the books after an answer was lost; nothing was doubled"
    ),
    "updated": lambda v: (
        f"{_subject(v)}{_document(v)} was changed in the books" + (f", {_money(v)}" if _money(v) else "")
    ),
    "unchanged": lambda v: f"{_subject(v)}{_document(v)} needed no change in the books",
    "voided": _gone("voided"),
    "deleted": _gone("deleted"),
    "kept": lambda v: (
        f"{_subject(v)}{_document(v)}: what a person changed in the books was kept ({', '.join(v.get('fields') or ())})"
    ),
    "name_added": lambda v: f"{_document({**v, 'number': None})} '{v.get('name')}' was added to the books",
    "name_there": lambda v: f"{_document({**v, 'number': None})} '{v.get('name')}' was in the books already",
    "total_differs": lambda v: (
        f"{_subject(v)}{_document(v)} stands in the books with {v.get('theirs')} {v.get('currency') or ''}, "
        f"the shop says {v.get('ours')}"
    ),
    "skipped": _ended("left out"),
    "held_back": _ended("held"),
    "failed": _ended("failed"),
    "rejected": _with_message("was refused"),
    "held": _with_message("waits for you"),
    "waits": _with_message("waits"),
    "dead": _with_message("was given up after too many attempts"),
    "unknown": lambda v: (
        f"{_subject(v)}{_document(v)} was sent, not confirmed yet; QuickBooks is asked before anything else"
    ),
    "not_there": lambda v: f"{_subject(v)}{_document(v)} is not in the books after all; it is sent again",
    "retry": _with_message("is tried again later"),
    "paused": lambda v: f"Everything for this company waits {v.get('seconds')} s: {v.get('message')}",
    "reconnect_needed": lambda v: _and_then(str(v.get("message")), v),
    "released": lambda v: f"{_subject(v)}{v.get('by')} released '{v.get('title')}'",
}


def words(code: str, values: Mapping[str, Any]) -> str:
    """The line for a code and its values."""
    say = WORDS.get(code)
    if say is not None:
        return say(values)
    return _and_then(f"{_subject(values)}{values.get('message') or code.replace('_', ' ')}", values)
