"""rule-engine: an expression language in Python."""

import importlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bench.rules.peers.peer import Conditions, Peer, Record

_TESTS = {
    "tiny": "order.total < 1.00",
    "credit": "payment.type == 'credit' and payment.amount > 0.00",
    "register 1": "order.register_id == '1'",
    "register 2": "order.register_id == '2'",
    "no country": "ship_to.country == ''",
    "cod": "order.payment_method_id == 'cod'",
    "pos": "order.store == 'pos'",
    "guest": "customer.id == '0'",
    "processing": "order.status == 'processing'",
    "inclusive": "order.prices_include_tax",
    "gift": "line.sku =~ 'GC-.*'",
    "bulk": "line.quantity >= 10",
    "free": "line.amount == 0.00",
    "freight": "ship_to.country in ['US', 'CA', 'MX'] and order.total >= 500.00 and not (ship_to.state in ['AK', 'HI'])",
    "exempt": (
        "(order.payment_method_id in ['purchase_order', 'invoice'] or bill_to.company != '') and order.tax_total == 0.00"
    ),
}


class RuleEngine(Conditions):
    name = "rule-engine"
    cannot = "assigns nothing; replaces no text, look-ups are Python's; texts compare exactly (Decimal is exact)"

    def __init__(self) -> None:
        rule_engine = importlib.import_module("rule_engine")
        self.tests = {name: rule_engine.Rule(test).matches for name, test in _TESTS.items()}
        self.freed = rule_engine.Rule("line.name + ' (free)'").evaluate

    def number(self, number: Decimal) -> Decimal:
        return number

    def values(self, values: Mapping[str, Any]) -> Any:
        return values

    def rewritten(self, values: Any, record: Record) -> Any:
        return record

    def holds(self, test: str, values: Any) -> bool:
        return bool(self.tests[test](values))

    def free(self, name: str, values: Any) -> str:
        return str(self.freed(values))


def make() -> list[Peer]:
    return [RuleEngine()]
