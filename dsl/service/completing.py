"""What somebody may want to write at a place: fields, values, names, words; changes with what editors suggest.

The grammar says which kind of word fits, the schema and the file which words there are. Suggestions are made for unfinished
texts, so nothing here needs a tree of the place itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dsl import tree
from dsl.functions import REGISTRY
from dsl.packs import Library
from dsl.schema import Field, FlowOption
from dsl.service.expecting import accepted, block_before, words_of
from dsl.service.hovering import of_field, of_function, of_option
from dsl.service.view import View
from dsl.tokens import Token
from dsl.types import NAMED, REFERENCES, YES_NO
from grammar.keywords import ITEM_WORDS

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*\Z")
_MOST_NAMES = 500


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One word to put in place of `start` to `end`.

    `kind`: field, value, setting, list, table, column, function, keyword, rule, flow, pack, option, block. `text` is what is
    put in; in a `snippet` `$1`, `${2:word}` and `$0` are stops of the cursor. `rank` orders: small numbers first.
    """

    label: str
    kind: str
    text: str
    start: int
    end: int
    detail: str = ""
    documentation: str = ""
    snippet: bool = False
    rank: int = 50


def complete(view: View, offset: int) -> tuple[Suggestion, ...]:
    """What fits at an offset, the likeliest first. Nothing in remarks and in texts that mean nothing to the checker."""
    return tuple(sorted(_Completing(view, offset).all(), key=lambda each: (each.rank, each.label)))


