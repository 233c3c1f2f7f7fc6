"""Collects the lines, names and findings of one document; changes when a kind of line or reference is added."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.documents import (
    CustomerDocument,
    DocumentLine,
    LineKind,
    ListDocument,
    ProductDocument,
)
from connectors.money import cents
from connectors.ports import ListKind
from connectors.records import ZERO
from engine.books_view import BooksView, NeutralBooks, folded
from engine.documents import taxing
from engine.documents.wanted import Creation
from engine.findings import Finding, hold
from engine.matching import Match, TargetRules, match_product, match_service_item
from engine.options import FlowOptions
from engine.projection import RuleRecord


class Builder:
    """Collects the lines, names and findings of one document; used once and thrown away."""

    def __init__(
        self, record: RuleRecord, options: FlowOptions, books: BooksView, rules: TargetRules, day: date
    ) -> None:
        self.record = record
        self.options = options
        # Nothing is known of neutral books: they have the kind of sales tax that the flow counts on.
        if isinstance(books, NeutralBooks) and options.sales_tax == "override":
            books = books.with_automated_tax()
        self.books = books
        self.rules = rules
        self.day = day
        self.currency: str = record["order"]["currency"] or ""
        self.lines: list[DocumentLine] = []
        self.creates: dict[tuple[str, str], Creation] = {}
        self.findings: list[Finding] = []

    # -- names ------------------------------------------------------------------------------------------------------

    def take(self, match: Match[CustomerDocument] | Match[ProductDocument]) -> str | None:
        """Keep what a match says and creates; its name."""
        self.findings.extend(match.findings)
        if match.create is not None:
            self.create(match.create)
        return match.name

    def create(self, document: Creation) -> None:
        kind = document.kind if isinstance(document, ListDocument) else type(document).__name__
        self.creates.setdefault((kind, folded(document.name)), document)

    def service_item(self, item: str, *, cost: bool = False, taxable: bool = False) -> str | None:
        return self.take(match_service_item(item, self.options, self.books, self.rules, cost=cost, taxable=taxable))

    def reference(self, kind: ListKind, name: str | None, label: str, where: str) -> str | None:
        """The full name of a list entry that must exist; else a reason to hold."""
        if not name:
            return None
        found = self.books.named(kind, name)
        active = [entry for entry in found if entry.active]
        if active:
            return active[0].name
        state = "is inactive" if found else "does not exist"
        self.findings.append(
            hold(
                f"{kind}_missing",
                f"The {label} '{name}' {state} in QuickBooks.",
                f"Add or activate it in QuickBooks under {where}, or name another one.",
                name=name,
            )
        )
        return None

    # -- lines ------------------------------------------------------------------------------------------------------

    def goods(self, line: Mapping[str, Any], *, start: date) -> None:
        """A line of goods; one that a rule added has what the rule said. With discounts shown apart the line carries its
        full amount."""
        item = self.take(
            match_product(
                line.get("sku"),
                line.get("name"),
                line.get("item"),
                line,
                self.options,
                self.books,
                self.rules,
                start=start,
            )
        )
        amount: Decimal = line.get("amount") or ZERO
        quantity: Decimal | None = line.get("quantity")
        discount: Decimal = line.get("discount") or ZERO
        unit_price: Decimal | None = line.get("unit_price")
        if self.options.discounts_as != "in_lines" and discount:
            amount += discount
            unit_price = amount / quantity if quantity else None
        self.lines.append(
            DocumentLine(
                kind="item",
                item=item,
                description=_described(line),
                quantity=quantity,
                unit_price=unit_price,
                amount=cents(amount),
                taxable=self._line_taxable(line),
                tax_code=self._line_code(line),
                class_=self.reference("class", line.get("class"), "class", "Lists > Classes"),
                account=line.get("account"),
                source=line.get("id"),
            )
        )

    def _line_taxable(self, line: Mapping[str, Any]) -> bool:
        code = line.get("tax_code")
        if code:
            return folded(code) not in taxing.NO_TAX
        return bool(line.get("taxable"))

    def _line_code(self, line: Mapping[str, Any]) -> str | None:
        # In the US a line is taxable or not, and the document has the code; elsewhere each line has its own.
        code: str | None = line.get("tax_code")
        return None if code is None or folded(code) in taxing.NO_TAX or folded(code) == "tax" else code

    def other(
        self, kind: LineKind, item: str, amount: Decimal, description: str | None, *,
        taxable: bool = False, source: Mapping[str, Any] | None = None, cost: bool = False,
    ) -> None:  # fmt: skip
        """A line that is not goods: shipping, a fee, tax, a discount, rounding. What rules said of it in `source` wins."""
        if not amount:
            return
        said = source or {}
        taxable = self._line_taxable({"taxable": taxable, "tax_code": said.get("tax_code")})
        self.lines.append(
            DocumentLine(
                kind=kind,
                item=self.service_item(said.get("item") or item, cost=cost, taxable=taxable),
                description=description,
                amount=cents(amount),
                taxable=taxable,
                tax_code=self._line_code(said),
                class_=self.reference("class", said.get("class"), "class", "Lists > Classes"),
                account=said.get("account"),
                source=said.get("id"),
            )
        )


def posted_apart(item: Mapping[str, Any]) -> bool:
    """Whether rules gave a shipping line, discount or tax a place of its own in the books, so that it is a line of its own."""
    return any(item.get(name) for name in ("item", "account", "class", "tax_code"))


def _described(line: Mapping[str, Any]) -> str | None:
    """The line's description: its own text or its name, with the options of a variation behind it."""
    text: str | None = line.get("description") or line.get("name")
    chosen = ", ".join(f"{name}: {value}" for name, value in (line.get("options") or {}).items() if value)
    return f"{text} ({chosen})" if text and chosen else text or chosen or None
