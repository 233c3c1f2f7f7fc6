"""How a judgement is told in one line, as people speak; used by the log and by summaries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dsl.decision import Change, Decision
from engine.judging import Judgement

_FIELDS = {
    "ship_to.state": "the state",
    "books.tax_code": "the tax code",
    "order.number": "the number",
    "books.number": "the number",
    "books.customer": "the customer",
    "books.class": "the class",
    "books.deposit_account": "the deposit account",
    "books.po_number": "the PO number",
}


def field_words(path: str) -> str:
    """A path in words: `the state`; the path itself where there are none."""
    return _FIELDS.get(path, path)


def _change_words(change: Change) -> str:
    what = field_words(change.path)
    if change.before in (None, ""):
        return f"rule '{change.rule}' filled in {what}"
    if change.after in (None, ""):
        return f"rule '{change.rule}' cleared {what}"
    return f"rule '{change.rule}' changed {what}"


def rules_said(decision: Decision) -> Iterable[str]:
    """What the rules did to a record, each thing once, in their order."""
    seen: set[str] = set()
    for change in decision.changes:
        if isinstance(change.after, dict):
            words = f"rule '{change.rule}' added {change.path}"
        else:
            words = _change_words(change)
        if words not in seen:
            seen.add(words)
            yield words
    for left in decision.left_out:
        words = f"rule '{left.rule}' left out a {left.kind} ({left.reason})"
        if words not in seen:
            seen.add(words)
            yield words


def said_of(judgement: Judgement) -> tuple[str, ...]:
    """What the rules did to the sale, for the line of the log that tells of its posting."""
    decision = judgement.sale.decision
    return tuple(rules_said(decision)) if decision is not None else ()


def tax_words(document: Any) -> str:
    """The tax of a document in words: `Maryland tax 6 %` where a code says so, else the amount."""
    if document.tax_code:
        return f"{document.tax_code} {document.tax_total:f}"
    return ""
