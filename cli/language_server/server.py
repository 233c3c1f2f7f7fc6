"""The language server: what editors ask is asked of the language service, and what it finds is sent as the protocol says.

Changes with the protocol. What the answers are is the business of `dsl.service`, the checks, the formatter and the tests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from cli.language_server.actions import code_actions
from cli.language_server.desk import Desk, pack_key
from cli.language_server.places import Places, path_of
from cli.language_server.testing import Lens, lenses, run
from dsl.diagnostics import Diagnostic, Severity
from dsl.format import format_text
from dsl.service import completing, hovering, navigating, renaming
from dsl.service.colouring import KINDS, colours
from dsl.service.view import View
from dsl.source import Source

RUN_TESTS = "cloudcart.runTests"
#: How long a text rests before it is checked whole, in seconds.
REST = 0.15

_SEVERITIES = {Severity.ERROR: types.DiagnosticSeverity.Error, Severity.WARNING: types.DiagnosticSeverity.Warning}
_SYMBOLS = {
    "ruleset": types.SymbolKind.Module, "use": types.SymbolKind.Package, "setting": types.SymbolKind.Variable,
    "list": types.SymbolKind.Enum, "table": types.SymbolKind.Struct, "flow": types.SymbolKind.Event,
    "rule": types.SymbolKind.Function, "test": types.SymbolKind.Method,
}  # fmt: skip
_SUGGESTIONS = {
    "field": types.CompletionItemKind.Field, "value": types.CompletionItemKind.Value,
    "setting": types.CompletionItemKind.Variable, "list": types.CompletionItemKind.Enum,
    "table": types.CompletionItemKind.Struct, "column": types.CompletionItemKind.Property,
    "function": types.CompletionItemKind.Function, "keyword": types.CompletionItemKind.Keyword,
    "rule": types.CompletionItemKind.Reference, "flow": types.CompletionItemKind.Event,
    "pack": types.CompletionItemKind.Module, "option": types.CompletionItemKind.Property,
    "block": types.CompletionItemKind.Snippet,
}  # fmt: skip


class RulesServer(LanguageServer):
    """One editor's server. The desk holds what is open; tasks check what rests."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(
            "cloudcart", version("cloud-cart-connector"), text_document_sync_kind=types.TextDocumentSyncKind.Full
        )
        self.desk = desk
        self.tests: dict[Path, tuple[types.Diagnostic, ...]] = {}
        self._resting: dict[str, asyncio.Task[None]] = {}
        self._checked: set[str] = set()

    def places(self, view: View) -> Places:
        return Places(view.source, self.workspace.position_codec)

    def changed(self, uri: str, text: str) -> None:
        """A text was opened or changed: what is local is said at once, the whole is checked when the text has rested."""
        file = path_of(uri)
        self.desk.open(file, text)
        before = self._resting.pop(uri, None)
        if before is not None:
            before.cancel()
            self._send(uri, Source(str(file), text), self.desk.quick(file))
        self._resting[uri] = asyncio.get_running_loop().create_task(self._checked_later(uri))

    async def _checked_later(self, uri: str) -> None:
        await asyncio.sleep(REST if uri in self._checked else 0)
        self._checked.add(uri)
        file = path_of(uri)
        self.publish(uri, self.desk.view(file))
        if pack_key(file):  # what uses the pack may be right or wrong now
            for other in self.desk.opened():
                if other != file:
                    self.publish(other.as_uri(), self.desk.view(other))

    def publish(self, uri: str, view: View) -> None:
        """Sends what is wrong with a file, and which of its tests failed when they last ran."""
        self._send(uri, view.source, view.checked.diagnostics)

    def _send(self, uri: str, source: Source, diagnostics: Iterable[Diagnostic]) -> None:
        places = Places(source, self.workspace.position_codec)
        found = [self._diagnostic(each, places) for each in diagnostics if each.file == source.file]
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri, [*found, *self.tests.get(Path(source.file), ())])
        )

    def _diagnostic(self, each: Diagnostic, places: Places) -> types.Diagnostic:
        words = [each.message, *([each.label] if each.label else []), *([each.help] if each.help else [])]
        related = [
            types.DiagnosticRelatedInformation(
                types.Location(Path(one.file).as_uri(), places.range(one.start.offset, one.end.offset)), one.message
            )
            for one in each.related
            if one.file == each.file
        ]
        return types.Diagnostic(
            range=places.range(each.start.offset, max(each.end.offset, each.start.offset + 1)),
            message="\n".join(words),
            severity=_SEVERITIES[each.severity],
            code=each.code,
            source="cloudcart",
            related_information=related or None,
            tags=[types.DiagnosticTag.Unnecessary] if "never used" in each.message else None,
        )

    def location(self, place: navigating.Place, view: View) -> types.Location | None:
        """A place of the language service as one that the editor can open."""
        if place.file == view.file:
            return types.Location(Path(place.file).as_uri(), self.places(view).range(place.start, place.end))
        beside = Path(view.file)
        file = Path(place.file) if Path(place.file).is_file() else self.desk.place_of(place.file, beside)
        if file is None:
            return None
        return types.Location(file.as_uri(), self.places(self.desk.view(file)).range(place.start, place.end))

    def edits(self, changes: tuple[renaming.TextEdit, ...]) -> types.WorkspaceEdit:
        """Edits of several files in the protocol's form."""
        by_file: dict[str, list[types.TextEdit]] = {}
        for each in changes:
            view = self.desk.view(Path(each.file))
            made = types.TextEdit(self.places(view).range(each.start, each.end), each.text)
            by_file.setdefault(Path(each.file).as_uri(), []).append(made)
        return types.WorkspaceEdit(changes=by_file)


