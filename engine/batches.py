"""All that is known of a batch of orders before it is judged: what they are, what stands of them, what is under way. Changes
when judging has to know more. It only reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from connectors.documents import PaymentDocument, SalesDocument
from engine import holds, ledger, records
from engine.differences import StandingDocument
from engine.keys import RecordKey
from engine.ledger import LedgerRow
from engine.posting import reading
from engine.posting.operations import REMOVALS
from engine.posting.reading import GoneOut
from engine.records import KeptRecord
from engine.store.engine import Session
from engine.store.keyed import are_records, key_of
from engine.store.scope import TenantScope
from engine.store.tables import decision, operation
from engine.store.tables import ledger as ledger_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Orders that are judged together. `posted_versions`: by slot, the version of the record that what stands there was made
    from. `pinned_flows`: the flow that first posted each. `today` is the company's day."""

    keys: tuple[RecordKey, ...]
    kept: Mapping[RecordKey, KeptRecord]
    rows: Mapping[RecordKey, Mapping[str, LedgerRow]]
    holds: Mapping[RecordKey, Sequence[holds.Hold]]
    releases: Mapping[RecordKey, Mapping[str, str]]
    posted_versions: Mapping[RecordKey, Mapping[str, int]]
    pinned_flows: Mapping[RecordKey, str]
    gone_out: Mapping[RecordKey, frozenset[GoneOut]]
    today: date

    def version_of(self, key: RecordKey) -> int | None:
        """The rule-set version that first posted a record, or is just doing so: it goes on deciding it."""
        posted = [row for row in self.rows.get(key, {}).values() if row.ruleset_version_id is not None]
        if posted:
            return min(posted, key=lambda row: (row.first_put_at, row.id)).ruleset_version_id
        return next((each for each in self.creates_on_their_way(key).values() if each is not None), None)

    def unchanged(self, kept: KeptRecord) -> frozenset[str]:
        """The slots whose document was made from the record as it is now: only a change in the source changes the books."""
        return frozenset(
            slot for slot, posted in self.posted_versions.get(kept.key, {}).items() if posted >= kept.version
        )

    def standing(self, key: RecordKey) -> dict[str, StandingDocument]:
        """What the ledger holds for a record, for judging."""
        making_room = self.making_room(key)
        return {slot: _standing(row, slot in making_room) for slot, row in self.rows.get(key, {}).items()}

    def creates_on_their_way(self, key: RecordKey) -> dict[str, int | None]:
        """By slot that is just being filled: the rule-set version that does it. It may stand there already."""
        out = self.gone_out.get(key, ())
        return {each.slot: each.version_id for each in out if each.in_flight and each.action == "create"}

    def being_emptied(self, key: RecordKey) -> frozenset[str]:
        """The slots whose document is just being taken away by us."""
        out = self.gone_out.get(key, ())
        return frozenset(each.slot for each in out if each.in_flight and each.action in REMOVALS)

    def making_room(self, key: RecordKey) -> frozenset[str]:
        """The slots that we have emptied for another document, or are just emptying."""
        removals = {each.id for each in self.gone_out.get(key, ()) if each.action in REMOVALS}
        rows = self.rows.get(key, {})
        emptied = {slot for slot, row in rows.items() if row.state != "live" and row.operation_id in removals}
        return self.being_emptied(key) | emptied


def load(scope: TenantScope, session: Session, company_id: int, keys: Sequence[RecordKey], *, today: date) -> Batch:
    """What is known of these orders, in as many queries whatever their number."""
    return Batch(
        keys=tuple(keys),
        kept=records.load(scope, session, keys),
        rows=ledger.for_keys(scope, session, company_id, keys),
        holds=holds.of_records(scope, session, company_id, keys),
        releases=holds.releases(scope, session, company_id, keys),
        posted_versions=_posted_versions(scope, session, company_id, keys),
        pinned_flows=reading.first_flows(scope, session, company_id, keys),
        gone_out=reading.gone_out(scope, session, company_id, keys),
        today=today,
    )


def _posted_versions(
    scope: TenantScope, session: Session, company_id: int, keys: Sequence[RecordKey]
) -> dict[RecordKey, dict[str, int]]:
    rows = session.execute(
        select(
            ledger_table.c.store,
            ledger_table.c.kind,
            ledger_table.c.source_id,
            ledger_table.c.slot,
            decision.c.record_version,
        )
        .join_from(
            ledger_table,
            operation,
            (operation.c.tenant_id == ledger_table.c.tenant_id) & (operation.c.id == ledger_table.c.operation_id),
        )
        .join(decision, (decision.c.tenant_id == operation.c.tenant_id) & (decision.c.id == operation.c.decision_id))
        .where(scope.of(ledger_table), ledger_table.c.company_id == company_id, are_records(ledger_table, keys))
    )
    found: dict[RecordKey, dict[str, int]] = {}
    for row in rows:
        found.setdefault(key_of(row), {})[row.slot] = row.record_version
    return found


def _standing(row: LedgerRow, making_room: bool) -> StandingDocument:
    document = row.document
    if not isinstance(document, SalesDocument | PaymentDocument):
        raise TypeError(f"a {type(document).__name__} stands in a record's slot")
    return StandingDocument(
        slot=row.slot,
        document_hash=row.document_hash,
        document=document,
        state=row.state,
        making_room=making_room,
    )
