"""What becomes of a document that stands in the books when another version is applied: changes with what locks documents there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from connectors.documents import PaymentDocument, SalesDocument
from engine.differences import StandingDocument
from engine.documents.wanted import SALE, called
from engine.judging import Part

#: Codes of holds that say that a document of the books cannot be touched, in words.
LOCKS: Mapping[str, str] = {
    "deposited": "it is part of a bank deposit",
    "closed_period": "its date lies in a closed period",
    "paid": "it is paid in the books",
    "settled": "somebody has settled it by hand",
    "matched": "it is matched with a bank transaction",
    "linked": "other documents hang on it",
    "has_dependants": "other documents hang on it",
    "touched": "somebody has changed it in the books",
}


class Lock(NamedTuple):
    """What happens to a standing document: `action` is amended, replaced, stays or locked; `why` says what is in the way
    ("" where nothing is)."""

    action: str
    why: str


def lock_of(
    slot: str,
    old: SalesDocument | PaymentDocument | None,
    new: SalesDocument | PaymentDocument | None,
    after: Mapping[str, Part],
    standing: Mapping[str, StandingDocument],
    known: Mapping[str, str],
    closed_until: str | None,
) -> Lock | None:
    """What a difference means for what stands in the slot; None where nothing stands there.

    Without a ledger, what the old version makes counts as standing where its date is closed: it could not be amended.
    `known` are by slot the codes for which a change was refused before.
    """
    held = standing.get(slot)
    if held is None:
        if not standing and closed_until and old is not None and old.date.isoformat() <= closed_until:
            return Lock("locked", f"if it stands in the books: they are closed up to {closed_until}")
        return None
    if held.state != "live":
        return Lock("locked", f"it was {held.state} in the books by a person")
    if new is None:
        part = after.get(slot) or after.get(SALE)
        would = "" if part is None else f": the new version would {part.outcome} the order"
        return Lock("stays", f"nothing that stands is taken away{would}")
    replaced = called(held.document) != called(new)
    if slot in known:
        return Lock("locked", LOCKS.get(known[slot], known[slot].replace("_", " ")))
    if closed_until and min(held.document.date, new.date).isoformat() <= closed_until:
        return Lock("locked", f"the books are closed up to {closed_until}")
    if replaced and any(name.startswith("payment:") and each.state == "live" for name, each in standing.items()):
        return Lock("locked", "it is paid, so that it cannot be replaced by a document of another kind")
    return Lock("replaced" if replaced else "amended", "")
