"""Books in memory for tests of the outbox: small, exact about request ids, sync tokens, duplicate numbers and names, and
able to be late, to lose answers, to shuffle them and to refuse. What a real system does with HTTP is tested against the
sandbox servers."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.documents import (
    CustomerDocument,
    Document,
    ListDocument,
    PaymentDocument,
    ProductDocument,
    SalesDocument,
)
from connectors.errors import ConnectorError, Rejected, Retry, Unknown
from connectors.ports import BooksProfile, ListEntry, ListKind, Member, MemberResult, Posted, Resolve

ENTITIES = {
    "invoice": "Invoice",
    "sales_receipt": "SalesReceipt",
    "estimate": "Estimate",
    "credit_memo": "CreditMemo",
    "refund_receipt": "RefundReceipt",
    "payment_method": "PaymentMethod",
    "term": "Term",
    "class": "Class",
    "department": "Department",
}
KIND_OF = {"Customer": "customer", "Item": "item", "PaymentMethod": "payment_method", "Term": "term", "Class": "class"}
NAMES = ("Customer", "Vendor", "Item", "PaymentMethod", "Term", "Class", "Department")
PROFILE = BooksProfile(id="4620816365", title="Acme", country="US", currency="USD", custom_numbers=True, sales_tax=True)


class ManualClock:
    """A clock that moves when it is told to; sleeping moves it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 21, 12, tzinfo=UTC)
        self.seconds = 1000.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.seconds += seconds


@dataclass
class Script:
    """What befalls the next sends, one entry each: "ok", "lost" (applied, no answer), "nothing" (not applied, no
    answer), "late:SECONDS" (applied later, no answer), or an error to raise without applying."""

    fates: list[str | ConnectorError] = field(default_factory=list)


