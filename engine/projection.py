"""How a canonical record looks to the rules: nested mappings that mirror the language's paths, and nothing else.

Missing is `None`. Money is a bare `Decimal` in `order.currency` (a payment may carry its own). The mappings are made fresh for
every record: whoever gets them may change them.
"""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from typing import Any

from connectors.records import (
    Address,
    Customer,
    Discount,
    Fee,
    Order,
    OrderLine,
    Party,
    Payment,
    Product,
    Refund,
    ShippingLine,
    Tax,
)

RuleRecord = dict[str, Any]

_ADDRESS = tuple(field.name for field in fields(Address))
_ORDER_PLAIN = tuple(
    field.name
    for field in fields(Order)
    if field.name
    not in (
        "customer",
        "bill_to",
        "ship_to",
        "lines",
        "shipping_lines",
        "fees",
        "discounts",
        "taxes",
        "payments",
        "refunds",
        "meta",
        "findings",
        "class_",
        "zone",
    )
)


def _address(address: Address) -> RuleRecord:
    return {name: getattr(address, name) for name in _ADDRESS}


def _party(party: Party) -> RuleRecord:
    whole = " ".join(part for part in (party.first_name, party.last_name) if part)
    return {
        "id": party.id,
        "name": party.name or whole or None,
        "first_name": party.first_name,
        "last_name": party.last_name,
        "company": party.company,
        "email": party.email,
        "phone": party.phone,
        "type": party.type,
        "guest": party.guest,
        "tax_exempt": party.tax_exempt,
        "note": party.note,
    }


def _line(line: OrderLine) -> RuleRecord:
    return {
        "id": line.id,
        "sku": line.sku,
        "name": line.name,
        "description": line.description,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "amount": line.amount,
        "discount": line.discount,
        "tax_amount": line.tax_amount,
        "taxable": line.taxable,
        "tax_rate": line.tax_rate,
        "parent_sku": line.parent_sku,
        "options": dict(line.options),
        "meta": dict(line.meta),
        "item": None,
        "account": None,
        "class": None,
        "tax_code": None,
    }


def _shipping(line: ShippingLine) -> RuleRecord:
    return {
        "id": line.id,
        "method": line.method,
        "method_id": line.method_id,
        "amount": line.amount,
        "tax_amount": line.tax_amount,
        "taxable": line.taxable,
        "item": None,
        "account": None,
        "class": None,
        "tax_code": None,
    }


def _fee(fee: Fee) -> RuleRecord:
    return {
        "id": fee.id,
        "name": fee.name,
        "amount": fee.amount,
        "tax_amount": fee.tax_amount,
        "taxable": fee.taxable,
        "item": None,
        "account": None,
        "class": None,
        "tax_code": None,
    }


def _discount(discount: Discount) -> RuleRecord:
    return {
        "id": discount.id,
        "code": discount.code,
        "name": discount.name,
        "amount": discount.amount,
        "tax_amount": discount.tax_amount,
        "item": None,
        "account": None,
        "class": None,
        "tax_code": None,
    }


def _tax(tax: Tax) -> RuleRecord:
    return {
        "id": tax.id,
        "name": tax.name,
        "code": tax.code,
        "rate": tax.rate,
        "amount": tax.amount + tax.shipping_amount,
        "item": None,
        "account": None,
        "class": None,
        "tax_code": None,
    }


def _payment(payment: Payment) -> RuleRecord:
    return {
        "id": payment.id,
        "method": payment.method,
        "method_id": payment.method_id,
        "type": payment.type,
        "amount": payment.amount,
        "date": payment.date,
        "reference": payment.reference,
        "currency": payment.currency,
        "deposit_account": None,
    }


def of_order(order: Order) -> RuleRecord:
    """`{"order": …, "customer": …, "bill_to": …, "ship_to": …, "books": {"custom": {}}}`."""
    head: RuleRecord = {name: getattr(order, name) for name in _ORDER_PLAIN}
    head["class"] = order.class_
    head["meta"] = dict(order.meta)
    head["lines"] = [_line(line) for line in order.lines]
    head["shipping_lines"] = [_shipping(line) for line in order.shipping_lines]
    head["fees"] = [_fee(fee) for fee in order.fees]
    head["discounts"] = [_discount(discount) for discount in order.discounts]
    head["taxes"] = [_tax(tax) for tax in order.taxes]
    head["payments"] = [_payment(payment) for payment in order.payments]
    return {
        "order": head,
        "customer": _party(order.customer),
        "bill_to": _address(order.bill_to),
        "ship_to": _address(order.ship_to),
        "books": {"custom": {}},
    }


def of_refund(refund: Refund, order: Order) -> RuleRecord:
    """The order's rule record with `refund` beside it: the order's rules run first, then those for refunds."""
    record = of_order(order)
    record["refund"] = {
        "id": refund.id,
        "date": refund.date,
        "reason": refund.reason,
        "amount": refund.amount,
        "currency": refund.currency,
        "tax_total": refund.tax_total,
        "lines": [_line(line) for line in refund.lines],
        "shipping_lines": [_shipping(line) for line in refund.shipping_lines],
        "fees": [_fee(fee) for fee in refund.fees],
        "payments": [_payment(payment) for payment in refund.payments],
    }
    return record


def of_product(product: Product) -> RuleRecord:
    """`{"product": …}`; `stock` is a number or missing."""
    return {
        "product": {
            "id": product.id,
            "sku": product.sku,
            "name": product.name,
            "description": product.description,
            "type": product.type,
            "price": product.price,
            "cost": product.cost,
            "currency": product.currency,
            "barcode": product.barcode,
            "active": product.active,
            "stock": product.stock,
            "parent_sku": product.parent_sku,
            "taxable": product.taxable,
            "options": dict(product.options),
            "meta": dict(product.meta),
        },
        "books": {"custom": {}},
    }


def of_customer(customer: Customer) -> RuleRecord:
    """`{"customer": …, "bill_to": …, "ship_to": …}`."""
    party = _party(customer.party)
    party["id"] = customer.id
    return {
        "customer": party,
        "bill_to": _address(customer.bill_to),
        "ship_to": _address(customer.ship_to),
        "books": {"custom": {}},
    }


def plain(value: Any) -> Any:
    """A rule record (or any part of it) as plain JSON: money and numbers as text with the places they have, dates ISO."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return {key: plain(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [plain(held) for held in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value
