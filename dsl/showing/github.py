"""Diagnostics as commands of GitHub's workflows, which show them beside the changed lines; changes with that form.

`::error file=…,line=…,endLine=…,title=…::message`, one a line. What may not stand in a command is escaped as the runner's own tool
kit does (actions/toolkit, packages/core/src/command.ts): % and line ends everywhere, `:` and `,` in properties as well.
"""

from __future__ import annotations

from dsl.codes import CODES
from dsl.diagnostics import Diagnostic


def github(diagnostic: Diagnostic) -> str:
    """The command for one diagnostic, a line without its end."""
    start, end = diagnostic.start, diagnostic.end
    properties: dict[str, object] = {"file": diagnostic.file, "line": start.line}
    if end.line == start.line:  # columns are taken only within one line
        properties |= {"endLine": end.line, "col": start.column, "endColumn": max(end.column, start.column + 1)}
    else:
        properties |= {"endLine": end.line}
    properties["title"] = f"{diagnostic.code}: {CODES[diagnostic.code].title}"
    said = [diagnostic.message]
    if diagnostic.label:
        said.append(diagnostic.label)
    said += [f"{each.message}: {each.file}, line {each.start.line}" for each in diagnostic.related]
    if diagnostic.help:
        said.append(f"help: {diagnostic.help}")
    given = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{diagnostic.severity.value} {given}::{_data(chr(10).join(said))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