class _Completing:
    def __init__(self, view: View, offset: int) -> None:
        self.view = view
        self.offset = offset
        self.schema = view.schema
        place = view.token_at(offset)
        token = None if place is None else view.tokens[place]
        self.token = token
        prefix = _WORD.search(view.text, max(0, offset - 200), offset)
        self.start = prefix.start() if prefix is not None else offset
        self.in_text = token is not None and token.kind in ("STRING", "UNCLOSED") and token.start < offset
        if self.in_text and token is not None and (token.kind == "UNCLOSED" or offset < token.end):
            self.block = block_before(view.tokens, token.start)
        else:
            self.in_text = False
            self.block = block_before(view.tokens, self.start)
        self.kinds = [each.kind for each in self.block]

    def all(self) -> Iterator[Suggestion]:
        token = self.token
        if token is not None and token.kind == "COMMENT" and token.start < self.offset:
            return
        if self.in_text and token is not None:
            hole = _hole(self.view.text, token.start, self.offset)
            if hole is None:
                yield from self._texts(token)
            else:
                yield from self._expression(frozenset({"PATH", "NAME"}), self._scope())
            return
        columns = list(self._columns())
        if columns:
            yield from columns
            return
        terminals = accepted(self.block)
        if not self.block or "RULE" in terminals:
            yield from self._blocks()
        yield from self._words(terminals)
        special = list(self._special())
        if special:
            yield from special
            return
        yield from self._values(terminals)
        if "PATH" in terminals or "NAME" in terminals:
            yield from self._expression(terminals, self._scope())

    # --- words of the language ----------------------------------------------------------------------------------------

    def _words(self, terminals: frozenset[str]) -> Iterator[Suggestion]:
        for word, help_line in words_of(terminals):
            if word not in ("ruleset", "use", "setting", "list", "table", "flow", "rule", "test"):
                yield self._made(word, "keyword", word, documentation=help_line, rank=60)
        if "ITEM" in terminals:
            for word in ITEM_WORDS:
                yield self._made(word, "keyword", word, rank=65)

    def _blocks(self) -> Iterator[Suggestion]:
        for label, text in BLOCKS.items():
            yield replace(self._made(label, "block", text, detail="a new block", rank=40), snippet=True)

    # --- places where only certain names stand ------------------------------------------------------------------------

    def _special(self) -> Iterator[Suggestion]:
        last = self.kinds[-1] if self.kinds else ""
        head = self.kinds[0] if self.kinds else ""
        before = self.kinds[-2] if len(self.kinds) > 1 else ""
        if last == "LOOKUP":
            yield from self._tables()
        elif last == "IN" and "EACH" in self.kinds[-3:]:
            yield from self._collections(self.block[-2].text)
        elif head == "SETTING" and last == "IS":
            for name in (*NAMED, *REFERENCES):
                yield self._made(name, "value", name, detail="a type", rank=10)
        elif (head == "RULE" and last == "FOR") or (head == "TEST" and last == "GIVEN"):
            for kind in self.schema.kinds:
                yield self._made(kind.name, "value", kind.name, detail=f"every {kind.name}", rank=10)
        elif head == "FLOW" and last in ("FROM", "TO"):
            for name in self.schema.sources if last == "FROM" else self.schema.targets:
                yield self._made(name, "value", name, detail="a kind of system", rank=10)
        elif head == "FLOW" and last == "SYNC":
            for kind in self.schema.kinds:
                yield self._made(kind.plural, "value", kind.plural, rank=10)
        elif head == "FLOW" and last in ("ON", "COMMA") and "NOTIFY" in self.kinds:
            for event in self.schema.notify_events:
                yield self._made(event, "value", event, rank=10)
        elif head == "FLOW" and last == "EQUALS" and before == "NAME":
            yield from self._option_values(self.block[-2].text)
        elif head == "FLOW" and "WITH" in self.kinds and last != "EQUALS":
            given = {each.text for each in self.block}
            for option in self.schema.flow_options:
                if option.name not in given:
                    yield self._option(option)
        elif head == "USE" and last == "SET":
            yield from self._pack_settings()
        elif head == "TEST" and last == "IS" and before == "DOCUMENT":
            for name in self.schema.document_kinds:
                yield self._made(name, "value", name, rank=10)
        elif last == "ADD":
            for item in {each.name: each for each in self.schema.items if each.addable}.values():
                yield self._made(item.name, "keyword", item.name, detail=item.label, rank=10)
        else:
            yield from self._assigned(head)

    def _assigned(self, head: str) -> Iterator[Suggestion]:
        """The names of fields before `=`: of an item that is added or given, of settings in a test."""
        if not self.kinds or self.kinds[-1] == "EQUALS":
            return
        for at in range(len(self.block) - 1, -1, -1):
            kind = self.kinds[at]
            if kind == "ITEM" and (self.kinds[at - 1] == "ADD" or (head == "TEST" and "EXPECT" not in self.kinds)):
                if at + 1 < len(self.kinds) and self.kinds[-1] in ("NAME", "CLOSE_LIST"):
                    return
                word = self.block[at].text
                for field in self.schema.fields:
                    if field.root == word and field.writable:
                        yield self._field(field, text=f"{field.name} = ", label=field.name, rank=20)
                return
            if kind == "WITH_SETTINGS":
                for label, detail in self._setting_names():
                    yield self._made(label, "setting", f"{label} = ", detail=detail, rank=10)
                return
            if kind not in (
                "EQUALS",
                "NAME",
                "STRING",
                "NUMBER",
                "MONEY",
                "YES",
                "NO",
                "PERCENT",
                "DATE",
                "CLOSE_LIST",
            ):
                return

    def _option(self, option: FlowOption) -> Suggestion:
        text = f"{option.name} = "
        return self._made(option.name, "option", text, detail=option.default, documentation=of_option(option), rank=10)

    def _option_values(self, name: str) -> Iterator[Suggestion]:
        option = next((each for each in self.schema.flow_options if each.name == name), None)
        if option is None:
            return
        for value in option.values:
            detail = "where nothing is said" if value == option.default else ""
            yield self._made(value, "value", value, detail=detail, rank=10)
        if option.type == YES_NO:
            yield from (self._made(word, "value", word, rank=10) for word in ("yes", "no"))
        yield from self._of_books(option.reference, quoted=True)

    def _collections(self, word: str) -> Iterator[Suggestion]:
        for item in self.schema.items:
            if item.name == word:
                yield self._made(item.collection, "field", item.collection, detail=item.label, rank=10)

    def _pack_settings(self) -> Iterator[Suggestion]:
        pack = self._this_pack()
        for block in pack.blocks if pack is not None else ():
            if isinstance(block, tree.Setting):
                text, detail = f"{block.name.text} to ", block.type.words
                yield self._made(
                    block.name.text, "setting", text, detail=detail, documentation=block.note or "", rank=10
                )

    def _this_pack(self) -> tree.File | None:
        """The pack of the `use` that the place lies in."""
        strings = [each for each in self.block if each.kind == "STRING"]
        if self.kinds[:1] != ["USE"] or not strings:
            return None
        name = strings[0].text.strip('"')
        return next((each.file for each in self.view.packs.values() if each.key.rpartition("@")[0] == name), None)

    def _columns(self) -> Iterator[Suggestion]:
        """The outputs of a table, behind the point of `lookup table(…).`"""
        text = self.view.text
        point = self.start if text[self.start : self.start + 1] == "." else self.start - 1
        if point < 1 or text[point] != "." or text[point - 1] != ")":
            return
        name = _looked_up(block_before(self.view.tokens, point))
        for prefix, blocks in self._files():
            for block in blocks:
                if isinstance(block, tree.Table) and f"{prefix}{block.name.text}" == name:
                    for each in block.outputs:
                        detail = f"a column of {name}"
                        made = self._made(each.name.text, "column", each.name.text, detail=detail, rank=10)
                        yield replace(made, start=point + 1)

    def _files(self) -> Iterator[tuple[str, Sequence[tree.Block]]]:
        """The file's own blocks, and those of its packs with what stands before their names."""
        yield "", self.view.parsed.blocks
        for alias, pack in self.view.packs.items():
            yield f"{alias}.", pack.file.blocks

    # --- texts in quotes ----------------------------------------------------------------------------------------------

    def _texts(self, token: Token) -> Iterator[Suggestion]:
        """What may stand between the quotes that the place lies in."""
        self.start = token.start
        line_end = self.view.text.find("\n", token.start)
        closed = token.kind == "STRING"
        end = token.end if closed else min(token.end, self.offset if line_end < 0 else max(line_end, self.offset))
        for each in self._quoted():
            yield replace(each, start=token.start, end=end)

    def _quoted(self) -> Iterator[Suggestion]:
        last = self.kinds[-1] if self.kinds else ""
        before = self.kinds[-2] if len(self.kinds) > 1 else ""
        if last in ("FIRED", "REPLACES"):
            yield from self._rules(packs_only=last == "REPLACES")
        elif last == "OFF" and before == "TURN":
            pack = self._this_pack()
            for block in pack.blocks if pack is not None else ():
                if isinstance(block, tree.Rule):
                    yield self._title(block.title.text, "rule", block.note or "")
        elif last == "AFTER" or (last == "FLOW" and before == "IN"):
            for block in self.view.parsed.blocks:
                if isinstance(block, tree.Flow):
                    yield self._title(block.title.text, "flow", "")
        elif last == "USE" and self.view.library is not None:
            for name in self.view.library.names():
                yield self._title(name, "pack", "")
        elif last == "VERSION" and self.view.library is not None:
            yield from self._versions(self.view.library)
        elif last == "FROM" and self.kinds[:1] == ["TABLE"]:
            for name in sorted(self.view.tables):
                yield self._title(name, "value", "a file beside the rule set")
        else:
            yield from self._subject_values()

    def _versions(self, library: Library) -> Iterator[Suggestion]:
        strings = [each.text.strip('"') for each in self.block if each.kind == "STRING"]
        versions = list(library.versions(strings[0])) if strings else []
        for rank, version in enumerate(reversed(versions)):
            yield replace(self._title(version, "value", "the newest" if rank == 0 else ""), rank=10 + rank)

    def _rules(self, *, packs_only: bool) -> Iterator[Suggestion]:
        if not packs_only:
            for block in self.view.parsed.blocks:
                if isinstance(block, tree.Rule):
                    yield self._title(block.title.text, "rule", block.note or "")
        for alias, pack in self.view.packs.items():
            for block in pack.file.blocks:
                if isinstance(block, tree.Rule):
                    yield self._title(f"{alias}: {block.title.text}", "rule", block.note or "")

    def _title(self, title: str, kind: str, documentation: str) -> Suggestion:
        return self._made(title, kind, _in_quotes(title), documentation=documentation, rank=10)

    # --- values and expressions ---------------------------------------------------------------------------------------

    def _values(self, terminals: frozenset[str]) -> Iterator[Suggestion]:
        if "STRING" in terminals:
            yield from self._subject_values()

    def _subject_values(self) -> Iterator[Suggestion]:
        """The values of the field that a comparison or a write at this place is about."""
        field = self._subject()
        if field is None:
            return
        for value in field.values[:_MOST_NAMES]:
            yield self._made(value, "value", _in_quotes(value), detail=field.label, rank=10)
        yield from self._of_books(field.reference, quoted=True)

    def _of_books(self, reference: str, *, quoted: bool) -> Iterator[Suggestion]:
        books = self.view.books
        for name in (books.names.get(reference, ()) if books is not None and reference else ())[:_MOST_NAMES]:
            text = _in_quotes(name) if quoted else name
            yield self._made(name, "value", text, detail=reference.replace("_", " "), rank=12)

    def _subject(self) -> Field | None:
        """The field left of a comparison, or the one that is written; what a column of a table is compared with."""
        for at in range(len(self.block) - 1, max(-1, len(self.block) - 60), -1):
            token = self.block[at]
            if token.kind == "PATH":
                return self.schema.field(token.text)
            if token.kind == "NAME" and at + 1 < len(self.block) and self.kinds[at + 1] == "EQUALS":
                item = next((each.text for each in reversed(self.block[:at]) if each.kind == "ITEM"), "")
                return self.schema.field(f"{item}.{token.text}")
            if token.kind not in _BETWEEN:
                return None
        return None

    def _scope(self) -> tuple[str, str]:
        """The kind of record that the block is for, and the word of its loop."""
        kind, item = "order", ""
        for at, each in enumerate(self.block[:-1]):
            following = self.block[at + 1]
            if each.kind in ("FOR", "GIVEN") and following.kind == "NAME":
                kind = following.text
            elif each.kind == "SYNC":
                kind = next((one.name for one in self.schema.kinds if one.plural == following.text), kind)
            elif each.kind == "EACH" and following.kind == "ITEM":
                item = following.text
            elif each.kind == "IN" and following.kind == "PATH" and item:
                kind = following.text.partition(".")[0]
        return kind, item

    def _expression(self, terminals: frozenset[str], scope: tuple[str, str]) -> Iterator[Suggestion]:
        if "PATH" in terminals:
            yield from self._fields(*scope)
        if "NAME" not in terminals:
            return
        for label, detail in self._setting_names():
            yield self._made(label, "setting", label, detail=detail, rank=25)
        for block in self.view.parsed.blocks:
            if isinstance(block, tree.List):
                yield self._made(block.name.text, "list", block.name.text, rank=25)
        for function in REGISTRY.values():
            text = f"{function.name}($1)$0" if function.parameters else function.name
            made = self._made(
                function.name,
                "function",
                text,
                detail=function.signature,
                documentation=of_function(function.name),
                rank=45,
            )
            yield replace(made, snippet=bool(function.parameters))

    def _fields(self, kind: str, item: str) -> Iterator[Suggestion]:
        record = self.schema.kind(kind)
        roots = set(record.roots) if record is not None else {"order"}
        if item:
            roots.add(item)
        elif not {"COUNT", "SUM", "SOME", "EVERY", "NO"}.isdisjoint(self.kinds):
            roots |= {each.name for each in self.schema.items if each.collection.partition(".")[0] in roots}
        wanted = self._subject()
        for field in self.schema.fields:
            if field.root in roots and field.root != "document":
                fits = wanted is not None and wanted.type == field.type
                rank = 22 if field.root == item else 28 if fits else 30 if field.root == kind else 35
                yield self._field(field, text=field.path, label=field.path, rank=rank)

    def _field(self, field: Field, *, text: str, label: str, rank: int) -> Suggestion:
        detail = f"{field.label} – {field.type}"
        return self._made(label, "field", text, detail=detail, documentation=of_field(field), rank=rank)

    def _setting_names(self) -> Iterator[tuple[str, str]]:
        for block in self.view.parsed.blocks:
            if isinstance(block, tree.Setting):
                yield block.name.text, block.type.words
        for alias, pack in self.view.packs.items():
            for block in pack.file.blocks:
                if isinstance(block, tree.Setting):
                    yield f"{alias}.{block.name.text}", block.type.words

    def _tables(self) -> Iterator[Suggestion]:
        for prefix, blocks in self._files():
            for block in blocks:
                if isinstance(block, tree.Table):
                    keys = ", ".join(f"${{{at}:{each.name.text}}}" for at, each in enumerate(block.keys, 1))
                    detail = " | ".join(each.name.text for each in block.outputs)
                    name = f"{prefix}{block.name.text}"
                    made = self._made(name, "table", f"{name}({keys})$0", detail=detail, rank=10)
                    yield replace(made, snippet=True)

    def _made(
        self, label: str, kind: str, text: str, *, detail: str = "", documentation: str = "", rank: int = 50
    ) -> Suggestion:
        return Suggestion(label, kind, text, self.start, self.offset, detail, documentation, rank=rank)


