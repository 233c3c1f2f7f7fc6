"""`cloudcart lsp` through the protocol: a real client, a real process, files on the disk."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.lsp.client import LanguageClient

# One worker starts the server, and these tests open their files in it one after the other, as an editor does all day.
pytestmark = pytest.mark.xdist_group("language server")

TEXT = """use "orders/order_prefix" version "1.0" as std end
setting hold_over is money default 5000.00 USD
rule "Large" for order when order.total is mor than hold_over
  then log "😀 {order.number}" tag order.sku hold "Too large" end
"""
RIGHT = TEXT.replace("mor than", "more than").replace("tag order.sku", 'tag "large"')
TESTS = """
test "Holds" given order order.total = 6000.00 USD expect held end
test "Holds not" given order order.total = 6000.00 USD expect not held end
"""


@dataclass
class Editor:
    """A client that remembers what the server said."""

    client: LanguageClient
    root: Path
    diagnostics: dict[str, list[types.Diagnostic]] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    told: asyncio.Event = field(default_factory=asyncio.Event)
    opened: list[str] = field(default_factory=list)

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    def open(self, name: str, text: str) -> types.TextDocumentIdentifier:
        self.opened.append(self.uri(name))
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(self.uri(name), "cloudcart", 1, text))
        )
        return types.TextDocumentIdentifier(self.uri(name))

    def change(self, name: str, text: str, version: int) -> None:
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(uri=self.uri(name), version=version),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    async def until(self, right: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not right():
                self.told.clear()
                await self.told.wait()

    def close_all(self) -> None:
        for uri in self.opened:
            self.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))
        self.opened.clear()
        self.diagnostics.clear()
        self.messages.clear()

    def codes(self, name: str) -> list[str]:
        return [str(each.code) for each in self.diagnostics.get(self.uri(name), [])]


@asynccontextmanager
async def editor(root: Path, encodings: list[types.PositionEncodingKind] | None = None) -> AsyncIterator[Editor]:
    client = LanguageClient("a test", "1")
    made = Editor(client, root)

    def said(params: types.PublishDiagnosticsParams) -> None:
        made.diagnostics[params.uri] = list(params.diagnostics)
        made.told.set()

    def shown(params: types.ShowMessageParams) -> None:
        made.messages.append(params.message)
        made.told.set()

    listen: Callable[[str], Callable[[object], object]] = client.feature
    listen(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(said)
    listen(types.WINDOW_SHOW_MESSAGE)(shown)
    await client.start_io(sys.executable, "-c", "from cli.main import main; main(['lsp'])")
    general = types.GeneralClientCapabilities(position_encodings=encodings) if encodings else None
    await client.initialize_async(
        types.InitializeParams(
            capabilities=types.ClientCapabilities(general=general),
            workspace_folders=[types.WorkspaceFolder(root.as_uri(), "shop")],
        )
    )
    client.initialized(types.InitializedParams())
    try:
        yield made
    finally:
        await client.shutdown_async(None)
        client.exit(None)
        stop: Callable[[], Awaitable[None]] = client.stop
        await stop()


Work = Callable[[Editor], Awaitable[None]]


def session(root: Path, work: Work, **how: Any) -> None:
    """Work in an editor with a server of its own."""

    async def run() -> None:
        async with editor(root, **how) as made:
            await work(made)

    asyncio.run(run())


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, Editor]]:
    """An editor that stays open from test to test, and what runs it."""
    with asyncio.Runner() as runner:
        opened = editor(tmp_path_factory.mktemp("editor"))
        made = runner.run(opened.__aenter__())
        try:
            yield runner, made
        finally:
            runner.run(opened.__aexit__(None, None, None))


@pytest.fixture
def in_the_editor(shared: tuple[asyncio.Runner, Editor], tmp_path: Path) -> Iterator[Callable[[Work], None]]:
    """Works in the open editor, on files of this test's own folder; they are closed after it."""
    runner, made = shared
    made.root = tmp_path

    def run(work: Work) -> None:
        async def all_of_it() -> None:
            await work(made)

        runner.run(all_of_it())

    yield run
    made.close_all()


