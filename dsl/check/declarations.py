"""Checks what a file declares by name: settings, lists, titles; changes when a kind of declaration does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from dsl import tree
from dsl.check.context import Environment, Namespace, Scope
from dsl.check.expressions import Expressions
from dsl.check.kinds import a
from dsl.functions import REGISTRY
from dsl.packs import Unit, alias_of
from dsl.report import Reporter
from dsl.resolved import ResolvedList, ResolvedSetting
from dsl.tree import Expression, Span, Word
from dsl.types import ANY, NAMED, REFERENCES, TEXT, Type, type_named
from dsl.values import fold
from grammar.keywords import KEPT_WORDS

_NAME = re.compile(r"[a-z_][a-z0-9_]*\Z")


def usable_name(word: Word, what: str, reporter: Reporter, roots: Iterable[str], uses: Iterable[Span] = ()) -> None:
    """Reports a name that does not look like one, or means something else already; `uses` are changed with it."""
    if not word.text:
        return
    small = re.sub(r"[^a-z0-9_]+", "_", word.text.casefold()).strip("_") or "name"
    if word.text in KEPT_WORDS:
        reporter.report(
            "R111", word.span, f"`{word.text}` is kept for the language", help=f"choose another name for {what}"
        )
    elif word.text in REGISTRY and REGISTRY[word.text].fewest == 0 and what != "a column":
        reporter.report(
            "R216",
            word.span,
            f"`{word.text}` is a function: {REGISTRY[word.text].sentence}".rstrip("."),
            help=f"choose another name for {what}, such as `my_{word.text}`",
            fixes_together=[
                (f"Change it to `my_{word.text}`", [(each, f"my_{word.text}") for each in (word.span, *uses)])
            ],
        )
    elif word.text in roots:
        reporter.report(
            "R111",
            word.span,
            f"`{word.text}` is a record",
            help=f"choose another name for {what}, such as `my_{word.text}`",
        )
    elif not _NAME.match(word.text):
        reporter.report(
            "R111",
            word.span,
            f"the name of {what} is written in small letters: `{small}`",
            fixes_together=[(f"Change it to `{small}`", [(each, small) for each in (word.span, *uses)])],
        )


def _uses(name: str, unit: Unit) -> list[Span]:
    """Where a file reads a setting or a list by this name."""
    return [
        each.span
        for block in unit.file.blocks
        for each in tree.walk(block)
        if isinstance(each, tree.Name) and each.name == name
    ]


def unique(words: Iterable[Word], code: str, what: str, reporter: Reporter, form: Callable[[str], str] = fold) -> None:
    """Reports words that were used before."""
    seen: dict[str, Word] = {}
    for word in words:
        if not word.text:
            continue
        key = form(word.text)
        first = seen.setdefault(key, word)
        if first is not word:
            reporter.report(
                code,
                word.span,
                f'there already is {what} "{first.text}"' if word.quoted else f"there already is {what} `{first.text}`",
                related=[("the first one is here", first.span)],
                help="take one of them out" if code == "R109" else "give one of them another name",
            )


def type_of(name: tree.TypeName, reporter: Reporter) -> tuple[Type, str]:
    """The type that a declaration names, and the list of the books that its values are names in ("")."""
    words = name.words
    if not words:
        return ANY, ""
    if words in REFERENCES:
        return TEXT, words
    try:
        return type_named(words), ""
    except KeyError:
        word = words.rpartition(" ")[2]
        if words.startswith("list of ") and word in REFERENCES:
            return type_named("list of text"), word
        spoken = {"boolean": "yes/no", "bool": "yes/no", "string": "text", "amount": "money", "integer": "number"}
        meant = reporter.closest(word, [*NAMED, *REFERENCES], spoken)
        reporter.report(
            "R215",
            name.span,
            f"there is no type `{words}`",
            label=f"did you mean `{meant}`?" if meant else "",
            fixes=[(f"Change it to `{meant}`", name.span, words.removesuffix(word) + meant)] if meant else [],
        )
        return ANY, ""


def constant(node: Expression, expressions: Expressions, what: str) -> Expression | None:
    """A checked constant (or list of constants), or None, reported."""
    before = _Marker(expressions.reporter)
    checked = expressions.check(node, Scope(None, what=what))
    if isinstance(checked, tree.LITERALS) or (
        isinstance(checked, tree.ListOf) and all(isinstance(each, tree.LITERALS) for each in checked.elements)
    ):
        return checked
    if not before.moved() and not tree.has_hole(checked):
        expressions.reporter.report(
            "R316", checked.span, f"{what} is fixed: it cannot be worked out", help="write the value itself"
        )
    return None


class _Marker:
    """Whether anything was reported since."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._count = reporter.count

    def moved(self) -> bool:
        return self._reporter.count != self._count