_BETWEEN = frozenset(
    {
        "IS",
        "NOT",
        "ONE",
        "OF",
        "EXACTLY",
        "CONTAINS",
        "CONTAIN",
        "DOES",
        "STARTS",
        "START",
        "ENDS",
        "END",
        "WITH",
        "HAS",
    }
    | {"HAVE", "THE", "WORD", "MATCHES", "MATCH", "TO", "OPEN_LIST", "STRING", "COMMA", "EQUALS", "BEFORE", "AFTER"}
)
"""What may stand between a field and the values that it is compared with."""


def _looked_up(block: Sequence[Token]) -> str:
    """The table whose look-up ends with the last token, a closing bracket."""
    depth = 0
    for at in range(len(block) - 1, 0, -1):
        depth += {"CLOSE": 1, "OPEN": -1}.get(block[at].kind, 0)
        if depth == 0:
            return block[at - 1].text if at > 1 and block[at - 2].kind == "LOOKUP" else ""
    return ""


def _in_quotes(text: str) -> str:
    return '"' + text.replace('"', '""').replace("{", "{{").replace("}", "}}") + '"'


def _hole(text: str, start: int, offset: int) -> int | None:
    """Where the `{` stands whose inside an offset lies in, within the text that begins at `start`; None outside of braces."""
    opened = None
    at = start + 1
    while at < offset:
        letter = text[at]
        if letter in "{}" and text[at + 1 : at + 2] == letter and opened is None:
            at += 1
        elif letter == "{":
            opened = at
        elif letter == "}":
            opened = None
        at += 1
    return opened


BLOCKS = {
    "rule": 'rule "${1:What it does}"\n  for ${2:order}\n  when $3\n  then $0\nend\n',
    "rule for each line": 'rule "${1:What it does}"\n  for each line in order.lines\n  where $2\n  then $0\nend\n',
    "setting": 'setting ${1:name} is ${2:text} default "$3" note "$4"\n$0',
    "list": 'list ${1:name} is ["$2"]\n$0',
    "table": 'table ${1:name}\n  ${2:key} -> ${3:value}\n  "$4" -> "$0"\nend\n',
    "flow": 'flow "${1:Web orders to QuickBooks}"\n  from ${2:woocommerce}  to ${3:quickbooks}\n  sync ${4:orders}\n'
    "  every ${5:30 minutes}\n  with\n    record_as = $0\nend\n",
    "test": 'test "${1:What must come out}"\n  given ${2:order}\n    order.number = "${3:1042}"\n  expect\n    $0\nend\n',
    "use": 'use "$1" version "$2" as ${3:std}\nend\n$0',
    "ruleset": 'ruleset "${1:Company: shop to books}"\n  language 1\nend\n$0',
}
"""What a new block begins as, by the words that ask for it."""
