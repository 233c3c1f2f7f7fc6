"""How a judgement is told in one line, as people speak; used by the log and by summaries."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from connectors.documents import PaymentDocument, SalesDocument
from dsl.decision import Change, Decision
from engine.documents.wanted import a_or_an, called
from engine.judging import Part
from engine.ledger import LedgerRow

#: What is called otherwise than its path would be.
_FIELDS = {
    "ship_to.state": "the state",
    "order.number": "the number",
    "books.number": "the number",
    "books.po_number": "the PO number",
    "order.po_number": "the PO number",
}
_ITEM = re.compile(r"(?:\w+\.)*(\w+)\[\d+\](?:\.(\w+))?")
_LONGEST = 40  # characters of a value that a line of the log repeats


def field_words(path: str) -> str:
    """A path in words: `the state`, `the bill-to city`, `the class of a line`."""
    if path in _FIELDS:
        return _FIELDS[path]
    item = _ITEM.fullmatch(path)
    if item is not None:
        one = item[1].removesuffix("s")
        return f"the {_spelt(item[2])} of a {one}" if item[2] else f"a {one}"
    root, _, rest = path.rpartition(".")
    place = "" if root in ("order", "books", "") else f"{root.replace('_', '-')} "
    return f"the {place}{_spelt(rest)}"


def _spelt(name: str) -> str:
    return name.replace("_", " ").replace("sku", "SKU")


def _change_words(change: Change) -> str:
    before, after = change.before, change.after
    if isinstance(after, dict):
        return f"rule '{change.rule}' added {field_words(change.path)}"
    if isinstance(after, list):
        added = [str(each) for each in after if each not in (before or ())]
        return f"rule '{change.rule}' tagged it {', '.join(added)}"
    what = field_words(change.path)
    if before in (None, ""):
        return f"rule '{change.rule}' filled in {what}"
    if after in (None, ""):
        return f"rule '{change.rule}' cleared {what}"
    if max(len(str(before)), len(str(after))) > _LONGEST or "[" in change.path:
        return f"rule '{change.rule}' changed {what}"
    return f"rule '{change.rule}' changed {what} from {_shown(before)} to {_shown(after)}"


def _shown(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)


def rules_said(decision: Decision) -> Iterable[str]:
    """What the rules did to a record, each thing once, in their order."""
    said = [_change_words(change) for change in decision.changes]
    said += [f"rule '{left.rule}' left out a {left.kind} ({left.reason})" for left in decision.left_out]
    return dict.fromkeys(said)


def said_of(part: Part, document: SalesDocument | PaymentDocument) -> tuple[str, ...]:
    """What the rules did, for the line of the log that tells of the posting of a sale or refund (not of its payments)."""
    if part.decision is None or isinstance(document, PaymentDocument):
        return ()
    return tuple(rules_said(part.decision))


def replacement_said(part: Part, stands: LedgerRow, wanted: SalesDocument | PaymentDocument) -> tuple[str, str]:
    """Why one document takes the place of another that stands, for the line that tells that the old one is gone and for the
    one that tells that the new one is there."""
    changes = part.decision.changes if part.decision is not None else ()
    rules = [change.rule for change in changes if change.path == "books.transaction_type"]
    why = f"because rule '{rules[-1]}' says so" if rules else "because the order changed in the shop"
    was = f"{called(stands.document)} {stands.number or ''}".rstrip()
    return f"{a_or_an(called(wanted))} takes its place, {why}", f"made in place of {was}, {why}"
