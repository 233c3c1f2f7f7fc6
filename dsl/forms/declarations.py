"""The forms of the blocks that declare something: ruleset, use, setting, list; changes with those blocks."""

from __future__ import annotations

from dsl import tree
from dsl.forms.document import BlockAt
from dsl.forms.inputs import FIXED_WAYS, LIST_WAYS, Inputs
from dsl.forms.knowledge import TYPE_WORDS, Knowledge, declared_type
from dsl.forms.model import Choice, HeaderForm, Input, Insert, ListForm, PackRule, SettingForm, Slot, UseForm
from dsl.forms.sentences import Sentences
from dsl.types import ANY, NUMBER, Type
from dsl.values import fold


class Declarations:
    """The forms of one block that declares something."""

    def __init__(self, block: BlockAt, knowledge: Knowledge) -> None:
        self.block = block
        self.id = block.id
        self.knowledge = knowledge
        self.sheet = knowledge.document.sheet(block)
        self.inputs = Inputs(knowledge, self.sheet, knowledge.document.errors(block))
        self.sentences = Sentences(knowledge)
        self.indent = self.sheet.indent(block.start) + "  "

    def _clause(self, kind: str, start: int, end: int) -> tuple[int, int, int] | None:
        """A word and the token behind it: where the word stands, and where the token does."""
        word = self.sheet.find(kind, start, end)
        text = None if word is None else self.sheet.after(word[1])
        return None if word is None or text is None else (word[0], text[1], text[2])

    # --- ruleset ------------------------------------------------------------------------------------------------------

    def header(self, node: tree.Header) -> HeaderForm:
        inputs, id, block = self.inputs, self.id, self.block
        title = (node.title.span.start, node.title.span.end)
        language = None if node.language is None else self._clause("LANGUAGE", title[1], block.end)
        version = None if node.version is None else self._clause("VERSION", title[1], block.end)
        note = None if node.note is None else self._clause("NOTE", title[1], block.end)
        behind = title[1]
        found = [inputs.plain(f"{id}/title", "Title", node.title.text, title, required=True)]
        found.append(
            Input(
                id=f"{id}/language",
                label="Language",
                type="number",
                value=None if node.language is None else str(node.language),
                said_as="" if node.language is None else "constant",
                text="" if language is None else self.sheet.words(language[1], language[2]),
                help="the version of the rules language",
                start=None if language is None else language[1],
                end=None if language is None else language[2],
                slot=Slot(
                    "value",
                    NUMBER,
                    None if language is None else (language[0], language[2]),
                    Insert(behind, "language ", indent=self.indent),
                ),
            )
        )
        behind = behind if language is None else language[2]
        for name, label, said, clause, help in (
            ("version", "Version", node.version, version, "what a pack calls itself"),
            ("note", "Note", node.note, note, "for people: what to know before changing it"),
        ):
            found.append(
                inputs.plain(
                    f"{id}/{name}",
                    label,
                    said,
                    None if clause is None else (clause[1], clause[2]),
                    clause=None if clause is None else (clause[0], clause[2]),
                    insert=Insert(behind, f"{name} ", indent=self.indent),
                    help=help,
                )
            )
            behind = behind if clause is None else max(behind, clause[2])
        return HeaderForm(
            id=id,
            kind="ruleset",
            title=node.title.text,
            sentence=self.sentences.block(node),
            start=block.start,
            end=block.end,
            inputs=tuple(found),
            choices=inputs.choices,
        )

    # --- use ----------------------------------------------------------------------------------------------------------

    def use(self, node: tree.Use) -> UseForm:
        inputs, id, block = self.inputs, self.id, self.block
        pack = self.knowledge.pack_of(node)
        library = self.knowledge.surroundings.library
        name, version = node.pack.span, node.version.span
        alias = None
        head = version.end
        if node.alias is not None:
            before = self.sheet.before(node.alias.span.start)
            alias = (node.alias.span.start if before is None else before[1], node.alias.span.end)
            head = alias[1]
        found = [
            inputs.plain(
                f"{id}/pack",
                "Rule set",
                node.pack.text,
                (name.start, name.end),
                required=True,
                choices=inputs.offer(
                    "packs", lambda: tuple(Choice(each, each) for each in (library.names() if library else ()))
                ),
            ),
            inputs.plain(
                f"{id}/version",
                "Version",
                node.version.text,
                (version.start, version.end),
                required=True,
                choices=inputs.offer(
                    "versions",
                    lambda: tuple(Choice(each, each) for each in (library.versions(node.pack.text) if library else ())),
                ),
            ),
            inputs.word(
                f"{id}/as",
                "Called",
                None if node.alias is None else node.alias.text,
                None if node.alias is None else (node.alias.span.start, node.alias.span.end),
                writes="name",
                type="text",
                other=True,
                clause=alias,
                insert=Insert(version.end, "as ", own_line=False),
                help="its short name in this file",
            ),
        ]
        inputs.offer_names()
        settings, last = self._settings_of(node, head)
        rules = self._rules_of(node, last)
        note = ""
        if pack is not None and pack.file is not None:
            note = next((each.note or "" for each in pack.file.blocks if isinstance(each, tree.Header)), "")
        return UseForm(
            id=id,
            kind="use",
            title=node.pack.text,
            sentence=self.sentences.block(node),
            start=block.start,
            end=block.end,
            inputs=tuple(found),
            found=pack is not None and pack.file is not None,
            note=note,
            settings=tuple(settings),
            rules=tuple(rules),
            choices=inputs.choices,
        )

    def _settings_of(self, node: tree.Use, head: int) -> tuple[list[Input], int]:
        """Every setting of the pack, and what the file gives that the pack does not have; and behind which the next goes."""
        pack = self.knowledge.pack_of(node)
        declared = {} if pack is None else {each.name: each for each in self.knowledge.pack_settings(pack)}
        given = {each.name: each for each in node.settings}
        last = max((each.span.end for each in node.settings), default=head)
        inner = Sentences(self.knowledge, "" if pack is None else pack.text)
        found: list[Input] = []
        for name in [*declared, *(each for each in given if each not in declared)]:
            setting, value = declared.get(name), given.get(name)
            kind = setting.type if setting is not None else ANY
            place = None
            if value is not None:
                place = self.sheet.region(
                    value.value.span.start, value.value.span.end, value.name_span.end, value.span.end
                )
            found.append(
                self.inputs.value(
                    f"{self.id}/settings/{name}",
                    name.replace("_", " ").replace(".", ": ").capitalize(),
                    None if value is None else value.value,
                    place=place,
                    wanted=kind,
                    reference=setting.reference if setting is not None else "",
                    ways=("list",) if kind.element is not None else FIXED_WAYS,
                    clause=None if value is None else (value.span.start, value.span.end),
                    insert=Insert(last, f"set {name} to ", indent=self.indent),
                    required=False,
                    help=setting.note if setting is not None else "the pack has no such setting",
                    default="" if setting is None or setting.default is None else inner.value(setting.default),
                )
            )
        return found, last

    def _rules_of(self, node: tree.Use, last: int) -> list[PackRule]:
        pack = self.knowledge.pack_of(node)
        off = {fold(each.text): each for each in node.turned_off}
        at = max((each.span.end for each in node.turned_off), default=last)
        replaced = {
            fold(each.node.replaces.text): each.title
            for each in self.knowledge.document.blocks
            if isinstance(each.node, tree.Rule) and each.node.replaces is not None and not each.node.off
        }
        titles: list[tuple[str, str]] = []
        if pack is not None:
            for title, rule, inner in self.knowledge.pack_rules(pack):
                titles.append((title, Sentences(self.knowledge, inner.text).block(rule)))
        known = {fold(title) for title, _ in titles}
        titles += [(each.text, "") for each in node.turned_off if fold(each.text) not in known]
        found: list[PackRule] = []
        for place, (title, sentence) in enumerate(titles, 1):
            word = off.get(fold(title))
            clause = None
            if word is not None:
                before = self.sheet.before(word.span.start)
                turn = None if before is None else self.sheet.before(before[1])
                clause = (word.span.start if turn is None else turn[1], word.span.end)
            found.append(
                PackRule(
                    id=f"{self.id}/rules/{place}",
                    title=title,
                    sentence=sentence,
                    on=Input(
                        id=f"{self.id}/rules/{place}/on",
                        label="On",
                        type="yes/no",
                        value=word is None,
                        said_as="constant",
                        text="" if clause is None else self.sheet.words(*clause),
                        required=True,
                        start=None if clause is None else clause[0],
                        end=None if clause is None else clause[1],
                        slot=Slot("turn_off", None, clause, Insert(at, indent=self.indent), (title,)),
                    ),
                    replaced_by=replaced.get(fold(f"{'' if pack is None else pack.alias}: {title}"), ""),
                )
            )
        return found

    # --- setting ------------------------------------------------------------------------------------------------------

    def setting(self, node: tree.Setting) -> SettingForm:
        inputs, id, block = self.inputs, self.id, self.block
        kind, reference = declared_type(node.type.words)
        default = None if node.default is None else self._clause("DEFAULT", node.type.span.end, block.end)
        note = None if node.note is None else self._clause("NOTE", node.type.span.end, block.end)
        place = clause = None
        if node.default is not None and default is not None:
            high = note[0] if note is not None and note[0] > default[0] else block.end
            place = self.sheet.region(node.default.span.start, node.default.span.end, default[0], high)
            clause = (default[0], place[1])
        behind = node.type.span.end if clause is None else clause[1]
        found = [
            self.name(node.name, "Name"),
            inputs.word(
                f"{id}/type",
                "Kind of value",
                node.type.words,
                (node.type.span.start, node.type.span.end),
                writes="type",
                choices=self.types(),
                required=True,
            ),
            inputs.value(
                f"{id}/default",
                "Value unless somebody says otherwise",
                node.default,
                place=place,
                wanted=kind,
                reference=reference,
                ways=("list",) if kind.element is not None else FIXED_WAYS,
                clause=clause,
                insert=Insert(node.type.span.end, "default ", own_line=False),
                required=False,
            ),
            inputs.plain(
                f"{id}/note",
                "Note",
                node.note,
                None if note is None else (note[1], note[2]),
                clause=None if note is None else (note[0], note[2]),
                insert=Insert(behind, "note ", own_line=False),
                help="what people see beside it",
            ),
        ]
        return SettingForm(
            id=id,
            kind="setting",
            title=node.name.text,
            sentence=self.sentences.block(node),
            start=block.start,
            end=block.end,
            inputs=tuple(found),
            choices=inputs.choices,
        )

    def name(self, word: tree.Word, label: str, id: str = "") -> Input:
        """The input of a declared name."""
        return self.inputs.word(
            id or f"{self.id}/name",
            label,
            word.text,
            (word.span.start, word.span.end),
            writes="name",
            type="text",
            other=True,
            required=True,
            help="small letters, digits and _; `rename` changes what names it too",
        )

    def types(self) -> str:
        return self.inputs.offer("types", lambda: tuple(Choice(each, each.replace("_", " ")) for each in TYPE_WORDS))

    # --- list ---------------------------------------------------------------------------------------------------------

    def list_block(self, node: tree.List) -> ListForm:
        found = [self.name(node.name, "Name")]
        elements: list[Input] = []
        value = node.value
        place = self.sheet.region(value.span.start, value.span.end, node.name.span.end, self.block.end)
        kind = self.knowledge.kind_of(value)
        found.append(
            self.inputs.value(f"{self.id}/value", "Elements", value, place=place, wanted=kind, ways=LIST_WAYS[:1])
        )
        if isinstance(value, tree.ListOf):
            elements = self.elements(value, kind.element or ANY)
        return ListForm(
            id=self.id,
            kind="list",
            title=node.name.text,
            sentence=self.sentences.block(node),
            start=self.block.start,
            end=self.block.end,
            inputs=tuple(found),
            elements=tuple(elements),
            choices=self.inputs.choices,
        )

    def elements(self, value: tree.ListOf, kind: Type) -> list[Input]:
        """Each element of a list."""
        found: list[Input] = []
        for place, each in enumerate(value.elements, 1):
            at = self.sheet.region(each.span.start, each.span.end, value.span.start + 1, value.span.end - 1)
            found.append(
                self.inputs.value(
                    f"{self.id}/elements/{place}", f"Element {place}", each, place=at, wanted=kind, ways=FIXED_WAYS
                )
            )
        return found
