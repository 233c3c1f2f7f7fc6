"""Where the fields of a record lie and how they are read and written; it knows paths and items, no rule.

A record is a nested dict that mirrors the language's paths: `{"order": {…, "lines": […]}, "ship_to": {…}, …}`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from dsl import tree, types
from dsl.types import Type
from dsl.values import (
    ZERO,
    EvaluationFailure,
    Money,
    Percent,
    as_date,
    limited,
    print_value,
    round_amount,
    round_unit_price,
)

HEAD_TOTALS: Final = frozenset(
    f"{root}.{name}_total"
    for root in ("order", "refund", "purchase")
    for name in ("shipping", "tax", "discount", "fee", "tip")
)
"""Totals of a record's head, 0 where there are none."""

UNIT_PRICES: Final = frozenset({"unit_price", "price", "cost"})
"""Fields that hold the price of one piece: they keep seven places."""

AMOUNTS: Final = frozenset({"amount", "tax_amount", "discount", "total", "balance"}) | UNIT_PRICES
"""Fields of items that hold money, whatever the value written to them is."""

COLLECTIONS: Final[Mapping[str, str]] = {
    "line": "lines",
    "payment": "payments",
    "shipping": "shipping_lines",
    "fee": "fees",
    "discount": "discounts",
    "tax": "taxes",
}

MAX_ITEMS: Final = 1_000
_WITHOUT_CURRENCY: Final = frozenset({"product", "stock", "customer"})


def main_root(kind: str) -> str:
    """The root that carries a record's currency and tags: a refund's are those of its order."""
    return "order" if kind == "refund" else kind


def rule_kinds(kind: str) -> tuple[str, ...]:
    """The kinds whose rules run on a record of this kind, in their order: an order's rules come before its refund's."""
    return ("order", "refund") if kind == "refund" else (kind,)


def collection_of(kind: str, item: str) -> str:
    """The path of the list that an `add` or `skip` of this item is about, in a rule for this kind."""
    root = (
        kind if kind == "purchase" or (kind == "refund" and item in ("line", "payment", "shipping", "fee")) else "order"
    )
    return f"{root}.{COLLECTIONS[item]}"


def currency_of(record: Mapping[str, Any], kind: str) -> str | None:
    """The currency of a record's money: None is the company's own (products have none), "" is not known."""
    root = record.get(main_root(kind))
    found = root.get("currency") if root else None
    if found:
        return str(found)
    return None if kind in _WITHOUT_CURRENCY else ""


