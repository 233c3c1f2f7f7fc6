"""zen-engine: a decision graph in Rust, all of the workload's rules in one call.

It can be used in two ways, and both stand here: the order goes in and comes out with what the rules wrote, as its
documentation has it; or (lean) only what the rules found comes out, and Python puts it into the order.
"""

import importlib
import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from bench.rules.by_hand import PHONE
from bench.rules.peers.peer import Peer, Record
from bench.rules.workload import CLASSES, TAX_CODES

_FREIGHT = "ship_to.country in ['US', 'CA', 'MX'] and order.total >= 500 and ship_to.state not in ['AK', 'HI']"
_EXEMPT = "(order.payment_method_id in ['purchase_order', 'invoice'] or bill_to.company != '') and order.tax_total == 0"
_LEAN = {
    "tiny": "order.total < 1.00",
    "number": "'WC-' + (contains(order.number, '#') ? split(order.number, '#')[1] : order.number)",
    "state": "order.register_id == '1' ? 'MD' : order.register_id == '2' ? 'VA' : ship_to.state",
    "country": "ship_to.country == '' ? 'US' : ship_to.country",
    "cod": "order.payment_method_id == 'cod'",
    "pos": "order.store == 'pos'",
    "guest": "customer.id == '0'",
    "processing": "order.status == 'processing'",
    "inclusive": "order.prices_include_tax",
    "credit": "map(order.payments, #.type == 'credit' and #.amount > 0)",
    "lines": "map(order.lines, {sku: #.sku, gift: startsWith(#.sku, 'GC-'), bulk: #.quantity >= 10, free: #.amount == 0})",
    "freight": _FREIGHT.replace("ship_to.", "$."),
    "exempt": _EXEMPT,
}
_LINE = """map(order.lines, {id: #.id, sku: #.sku, product_id: #.product_id, quantity: #.quantity,
unit_price: #.unit_price, amount: #.amount, name: #.amount == 0 ? #.name + ' (free)' : #.name,
tax_code: startsWith(#.sku, 'GC-') ? 'Non' : #.tax_code, account: #.quantity >= 10 ? 'Wholesale' : null})"""
_WHOLE = {
    "skipped": "order.total < 1.00",
    "order.payments": "filter(order.payments, not (#.type == 'credit' and #.amount > 0))",
    "order.number": _LEAN["number"],
    "ship_to.state": _LEAN["state"],
    "ship_to.country": _LEAN["country"],
    "books.terms": "order.payment_method_id == 'cod' ? 'Due on receipt' : null",
    "order.channel": "order.store == 'pos' ? 'Retail' : null",
    "books.customer": "customer.id == '0' ? 'Web guest' : null",
    "books.transaction_type": "order.status == 'processing' ? 'sales_receipt' : null",
    "books.memo": "order.prices_include_tax ? 'Prices include tax' : null",
    "order.lines": _LINE,
}
_WHOLE_LATER = {
    "books.ship_via": f"{_FREIGHT} ? 'Freight' : null",
    "books.class": f"{_EXEMPT} ? 'Exempt' : null",
}


def _node(name: str, kind: str, **content: Any) -> dict[str, Any]:
    return {"id": name, "type": kind, "name": name, "position": {"x": 0, "y": 0}, "content": content}


def _table(name: str, rows: Mapping[str, str], key: str, output: str, otherwise: str, each: str = "") -> dict[str, Any]:
    """A decision table, over all items of `each` where that is given."""
    rules = [{"_id": text, "key": f'"{text}"', "output": f'"{value}"'} for text, value in rows.items()]
    rules.append({"_id": "otherwise", "key": "", "output": f'"{otherwise}"'})
    return _node(
        name,
        "decisionTableNode",
        hitPolicy="first",
        rules=rules,
        inputs=[{"id": "key", "field": key, "name": key}],
        outputs=[{"id": "output", "field": output, "name": output}],
        passThrough=True,
        executionMode="loop" if each else "single",
        inputField=each or None,
        outputPath=each or None,
    )


def _written(name: str, expressions: Mapping[str, str], *, goes_on: bool) -> dict[str, Any]:
    made = [{"id": key, "key": key, "value": value} for key, value in expressions.items()]
    return _node(name, "expressionNode", expressions=made, passThrough=goes_on)


def _judge(*nodes: dict[str, Any]) -> Any:
    """A function (key, record) of a graph of these nodes, one after the other, loaded once."""
    every = [_node("in", "inputNode"), *nodes, _node("out", "outputNode")]
    names = [each["id"] for each in every]
    edges = [
        {"id": f"{one}-{following}", "type": "edge", "sourceId": one, "targetId": following}
        for one, following in pairwise(names)
    ]
    graph = json.loads(json.dumps({"nodes": every, "edges": edges}))
    zen = importlib.import_module("zen")
    return zen.ZenEngine({"loader": {"type": "static", "content": {"rules": graph}}}).evaluate


class Zen(Peer):
    name = "zen-engine (order in, order out)"
    cannot = (
        "takes no Decimal (floats here); replaces no pattern (Python does); null fields are lost; texts compare exactly"
    )

    def __init__(self) -> None:
        self.judge = _judge(
            _written("rules", _WHOLE, goes_on=True),
            _table("tax codes", TAX_CODES, "ship_to.state", "books.tax_code", "Out of area"),
            _table("classes", CLASSES, "sku", "class", "Other", each="order.lines"),
            _written("later", _WHOLE_LATER, goes_on=True),
        )

    def decide(self, record: Record) -> Record | None:
        found: Record = self.judge("rules", record)["result"]
        if found.pop("skipped"):
            return None
        found["bill_to"]["phone"] = PHONE.sub("", found["bill_to"]["phone"])
        return found


class LeanZen(Peer):
    name = "zen-engine (order in, findings out)"
    cannot = "as above, and Python assigns"

    def __init__(self) -> None:
        self.judge = _judge(
            _written("rules", _LEAN, goes_on=False),
            _table("tax codes", TAX_CODES, "state", "tax_code", "Out of area"),
            _table("classes", CLASSES, "sku", "class", "Other", each="lines"),
        )

    def decide(self, record: Record) -> Record | None:
        found = self.judge("rules", record)["result"]
        if found["tiny"]:
            return None
        head, bill_to, ship_to, books = record["order"], record["bill_to"], record["ship_to"], record["books"]
        head["payments"] = [
            payment for payment, credit in zip(head["payments"], found["credit"], strict=True) if not credit
        ]
        head["number"], ship_to["state"], ship_to["country"] = found["number"], found["state"], found["country"]
        bill_to["phone"] = PHONE.sub("", bill_to["phone"])
        if found["cod"]:
            books["terms"] = "Due on receipt"
        if found["pos"]:
            head["channel"] = "Retail"
        if found["guest"]:
            books["customer"] = "Web guest"
        if found["processing"]:
            books["transaction_type"] = "sales_receipt"
        if found["inclusive"]:
            books["memo"] = "Prices include tax"
        books["tax_code"] = found["tax_code"]
        for line, its in zip(head["lines"], found["lines"], strict=True):
            line["class"] = its["class"]
            if its["gift"]:
                line["tax_code"] = "Non"
            if its["bulk"]:
                line["account"] = "Wholesale"
            if its["free"]:
                line["name"] = line["name"] + " (free)"
        if found["freight"]:
            books["ship_via"] = "Freight"
        if found["exempt"]:
            books["class"] = "Exempt"
        return record


def make() -> list[Peer]:
    return [Zen(), LeanZen()]