def declare(unit: Unit, environment: Environment) -> Namespace:
    """The names of one file: its packs' first, then its own settings and lists; tables are added by dsl.check.tables."""
    known_packs = aliases(unit)
    names = Namespace(
        aliases=frozenset(known_packs),
        incomplete=any(place not in unit.used for place in known_packs.values())
        or any(each.kind == "use" for each in unit.file.broken),
        broken=_broken(unit),
    )
    reporter = environment.reporter
    prefix = unit.prefix
    for used in unit.used.values():
        inside = used.prefix[len(prefix) :]
        for kind, declared in (
            ("settings", environment.settings),
            ("lists", environment.lists),
            ("tables", environment.tables),
        ):
            bucket: dict[str, list[str]] = getattr(names, kind)
            for key in declared:
                if key.startswith(used.prefix):
                    rest = key[len(used.prefix) :]
                    bucket.setdefault(f"{inside}{rest}", []).append(key)
                    if "." not in rest:
                        bucket.setdefault(rest, []).append(key)
    roots = {each.root for each in environment.schema.fields}
    blocks = unit.file.blocks
    named = [each for each in blocks if isinstance(each, tree.Setting | tree.List | tree.Table)]
    unique((each.name for each in named), "R213", "a setting, list or table", reporter, str)
    for each in named:
        what = {"Setting": "a setting", "List": "a list", "Table": "a table"}[type(each).__name__]
        odd = (bool(each.name.text) and not _NAME.match(each.name.text)) or each.name.text in REGISTRY
        uses = _uses(each.name.text, unit) if odd else []
        usable_name(each.name, what, reporter, roots, uses)
    for block in blocks:
        if isinstance(block, tree.Use) and block.alias is not None:
            usable_name(block.alias, "a pack", reporter, roots)
    expressions = Expressions(environment, names)
    for block in blocks:
        if isinstance(block, tree.Setting):
            key = prefix + block.name.text
            environment.settings[key] = _setting(block, key, unit, expressions)
            names.settings[block.name.text] = [key]
        elif isinstance(block, tree.List):
            key = prefix + block.name.text
            environment.lists[key] = _list(block, key, expressions)
            names.lists[block.name.text] = [key]
    return names


def _broken(unit: Unit) -> frozenset[str]:
    """The settings, lists and tables of which only the name could be read, or columns are missing."""
    names = {each.name.text for each in unit.file.broken if each.name is not None and not each.name.quoted}
    names |= {
        each.name.text
        for each in unit.file.blocks
        if isinstance(each, tree.Table) and not all(column.name.text for column in (*each.keys, *each.outputs))
    }
    return frozenset(names)


def _setting(block: tree.Setting, key: str, unit: Unit, expressions: Expressions) -> ResolvedSetting:
    type, reference = type_of(block.type, expressions.reporter)
    default = None
    if block.default is not None:
        default = constant(block.default, expressions, "the default of a setting")
        if default is not None:
            if expressions.fits(default, type, f"the setting `{block.name.text}`"):
                _remember(default, reference, expressions.environment)
            if type == ANY:
                type = default.type
    return ResolvedSetting(key, type, reference, default, default, block.note or "", unit.alias)


def _remember(value: Expression, reference: str, environment: Environment) -> None:
    if not reference:
        return
    for each in value.elements if isinstance(value, tree.ListOf) else (value,):
        if isinstance(each, tree.Text):
            environment.references.append((reference, each.value, each.span))