def position(text: str, place: str) -> types.Position:
    """The place of the mark `‸` in a piece of the text, as an editor counts: UTF-16 units."""
    before, _, after = place.partition("‸")
    offset = text.index(before + after) + len(before)
    line = text.count("\n", 0, offset)
    start = text.rfind("\n", 0, offset) + 1
    return types.Position(line, len(text[start:offset].encode("utf-16-le")) // 2)


def cut(text: str, range: types.Range, encoding: str = "utf-16-le", unit: int = 2) -> str:
    """The text of a range, as an editor would cut it."""

    def offset(place: types.Position) -> int:
        lines = text.split("\n")
        before = sum(len(line) + 1 for line in lines[: place.line])
        return before + len(lines[place.line].encode(encoding)[: place.character * unit].decode(encoding))

    return text[offset(range.start) : offset(range.end)]


def test_mistakes_come_while_typing_at_the_right_letters_and_go_when_mended(
    in_the_editor: Callable[[Work], None],
) -> None:
    async def work(shop: Editor) -> None:
        shop.open("web.rules", TEXT)
        await shop.until(lambda: shop.codes("web.rules") == ["R102", "R201"])
        first = shop.diagnostics[shop.uri("web.rules")][0]
        assert cut(TEXT, first.range) == "mor"
        better = TEXT.replace("mor than", "more than")
        shop.change("web.rules", better, 2)
        await shop.until(lambda: shop.codes("web.rules") == ["R201"])
        # Behind a letter that counts twice in UTF-16.
        assert cut(better, shop.diagnostics[shop.uri("web.rules")][0].range) == "order.sku"
        shop.change("web.rules", RIGHT, 3)
        await shop.until(lambda: shop.codes("web.rules") == [])

    in_the_editor(work)


def test_an_editor_that_counts_letters_gets_letters(tmp_path: Path) -> None:
    text = RIGHT.replace('tag "large"', "tag order.sku")

    async def work(shop: Editor) -> None:
        shop.open("web.rules", text)
        await shop.until(lambda: shop.codes("web.rules") == ["R201"])
        found = shop.diagnostics[shop.uri("web.rules")][0]
        assert cut(text, found.range, "utf-32-le", 4) == "order.sku"

    session(tmp_path, work, encodings=[types.PositionEncodingKind.Utf32])


def test_a_fix_is_offered_where_the_mistake_is_and_all_at_once(in_the_editor: Callable[[Work], None]) -> None:
    async def work(shop: Editor) -> None:
        document = shop.open("web.rules", TEXT)
        await shop.until(lambda: len(shop.codes("web.rules")) > 0)
        wrong = shop.diagnostics[shop.uri("web.rules")][0]
        actions = await shop.client.text_document_code_action_async(
            types.CodeActionParams(document, wrong.range, types.CodeActionContext([wrong]))
        )
        fix = next(each for each in actions or () if isinstance(each, types.CodeAction) and "more" in each.title)
        assert list(fix.diagnostics or ()) == [wrong]
        assert fix.edit is not None
        ((uri, (edit,)),) = (fix.edit.changes or {}).items()
        assert (uri, cut(TEXT, edit.range), edit.new_text) == (shop.uri("web.rules"), "mor", "more")

    in_the_editor(work)


def test_words_are_suggested_told_found_and_renamed(in_the_editor: Callable[[Work], None]) -> None:
    async def work(shop: Editor) -> None:
        client = shop.client
        document = shop.open("web.rules", RIGHT)
        where = position(RIGHT, "order.to‸tal")
        listed = await client.text_document_completion_async(types.CompletionParams(document, where))
        assert isinstance(listed, types.CompletionList)
        total = next(each for each in listed.items if each.label == "order.total")
        assert isinstance(total.text_edit, types.TextEdit)
        assert cut(RIGHT, total.text_edit.range) == "order.to"
        told = await client.text_document_hover_async(types.HoverParams(document, where))
        assert told is not None
        assert isinstance(told.contents, types.MarkupContent)
        assert "Order total" in told.contents.value
        used = position(RIGHT, "than hold‸_over")
        declared = await client.text_document_definition_async(types.DefinitionParams(document, used))
        assert isinstance(declared, types.Location)
        assert (declared.range.start.line, cut(RIGHT, declared.range)) == (1, "hold_over")
        everywhere = await client.text_document_references_async(
            types.ReferenceParams(types.ReferenceContext(True), document, used)
        )
        assert [cut(RIGHT, each.range) for each in everywhere or ()] == ["hold_over", "hold_over"]
        ready = await client.text_document_prepare_rename_async(types.PrepareRenameParams(document, used))
        assert isinstance(ready, types.PrepareRenamePlaceholder)
        renamed = await client.text_document_rename_async(types.RenameParams(document, used, "limit"))
        assert renamed is not None
        assert [each.new_text for each in (renamed.changes or {})[shop.uri("web.rules")]] == ["limit", "limit"]
        refused = await client.text_document_rename_async(types.RenameParams(document, where, "sum"))
        assert refused is None
        await shop.until(lambda: any("the language gives it its name" in each for each in shop.messages))

    in_the_editor(work)


def test_a_pack_of_the_folder_is_found_opened_and_renamed_with_its_users(tmp_path: Path) -> None:
    pack = 'setting ending is text default "x"\nrule "End" for order then log ending end\n'
    user = 'use "acme/own" version "1.0" as own set ending to "y" end\nrule "U" for order then log "{own.ending}" end\n'
    place = tmp_path / "packs/acme/own/1.0.rules"
    place.parent.mkdir(parents=True)
    place.write_text(pack, encoding="utf-8")
    (tmp_path / "web.rules").write_text(user, encoding="utf-8")

    async def work(shop: Editor) -> None:
        document = shop.open("web.rules", user)
        await shop.until(lambda: shop.uri("web.rules") in shop.diagnostics)
        assert shop.codes("web.rules") == []
        declared = await shop.client.text_document_definition_async(
            types.DefinitionParams(document, position(user, "own.end‸ing"))
        )
        assert isinstance(declared, types.Location)
        assert declared.uri == place.as_uri()
        assert cut(pack, declared.range) == "ending"
        canned = await shop.client.text_document_rename_async(
            types.RenameParams(document, position(user, "own.end‸ing"), "suffix")
        )
        assert canned is not None
        assert {uri: len(edits) for uri, edits in (canned.changes or {}).items()} == {
            place.as_uri(): 2,
            shop.uri("web.rules"): 2,
        }
        shop.open("packs/acme/own/1.0.rules", pack.replace("ending", "suffix"))
        await shop.until(
            lambda: "R704" in shop.codes("web.rules")
        )  # the user is wrong as soon as the open pack changes

    session(tmp_path, work)


def test_tests_run_from_their_lens_and_on_saving_and_show_where_they_fail(
    in_the_editor: Callable[[Work], None],
) -> None:
    text = RIGHT + TESTS

    async def work(shop: Editor) -> None:
        document = shop.open("web.rules", text)
        above = await shop.client.text_document_code_lens_async(types.CodeLensParams(document))
        assert [each.command.title for each in above or () if each.command] == [
            "Run all 2 tests",
            "Run this test",
            "Run this test",
        ]
        command = (above or ())[0].command
        assert command is not None
        await shop.client.workspace_execute_command_async(
            types.ExecuteCommandParams(command.command, command.arguments)
        )
        await shop.until(lambda: "1 of 2 tests passed." in shop.messages)
        (failed,) = [each for each in shop.diagnostics[shop.uri("web.rules")] if each.source == "cloudcart test"]
        assert cut(text, failed.range) == '"Holds not"'
        shop.change("web.rules", text.replace("not held", "held"), 2)
        shop.client.text_document_did_save(types.DidSaveTextDocumentParams(document))
        await shop.until(lambda: not shop.diagnostics[shop.uri("web.rules")])

    in_the_editor(work)


def test_a_file_is_laid_out_outlined_folded_and_coloured(in_the_editor: Callable[[Work], None]) -> None:
    async def work(shop: Editor) -> None:
        client = shop.client
        document = shop.open("web.rules", RIGHT)
        edits = await client.text_document_formatting_async(
            types.DocumentFormattingParams(document, types.FormattingOptions(2, True))
        )
        assert edits
        assert cut(RIGHT, edits[0].range) == RIGHT
        assert edits[0].new_text != RIGHT
        outline = await client.text_document_document_symbol_async(types.DocumentSymbolParams(document))
        assert [each.name for each in outline or ()] == ["orders/order_prefix", "hold_over", "Large"]
        folds = await client.text_document_folding_range_async(types.FoldingRangeParams(document))
        assert [(each.start_line, each.end_line) for each in folds or ()] == [(2, 3)]
        coloured = await client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(document))
        assert coloured is not None
        assert len(coloured.data) % 5 == 0
        line = column = 0
        words = []
        for at in range(0, len(coloured.data), 5):
            lines, columns, length = coloured.data[at : at + 3]
            line, column = line + lines, columns + (0 if lines else column)
            stretch = types.Range(types.Position(line, column), types.Position(line, column + length))
            words.append(cut(RIGHT, stretch))
        assert (
            "".join(words) == "".join(RIGHT.split()).replace("Toolarge", "Too large").replace(":😀", ": 😀 ")
            or "hold_over" in words
        )

    in_the_editor(work)


def test_no_text_stops_the_server(in_the_editor: Callable[[Work], None]) -> None:
    async def work(shop: Editor) -> None:
        for number, text in enumerate(["", "\ufeffrule", "(" * 500, '"' * 999, "\x00\r\r\n", "rule " * 50]):
            document = shop.open(f"odd{number}.rules", text)
            for place in (types.Position(0, 0), types.Position(0, 7), types.Position(99, 99)):
                await shop.client.text_document_completion_async(types.CompletionParams(document, place))
                await shop.client.text_document_hover_async(types.HoverParams(document, place))
            await shop.client.text_document_document_symbol_async(types.DocumentSymbolParams(document))
            await shop.client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(document))
        shop.open("other.rules", TEXT)
        await shop.until(lambda: len(shop.codes("other.rules")) > 0)

    in_the_editor(work)