class FakeBooks:
    """`connectors.ports.Books` in memory."""

    def __init__(
        self, clock: ManualClock | None = None, *, honours_request_ids: bool = True, batch_size: int = 30
    ) -> None:
        self.clock = clock or ManualClock()
        self.honours_request_ids = honours_request_ids
        self.documents: dict[tuple[str, str], dict[str, Any]] = {}
        self.counts: Counter[str] = Counter()
        self.requests: list[tuple[str, bytes]] = []
        self.script: list[str | ConnectorError] = []
        self.member_faults: dict[str, ConnectorError | str] = {}  # by number or name; "lost": no word on it
        self.read_error: ConnectorError | None = None
        self.company = PROFILE
        self.total_off_by = Decimal(0)
        self.before_send: Callable[[], None] | None = None
        self.shuffle = False
        self._answers: dict[str, list[MemberResult]] = {}
        self._late: list[tuple[datetime, bytes]] = []
        self._next_id = 1
        self._batch_size = batch_size
        self._entries: list[ListEntry] = []

    # ---------------------------------------------------------------------------------------------------- seeding

    def add_entry(self, kind: ListKind, name: str, **data: Any) -> ListEntry:
        entity = {v: k for k, v in KIND_OF.items()}.get(kind, kind.title())
        body = {"entity": entity, "name": name, "active": True, **data}
        id_ = self._store(entity, body)
        return self._entry(entity, id_)

    def live(self, entity: str) -> list[dict[str, Any]]:
        self._settle_late()
        return [body for (of, _), body in self.documents.items() if of == entity and body["state"] == "live"]

    def edit(self, entity: str, id_: str, **values: Any) -> None:
        """A person changes a document in the books."""
        body = self.documents[entity, id_]
        body.update(values)
        body["token"] += 1
        body["changed"] = self.clock.now()

    # ------------------------------------------------------------------------------------------------- ports.Books

    @property
    def batch_size(self) -> int:
        return self._batch_size

    def profile(self) -> BooksProfile:
        self._call("query")
        return self.company

    def lists(self, kinds: Sequence[ListKind]) -> Iterator[ListEntry]:
        self._call("query")
        for (entity, id_), _ in list(self.documents.items()):
            if KIND_OF.get(entity) in kinds:
                yield self._entry(entity, id_)

    def changes(
        self, kinds: Sequence[ListKind], since: datetime, documents: Sequence[str] = ()
    ) -> Iterator[ListEntry | Posted]:
        self._call("changes")
        for (entity, id_), body in list(self.documents.items()):
            if body["changed"] >= since:
                if KIND_OF.get(entity) in kinds:
                    yield self._entry(entity, id_)
                elif entity in documents:
                    yield self._posted(entity, id_)

    def encode(self, document: Document, resolve: Resolve, profile: BooksProfile) -> tuple[str, Mapping[str, Any]]:
        match document:
            case SalesDocument():
                if document.memo == "poison":
                    raise TypeError("this memo breaks the encoder")
                return ENTITIES[document.type], {
                    "number": document.number,
                    "date": document.date.isoformat(),
                    "customer": None if document.customer is None else resolve.list_id("customer", document.customer),
                    "items": [resolve.list_id("item", line.item) for line in document.lines if line.item],
                    "total": document.total,
                    "memo": document.memo,
                    "marker": document.marker,
                }
            case PaymentDocument():
                return "Payment", {
                    "date": document.date.isoformat(),
                    "customer": resolve.list_id("customer", document.customer),
                    "total": document.amount,
                    "applied": {resolve.slot(slot).id: amount for slot, amount in document.applies_to.items()},
                    "reference": document.reference,
                    "marker": document.marker,
                }
            case CustomerDocument():
                return "Customer", {"name": document.name, "active": True, "email": document.email}
            case ProductDocument():
                return "Item", {"name": document.name, "active": True, "sku": document.sku}
            case ListDocument():
                return ENTITIES[document.kind], {"name": document.name, "active": True}

    def encode_update(
        self, document: Document, resolve: Resolve, profile: BooksProfile, now: Posted, last_sent: Mapping[str, Any]
    ) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        _, wanted = self.encode(document, resolve, profile)
        changes, kept = {}, []
        for name, value in wanted.items():
            if value == last_sent.get(name) or value == now.body.get(name):
                continue
            if now.body.get(name) != last_sent.get(name):
                kept.append(name)
            else:
                changes[name] = value
        if not changes:
            return {}, tuple(kept)
        return {**changes, "Id": now.id, "SyncToken": now.sync_token}, tuple(kept)

    def edited(self, now: Posted, last_sent: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(name for name, sent in last_sent.items() if now.body.get(name) != sent)

    def freeze(self, members: Sequence[Member], request_id: str) -> bytes:
        assert 0 < len(members) <= self._batch_size
        assert len(request_id) <= 36
        assert all(len(member.key) <= 10 for member in members)
        return json.dumps(
            [[m.key, m.action, m.entity, dict(m.body)] for m in members],
            default=lambda value: {"d": str(value)},
        ).encode()

    def send(self, request_id: str, frozen: bytes) -> list[MemberResult]:
        if self.before_send is not None:
            self.before_send()
        members = json.loads(frozen, object_hook=lambda held: Decimal(held["d"]) if set(held) == {"d"} else held)
        self._call("batch" if len(members) > 1 else "single")
        self.requests.append((request_id, frozen))
        fate = self.script.pop(0) if self.script else "ok"
        if isinstance(fate, ConnectorError):
            raise fate
        if fate == "nothing":
            raise Unknown("No answer came.", code="no_answer")
        if fate.startswith("late:"):
            self._late.append((self.clock.now() + timedelta(seconds=float(fate[5:])), frozen))
            raise Unknown("No answer came.", code="no_answer")
        self._settle_late()
        if self.honours_request_ids and request_id in self._answers:
            results = self._answers[request_id]
        else:
            results = [each for each in map(self._apply, members) if each is not None]
            self._answers[request_id] = results
        if fate == "lost":
            raise Unknown("The line broke.", code="no_answer")
        return random.Random(7).sample(results, len(results)) if self.shuffle else results

    def find(
        self,
        entity: str,
        *,
        number: str | None = None,
        name: str | None = None,
        customer_id: str | None = None,
        date: str | None = None,
    ) -> list[Posted]:
        self._call("query")
        wanted = {"number": number, "name": name, "customer": customer_id, "date": date}
        return [
            self._posted(of, id_)
            for (of, id_), body in self.documents.items()
            if of == entity
            and body["state"] != "deleted"
            and all(
                str(body.get(at)).casefold() == value.casefold() for at, value in wanted.items() if value is not None
            )
        ]

    def find_numbers(self, entity: str, numbers: Sequence[str]) -> list[Posted]:
        self._call("query")
        return [
            self._posted(of, id_)
            for (of, id_), body in self.documents.items()
            if of == entity and body.get("number") in numbers and body["state"] != "deleted"
        ]

    def read(self, entity: str, id: str) -> Posted | None:
        self._call("read")
        body = self.documents.get((entity, id))
        return None if body is None or body["state"] == "deleted" else self._posted(entity, id)

    def call_counts(self) -> Mapping[str, int]:
        return dict(self.counts)

    # ------------------------------------------------------------------------------------------------------ inside

    def _call(self, kind: str) -> None:
        self.counts[kind] += 1
        self._settle_late()
        if kind in ("query", "read", "changes") and self.read_error is not None:
            raise self.read_error

    def _settle_late(self) -> None:
        due = [frozen for at, frozen in self._late if at <= self.clock.now()]
        self._late = [(at, frozen) for at, frozen in self._late if at > self.clock.now()]
        for frozen in due:
            for member in json.loads(
                frozen, object_hook=lambda held: Decimal(held["d"]) if set(held) == {"d"} else held
            ):
                self._apply(member)

    def _store(self, entity: str, body: Mapping[str, Any]) -> str:
        id_ = str(self._next_id)
        self._next_id += 1
        self.documents[entity, id_] = {**body, "state": "live", "token": 0, "changed": self.clock.now()}
        return id_

    def _apply(self, member: list[Any]) -> MemberResult | None:
        """What became of one member; nothing where the answer leaves it out."""
        key, action, entity, body = member
        fault = self.member_faults.get(str(body.get("number") or body.get("name") or body.get("reference") or ""))
        if fault == "lost":
            self._store(entity, body)
            return None
        if isinstance(fault, ConnectorError):
            return MemberResult(key=key, error=fault)
        if action == "create":
            twin = self._twin(entity, body)
            if twin is not None:
                return MemberResult(key=key, error=twin)
            return MemberResult(key=key, posted=self._posted(entity, self._store(entity, body)))
        held = self.documents.get((entity, body["Id"]))
        if held is None or held["state"] == "deleted":
            return MemberResult(key=key, error=Rejected("It is gone.", code="not_found_or_inactive", remote_code="610"))
        if str(held["token"]) != str(body["SyncToken"]):
            return MemberResult(key=key, error=Rejected("Somebody was faster.", code="stale", remote_code="5010"))
        held["token"] += 1
        held["changed"] = self.clock.now()
        if action == "void":
            held["state"] = "voided"
        elif action == "delete":
            held["state"] = "deleted"
        else:
            held.update({name: value for name, value in body.items() if name not in ("Id", "SyncToken")})
        return MemberResult(key=key, posted=self._posted(entity, body["Id"]))

    def _twin(self, entity: str, body: Mapping[str, Any]) -> Rejected | None:
        for (of, id_), held in self.documents.items():
            if entity in NAMES:
                if (
                    of in NAMES
                    and held["name"].casefold() == body["name"].casefold()
                    and (of == entity or of != "Item")
                ):
                    same = of == entity
                    code = "name_exists" if same else "name_held_elsewhere"
                    return Rejected(f"The name is held by {of} {id_}.", code=code, remote_code="6240")
            elif (
                of == entity
                and body.get("number")
                and held.get("number") == body["number"]
                and held["state"] != "deleted"
            ):
                return Rejected(f"The number is taken by {id_}.", code="number_exists", remote_code="6140")
        return None

    def _posted(self, entity: str, id_: str) -> Posted:
        held = self.documents[entity, id_]
        total = held.get("total")
        return Posted(
            entity=entity,
            id=id_,
            sync_token=str(held["token"]),
            number=held.get("number"),
            name=held.get("name"),
            date=held.get("date"),
            customer_id=held.get("customer"),
            total=None if total is None else total + self.total_off_by,
            balance=held.get("balance", total),
            marker=held.get("marker"),
            state=held["state"],
            deposited=held.get("deposited", False),
            body=dict(held),
        )

    def _entry(self, entity: str, id_: str) -> ListEntry:
        held = self.documents[entity, id_]
        kind: Any = KIND_OF[entity]
        return ListEntry(
            kind=kind,
            id=id_,
            name=held["name"],
            leaf=held["name"],
            active=held["active"],
            sync_token=str(held["token"]),
        )


def throttled(after: float | None = 60.0) -> Retry:
    return Retry("Slow down.", code="throttled", after=after, counts=False, scope="connection")


def unavailable() -> Retry:
    return Retry("QuickBooks is away.", code="unreachable", after=None, counts=False, scope="connection")


def with_number(document: SalesDocument, number: str) -> SalesDocument:
    return replace(document, number=number)
