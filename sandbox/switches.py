"""How the switches of a sandbox are declared, told and checked; it knows no switch by its name."""

from __future__ import annotations

import types
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import field, fields
from datetime import date
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints


def switch(default: Any, words: str) -> Any:
    """A field of a dataclass of switches: its value at the start, and what it does."""
    return field(default=default, metadata={"help": words})


def told(kind: type) -> dict[str, tuple[Any, str]]:
    """The switches of a dataclass: name -> (value at the start, what it does)."""
    return {each.name: (each.default, each.metadata["help"]) for each in fields(kind) if "help" in each.metadata}


def check(settings: Any) -> None:
    """ValueError for the first value that its switch cannot have, with the values that it can."""
    for name, hint in get_type_hints(type(settings)).items():
        check_value(name, getattr(settings, name), hint)


def check_value(name: str, value: Any, hint: Any) -> None:
    """ValueError for a value that is not of the type."""
    if not _fits(value, hint):
        raise ValueError(f"{name} cannot be {value!r}; it can be {_words(hint)}")


def read(given: Mapping[str, Any], known: Mapping[str, tuple[Any, str]], kind: type) -> dict[str, Any]:
    """Values from JSON as the fields of `kind` hold them: lists as tuples, days as dates; ValueError names a stranger."""
    values = {}
    for name, value in given.items():
        if name not in known:
            raise ValueError(f"no switch is called {name!r}; there are: {', '.join(known)}")
        if isinstance(value, list):
            value = tuple(value)
        elif isinstance(value, str) and date in get_args(get_type_hints(kind).get(name)):
            with suppress(ValueError):  # a text that is no day is refused by the check
                value = date.fromisoformat(value)
        values[name] = value
    return values


def _fits(value: Any, hint: Any) -> bool:
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Literal:
        return value in parts
    if origin in (Union, types.UnionType):
        return any(_fits(value, part) for part in parts)
    if origin is tuple:
        return isinstance(value, tuple) and all(_fits(each, parts[0]) for each in value)
    if isinstance(value, bool):
        return hint is bool
    return isinstance(value, (int, float) if hint is float else hint)


_NAMES = {bool: "true or false", int: "a whole number", float: "a number", str: "text", date: "a day (2026-06-30)"}


def _words(hint: Any) -> str:
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Literal:
        return ", ".join(map(str, parts))
    if origin in (Union, types.UnionType):
        return ", or ".join(_words(part) for part in parts)
    if origin is tuple:
        return f"a list, of {_words(parts[0])} each"
    return "nothing" if hint is type(None) else _NAMES.get(hint, str(hint))
