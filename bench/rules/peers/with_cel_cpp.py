"""cel-expr-python: Google's CEL in C++."""

import importlib
from collections.abc import Mapping
from typing import Any

from bench.rules.peers.peer import Conditions, Peer, Record
from bench.rules.peers.with_cel import FREE, ROOTS, TESTS
from bench.rules.workload import CLASSES, TAX_CODES


class CelCpp(Conditions):
    name = "cel-expr-python (CEL, C++)"
    cannot = "assigns nothing; no Decimal (floats here); replaces no pattern; look-ups are Python functions; texts compare exactly"

    def __init__(self) -> None:
        cel = importlib.import_module("cel_expr_python.cel")
        strings = importlib.import_module("cel_expr_python.ext.ext_strings")
        words = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
        text = cel.Type.STRING
        found = [
            cel.FunctionDecl(
                name,
                [cel.Overload(f"{name}_of_text", return_type=text, parameters=[text], is_member=False, impl=look_up)],
            )
            for name, look_up in (
                ("tax_code", lambda state: TAX_CODES.get(state, "Out of area")),
                ("class_of", lambda sku: CLASSES.get(sku, "Other")),
            )
        ]
        self.environment = cel.NewEnv(
            variables=dict.fromkeys(ROOTS, words), extensions=[strings.ExtStrings()], functions=found
        )
        self.tax = self.environment.compile("tax_code(string(ship_to.state))").eval
        self.classed = self.environment.compile("class_of(string(line.sku))").eval
        self.tests = {name: self.environment.compile(test).eval for name, test in TESTS.items()}
        self.prefixed = self.environment.compile("'WC-' + string(order.number).replace('#', '')").eval
        self.freed = self.environment.compile(FREE).eval

    def values(self, values: Mapping[str, Any]) -> Any:
        return self.environment.Activation(values)

    def rewritten(self, values: Any, record: Record) -> Any:
        return self.environment.Activation(record)

    def holds(self, test: str, values: Any) -> bool:
        return bool(self.tests[test](values).value())

    def number_of(self, number: str, values: Any) -> str:
        return str(self.prefixed(values).value())

    def tax_code(self, state: str, values: Any) -> str:
        return str(self.tax(values).value())

    def class_of(self, sku: str, values: Any) -> str:
        return str(self.classed(values).value())

    def free(self, name: str, values: Any) -> str:
        return str(self.freed(values).value())


def make() -> list[Peer]:
    return [CelCpp()]
