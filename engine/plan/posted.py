"""What a plan takes from the store: orders that were read, what stands in the books for them, and what locks it there.

It only reads, and asks neither shop nor books.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from connectors.canonical import to_canonical
from connectors.ports import Clock
from connectors.records import Order
from engine import batches, connections, publishing, records
from engine.batches import Batch
from engine.books_view import BooksView
from engine.connections import CompanyRow, ConnectionRow
from engine.keys import RecordKey
from engine.lists import Lists
from engine.plan.locks import LOCKS
from engine.plan.running import Case, Stands
from engine.publishing import FlowRow
from engine.store.engine import Store
from engine.store.scope import TenantScope

_AT_ONCE = 200


class NothingPublished(Exception):
    """No published flow fits; the message lists those that there are."""


class Posted:
    """A published flow's orders and what stands of them."""

    def __init__(self, store: Store, scope: TenantScope, clock: Clock, flow: FlowRow) -> None:
        self._store = store
        self._scope = scope
        self.flow = flow
        with store.read() as session:
            self.shop: ConnectionRow = connections.by_id(scope, session, flow.connection_id)
            companies = {each.id: each for each in connections.companies(scope, session)}
        self.company: CompanyRow = companies[flow.company_id]
        self.today: date = self._day_of(clock.now())

    @classmethod
    def of_flow(cls, store: Store, scope: TenantScope, clock: Clock, name: str | None) -> Posted:
        """The published flow of that name, or the only one. Raises NothingPublished."""
        with store.read() as session:
            flows = publishing.flows(scope, session)
        chosen = [flow for flow in flows if flow.name == name] or (flows if len(flows) == 1 else [])
        if not chosen:
            there = ", ".join(f"'{flow.name}'" for flow in flows) or "none"
            raise NothingPublished(f"Which published flow is meant? Say --flow NAME; there are: {there}.")
        return cls(store, scope, clock, chosen[0])

    @property
    def closed_until(self) -> str | None:
        """The last closed day of the books, as they said when they were last asked (ISO)."""
        return self.company.profile.closed_until

    def books(self) -> BooksView:
        """The company's lists as they are kept."""
        lists = Lists(self._store, self._scope, self.company.id, self.company.profile)
        lists.renew()
        return lists

    def starting(self, spec_starting: date | None) -> date:
        """The first day whose orders the flow takes."""
        if spec_starting is not None:
            return spec_starting
        return self.flow.first_published_at.astimezone(ZoneInfo(self.shop.zone)).date()

    def count(self) -> int:
        """How many orders there are."""
        with self._store.read() as session:
            return len(records.known_keys(self._scope, session, self.shop.id, "order"))

    def cases(self) -> Iterator[tuple[Case, int]]:
        """Every order that the flow's shop brought, oldest first, each with its number from 1; a few hundred in memory at
        a time. Orders whose payload is purged are left out: nothing is left of them to judge."""
        with self._store.read() as session:
            keys = records.known_keys(self._scope, session, self.shop.id, "order")
        for start in range(0, len(keys), _AT_ONCE):
            batch = self._batch(keys[start : start + _AT_ONCE])
            for number, key in enumerate(batch.keys, start + 1):
                kept = batch.kept.get(key)
                if kept is not None and isinstance(kept.record, Order):
                    yield self._case(batch, key, "", json.dumps(to_canonical(kept.record))), number

    def standing_for(self, found: Iterator[tuple[str, str, int]]) -> Iterator[tuple[Case, int]]:
        """Cases of (id in the shop, raw text, place) with what stands for them."""
        waiting: list[tuple[str, str, int]] = []

        def ready() -> Iterator[tuple[Case, int]]:
            keys = [RecordKey(self.shop.identity, "order", id_) for id_, _, _ in waiting]
            batch = self._batch(keys)
            for key, (_, text, place) in zip(keys, waiting, strict=True):
                yield self._case(batch, key, text, ""), place

        for each in found:
            waiting.append(each)
            if len(waiting) >= _AT_ONCE:
                yield from ready()
                waiting = []
        yield from ready()

    def _batch(self, keys: Sequence[RecordKey]) -> Batch:
        with self._store.read() as session:
            return batches.load(self._scope, session, self.company.id, keys, today=self.today)

    def _case(self, batch: Batch, key: RecordKey, text: str, mapped: str) -> Case:
        kept = batch.kept.get(key)
        hash_ = None if kept is None else kept.content_hash
        return Case(
            text=text,
            mapped=mapped,
            stands=_stands(batch, key),
            locks=_locks(batch, key),
            held_since=tuple((each.title, self._day_of(each.held_since)) for each in batch.holds.get(key, ())),
            releases=frozenset(title for title, of in batch.releases.get(key, {}).items() if of == hash_),
        )

    def _day_of(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.company.zone)).date()


def _stands(batch: Batch, key: RecordKey) -> tuple[Stands, ...]:
    making_room = batch.making_room(key)
    return tuple(
        Stands(slot, row.document_hash, dict(row.document_form), row.state, slot in making_room)
        for slot, row in batch.rows.get(key, {}).items()
    )


def _locks(batch: Batch, key: RecordKey) -> tuple[tuple[str, str], ...]:
    """By slot, for what a change of what stands there was refused."""
    return tuple((each.slot or "sale", each.code) for each in batch.holds.get(key, ()) if each.code in LOCKS)
