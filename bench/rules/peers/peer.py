"""What every peer does with an order, and what Python does for it around that; changes with the workload.

An engine gets the order as it stands, in the types that it can take (`prepare`, which is counted apart): which fields
the rules will ask for is the rules' business, so nobody picks them out beforehand. An engine that only judges conditions
is asked for each of them in the order of the rules, and Python assigns, which is how such engines are used.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from bench.rules.by_hand import PHONE
from bench.rules.workload import CLASSES, TAX_CODES

Record = dict[str, Any]


class Peer(ABC):
    """An engine, with the workload's rules as it takes them."""

    name: ClassVar[str]
    cannot: ClassVar[str]
    """What of the workload Python does for it, and what it leaves out."""

    def prepare(self, record: Mapping[str, Any]) -> Any:
        """A copy of an order, free to be written to, in the types that the engine takes."""
        return self._converted(record)

    def _converted(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._converted(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [self._converted(entry) for entry in value]
        if isinstance(value, Decimal):
            return self.number(value)
        return value.isoformat() if isinstance(value, date) else value

    def number(self, number: Decimal) -> Any:
        """A number in the type that the engine can compare."""
        return float(number)

    @abstractmethod
    def decide(self, record: Any) -> Record | None:
        """The record after the rules, None where it is skipped."""


class Conditions(Peer):
    """An engine that judges conditions; Python goes from rule to rule and assigns."""

    @abstractmethod
    def values(self, values: Mapping[str, Any]) -> Any:
        """What conditions are judged by: the roots of the record, or an item by its word."""

    @abstractmethod
    def holds(self, test: str, values: Any) -> bool:
        """Judge one of the tests."""

    @abstractmethod
    def rewritten(self, values: Any, record: Record) -> Any:
        """The values after `ship_to` was written."""

    def number_of(self, number: str, values: Any) -> str:
        """The order's number without its # and with its prefix."""
        return "WC-" + number.replace("#", "")

    def free(self, name: str, values: Any) -> str:
        """A free line's name."""
        return name + " (free)"

    def tax_code(self, state: str, values: Any) -> str:
        """The look-up of the tax code."""
        return TAX_CODES.get(state, "Out of area")

    def class_of(self, sku: str, values: Any) -> str:
        """The look-up of a line's class."""
        return CLASSES.get(sku, "Other")

    def decide(self, record: Record) -> Record | None:
        holds = self.holds
        values = self.values(record)
        if holds("tiny", values):
            return None
        order, bill_to, ship_to, books = record["order"], record["bill_to"], record["ship_to"], record["books"]
        order["payments"] = [each for each in order["payments"] if not holds("credit", self.values({"payment": each}))]
        order["number"] = self.number_of(order["number"], values)
        bill_to["phone"] = PHONE.sub("", bill_to["phone"])
        rewritten = False
        if holds("register 1", values):
            ship_to["state"] = "MD"
            rewritten = True
        if holds("register 2", values):
            ship_to["state"] = "VA"
            rewritten = True
        if holds("no country", values):
            ship_to["country"] = "US"
            rewritten = True
        if holds("cod", values):
            books["terms"] = "Due on receipt"
        if holds("pos", values):
            order["channel"] = "Retail"
        if holds("guest", values):
            books["customer"] = "Web guest"
        if holds("processing", values):
            books["transaction_type"] = "sales_receipt"
        if holds("inclusive", values):
            books["memo"] = "Prices include tax"
        if rewritten:
            values = self.rewritten(values, record)
        books["tax_code"] = self.tax_code(ship_to["state"], values)
        for line in order["lines"]:
            its = self.values({"line": line})
            line["class"] = self.class_of(line["sku"], its)
            if holds("gift", its):
                line["tax_code"] = "Non"
            if holds("bulk", its):
                line["account"] = "Wholesale"
            if holds("free", its):
                line["name"] = self.free(line["name"], its)
        if holds("freight", values):
            books["ship_via"] = "Freight"
        if holds("exempt", values):
            books["class"] = "Exempt"
        return record