def copied(value: Any) -> Any:
    """A copy of a record or a part of it, down to its leaves."""
    if isinstance(value, dict):
        return {key: copied(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [copied(entry) for entry in value]
    return value


@dataclass(eq=False, slots=True)
class Item:
    """One item while rules run: `number` counts from 1 as received; `received` is None for one that a rule added."""

    fields: dict[str, Any]
    received: Mapping[str, Any] | None
    number: int
    left_out: bool = False

    @property
    def id(self) -> str:
        return item_id(self.fields, self.number)


def item_id(fields: Mapping[str, Any], number: int) -> str:
    """The id of an item; its number where the source gives none."""
    found = fields.get("id")
    return str(number) if found is None or found == "" else str(found)


def added_key(rule: str, ordinal: int, item: str | None) -> str:
    """The id of an item that a rule adds: the same in every run, so that a second run finds the item and adds none."""
    return f"rule:{rule}:{ordinal}" + (f":{item}" if item is not None else "")


def typed(value: Any, kind: Type, currency: str | None, path: str) -> Any:
    """A leaf as read, tagged as its type says; None where it is missing. Raises E103 for a leaf of the wrong kind."""
    if value is None:
        return None
    match kind.name:
        case "text":
            if isinstance(value, str):
                return value if value.strip() else None
            if isinstance(value, list | tuple | dict):
                raise _odd(value, "text", path)
            return print_value(value)
        case "number" | "money" | "percent":
            if isinstance(value, str) and not value.strip():
                return None
            if isinstance(value, int) and not isinstance(value, bool):
                value = Decimal(value)
            if not isinstance(value, Decimal) or not value.is_finite():
                raise _odd(value, f"a {kind.name}" if kind.name != "money" else "money", path)
            if kind.name == "money":
                return Money(value, currency)
            return Percent(value) if kind.name == "percent" else value
        case "date" | "moment":
            if isinstance(value, str) and not value.strip():
                return None
            if not isinstance(value, date):
                raise _odd(value, "a date", path)
            return as_date(value) if kind.name == "date" else value
        case "yes/no":
            if isinstance(value, str) and not value.strip():
                return None
            if not isinstance(value, bool):
                raise _odd(value, "yes or no", path)
            return value
        case "list":
            if isinstance(value, str):
                return (value,) if value.strip() else None
            if not isinstance(value, list | tuple):
                raise _odd(value, "a list", path)
            return tuple(value) or None
    if isinstance(value, str) and not value.strip():
        return None
    return value


def _odd(value: Any, wanted: str, path: str) -> EvaluationFailure:
    shown = value if isinstance(value, str) else repr(value)
    return EvaluationFailure("E103", f"{path} should be {wanted}, but the record has {shown[:60]}.", {path: shown[:60]})


def is_unit_price(name: str) -> bool:
    """Say whether a field ("line.unit_price") is the price of one piece."""
    return name.rpartition(".")[2] in UNIT_PRICES


def is_money(name: str) -> bool:
    """Say whether a field of an added item is money, whatever is written to it."""
    return name in AMOUNTS


def stored(value: Any, kind: Type, name: str, currency: str | None) -> Any:
    """A tagged value as it is written to a field of this type: money rounded, tags taken off.

    Raises E101 where money of another currency is written than the field's.
    """
    match kind.name:
        case "money":
            return stored_money(value, name, currency)
        case "text":
            return value if isinstance(value, str) else limited(print_value(value))
        case "date":
            return as_date(value) if isinstance(value, date) else untagged(value)
        case "list":
            return list(value) if isinstance(value, list | tuple) else [value]
    return untagged(value)


def stored_money(value: Any, name: str, currency: str | None) -> Any:
    """An amount as it is written: half up to the minor unit, a price of one piece to seven places."""
    if isinstance(value, Money):
        if currency is not None and value.currency is not None and value.currency != currency:
            raise EvaluationFailure(
                "E101",
                f"{name} is in {currency or 'no known currency'}, so {print_value(value)} {value.currency} "
                "cannot be written to it.",
                {name: f"{print_value(value)} {value.currency}"},
            )
        amount = value.amount
        currency = currency if currency is not None else value.currency
    elif isinstance(value, Decimal):
        amount = value
    else:
        raise EvaluationFailure("E103", f"{print_value(value)} is no amount and cannot be written to {name}.")
    return round_unit_price(amount) if is_unit_price(name) else round_amount(amount, currency)


def untagged(value: Any) -> Any:
    """A value as it lies in a record: money and percentages as bare numbers, lists as lists."""
    match value:
        case Money(amount):
            return amount
        case Percent(number):
            return number
        case tuple():
            return list(value)
    return value


def shown_key(key: str) -> str:
    """A key as paths show it between brackets."""
    return '["' + key.replace('"', '""') + '"]'


@dataclass(slots=True)
class WorkingRecord:
    """A record while rules change it, beside what was received."""

    kind: str
    received: Mapping[str, Any]
    fields: dict[str, Any]
    items: dict[str, list[Item]] = field(default_factory=dict)
    bound: dict[str, Item] = field(default_factory=dict)

    @classmethod
    def of(cls, record: Mapping[str, Any], kind: str) -> "WorkingRecord":
        return cls(kind, record, copied(record))

    def currency(self, original: bool = False) -> str | None:
        return currency_of(self.received if original else self.fields, self.kind)

    def currency_at(self, path: tree.Path) -> str | None:
        """The currency in which the money at `path` stands."""
        match path.currency:
            case "" | types.RECORD | types.UNKNOWN:
                return self.currency(path.original)
            case types.PAYMENT:
                item = self.bound.get(path.root)
                source = None if item is None else item.received if path.original else item.fields
                own = source.get("currency") if source else None
                return str(own) if own else self.currency(path.original)
        return path.currency

    def collection(self, path: str, original: bool = False) -> list[Item]:
        """The items of a list ("order.lines") with those left out; the received ones for `original`."""
        if original:
            return [Item(dict(entry), entry, number) for number, entry in enumerate(_at(self.received, path) or (), 1)]
        found = self.items.get(path)
        if found is None:
            received = _at(self.received, path) or ()
            found = [
                Item(entry, received[place], place + 1) for place, entry in enumerate(_at(self.fields, path) or ())
            ]
            self.items[path] = found
        return found

    def raw(self, path: tree.Path) -> Any:
        """The leaf at a path as it lies there."""
        container = self._container(path)
        if container is None:
            return None
        found = container.get(path.name.rpartition(".")[2])
        if path.key is None:
            return found
        return found.get(path.key) if isinstance(found, Mapping) else None

    def read(self, path: tree.Path) -> Any:
        """The tagged value at a path, None where it is missing."""
        value = self.raw(path)
        currency = self.currency_at(path) if path.type.name == "money" else None
        result = typed(value, path.type, currency, path.field)
        if result is None and path.name in HEAD_TOTALS:
            return Money(ZERO, currency)
        return result

    def write(self, path: tree.Path, value: Any) -> None:
        """Put a leaf at a path."""
        root, *middle, last = path.name.split(".")
        item = self.bound.get(root)
        container: dict[str, Any] = self.fields.setdefault(root, {}) if item is None else item.fields
        for name in middle:
            container = container.setdefault(name, {})
        if path.key is None:
            container[last] = value
            return
        keyed = container.get(last)
        if not isinstance(keyed, dict):
            keyed = container[last] = {}
        keyed[path.key] = value

    def place(self, path: tree.Path) -> tuple[str, str | None]:
        """The path as changes show it, with the number of the item, and the item's id."""
        item = self.bound.get(path.root)
        key = "" if path.key is None else shown_key(path.key)
        if item is None:
            return path.name + key, None
        collection = next(name for name, items in self.items.items() if any(each is item for each in items))
        return f"{collection}[{item.number}].{path.name.partition('.')[2]}{key}", item.id

    def finished(self) -> dict[str, Any]:
        """The record after the rules, left-out items removed from their lists."""
        for path, items in self.items.items():
            if items or _at(self.fields, path) is not None:
                root, _, last = path.rpartition(".")
                container = self.fields.setdefault(root, {})
                container[last] = [item.fields for item in items if not item.left_out]
        return self.fields

    def _container(self, path: tree.Path) -> Mapping[str, Any] | None:
        root, *middle, _ = path.name.split(".")
        item = self.bound.get(root)
        container: Any
        if item is not None:
            container = item.received if path.original else item.fields
        else:
            container = (self.received if path.original else self.fields).get(root)
        for name in middle:
            container = container.get(name) if isinstance(container, Mapping) else None
        return container if isinstance(container, Mapping) else None


def _at(record: Mapping[str, Any], path: str) -> Any:
    root, _, last = path.partition(".")
    container = record.get(root)
    return container.get(last) if isinstance(container, Mapping) else None
