"""What an operation's body is just before it is sent, or why there is none: changes when what is looked at before a
write does. It reads the books and settles what needs no write; it never writes to them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.documents import PaymentDocument, SalesDocument
from connectors.errors import ConnectorError
from connectors.ports import ListEntry, ListKind, Member, Posted
from engine import holds, ledger
from engine.faults import fault
from engine.ledger import LedgerRow
from engine.lists import Lists
from engine.posting import open_invoices, switched_off
from engine.posting.names import is_name, kind_of
from engine.posting.open_invoices import OpenInvoices
from engine.posting.operations import REMOVALS, Operation, Reason
from engine.posting.reasons import GONE, encoding_reason, gone_before_its_time, gone_reason, unwritable
from engine.posting.settling import settling
from engine.posting.turn import Turn


@dataclass(frozen=True, slots=True)
class Ready:
    """An operation with the body that is to be sent, and the sync token it is based on."""

    item: Operation
    member: Member
    token: str | None


@dataclass(frozen=True, slots=True)
class References:
    """Symbolic references of one record, resolved against lists and ledger (`connectors.ports.Resolve`)."""

    lists: Lists
    slots: Mapping[str, LedgerRow]
    invoices: OpenInvoices

    def list_id(self, kind: ListKind, name: str) -> str:
        return self.lists.list_id(kind, name)

    def entry(self, kind: ListKind, id: str) -> ListEntry | None:
        return self.lists.entry(kind, id)

    def slot(self, slot: str) -> Posted:
        by, _, number = slot.partition(":")
        if by == "number":
            return self.invoices.the_open_one(number)
        row = self.slots.get(slot)
        if row is None or row.state != "live":
            raise KeyError(slot)
        return _posted(row)


def _posted(row: LedgerRow) -> Posted:
    return Posted(
        entity=row.entity,
        id=row.remote_id,
        sync_token=row.sync_token,
        number=row.number,
        total=row.total,
        currency=row.currency,
        marker=row.marker or None,
        state=row.state,
    )


class Preparing:
    """Prepares the operations of one turn."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn

    def prepare(self, item: Operation, resolve: References, sighted: Sequence[tuple[str, str]]) -> Ready | None:
        """The body of an operation; missing where it was settled without one."""
        row = resolve.slots.get(item.slot)
        if item.action == "create":
            return self._create(item, row, resolve, sighted)
        if row is None or row.state != "live":
            self._nothing_stands(item, row)
            return None
        there = self._turn.books.read(row.entity, row.remote_id)
        fault("poster.read")
        if there is None or there.state != "live":
            state = "deleted" if there is None else there.state
            with settling(self._turn) as desk:
                if item.action == "update":
                    ledger.mark(
                        self._turn.scope, desk.session, self._turn.company_id, item.key, item.slot, state, at=desk.now
                    )
                    desk.held(item, gone_reason(), was="planned")
                elif GONE in holds.released_titles(self._turn.scope, desk.session, item.id):
                    desk.removed(item, state, was="planned", sync_token=None if there is None else there.sync_token)
                else:
                    desk.held(item, gone_before_its_time(), was="planned")
            return None
        reason = self._untouchable(there)
        if reason is None and item.action in REMOVALS:
            reason = self._needed_there(item, row, there)
        if reason is not None:
            with settling(self._turn) as desk:
                desk.held(item, reason, was="planned")
            return None
        if item.action == "update":
            return self._update(item, row, resolve, there)
        body = {"Id": there.id, "SyncToken": there.sync_token}
        return Ready(item, Member(key="", action=item.action, entity=row.entity, body=body), there.sync_token)

    def _create(
        self,
        item: Operation,
        row: LedgerRow | None,
        resolve: References,
        sighted: Sequence[tuple[str, str]],
    ) -> Ready | None:
        turn = self._turn
        document = item.document
        if document is None:
            raise ValueError(f"operation {item.id} has no document")
        if row is not None and row.state == "live":
            self.reject(
                item,
                Reason(
                    code="already_there",
                    message="A document stands in this slot already; a second one is never made.",
                    next_step="Look at the order's page: if the one that stands is wrong, apply the order anew.",
                ),
            )
            return None
        if is_name(item.key) and self._name_is_there(item):
            return None
        for entity, id_ in sighted:
            posted = turn.books.read(entity, id_)
            if posted is not None and posted.state == "live" and posted.marker == item.marker:
                body = self._encoded(item, resolve)
                with settling(turn) as desk:
                    desk.done(item, posted, body[1] if body else {}, was="planned", code="found")
                return None
        if isinstance(document, PaymentDocument) and not (
            self._still_open(item, document, resolve.slots) and self._names_an_open_one(item, document, resolve)
        ):
            return None
        if (off := switched_off.reason(turn, item)) is not None:
            with settling(turn) as desk:
                desk.waits(item, off, seconds=turn.timing.switched_off_look)
            return None
        encoded = self._encoded(item, resolve)
        if encoded is None:
            return None
        resolve.invoices.take(item)
        entity, content = encoded
        options = ("duplicate_number",) if row is not None and self._only_ours_had_it(item, row, entity) else ()
        return Ready(item, Member(key="", action="create", entity=entity, body=content, options=options), None)

    def _only_ours_had_it(self, item: Operation, row: LedgerRow, entity: str) -> bool:
        """Whether the number is taken in the books by nothing but what we voided to make room for this document."""
        number = item.document.number if isinstance(item.document, SalesDocument) else None
        if number is None:
            return False
        found = [each for kind in {entity, row.entity} for each in self._turn.books.find_numbers(kind, [number])]
        return bool(found) and all(each.state == "voided" and each.marker == item.marker for each in found)

    def _name_is_there(self, item: Operation) -> bool:
        name = str((item.document_form or {}).get("name", ""))
        entry = next((held for held in self._turn.lists.named(kind_of(item.key), name) if held.active), None)
        if entry is None:
            return False
        with settling(self._turn) as desk:
            desk.unchanged(item, was="planned", body={})
        return True

    def _still_open(self, item: Operation, payment: PaymentDocument, slots: Mapping[str, LedgerRow]) -> bool:
        """An invoice that has stood for a while may have been settled by hand: it gets no second payment."""
        turn = self._turn
        for slot, amount in payment.applies_to.items():
            row = slots.get(slot)
            if row is None or row.state != "live":
                continue
            age = (turn.clock.now() - row.put_at).total_seconds()
            if age < turn.timing.settled_by_hand_after and not row.adopted:
                continue
            there = turn.books.read(row.entity, row.remote_id)
            fault("poster.read")
            if there is None or there.state != "live":
                with settling(turn) as desk:
                    desk.held(item, gone_reason(), was="planned")
                return False
            if there.balance is not None and there.balance < amount:
                with settling(turn) as desk:
                    desk.held(
                        item,
                        Reason(
                            code="settled_by_hand",
                            message=f"The payment is {amount:.2f}, and the invoice has only {there.balance:.2f} open: somebody has"
                            " settled it in the books, or the order changed after it was posted.",
                            next_step="If it is settled, leave it; else correct the invoice in the books and release.",
                            values={"balance": str(there.balance), "amount": str(amount)},
                        ),
                        was="planned",
                    )
                return False
        return True

    def _names_an_open_one(self, item: Operation, payment: PaymentDocument, resolve: References) -> bool:
        """A payment that names an invoice of the books waits until there is one, and is none where that is paid."""
        turn = self._turn
        number = open_invoices.number_of(item)
        reason = None if number is None else resolve.invoices.why_not(number, payment)
        if reason is None:
            return True
        with settling(turn) as desk:
            if reason.code == open_invoices.NOT_THERE:
                age = (desk.now - item.created_at).total_seconds()
                desk.waits(item, reason, seconds=min(max(age / 10, turn.timing.invoice_look), 86400.0))
            else:
                desk.held(item, reason, was="planned")
        return False

    def _update(self, item: Operation, row: LedgerRow, resolve: References, there: Posted) -> Ready | None:
        turn = self._turn
        document = item.document
        if document is None:
            raise ValueError(f"operation {item.id} has no document")
        try:
            body, kept = turn.books.encode_update(document, resolve, turn.profile, there, row.sent_body)
            entity, wanted = turn.books.encode(document, resolve, turn.profile)
        except (ConnectorError, KeyError) as error:
            self.reject(item, encoding_reason(error))
            return None
        except Exception as error:  # noqa: BLE001  # whatever one record does to the encoder, it holds only itself
            self.reject(item, unwritable(error))
            return None
        if entity != row.entity:
            self.reject(
                item,
                Reason(
                    code="another_kind",
                    message=f"What stands is a {row.entity}, wanted is a {entity}; a kind cannot be changed.",
                    next_step="Apply the order anew: the old document is then voided and the new one made.",
                ),
            )
            return None
        if kept or not body:
            with settling(turn) as desk:
                desk.kept(item, kept, there)
                if not body:
                    # What was kept is wanted still: the base of the next comparison stays what we sent.
                    desk.unchanged(item, was="planned", posted=there, body=_base(wanted, row.sent_body, kept))
            if not body:
                return None
        member = Member(key="", action="update", entity=entity, body={**body})
        return Ready(item, member, there.sync_token)

    def _untouchable(self, there: Posted) -> Reason | None:
        closed = self._turn.profile.closed_until
        if there.deposited:
            return Reason(
                code="deposited",
                message="The document is part of a bank deposit in the books and must not be changed.",
                next_step="Open the deposit in QuickBooks, take the payment out, then release.",
            )
        if closed is not None and there.date is not None and there.date <= closed:
            return Reason(
                code="closed_period",
                message=f"The document is dated {there.date}, in a period that is closed until {closed}.",
                next_step="Move the closing date in QuickBooks, or make the change by hand; then release.",
            )
        return None

    def _needed_there(self, item: Operation, row: LedgerRow, there: Posted) -> Reason | None:
        """Why a document cannot be taken away to make room for another one: what it carries would be lost."""
        document = row.document
        open_balance = there.balance if isinstance(document, SalesDocument) and document.type == "invoice" else None
        if open_balance is not None and there.total is not None and open_balance < there.total:
            paid = f"{there.total - open_balance:.2f} {there.currency or row.currency or ''}".rstrip()
            return Reason(
                code="paid",
                message=f"{paid} of it are paid in the books, so that it is not replaced by itself.",
                next_step="Delete in QuickBooks what pays it (or take it off the invoice, if the new document does not bring"
                " that money), then release; or leave it as it stands.",
                values={"paid": str(there.total - open_balance)},
            )
        if there.linked:
            kinds = ", ".join(sorted(set(there.linked)))
            return Reason(
                code="linked",
                message=f"Other documents hang on it in the books ({kinds}), so that it is not replaced by itself.",
                next_step="Take them off it in QuickBooks, then release; or leave it as it stands.",
                values={"linked": kinds},
            )
        return self._touched(item, row, there) if row.adopted or there.sync_token != row.sync_token else None

    def _touched(self, item: Operation, row: LedgerRow, there: Posted) -> Reason | None:
        """Somebody entered the document, or changed it since our last write. Which fields he changed cannot always be
        told: QuickBooks fills in some of them. Who has released it for another reason has looked at it since."""
        fields = self._turn.books.edited(there, row.sent_body)
        with self._turn.store.read() as session:
            released = holds.released_titles(self._turn.scope, session, item.id)
        if "edited_in_books" in released or (released and not fields and not row.adopted):
            return None
        how = "entered by hand" if row.adopted else "changed in the books since it was posted"
        named = f" ({', '.join(fields)})" if fields else ""
        return Reason(
            code="edited_in_books",
            message=f"It was {how}{named}, and that would be lost if it were replaced.",
            next_step="Release it to replace it all the same, and enter in the new document what it lacks; or leave it.",
            values={"fields": list(fields)},
        )

    def _nothing_stands(self, item: Operation, row: LedgerRow | None) -> None:
        with settling(self._turn) as desk:
            if item.action == "update" or row is None:
                desk.held(item, gone_reason(), was="planned")
            else:
                desk.removed(item, row.state, was="planned")

    def _encoded(self, item: Operation, resolve: References) -> tuple[str, Mapping[str, Any]] | None:
        if item.document is None:
            raise ValueError(f"operation {item.id} has no document")
        try:
            return self._turn.books.encode(item.document, resolve, self._turn.profile)
        except (ConnectorError, KeyError) as error:
            self.reject(item, encoding_reason(error))
        except Exception as error:  # noqa: BLE001  # whatever one record does to the encoder, it holds only itself
            self.reject(item, unwritable(error))
        return None

    def reject(self, item: Operation, reason: Reason) -> None:
        """It can never be written as it is: a person must act."""
        with settling(self._turn) as desk:
            desk.rejected(item, reason, was="planned")


def _base(wanted: Mapping[str, Any], sent: Mapping[str, Any], kept: Sequence[str]) -> dict[str, Any]:
    base = dict(wanted)
    for name in kept:
        if name in sent:
            base[name] = sent[name]
        else:
            base.pop(name, None)
    return base
