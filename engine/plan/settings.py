"""A rule set with other values of its settings, as a person types them on a command line; the one checker reads and types them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dsl.check import check_text
from dsl.packs import Library
from dsl.program import Program, compile_ruleset
from dsl.tree import Expression
from engine.rulesets import CannedRuleSets, schema


class SettingRefused(Exception):
    """A setting that there is not, or a value that it cannot have; in words."""


def with_settings(
    program: Program,
    given: Sequence[str],
    *,
    text: str,
    file: str,
    tables: Mapping[str, str],
    library: Library | None = None,
) -> Program:
    """The program of `text` with these settings (`order_prefix=WC-`, `hold_over=100.00 USD`, `std.register="1"`): what is no
    value as rule sets write it is taken as a text. Raises SettingRefused."""
    values: dict[str, Expression] = {}
    for each in given:
        name, mark, value = each.partition("=")
        name = name.strip()
        if not mark:
            raise SettingRefused(f"{each} is no setting with its value: write NAME=VALUE.")
        if name not in program.resolved.settings:
            there = ", ".join(sorted(program.resolved.settings)) or "none"
            raise SettingRefused(f"There is no setting {name}; settings: {there}.")
        said: tuple[str, ...] = ()
        for written in (value.strip(), f'"{_quoted(value)}"'):
            trial = f'{text}\ntest "{_TRIAL}"\n  with settings {name} = {written}\n  given order\n  expect\n    not failed\nend\n'
            checked = check_text(trial, file=file, schema=schema(), library=library or CannedRuleSets(), tables=tables)
            said = said or tuple(one.message for one in checked.diagnostics if one.is_error)
            found = (
                next((t for t in checked.ruleset.tests if t.title.text == _TRIAL), None) if checked.ruleset else None
            )
            if checked.ok and found is not None and found.settings:
                values[name] = found.settings[0].value
                break
        else:
            raise SettingRefused(f"{name} cannot be {value}: {'; '.join(said)}.")
    return compile_ruleset(program.resolved.with_settings(values))


_TRIAL = "What a person typed"


def _quoted(value: str) -> str:
    return value.strip().replace('"', '""').replace("{", "{{").replace("}", "}}")
