"""Every value of every option can be written in a rule-set file, bare and in quotes, words with another meaning elsewhere too."""

from __future__ import annotations

import pytest

from dsl.schema import FlowOption
from engine import options, rulesets

FLOW = (
    'flow "Web orders" from woocommerce to quickbooks sync orders starting 01/01/2020 with\n  {name} = {value}\nend\n'
)
VALUES = [(option.name, value) for option in options.OPTIONS for value in option.values]


@pytest.mark.parametrize(("name", "value"), VALUES, ids=[f"{name}={value}" for name, value in VALUES])
def test_a_value_stands_bare_or_in_quotes(name: str, value: str) -> None:
    for written in (value, f'"{value}"'):
        compiled = rulesets.compile_text(FLOW.format(name=name, value=written), file="rules")
        flow = compiled.program.flow("Web orders")
        assert flow is not None
        assert flow.options(None, kind="order", today=None)[name] == value


@pytest.mark.parametrize("value", ["holt", "payments", "line"])
def test_a_word_that_is_no_value_is_refused_with_the_values(value: str) -> None:
    with pytest.raises(rulesets.RuleSetBroken) as broken:
        rulesets.compile_text(FLOW.format(name="unpaid_orders", value=value), file="rules")
    (found,) = broken.value.diagnostics
    assert found.code == "R305"
    assert found.help == "its values are hold, skip"


@pytest.mark.parametrize("option", options.OPTIONS, ids=lambda option: option.name)
def test_every_option_can_be_named(option: FlowOption) -> None:
    value = {"text": '"Web"', "date": "2026-01-31"}.get(str(option.type), option.default)
    compiled = rulesets.compile_text(FLOW.format(name=option.name, value=value), file="rules")
    flow = compiled.program.flow("Web orders")
    assert flow is not None
    assert option.name in flow.options(None, kind="order", today=None)
