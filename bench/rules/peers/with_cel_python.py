"""cel-python: CEL in Python, with its compiling runner (three times as fast as its own default)."""

import importlib
from collections.abc import Mapping
from typing import Any

from bench.rules.peers.peer import Conditions, Peer, Record
from bench.rules.peers.with_cel import FREE, TESTS


class CelPython(Conditions):
    name = "cel-python (compiled runner)"
    cannot = "assigns nothing; no Decimal (floats here); replaces no text, look-ups are Python's; texts compare exactly"

    def __init__(self) -> None:
        self.celpy = importlib.import_module("celpy")
        environment = self.celpy.Environment(runner_class=self.celpy.CompiledRunner)
        self.tests = {name: environment.program(environment.compile(test)).evaluate for name, test in TESTS.items()}
        self.freed = environment.program(environment.compile(FREE)).evaluate

    def prepare(self, record: Mapping[str, Any]) -> Any:
        return {root: self.celpy.json_to_cel(fields) for root, fields in super().prepare(record).items()}

    def values(self, values: Mapping[str, Any]) -> Any:
        return values

    def rewritten(self, values: Any, record: Record) -> Any:
        return record

    def holds(self, test: str, values: Any) -> bool:
        return bool(self.tests[test](values))

    def free(self, name: str, values: Any) -> str:
        return str(self.freed(values))


def make() -> list[Peer]:
    return [CelPython()]