def make(desk: Desk) -> RulesServer:
    """A server with all that it can answer."""
    server = RulesServer(desk)
    _lifecycle(server)
    _questions(server)
    _changes(server)
    _tests(server)
    return server


def _lifecycle(server: RulesServer) -> None:
    desk = server.desk

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        folders = [each.uri for each in params.workspace_folders or ()] or (
            [params.root_uri] if params.root_uri else []
        )
        desk.roots = [path_of(each) for each in folders]

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def opened(params: types.DidOpenTextDocumentParams) -> None:
        server.changed(params.text_document.uri, params.text_document.text)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: types.DidChangeTextDocumentParams) -> None:
        uri = params.text_document.uri
        server.tests.pop(path_of(uri), None)  # what tests said was about another text
        server.changed(uri, server.workspace.get_text_document(uri).source)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def saved(params: types.DidSaveTextDocumentParams) -> None:
        await _run_tests(server, params.text_document.uri, None, quietly=True)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        desk.close(path_of(params.text_document.uri))
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(params.text_document.uri, []))


def _at(server: RulesServer, params: Any) -> tuple[View, int]:
    view = server.desk.view(path_of(params.text_document.uri))
    return view, server.places(view).offset(params.position)


def _questions(server: RulesServer) -> None:
    desk = server.desk

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=[".", '"', "{", " ", "="])
    )
    def complete(params: types.CompletionParams) -> types.CompletionList:
        view, offset = _at(server, params)
        places = server.places(view)
        return types.CompletionList(
            is_incomplete=False, items=[_item(each, places) for each in completing.complete(view, offset)]
        )

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        view, offset = _at(server, params)
        found = hovering.hover(view, offset)
        if found is None:
            return None
        told = types.MarkupContent(types.MarkupKind.Markdown, found.text)
        return types.Hover(told, server.places(view).range(found.start, found.end))

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def definition(params: types.DefinitionParams) -> types.Location | None:
        view, offset = _at(server, params)
        found = navigating.definition(view, offset)
        return None if found is None else server.location(found, view)

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    def references(params: types.ReferenceParams) -> list[types.Location]:
        view, offset = _at(server, params)
        file = Path(view.file)
        views = [_under_its_key(each) for each in desk.views(file)]
        found = navigating.references(views, _under_its_key(view), offset, pack=pack_key(file))
        return [where for each in found if (where := server.location(each, view)) is not None]

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def symbols(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        view = desk.view(path_of(params.text_document.uri))
        places = server.places(view)
        return [
            types.DocumentSymbol(
                name=each.name or each.kind,
                kind=_SYMBOLS[each.kind],
                range=places.range(each.start, each.end),
                selection_range=places.range(each.name_start, each.name_end),
                detail=each.detail or None,
            )
            for each in navigating.symbols(view)
        ]

    @server.feature(types.TEXT_DOCUMENT_FOLDING_RANGE)
    def folding(params: types.FoldingRangeParams) -> list[types.FoldingRange]:
        view = desk.view(path_of(params.text_document.uri))
        return [
            types.FoldingRange(
                each.first - 1, each.last - 1, kind=types.FoldingRangeKind.Comment if each.comment else None
            )
            for each in navigating.folds(view)
        ]

    @server.feature(
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL,
        types.SemanticTokensLegend(token_types=list(KINDS), token_modifiers=["declaration"]),
    )
    def semantic(params: types.SemanticTokensParams) -> types.SemanticTokens:
        view = desk.view(path_of(params.text_document.uri))
        return types.SemanticTokens(data=_semantic(view, server.places(view)))


def _semantic(view: View, places: Places) -> list[int]:
    """Five numbers a stretch: lines and units since the one before, length, kind, whether it declares."""
    data: list[int] = []
    line = column = 0
    for each in colours(view):
        start, end = places.position(each.start), places.position(each.end)
        data += [
            start.line - line,
            start.character - (column if start.line == line else 0),
            end.character - start.character,
            KINDS.index(each.kind),
            int(each.declares),
        ]
        line, column = start.line, start.character
    return data


def _item(each: completing.Suggestion, places: Places) -> types.CompletionItem:
    return types.CompletionItem(
        label=each.label,
        kind=_SUGGESTIONS[each.kind],
        detail=each.detail or None,
        documentation=types.MarkupContent(types.MarkupKind.Markdown, each.documentation)
        if each.documentation
        else None,
        sort_text=f"{each.rank:03d} {each.label}",
        filter_text=each.text if each.text.startswith('"') else None,
        insert_text_format=types.InsertTextFormat.Snippet if each.snippet else types.InsertTextFormat.PlainText,
        text_edit=types.TextEdit(places.range(each.start, each.end), each.text),
    )


def _changes(server: RulesServer) -> None:
    desk = server.desk

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    def prepare(params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
        view, offset = _at(server, params)
        found = renaming.prepare(view, offset)
        if found is None:
            return None
        return types.PrepareRenamePlaceholder(server.places(view).range(found.start, found.end), found.name)

    @server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    def rename(params: types.RenameParams) -> types.WorkspaceEdit | None:
        view, offset = _at(server, params)
        file = Path(view.file)
        views = [_under_its_key(each) for each in desk.views(file)]
        try:
            edits = renaming.rename(
                views, _under_its_key(view), offset, params.new_name, pack=pack_key(file),
                is_published=lambda key: desk.is_published(key, file),
            )  # fmt: skip
        except renaming.CannotRename as error:
            server.window_show_message(types.ShowMessageParams(types.MessageType.Warning, str(error)))
            return None
        files = {each.file: _file_of(each) for each in views}
        return server.edits(
            tuple(renaming.TextEdit(files[each.file], each.start, each.end, each.text) for each in edits)
        )

    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    def formatting(params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
        view = desk.view(path_of(params.text_document.uri))
        written = format_text(view.text, file=view.file)
        if written.refusal:
            server.window_show_message(
                types.ShowMessageParams(types.MessageType.Info, f"Not formatted: {written.refusal}.")
            )
        if not written.changed:
            return None
        return [types.TextEdit(server.places(view).range(0, len(view.text)), written.text)]

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix, types.CodeActionKind.SourceFixAll]),
    )
    def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        view = desk.view(path_of(params.text_document.uri))
        return code_actions(view, server.places(view), params)


