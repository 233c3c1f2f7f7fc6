"""What a document's total is made of, before and after the rules: nothing appears or vanishes without being said.

A received total never moves when a rule changes its parts: the document's total is the received total plus the changes that
rules made, each listed, and only what is left over between the received total and its own parts is rounding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.records import ZERO


def total_of(items: Iterable[Mapping[str, Any]], field: str = "amount") -> Decimal:
    """Σ of a field over items, a missing one counting as nothing."""
    return sum((item[field] for item in items if item.get(field) is not None), ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The sums of one state of a record (in its currency). `discounts` are those that are not inside the lines."""

    lines: Decimal
    shipping: Decimal
    fees: Decimal
    tax: Decimal
    tip: Decimal
    discounts: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.lines + self.shipping + self.fees + self.tax + self.tip - self.discounts


def of_received(head: Mapping[str, Any]) -> Parts:
    """The parts of `record["order"]` (or `record["refund"]`) as received; its discounts are inside its lines."""
    return Parts(
        lines=total_of(head["lines"]),
        shipping=_shipping_head(head),
        fees=total_of(head["fees"]),
        tax=_zero(head.get("tax_total")),
        tip=_zero(head.get("tip_total")),
    )


def after_rules(before: Mapping[str, Any], after: Mapping[str, Any]) -> Parts:
    """The parts after the rules. What a rule changed in a single shipping line counts as much as what it changed in the head."""
    moved = total_of(after["shipping_lines"]) - total_of(before["shipping_lines"])
    return Parts(
        lines=total_of(after["lines"]),
        shipping=_shipping_head(after) + (moved if "shipping_total" in after else ZERO),
        fees=total_of(after["fees"]),
        tax=_zero(after.get("tax_total")),
        tip=_zero(after.get("tip_total")),
        discounts=total_of(after.get("discounts", ())) - total_of(before.get("discounts", ())),
    )


def _zero(value: Decimal | None) -> Decimal:
    return ZERO if value is None else value


def _shipping_head(head: Mapping[str, Any]) -> Decimal:
    if "shipping_total" in head:
        return _zero(head["shipping_total"])
    return total_of(head["shipping_lines"])


def changes(before: Parts, after: Parts) -> tuple[tuple[str, Decimal], ...]:
    """Which parts the rules moved and by how much, in the words of the log."""
    pairs = (
        ("lines", after.lines - before.lines),
        ("shipping", after.shipping - before.shipping),
        ("fees", after.fees - before.fees),
        ("tax", after.tax - before.tax),
        ("tips", after.tip - before.tip),
        ("discounts", before.discounts - after.discounts),
    )
    return tuple((name, moved) for name, moved in pairs if moved)
