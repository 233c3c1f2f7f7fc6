"""What is to be done so that what stands in the books is what should: changes when what stands is treated otherwise. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from connectors.canonical import content_hash
from connectors.documents import PaymentDocument, SalesDocument
from engine.documents.wanted import SALE, Slotted, a_or_an, called
from engine.findings import Finding
from engine.options import FlowOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingDocument:
    """What our ledger holds in a slot, as far as judging needs it: the hash of the canonical document and its type.

    `making_room`: we took it away ourselves, or are just doing so, to put another document in its place. The slot is to
    be filled, whatever is wanted there by now; what a person took away stays away.
    """

    slot: str
    document_hash: str
    document: SalesDocument | PaymentDocument
    state: Literal["live", "voided", "deleted"] = "live"
    making_room: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing to do in the books. `needs` are slots of the same order that must stand first. To replace is to take away
    what stands in the slot and, once that is sure, to make the document in its place."""

    slot: str
    action: Literal["create", "update", "replace"]
    document: SalesDocument | PaymentDocument
    needs: tuple[str, ...] = ()


def compare(
    documents: Sequence[Slotted],
    standing: Mapping[str, StandingDocument],
    options: FlowOptions,
    unchanged: frozenset[str] = frozenset(),
) -> tuple[tuple[Difference, ...], tuple[Finding, ...]]:
    """What is to be done so that these documents stand. What was deleted or voided by a person stays so, and is said.

    `unchanged` are slots whose record is what it was when they were posted: only a change in the source makes a change.
    """
    differences: list[Difference] = []
    said: list[Finding] = []
    for slotted in documents:
        held = standing.get(slotted.slot)
        needs = (
            (SALE,)
            if slotted.slot != SALE and isinstance(slotted.document, PaymentDocument) and slotted.document.applies_to
            else ()
        )
        if held is None or held.making_room:
            differences.append(Difference(slot=slotted.slot, action="create", document=slotted.document, needs=needs))
            continue
        if slotted.slot in unchanged or held.document_hash == content_hash(slotted.document):
            continue
        label, wanted = called(held.document), called(slotted.document)
        if held.state != "live":
            said.append(
                Finding(
                    code="gone_in_books", severity="warning",
                    text=f"The {label} was {held.state} in the books by somebody; it is not made again.",
                    next_step="If it should stand again, enter it by hand.",
                )
            )  # fmt: skip
        elif options.after_posting == "update":
            action: Literal["update", "replace"] = "update" if label == wanted else "replace"
            differences.append(Difference(slot=slotted.slot, action=action, document=slotted.document, needs=needs))
        elif label != wanted:
            said.append(
                Finding(
                    code="type_changed", severity="warning",
                    text=f"The order would now be {a_or_an(wanted)}, but {a_or_an(label)} stands in the books; it is left.",
                    next_step=f"If it should be {a_or_an(wanted)}, void the {label} there and enter that by hand,"
                    " or set after_posting to update.",
                )
            )  # fmt: skip
        else:
            said.append(
                Finding(
                    code="changed_after_posting", severity="warning",
                    text=f"The order changed after its {label} was posted; the {label} is left as it stands.",
                    next_step="Change it in QuickBooks by hand, or set after_posting to update.",
                )
            )  # fmt: skip
    return tuple(differences), tuple(said)
