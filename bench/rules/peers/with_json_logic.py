"""panzi-json-logic: JsonLogic in Python."""

import importlib
from collections.abc import Mapping
from typing import Any

from bench.rules.peers.peer import Conditions, Peer, Record
from bench.rules.workload import CLASSES, TAX_CODES


def _var(name: str) -> dict[str, str]:
    return {"var": name}


_TESTS: dict[str, Any] = {
    "tiny": {"<": [_var("order.total"), 1.0]},
    "credit": {"and": [{"===": [_var("payment.type"), "credit"]}, {">": [_var("payment.amount"), 0.0]}]},
    "register 1": {"===": [_var("order.register_id"), "1"]},
    "register 2": {"===": [_var("order.register_id"), "2"]},
    "no country": {"===": [_var("ship_to.country"), ""]},
    "cod": {"===": [_var("order.payment_method_id"), "cod"]},
    "pos": {"===": [_var("order.store"), "pos"]},
    "guest": {"===": [_var("customer.id"), "0"]},
    "processing": {"===": [_var("order.status"), "processing"]},
    "inclusive": _var("order.prices_include_tax"),
    "gift": {"===": [{"substr": [_var("line.sku"), 0, 3]}, "GC-"]},
    "bulk": {">=": [_var("line.quantity"), 10.0]},
    "free": {"===": [_var("line.amount"), 0.0]},
    "freight": {
        "and": [
            {"in": [_var("ship_to.country"), ["US", "CA", "MX"]]},
            {">=": [_var("order.total"), 500.0]},
            {"!": [{"in": [_var("ship_to.state"), ["AK", "HI"]]}]},
        ]
    },
    "exempt": {
        "and": [
            {
                "or": [
                    {"in": [_var("order.payment_method_id"), ["purchase_order", "invoice"]]},
                    {"!==": [_var("bill_to.company"), ""]},
                ]
            },
            {"===": [_var("order.tax_total"), 0.0]},
        ]
    },
}
_TAX_CODE = {"var": [{"cat": ["tax_codes.", _var("ship_to.state")]}, "Out of area"]}
_CLASS = {"var": [{"cat": ["classes.", _var("line.sku")]}, "Other"]}
_FREE = {"cat": [_var("line.name"), " (free)"]}


class JsonLogic(Conditions):
    name = "panzi-json-logic"
    cannot = "assigns nothing; money as floats; replaces no text; texts compare exactly"

    def __init__(self) -> None:
        self.logic = importlib.import_module("json_logic").jsonLogic

    def values(self, values: Mapping[str, Any]) -> Any:
        return {**values, "tax_codes": TAX_CODES, "classes": CLASSES}

    def rewritten(self, values: Any, record: Record) -> Any:
        return values

    def tax_code(self, state: str, values: Any) -> str:
        return str(self.logic(_TAX_CODE, values))

    def class_of(self, sku: str, values: Any) -> str:
        return str(self.logic(_CLASS, values))

    def holds(self, test: str, values: Any) -> bool:
        return bool(self.logic(_TESTS[test], values))

    def free(self, name: str, values: Any) -> str:
        return str(self.logic(_FREE, values))


def make() -> list[Peer]:
    return [JsonLogic()]
