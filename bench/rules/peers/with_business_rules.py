"""business-rules: conditions as JSON over variables that Python methods give, actions as Python methods."""

import importlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from bench.rules.by_hand import PHONE
from bench.rules.peers.peer import Peer, Record
from bench.rules.workload import CLASSES, TAX_CODES


def _is(name: str, value: Any, operator: str = "equal_to") -> dict[str, Any]:
    return {"name": name, "operator": operator, "value": value}


def _rule(action: str, **conditions: Any) -> dict[str, Any]:
    return {"conditions": conditions, "actions": [{"name": action}]}


_TINY = [_rule("skip", all=[_is("total", Decimal("1.00"), "less_than")])]
_OF_PAYMENT = [_rule("leave_out", all=[_is("type", "credit"), _is("amount", Decimal(0), "greater_than")])]
_BEFORE = [
    _rule("maryland", all=[_is("register", "1")]),
    _rule("virginia", all=[_is("register", "2")]),
    _rule("at_home", all=[_is("country", "")]),
    _rule("on_receipt", all=[_is("method", "cod")]),
    _rule("retail", all=[_is("store", "pos")]),
    _rule("guest", all=[_is("customer", "0")]),
    _rule("receipt", all=[_is("status", "processing")]),
    _rule("inclusive", all=[_is("inclusive", True, "is_true")]),
]
_OF_LINE = [
    _rule("untaxed", all=[_is("sku", "GC-", "starts_with")]),
    _rule("wholesale", all=[_is("quantity", Decimal(10), "greater_than_or_equal_to")]),
    _rule("free", all=[_is("amount", Decimal(0))]),
]
_AFTER = [
    _rule(
        "freight",
        all=[
            {"any": [_is("country", "US"), _is("country", "CA"), _is("country", "MX")]},
            _is("total", Decimal(500), "greater_than_or_equal_to"),
            _is("states", ["AK", "HI"], "shares_no_elements_with"),
        ],
    ),
    _rule(
        "exempt",
        all=[
            {"any": [_is("method", "purchase_order"), _is("method", "invoice"), _is("company", "", "non_empty")]},
            _is("tax_total", Decimal(0)),
        ],
    ),
]
_TEXTS = {
    "register": ("order", "register_id"),
    "country": ("ship_to", "country"),
    "method": ("order", "payment_method_id"),
    "store": ("order", "store"),
    "customer": ("customer", "id"),
    "status": ("order", "status"),
    "company": ("bill_to", "company"),
}
_NUMBERS = {"total": ("order", "total"), "tax_total": ("order", "tax_total")}
_WRITES = {
    "maryland": ("ship_to", "state", "MD"),
    "virginia": ("ship_to", "state", "VA"),
    "at_home": ("ship_to", "country", "US"),
    "on_receipt": ("books", "terms", "Due on receipt"),
    "retail": ("order", "channel", "Retail"),
    "guest": ("books", "customer", "Web guest"),
    "receipt": ("books", "transaction_type", "sales_receipt"),
    "inclusive": ("books", "memo", "Prices include tax"),
    "freight": ("books", "ship_via", "Freight"),
    "exempt": ("books", "class", "Exempt"),
}


class BusinessRules(Peer):
    name = "business-rules"
    cannot = "actions are Python by design, rules have conditions; replaces no text, look-ups are Python's; texts compare exactly"

    def __init__(self) -> None:
        self.run_all = importlib.import_module("business_rules").run_all
        variables = importlib.import_module("business_rules.variables")
        actions = importlib.import_module("business_rules.actions")
        text, number = variables.string_rule_variable, variables.numeric_rule_variable
        yes_no, several = variables.boolean_rule_variable, variables.select_multiple_rule_variable
        action = actions.rule_action()

        def of(base: type, **methods: Any) -> Callable[[Any], Any]:
            def start(self: Any, about: Any) -> None:
                self.about = about

            return type("Made", (base,), {"__init__": start, **methods})

        self.of_order = of(
            variables.BaseVariables,
            **{name: text(_reader(name, *place)) for name, place in _TEXTS.items()},
            **{name: number(_reader(name, *place)) for name, place in _NUMBERS.items()},
            inclusive=yes_no(_reader("inclusive", "order", "prices_include_tax")),
            states=several()(_states),
        )
        self.of_line = of(
            variables.BaseVariables,
            sku=text(_reader("sku", "sku")),
            quantity=number(_reader("quantity", "quantity")),
            amount=number(_reader("amount", "amount")),
        )
        self.of_payment = of(
            variables.BaseVariables, type=text(_reader("type", "type")), amount=number(_reader("amount", "amount"))
        )
        self.to_order = of(
            actions.BaseActions,
            **{name: action(_writer(name, *written)) for name, written in _WRITES.items()},
            skip=action(_nothing),
        )
        self.to_line = of(
            actions.BaseActions,
            untaxed=action(_item_writer("untaxed", "tax_code", "Non")),
            wholesale=action(_item_writer("wholesale", "account", "Wholesale")),
            free=action(_free),
        )
        self.to_payment = of(actions.BaseActions, leave_out=action(_nothing))

    def number(self, number: Decimal) -> Decimal:
        return number

    def decide(self, record: Record) -> Record | None:
        run_all, variables, actions = self.run_all, self.of_order(record), self.to_order(record)
        if run_all(_TINY, variables, actions):
            return None
        order, bill_to, books = record["order"], record["bill_to"], record["books"]
        order["payments"] = [
            each for each in order["payments"] if not run_all(_OF_PAYMENT, self.of_payment(each), self.to_payment(each))
        ]
        order["number"] = "WC-" + order["number"].replace("#", "")
        bill_to["phone"] = PHONE.sub("", bill_to["phone"])
        run_all(_BEFORE, variables, actions)
        books["tax_code"] = TAX_CODES.get(record["ship_to"]["state"], "Out of area")
        for line in order["lines"]:
            line["class"] = CLASSES.get(line["sku"], "Other")
            run_all(_OF_LINE, self.of_line(line), self.to_line(line))
        run_all(_AFTER, variables, actions)
        return record


def _reader(name: str, *place: str) -> Any:
    def read(of: Any) -> Any:
        found = of.about
        for each in place:
            found = found[each]
        return found if found is not None else ""

    read.__name__ = name
    return read


def _writer(name: str, root: str, field: str, value: str) -> Any:
    def write(of: Any) -> None:
        of.about[root][field] = value

    write.__name__ = name
    return write


def _item_writer(name: str, field: str, value: str) -> Any:
    def write(of: Any) -> None:
        of.about[field] = value

    write.__name__ = name
    return write


def _free(of: Any) -> None:
    of.about["name"] += " (free)"


def _states(of: Any) -> list[str]:
    return [of.about["ship_to"]["state"]]


def _nothing(of: Any) -> None:
    pass


def make() -> list[Peer]:
    return [BusinessRules()]