def _under_its_key(view: View) -> View:
    """A pack's file under the name by which files know it, so that its names are found from both sides."""
    key = pack_key(Path(view.file))
    if not key:
        return view
    return View(key, view.text, view.checked, view.schema, view.library, view.books, {"": view.file})


def _file_of(view: View) -> str:
    return view.tables.get("", view.file)


def _tests(server: RulesServer) -> None:
    @server.feature(types.TEXT_DOCUMENT_CODE_LENS)
    def code_lens(params: types.CodeLensParams) -> list[types.CodeLens]:
        uri = params.text_document.uri
        view = server.desk.view(path_of(uri))
        places = server.places(view)
        return [_lens(each, uri, places) for each in lenses(view)]

    @server.command(RUN_TESTS)
    async def run_tests(uri: str, title: str | None = None) -> None:
        await _run_tests(server, uri, title, quietly=False)


def _lens(each: Lens, uri: str, places: Places) -> types.CodeLens:
    return types.CodeLens(
        range=places.range(each.start, each.end),
        command=types.Command(title=each.words, command=RUN_TESTS, arguments=[uri, each.title]),
    )


async def _run_tests(server: RulesServer, uri: str, title: str | None, *, quietly: bool) -> None:
    file = path_of(uri)
    view = server.desk.view(file)
    outcome = run(view, title)
    places = server.places(view)
    server.tests[file] = tuple(
        types.Diagnostic(
            range=places.range(each.start, each.end),
            message="\n".join(("This test fails.", *each.failures)),
            severity=types.DiagnosticSeverity.Error,
            source="cloudcart test",
        )
        for each in outcome.failed
    )
    server.publish(uri, view)
    if not quietly:
        kind = types.MessageType.Warning if outcome.failed or outcome.refusal else types.MessageType.Info
        server.window_show_message(types.ShowMessageParams(kind, outcome.words))


def serve(*, books: Path | None, port: int | None) -> None:
    """Serve an editor until it ends."""
    desk = Desk()
    if books is not None:
        from cli.records import read_snapshot
        from engine import snapshot

        desk.books = snapshot.checked_books(read_snapshot(books))
    server = make(desk)
    if port is None:
        server.start_io()
    else:
        server.start_tcp("127.0.0.1", port)


__all__ = ["RUN_TESTS", "RulesServer", "make", "serve"]
