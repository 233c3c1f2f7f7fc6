"""common-expression-language: CEL in Rust."""

import importlib
from collections.abc import Mapping
from typing import Any

from bench.rules.peers.peer import Conditions, Peer, Record
from bench.rules.peers.with_cel import FREE, TESTS


class CelRust(Conditions):
    name = "common-expression-language (Rust)"
    cannot = (
        "assigns nothing; a Decimal becomes a float; replaces no text, look-ups are Python's; texts compare exactly"
    )

    def __init__(self) -> None:
        self.cel = importlib.import_module("cel")
        self.tests = {name: self.cel.compile(test).execute for name, test in TESTS.items()}
        self.freed = self.cel.compile(FREE).execute

    def values(self, values: Mapping[str, Any]) -> Any:
        return self.cel.Context(values)

    def rewritten(self, values: Any, record: Record) -> Any:
        values.update({"ship_to": record["ship_to"]})
        return values

    def holds(self, test: str, values: Any) -> bool:
        return bool(self.tests[test](values))

    def free(self, name: str, values: Any) -> str:
        return str(self.freed(values))


def make() -> list[Peer]:
    return [CelRust()]
