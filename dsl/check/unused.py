"""Finds settings, lists and tables that nothing reads; changes with what counts as use."""

from __future__ import annotations

from dsl import tree
from dsl.check.context import Environment
from dsl.packs import Unit


def report_unused(main: Unit, environment: Environment) -> None:
    """Warns of what the file declares and nobody reads. A file without rules and flows declares for others."""
    blocks = main.file.blocks
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
