"""What an editor offers to mend at a place: the fixes of diagnostics, one by one or all that leave no choice."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types

from cli.language_server.places import Places
from dsl.check import check_text
from dsl.diagnostics import Diagnostic, Fix
from dsl.mending import mend
from dsl.service.view import View


def code_actions(view: View, places: Places, params: types.CodeActionParams) -> list[types.CodeAction]:
    """The actions for a stretch of the text. Of several fixes of one diagnostic the first is the one to prefer."""
    start, end = places.offset(params.range.start), places.offset(params.range.end)
    only = tuple(params.context.only or ())
    found = []
    if not only or types.CodeActionKind.QuickFix in only:
        for diagnostic in view.checked.diagnostics:
            if diagnostic.start.offset <= end and start <= diagnostic.end.offset and diagnostic.file == view.file:
                for place, fix in enumerate(diagnostic.fixes):
                    found.append(_action(fix, view, places, _same(diagnostic, params), preferred=place == 0))
    if types.CodeActionKind.SourceFixAll in only or (not only and found):
        whole = _all(view, places)
        if whole is not None:
            found.append(whole)
    return found


def _action(
    fix: Fix, view: View, places: Places, diagnostics: list[types.Diagnostic], *, preferred: bool
) -> types.CodeAction:
    edits = [
        types.TextEdit(places.range(each.start.offset, each.end.offset), each.text)
        for each in fix.edits
        if each.file == view.file
    ]
    return types.CodeAction(
        title=fix.title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=diagnostics or None,
        is_preferred=preferred,
        edit=types.WorkspaceEdit(changes={Path(view.file).as_uri(): edits}),
    )


def _same(diagnostic: Diagnostic, params: types.CodeActionParams) -> list[types.Diagnostic]:
    """The editor's own copy of a diagnostic, so that it knows which one an action mends."""
    return [
        each
        for each in params.context.diagnostics
        if each.code == diagnostic.code and each.range.start.line == diagnostic.start.line - 1
    ]


def _all(view: View, places: Places) -> types.CodeAction | None:
    """All fixes that leave no choice, as one action; None where there is none."""

    def check(text: str) -> tuple[Diagnostic, ...]:
        return check_text(
            text, file=view.file, schema=view.schema, library=view.library, books=view.books, tables=view.tables
        ).diagnostics

    mended = mend(view.text, view.file, check)
    if not mended.done:
        return None
    count = len(mended.done)
    edit = types.TextEdit(places.range(0, len(view.text)), mended.text)
    return types.CodeAction(
        title=f"Mend {count} mistake{'' if count == 1 else 's'} that leave no choice",
        kind=types.CodeActionKind.SourceFixAll,
        edit=types.WorkspaceEdit(changes={Path(view.file).as_uri(): [edit]}),
    )
