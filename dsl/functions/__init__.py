"""The functions of the language: changes when a group of functions is added; each group's module declares its own."""

from collections.abc import Mapping
from types import MappingProxyType

from dsl.functions import choices, dates, numbers, text
from dsl.functions.function import Example, Function, Parameter

REGISTRY: Mapping[str, Function] = MappingProxyType(
    {
        function.name: function
        for group in (text, numbers, dates, choices)
        for function in sorted(group.FUNCTIONS, key=lambda each: each.name)
    }
)

__all__ = ["REGISTRY", "Example", "Function", "Parameter"]
