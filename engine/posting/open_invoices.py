"""Which invoice of the books a payment means that names one by number: changes when the way of finding it does.

The invoice may be ours or anybody's. A whole wave of payments is answered by one question to the books.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from connectors.documents import PaymentDocument
from connectors.ports import Books, Posted
from engine.books_view import folded
from engine.posting.operations import Operation, Reason

#: The reason of a payment whose invoice is not there yet: it is looked for again, nobody has to do anything.
NOT_THERE = "invoice_missing"


def number_of(item: Operation) -> str | None:
    """The invoice number that an operation's payment asks for, if it does."""
    match item.document:
        case PaymentDocument(invoice_number=str() as number, applies_to=applied) if not applied:
            return number
        case _:
            return None


@dataclass(slots=True)
class OpenInvoices:
    """The invoices of a wave, asked for together when the first is needed. Used for one wave and thrown away."""

    books: Books
    numbers: tuple[str, ...] = ()
    _found: dict[str, list[Posted]] | None = field(default=None, init=False)

    @staticmethod
    def of(books: Books, items: Sequence[Operation]) -> OpenInvoices:
        return OpenInvoices(books, tuple(dict.fromkeys(number for item in items if (number := number_of(item)))))

    def named(self, number: str) -> list[Posted]:
        """Every invoice of that number that stands. Raises the books' errors at the first question of a wave."""
        if self._found is None:
            found: dict[str, list[Posted]] = {folded(each): [] for each in self.numbers}
            for posted in self.books.find_numbers("Invoice", self.numbers):
                if posted.state == "live":
                    found.setdefault(folded(posted.number or ""), []).append(posted)
            self._found = found
        return self._found.get(folded(number), [])

    def the_open_one(self, number: str) -> Posted:
        """The only invoice of that number with something left to pay. Raises KeyError."""
        invoices = [each for each in self.named(number) if each.balance is None or each.balance > 0]
        if len(invoices) != 1:
            raise KeyError(number)
        return invoices[0]

    def why_not(self, number: str, payment: PaymentDocument) -> Reason | None:
        """Why this payment cannot be applied now; missing where it can."""
        standing = self.named(number)
        values = {"number": number, "amount": str(payment.amount)}
        if not standing:
            return Reason(
                code=NOT_THERE,
                message=f"The books have no invoice {number} that this payment could pay.",
                next_step=f"Enter invoice {number} in QuickBooks; the payment is looked for again by itself. Or let the"
                " flow make the invoices (record_as = invoice_and_payment).",
                values=values,
            )
        able = [each for each in standing if each.balance is None or each.balance > 0]
        if len(able) > 1:
            return Reason(
                code="invoice_ambiguous",
                message=f"The books have {len(able)} open invoices with the number {number}.",
                next_step="Correct the number of the others in QuickBooks, then release.",
                values=values,
            )
        left = sum((each.balance for each in able if each.balance is not None), Decimal(0))
        if not able or (able[0].balance is not None and left < payment.amount):
            return Reason(
                code="settled_by_hand",
                message=f"Invoice {number} has only {left:.2f} open, and the payment is {payment.amount:.2f}: somebody has"
                " settled it in the books."
                if able
                else f"Invoice {number} is paid already in the books; no second payment is made.",
                next_step="If that was this payment, leave it; else correct it in the books and release.",
                values={**values, "balance": str(left)},
            )
        return None

    def take(self, item: Operation) -> None:
        """A payment of this wave takes its part of an invoice: what is left is what the next one finds."""
        number = number_of(item)
        if number is None or not isinstance(item.document, PaymentDocument):
            return
        amount = item.document.amount
        self._found = (self._found or {}) | {
            folded(number): [
                each if each.balance is None else replace(each, balance=max(each.balance - amount, Decimal(0)))
                for each in self.named(number)
            ]
        }
