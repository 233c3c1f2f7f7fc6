"""What an operation on the books is, from planned to settled, and the one table of what may become what: changes when the
life of an operation does. Values only; it reads and writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from connectors.canonical import from_canonical
from connectors.documents import CustomerDocument, Document, ListDocument, PaymentDocument, ProductDocument
from engine.keys import RecordKey
from engine.ledger import SlotKey

Action = Literal["create", "update", "void", "delete"]
State = Literal["planned", "sending", "unknown", "done", "rejected", "held", "superseded", "dead"]

#: What may become what. *planned* was surely not sent; *sending* may have been; *unknown* was perhaps, and is looked
#: for; *done*, *superseded* and *dead* are ends; *rejected* and *held* wait for a person.
TRANSITIONS: Mapping[State, frozenset[State]] = {
    "planned": frozenset({"sending", "rejected", "held", "superseded", "done", "dead"}),
    "sending": frozenset({"done", "rejected", "held", "unknown", "planned", "dead", "superseded"}),
    "unknown": frozenset({"done", "planned", "held", "rejected", "superseded"}),
    "rejected": frozenset({"superseded"}),
    "held": frozenset({"planned", "superseded"}),
    "done": frozenset(),
    "superseded": frozenset(),
    "dead": frozenset({"superseded"}),
}

#: Waves across orders: names first, then sales documents, then payments. Only efficiency: what an operation truly
#: needs is said by its needs.
NAMES, SALES, PAYMENTS = 0, 1, 2
#: What somebody waits for goes out before the rest.
INTERACTIVE, USUAL = 0, 1

#: What may still be replaced or withdrawn: nothing of it is on its way.
WAITING: tuple[State, ...] = ("planned", "held", "rejected", "dead")
#: What may stand already.
IN_FLIGHT: tuple[State, ...] = ("sending", "unknown")
#: What takes away.
REMOVALS: tuple[Action, ...] = ("void", "delete")


class ForbiddenTransition(AssertionError):
    """A program error: an operation was to go where it may not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why an operation is where it is: a stable code, words for a bookkeeper, what to do."""

    code: str
    message: str
    next_step: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def form(self) -> dict[str, Any]:
        """As it is stored."""
        return {"code": self.code, "message": self.message, "next_step": self.next_step, "values": dict(self.values)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One difference between what should stand and what does: an operation to be planned.

    `document` is what should stand (missing for void and delete). `needs` are slots whose operations must be done
    first, of the same record or of names (`name_key`); a slot in which nothing is under way is no need. `held` plans
    it but lets nothing out (review first). `adopt` lets a document of the same number, customer, date and total that
    somebody else entered be taken as ours. `remarks` are what the log adds to its line once it is done ("rule
    'Register 1 is in Maryland' filled in the state").
    """

    key: RecordKey
    slot: str
    action: Action
    document: Document | None = None
    needs: tuple[SlotKey, ...] = ()
    version_id: int | None = None
    decision_id: int | None = None
    held: Reason | None = None
    adopt: bool = False
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What became of a step: "new"; "same" (it was planned already, or waits for a person with the same content);
    "waiting" (another operation of its slot is being sent: plan again when that is settled; `operation_id` is that
    one)."""

    step: Step
    operation_id: int
    status: Literal["new", "same", "waiting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An operation as it stands in the store."""

    id: int
    uid: str
    company_id: int
    key: RecordKey
    slot: str
    action: Action
    wave: int
    priority: int
    document_form: Mapping[str, Any] | None
    document_hash: str
    adopt: bool
    alone: bool
    state: State
    reason: Reason | None
    attempts: int
    not_before: datetime | None
    send_id: int | None
    sent_at: datetime | None
    look_at: datetime | None
    looks: int
    replaces_id: int | None
    version_id: int | None
    decision_id: int | None
    remarks: tuple[str, ...]
    created_at: datetime
    settled_at: datetime | None
    #: The document once it was decoded; copies of an operation share it.
    decoded: list[Document] = field(default_factory=list, repr=False, compare=False)

    @property
    def document(self) -> Document | None:
        """What should stand; missing for void and delete."""
        if self.document_form is None:
            return None
        if not self.decoded:
            self.decoded.append(from_canonical(self.document_form))
        return self.decoded[0]

    @property
    def marker(self) -> str | None:
        """The marker that its document carries, if any."""
        return None if self.document_form is None else (self.document_form.get("marker") or None)


def wave_of(step_document: Document | None, slot: str) -> int:
    """In which wave an operation goes out."""
    match step_document:
        case CustomerDocument() | ProductDocument() | ListDocument():
            return NAMES
        case PaymentDocument():
            return PAYMENTS
        case None:
            return PAYMENTS if slot.startswith("payment") else SALES
        case _:
            return SALES
