"""Rule sets, recorded orders and the command, for tests of what one can know of a rule set."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from connectors.records import Order
from dsl.program import Program
from dsl.resolved import ResolvedRuleSet
from engine.preview import read_orders
from engine.rulesets import compile_text

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT / "tests" / "fixtures" / "woocommerce" / "shop-usd"
PLAY_SHOP = ROOT / "sandbox" / "data" / "woocommerce" / "orders.json"
DEMO = ROOT / "rulesets" / "demo" / "web_orders.rules"


def compiled(text: str, file: str = "web.rules") -> Program:
    """A program from text; its mistakes are the test's."""
    return compile_text(text, file=file).program


def resolved(text: str) -> ResolvedRuleSet:
    return compiled(text).resolved


def recorded_order(name: str) -> Order:
    """One recorded order of the fixtures, as its connector maps it."""
    raw = json.loads((RECORDED / f"{name}.json").read_text())["response"]["body"]
    record = next(read_orders("woocommerce", [raw])).record
    assert isinstance(record, Order)
    return record


@pytest.fixture
def type_() -> Callable[..., Result]:
    """Types a command: `type_(cli.plan, old, new, "--input", file)`."""

    def run(module: Any, *arguments: object) -> Result:
        done = CliRunner().invoke(module.command, [str(each) for each in arguments])
        if isinstance(done.exception, Exception):
            raise done.exception
        return done

    return run