def _list(block: tree.List, key: str, expressions: Expressions) -> ResolvedList:
    value = constant(block.value, expressions, "a list")
    if value is None:
        return ResolvedList(key, ANY, ())
    if not isinstance(value, tree.ListOf):
        expressions.reporter.report(
            "R302",
            value.span,
            f"a list stands in brackets, and this is {a(value.type)}",
            fixes=[("Put it in brackets", value.span, f"[{expressions.words(value.span)}]")],
        )
        return ResolvedList(key, value.type, (value,))
    return ResolvedList(key, value.type.element or ANY, value.elements)


def assign_settings(
    assignments: Sequence[tree.Assignment],
    available: dict[str, list[str]],
    expressions: Expressions,
    code: str,
    whose: str,
) -> dict[str, Expression]:
    """The values that `set` in a use, or `with settings` in a test, gives: key -> constant; mistakes are reported."""
    environment, reporter = expressions.environment, expressions.reporter
    unique((Word(each.name, span=each.name_span) for each in assignments), "R109", "a value for", reporter, str)
    values: dict[str, Expression] = {}
    for each in assignments:
        keys = available.get(each.name, [])
        value = constant(each.value, expressions, "the value of a setting")
        if not keys and code == "R202" and expressions.names.incomplete:
            continue
        if not keys:
            meant = reporter.closest(each.name, available)
            reporter.report(
                code,
                each.name_span,
                f"{whose} no setting `{each.name}`",
                meant=meant,
                help="" if meant else _known(available),
            )
            continue
        if len(keys) > 1:
            expressions.ambiguous("setting", each.name, each.name_span, keys)
        setting = environment.settings[keys[0]]
        if value is not None and expressions.fits(value, setting.type, f"the setting `{each.name}`"):
            _remember(value, setting.reference, environment)
            values[keys[0]] = value
    return values


def _known(available: dict[str, list[str]]) -> str:
    names = [each for each in available if "." not in each]
    return f"its settings are {', '.join(names[:10])}" if names else "it has no settings"


def override(environment: Environment, values: dict[str, Expression]) -> None:
    """Puts values in force in place of the defaults."""
    for key, value in values.items():
        environment.settings[key] = replace(environment.settings[key], value=value)


def pack_settings(used: Unit, environment: Environment) -> dict[str, list[str]]:
    """The settings that a `use` may give: those of the pack, and of its packs in the long form."""
    found = [key for key in environment.settings if key.startswith(used.prefix)]
    return {key[len(used.prefix) :]: [key] for key in found}


def titles(unit: Unit, reporter: Reporter) -> None:
    """Rules, flows and tests each have titles of their own."""
    blocks = unit.file.blocks
    unique((each.title for each in blocks if isinstance(each, tree.Rule)), "R212", "a rule", reporter)
    unique((each.title for each in blocks if isinstance(each, tree.Flow)), "R212", "a flow", reporter)
    unique((each.title for each in blocks if isinstance(each, tree.Test)), "R212", "a test", reporter)


def header(unit: Unit, reporter: Reporter) -> tree.Header | None:
    """The head of the file, if it has one: first, once, and in a language that this program knows."""
    heads = [each for each in unit.file.blocks if isinstance(each, tree.Header)]
    for each in heads[1:]:
        reporter.report("R119", each.title.span, "a file has one `ruleset` head", help="take this one out")
    if not heads:
        return None
    head = heads[0]
    if unit.file.blocks[0] is not head:
        reporter.report("R119", head.title.span, "`ruleset` stands at the top of the file", help="move it to the top")
    if head.language is not None and head.language != 1:
        reporter.report(
            "R112",
            head.language_span,
            f"this program reads language 1, not {head.language}",
            help="update the program, or write `language 1`",
        )
    return head


def aliases(unit: Unit) -> dict[str, int]:
    """The short names of a file's packs and the index of their `use` blocks."""
    return {alias_of(block): place for place, block in enumerate(unit.file.blocks) if isinstance(block, tree.Use)}
