"""Finds settings, lists and tables that nothing reads, and settings that nothing gives a value; changes with what counts as use."""

from __future__ import annotations

from dsl import tree
from dsl.check.context import Environment
from dsl.packs import Unit
from dsl.values import fold


def report_unused(main: Unit, environment: Environment) -> None:
    """Warns of what the file declares and nobody reads. A file without rules and flows declares for others."""
    blocks = main.file.blocks
    _idle_packs(main, environment)
    if not any(isinstance(each, tree.Rule | tree.Flow) for each in blocks):
        return
    for block in blocks:
        if isinstance(block, tree.Setting):
            kind, code = "setting", "R402"
        elif isinstance(block, tree.List):
            kind, code = "list", "R403"
        elif isinstance(block, tree.Table):
            kind, code = "table", "R404"
        else:
            continue
        name = block.name.text
        if f"{kind} {name}" not in environment.used:
            environment.reporter.report(
                code,
                block.name.span,
                f"nothing reads the {kind} `{name}`",
                help="take it out, or use it in a rule",
                fixes=[("Take it out", block.span, "")],
            )


def report_without_value(main: Unit, environment: Environment) -> None:
    """Warns of settings that are read and have no value. A file without flows is taken in by others, who give them one."""
    blocks = main.file.blocks
    if not any(isinstance(each, tree.Flow) for each in blocks):
        return
    for place, block in enumerate(blocks):
        if isinstance(block, tree.Setting):
            if block.default is None and f"setting {block.name.text}" in environment.used:
                _without_value(environment, block.name, block.name.text, "write it behind `default`")
        elif isinstance(block, tree.Use) and place in main.used:
            prefix = main.used[place].prefix
            for key, setting in environment.settings.items():
                name = key.removeprefix(prefix)
                read = f"setting {key}" in environment.used
                if read and key.startswith(prefix) and "." not in name and setting.value is None:
                    _without_value(environment, block.pack, name, f"write `set {name} to …` in this `use`")


def _without_value(environment: Environment, at: tree.Word, name: str, help: str) -> None:
    environment.reporter.report(
        "R463",
        at.span,
        f"nothing gives the setting `{name}` a value: what reads it finds it missing",
        help=help,
    )


def _idle_packs(main: Unit, environment: Environment) -> None:
    """Packs of which every rule is turned off, and nothing else is read either."""
    for place, used in main.used.items():
        block = main.file.blocks[place]
        rules = [each for each in used.file.blocks if isinstance(each, tree.Rule) and not each.off]
        if not isinstance(block, tree.Use) or not rules or used.used:
            continue
        off = {fold(each.text) for each in block.turned_off}
        if not all(fold(each.title.text) in off for each in rules):
            continue
        if not any(each.partition(" ")[2].startswith(used.prefix) for each in _read_outside(main, environment)):
            environment.reporter.report(
                "R444",
                block.pack.span,
                f'all rules of "{block.pack.text}" are turned off: the pack does nothing here',
                help="take the `use` out, or let one of its rules run",
            )


def _read_outside(main: Unit, environment: Environment) -> set[str]:
    """The settings, lists and tables of packs that the file itself names, as "list std.shops"."""
    found: set[str] = set()
    for block in main.file.blocks:
        if not isinstance(block, tree.Use):
            for each in tree.walk(block):
                if isinstance(each, tree.Name | tree.Path):
                    found |= _keys(each.name, ("setting", "list"), environment)
                elif isinstance(each, tree.Lookup):
                    found |= _keys(each.table, ("table",), environment)
    return found


def _keys(name: str, kinds: tuple[str, ...], environment: Environment) -> set[str]:
    """What a name may stand for: with its pack's short name before it, or without."""
    return {
        each for each in environment.used if each.partition(" ")[0] in kinds and each.endswith((f" {name}", f".{name}"))
    }
