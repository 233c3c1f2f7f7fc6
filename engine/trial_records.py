"""The record that a test in a rule-set file gives: what it names, and defaults for the rest. It runs nothing.

What is not given: home currency, quantity 1, amount = quantity x unit price, totals = their parts; else it is missing,
but for what every record has (id, number, date).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from connectors.records import ZERO, Discount, Fee, Fetched, Order, OrderLine, Payment, Refund, ShippingLine, Tax
from dsl import tree
from engine import projection
from engine.projection import RuleRecord

HOME_CURRENCY = "USD"
_LISTS = {
    "line": "lines",
    "payment": "payments",
    "shipping": "shipping_lines",
    "fee": "fees",
    "discount": "discounts",
    "tax": "taxes",
}
#: What a test cannot mean when it does not say it: these are missing, though records of shops always have them.
_UNSAID = ("paid", "authorized", "status", "taxable", "prices_include_tax", "modified", "payment_method")
_ADDRESSES = ("bill_to", "ship_to")

#: Reads the recorded record that a test names; raises OSError or ValueError in words.
ReadRecorded = Callable[[str], Fetched]
ValueOf = Callable[[tree.Expression], Any]


class TestRecordBroken(Exception):
    """What a test gives cannot be made into a record; in words."""

    __test__ = False  # not one for pytest to collect


def record_of(given: tree.Given, value: ValueOf, today: date, recorded: ReadRecorded | None) -> RuleRecord:
    """The rule record of a test. `value` works out constant expressions as leaves."""
    kind = given.kind.text
    record = _recorded(given.file.text, kind, recorded) if given.file is not None else _empty(kind, today)
    said = set()
    for each in given.fields:
        said.add(each.name)
        _put(record, each, value)
    root = "order" if kind == "order" else kind
    for item in given.items:
        _add_item(record, root, item, value, fresh=given.file is None)
    if given.file is None and kind in ("order", "refund", "purchase"):
        head = record[root]
        _add_up(head, {name.partition(".")[2] for name in said if name.startswith(f"{root}.")})
        for payment in head.get("payments", ()):
            if payment["amount"] is None:
                payment["amount"] = head.get("amount" if kind == "refund" else "total")
        money = _currency(given)
        if money is not None and not said & {"order.currency", f"{root}.currency"}:
            for name in {root, "order"} & set(record):
                record[name]["currency"] = money
    return record


def _currency(given: tree.Given) -> str | None:
    """The currency in which a test writes its amounts."""
    values = [each.value for each in given.fields] + [each.value for item in given.items for each in item.fields]
    return next((value.code for value in values if isinstance(value, tree.Money)), None)


def _recorded(file: str, kind: str, recorded: ReadRecorded | None) -> RuleRecord:
    if recorded is None:
        raise TestRecordBroken(f"there is no place from which {file} could be read")
    try:
        fetched = recorded(file)
    except FileNotFoundError as error:
        raise TestRecordBroken(f'there is no file "{file}" beside the rule set') from error
    except (OSError, ValueError) as error:
        raise TestRecordBroken(f"{file} cannot be read: {error}") from error
    order = fetched.record
    if not isinstance(order, Order):
        why = "; ".join(each.message for each in fetched.findings) or "it is no order"
        raise TestRecordBroken(f"{file} holds no order that can be read: {why}")
    if kind == "order":
        return projection.of_order(order)
    if kind == "refund":
        if not order.refunds:
            raise TestRecordBroken(f"the order of {file} has no refund")
        return projection.of_refund(order.refunds[0], order)
    raise TestRecordBroken(f"only orders and refunds can be given by a file, not a {kind}")


def _empty(kind: str, today: date) -> RuleRecord:
    noon = datetime.combine(today, time(12), UTC)
    order = Order(id="1", number="1", date=today, created=noon, status="", currency=HOME_CURRENCY, total=ZERO)
    if kind in ("order", "refund"):
        record = projection.of_order(order)
        if kind == "refund":
            refund = Refund(id="1", order_id="1", date=today, created=noon, amount=ZERO, currency=HOME_CURRENCY)
            record = projection.of_refund(refund, order)
            # The test gives a refund; what its order came to is not said.
            record["order"] |= {"total": None, "subtotal": None, "balance": None}
        record["order"] |= dict.fromkeys(_UNSAID)
        record["customer"] |= {"guest": None, "tax_exempt": None}
        return record
    record = {kind: {"id": "1"}, "books": {"custom": {}}}
    if kind == "purchase":
        record |= {"purchase": {"id": "1", "number": "1", "date": today, "currency": HOME_CURRENCY, "lines": []}}
        record["vendor"] = {}
    if kind == "customer":
        record |= {name: {} for name in _ADDRESSES}
    return record


def _put(record: RuleRecord, each: tree.Assignment, value: ValueOf) -> None:
    root, _, name = each.name.partition(".")
    _assign(record.setdefault(root, {}), name, each.key, value(each.value))


def _assign(fields: dict[str, Any], name: str, key: str | None, value: Any) -> None:
    if key is None:
        fields[name] = value
    else:
        fields[name] = {**(fields.get(name) or {}), key: value}


def _add_item(record: RuleRecord, root: str, item: tree.GivenItem, value: ValueOf, *, fresh: bool) -> None:
    name = _LISTS[item.item]
    items: list[dict[str, Any]] = record[root].setdefault(name, [])
    fields = _fresh_item(root, item.item, len(items) + 1)
    said = set()
    for each in item.fields:
        said.add(each.name)
        _assign(fields, each.name, each.key, value(each.value))
    if item.item == "line":
        _complete_line(fields, said)
    elif item.item == "payment" and fields.get("date") is None:
        fields["date"] = record[root].get("date")
    items.append(fields)
    if not fresh and name != "payments":
        # A line added to a recorded order moves the total that was recorded.
        record[root]["total"] = (record[root].get("total") or ZERO) + (fields.get("amount") or ZERO)


def _fresh_item(root: str, word: str, number: int) -> dict[str, Any]:
    id_ = f"{word}-{number}"
    day = date.min
    order = Order(
        id="1", number="1", date=day, created=datetime.combine(day, time(12), UTC), status="", total=ZERO,
        currency=HOME_CURRENCY,
        lines=(OrderLine(id=id_),), shipping_lines=(ShippingLine(id=id_),), fees=(Fee(id=id_),),
        discounts=(Discount(id=id_),), taxes=(Tax(id=id_),),
        payments=(Payment(id=id_, method=None, amount=ZERO, date=None),),
    )  # fmt: skip
    fields: dict[str, Any] = projection.of_order(order)["order"][_LISTS[word]][0]
    if "taxable" in fields:
        fields["taxable"] = None
    if word == "payment":
        fields["amount"] = None
    if root == "purchase":
        fields = {"id": id_, "quantity": Decimal(1), "amount": None, "unit_price": None}
    return fields


def _complete_line(fields: dict[str, Any], said: set[str]) -> None:
    held = fields.get("quantity")
    quantity = Decimal(1) if held is None else Decimal(held)
    fields["quantity"] = quantity
    discount: Decimal = fields.get("discount") or ZERO
    if "amount" not in said:
        fields["amount"] = (fields.get("unit_price") or ZERO) * quantity - discount
    elif "unit_price" not in said and quantity:
        fields["unit_price"] = (fields["amount"] + discount) / quantity


def _add_up(head: dict[str, Any], said: set[str]) -> None:
    """The totals of a head that the test does not give: their parts."""
    lines = head.get("lines", ())
    totals = {
        "subtotal": _sum(lines, "amount") + _sum(lines, "discount"),
        "discount_total": _sum(lines, "discount"),
        "shipping_total": _sum(head.get("shipping_lines", ())),
        "fee_total": _sum(head.get("fees", ())),
        "tax_total": _sum(head.get("taxes", ())) or sum(
            (_sum(head.get(name, ()), "tax_amount") for name in ("lines", "shipping_lines", "fees")), ZERO
        ),
    }  # fmt: skip
    for name, total in totals.items():
        if name in head and name not in said:
            head[name] = total
    whole = "amount" if "amount" in head and "total" not in head else "total"
    if whole in said or (whole not in head and not lines):
        return
    parts = [head.get(name) or ZERO for name in ("shipping_total", "fee_total", "tax_total", "tip_total")]
    if "shipping_total" not in head:
        parts.append(totals["shipping_total"])
    if "fee_total" not in head:
        parts.append(totals["fee_total"])
    head[whole] = _sum(lines, "amount") + sum(parts, ZERO)


def _sum(items: Any, field: str = "amount") -> Decimal:
    return sum((item[field] for item in items if item.get(field) is not None), ZERO)
