"""The table of flow options and the form that the engine works with are one thing."""

from __future__ import annotations

import ast
from dataclasses import fields

import pytest

from dsl.schema import FlowOption
from engine.options import BY_NAME, OPTIONS, FlowOptions


def test_every_option_of_the_table_is_a_field_and_the_other_way_round() -> None:
    named = {"class" if field.name == "class_" else field.name for field in fields(FlowOptions)}
    assert named == set(BY_NAME)
    assert len(BY_NAME) == len(OPTIONS)


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_the_default_of_the_table_is_the_default_of_the_field(option: FlowOption) -> None:
    held = getattr(FlowOptions(), "class_" if option.name == "class" else option.name)
    if isinstance(held, bool):
        assert option.default == ("yes" if held else "no")
    elif isinstance(held, tuple):
        assert tuple(ast.literal_eval(option.default)) == held
    else:
        assert option.default == ("" if held is None else str(held))
    assert option.help
    assert not option.values or option.default in option.values


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(KeyError):
        FlowOptions.of({"record_us": "invoice"})


def test_a_dynamic_option_that_came_out_missing_counts_as_unsaid() -> None:
    assert FlowOptions.of({"class": None, "record_as": "invoice"}).class_ == ""
