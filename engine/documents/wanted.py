"""What an order wants to stand in the books, as values: documents by slot, names to create, findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
from connectors.money import cents
from connectors.records import Address
from engine.findings import Finding, first_stop

SALE = "sale"
Creation = CustomerDocument | ProductDocument | ListDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class Slotted:
    """A document and the slot of the ledger that it stands in: `sale`, `payment:ID`, `refund:ID`."""

    slot: str
    document: SalesDocument | PaymentDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """What one record wants: documents (the sale before its payments), names they need that the books do not have, findings.

    Where `stop` is set nothing may be posted; the documents are there to be shown.
    """

    documents: tuple[Slotted, ...] = ()
    creates: tuple[Creation, ...] = ()
    findings: tuple[Finding, ...] = ()
    skip: str | None = None

    @property
    def stop(self) -> Finding | None:
        return first_stop(self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOutPayments:
    """Payments that rules left out: how many, and why (the first reason)."""

    count: int = 0
    reason: str = ""


NOTHING_LEFT_OUT = LeftOutPayments()


def called(document: Document) -> str:
    """What people call a document of the books: `sales receipt`, `payment`."""
    return document.type.replace("_", " ") if isinstance(document, SalesDocument) else "payment"


def a_or_an(words: str) -> str:
    """`an invoice`, `a sales receipt`."""
    return f"{'an' if words[:1] in 'aeiou' else 'a'} {words}"


def money(amount: Decimal, currency: str) -> str:
    """`41.98 USD`, for words."""
    return f"{cents(amount):f} {currency}"


def address_of(held: Mapping[str, Any]) -> Address:
    """The part of a rule record that is an address, as a value."""
    return Address(**{name: held.get(name) or None for name in Address.__dataclass_fields__})
