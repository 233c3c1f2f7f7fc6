"""Checks rules and their statements, and notes what each reads and writes; changes when a statement does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from dsl import tree
from dsl.check.context import Scope
from dsl.check.declarations import unique
from dsl.check.expressions import Expressions
from dsl.check.kinds import a
from dsl.schema import Field, ItemKind, RecordKind
from dsl.tree import Expression, ForEach, ForRecord, Path, Rule, Statement, Word, replace
from dsl.types import ANY, TEXT


@dataclass(frozen=True, slots=True)
class CheckedRule:
    """A rule with its expressions checked; `kind` is "" where what it is for is unknown."""

    rule: Rule
    kind: str
    item: str
    collection: str
    reads: frozenset[str]
    writes: frozenset[str]


class Rules:
    """The rules of one file. `flows` are the titles of the rule set's flows, folded, None where they are not known."""

    def __init__(self, expressions: Expressions, flows: Iterable[Word] | None) -> None:
        self.expressions = expressions
        self.reporter = expressions.reporter
        self.schema = expressions.schema
        self.flows = None if flows is None else list(flows)

    def check(self, rule: Rule) -> CheckedRule:
        scope, item, collection, checked_scope = self._scope(rule)
        if scope is None:
            self.expressions.mentioned(rule)
            return CheckedRule(rule, "", item, collection, frozenset(), frozenset())
        when = None if rule.when is None else self.expressions.condition(rule.when, scope)
        then = tuple(self._statement(each, scope) for each in rule.then)
        otherwise = tuple(self._statement(each, scope) for each in rule.otherwise)
        for statements in (rule.then, rule.otherwise):
            self._never_run(statements)
        checked = replace(rule, scope=checked_scope, when=when, then=then, otherwise=otherwise)
        kind = scope.kind.name if scope.kind is not None else ""
        reads, writes = reads_and_writes(checked, kind, self.collection_of)
        return CheckedRule(checked, kind, item, collection, reads, writes)

    def collection_of(self, word: str, kind: str) -> str:
        """The list that an item word means in a rule for a kind: "line" of an order is order.lines."""
        found = self._item(word, self.schema.kind(kind))
        return "" if found is None else found.collection

    def _item(self, word: str, kind: RecordKind | None) -> ItemKind | None:
        if kind is None:
            return None
        mine = [each for each in self.schema.items if each.name == word and each.collection.startswith(f"{kind.name}.")]
        return mine[0] if mine else None

    # --- what a rule is for -------------------------------------------------------------------------------------------

    def _scope(self, rule: Rule) -> tuple[Scope | None, str, str, ForRecord | ForEach]:
        what = rule.scope
        self._narrowed(what)
        if isinstance(what, ForRecord):
            kind = self.kind(what.kind)
            return (None if kind is None else Scope(kind)), "", "", what
        collection = what.collection
        owner = self.schema.kind(collection.root)
        whole = Scope(owner, extra=tuple({each.collection.partition(".")[0] for each in self.schema.items}))
        if collection.original or collection.key is not None:
            self.reporter.report(
                "R207",
                collection.span,
                "a rule goes over a list as it now stands",
                fixes=[("Write only the list", collection.span, collection.name)],
            )
        item = self.expressions.items(collection, whole, what.item.text, what.item.span)
        if item is None or owner is None:
            return None, what.item.text, collection.name, what
        scope = Scope(owner, {item.name: item})
        where = None if what.where is None else self.expressions.condition(what.where, scope)
        return scope, item.name, item.collection, replace(what, where=where)

    def kind(self, word: Word) -> RecordKind | None:
        """The record kind of a `for` or `given`, or None, reported."""
        if not word.text:
            return None
        known = {each.name: each for each in self.schema.kinds if each.name in each.roots}
        found = known.get(word.text)
        if found is None:
            plural = {each.plural: each.name for each in known.values()}
            meant = plural.get(word.text) or self.reporter.closest(word.text, known)
            self.reporter.report(
                "R206",
                word.span,
                f"there is no kind of record `{word.text}`",
                meant=meant,
                help=f"rules are for {', '.join(known)}",
            )
        return found

    def _narrowed(self, what: ForRecord | ForEach) -> None:
        system(what.source, self.schema.sources, self.expressions)
        if what.flow is not None and what.flow.text and self.flows is not None:
            titles = [each.text for each in self.flows]
            if what.flow.text.casefold() not in {each.casefold() for each in titles}:
                meant = self.reporter.closest(what.flow.text, titles)
                self.reporter.report(
                    "R209",
                    what.flow.span,
                    f'there is no flow "{what.flow.text}"',
                    meant=meant,
                    as_text=True,
                )

    # --- statements ---------------------------------------------------------------------------------------------------

    def _statement(self, node: Statement, scope: Scope) -> Statement:
        check = self.expressions.check
        words = node.reason if isinstance(node, tree.Skip | tree.Hold | tree.Fail) else None
        words = node.value if isinstance(node, tree.Tag | tree.Log) else words
        if words is not None:
            self._says_nothing(words, type(node).__name__.lower())
        match node:
            case tree.Set() | tree.Fill() | tree.Override():
                return self._write(node, scope)
            case tree.Clear():
                target, _ = self._target(node.target, scope)
                return replace(node, target=target)
            case tree.Replace():
                target, found = self._target(node.target, scope)
                old = self.expressions.value_for(node.old, scope, TEXT, "the text to find")
                new = self.expressions.value_for(node.new, scope, TEXT, "the new text")
                if found is not None and target.type not in (TEXT, ANY):
                    self.reporter.report(
                        "R302",
                        node.target.span,
                        f"`replace` changes texts, and `{target.field}` is {a(target.type)}",
                        help=f"write `set {target.field} to …`",
                    )
                if isinstance(node.old, tree.Text) and not node.old.value:
                    self.reporter.report(
                        "R302", node.old.span, "nothing stands between these quotes: there is no text to find"
                    )
                return replace(node, old=old, new=new, target=target)
            case tree.Add():
                return self._add(node, scope)
            case tree.Skip():
                if node.item is not None:
                    self._inside(node.item, scope, node)
                return replace(node, reason=check(node.reason, scope))
            case tree.Hold():
                until = None if node.until is None else self.expressions.condition(node.until, scope)
                return replace(node, reason=check(node.reason, scope), until=until)
            case tree.Fail():
                return replace(node, reason=check(node.reason, scope))
            case tree.Tag():
                value = self.expressions.value_for(node.value, scope, TEXT, "a tag")
                return replace(node, value=value)
            case tree.HoleStatement():
                self.expressions.mentioned(node)
                return node
        return replace(node, value=check(node.value, scope))

    def _says_nothing(self, words: Expression, verb: str) -> None:
        """Warns of a reason, a tag or a line of the log without a word."""
        if isinstance(words, tree.Text) and not words.value.strip():
            self.reporter.report(
                "R140",
                words.span,
                f"`{verb}` has no words",
                help="they stand in the log and in explanations: say what a colleague would want to know",
            )

    def _never_run(self, statements: tuple[Statement, ...]) -> None:
        """Warns of the first statement after one that ends the record."""
        for before, after in pairwise(statements):
            if isinstance(before, tree.Hold | tree.Fail) or (isinstance(before, tree.Skip) and before.item is None):
                word = type(before).__name__.lower()
                self.reporter.report(
                    "R408",
                    after.span,
                    f"this never runs: the record ends with `{word}` before it",
                    related=[("the record ends here", before.span)],
                    help=f"put it before the `{word}`, or take it out",
                )
                return

    def _inside(self, word: str, scope: Scope, node: tree.Node) -> None:
        """`skip line` and the like stand only in a loop over these items."""
        if word in scope.items:
            return
        kind = scope.kind
        collection = self.collection_of(word, "" if kind is None else kind.name)
        if scope.items:
            inside = next(iter(scope.items))
            help = f"this rule goes over each {inside}: write `skip {inside}`, or another rule for each {word}"
        elif collection:
            help = f"write the rule `for each {word} in {collection} where …`"
        else:
            help = 'write `skip "why"` to leave out the whole record'
        self.reporter.report(
            "R405",
            self.expressions.word_at(node.span, word),
            f"which {word}? this rule does not go over each {word}",
            help=help,
        )

    def _target(self, node: Path, scope: Scope) -> tuple[Path, Field | None]:
        """The field that a statement writes, typed; and its schema where it may be written."""
        expressions = self.expressions
        declared = expressions.names.settings.get(node.name)
        if declared and not node.original and node.key is None:
            self.reporter.report("R309", node.span, f"`{node.name}` is a setting: rules cannot change it")
            return node, None
        found = expressions.field(node, scope)
        if found is None:
            return node, None
        typed = replace(node, type=found.type, currency=expressions.currency_of(found))
        if node.original:
            self.reporter.report(
                "R309",
                node.span,
                "what was received cannot be changed",
                fixes=[("Take `original` out", node.span, node.field)],
            )
            return typed, None
        if not found.writable:
            help = (
                "rules change the parts of a total: lines, shipping, fees, discounts"
                if found.name == "total"
                else found.help
            )
            self.reporter.report("R309", node.span, f"`{node.field}` cannot be changed by a rule", help=help)
            return typed, None
        return typed, found

    def _write(self, node: tree.Set | tree.Fill | tree.Override, scope: Scope) -> tree.Set | tree.Fill | tree.Override:
        target, found = self._target(node.target, scope)
        value = self.expressions.check(node.value, scope)
        if found is not None and self.expressions.fits(value, found.type, f"`{target.field}`"):
            self.written(value, found)
        stop = node.or_stop
        if stop is not None:
            if stop.item is not None:
                if stop.action != "skip":
                    self.reporter.report(
                        "R405",
                        self.expressions.word_at(stop.span, stop.item),
                        f"`{stop.action}` is about the whole record, not about one {stop.item}",
                        help=f'write `or {stop.action} "why"`',
                    )
                else:
                    self._inside(stop.item, scope, stop)
            self._says_nothing(stop.reason, stop.action)
            stop = replace(stop, reason=self.expressions.check(stop.reason, scope))
        return replace(node, target=target, value=value, or_stop=stop)

    def written(self, value: Expression, found: Field) -> None:
        """Checks constants that will be written: closed sets of values, lengths, and what the books have."""
        for each in self.expressions.constants_of(value):
            if not found.other_values:
                self.expressions.known_value(each, found)
            if found.reference:
                self.expressions.environment.references.append((found.reference, each.value, each.span))
            if found.max_length is not None and len(each.value) > found.max_length:
                self._too_long(each, found, len(each.value), "has")
        if isinstance(value, tree.Template) and found.max_length is not None:
            least = sum(len(part) for part in value.parts if isinstance(part, str))
            if least > found.max_length:
                self._too_long(value, found, least, "has at least")

    def _too_long(self, value: Expression, found: Field, length: int, verb: str) -> None:
        self.reporter.report(
            "R501",
            value.span,
            f"this text {verb} {length:,} characters; `{found.path}` takes {found.max_length:,}",
            help="shorten it, or cut it with `left(…)`",
        )

    def _add(self, node: tree.Add, scope: Scope) -> tree.Add:
        kind = scope.kind
        item = self._item(node.item, kind)
        word = self.expressions.word_at(node.span, node.item)
        if item is None or not item.addable:
            of = "" if kind is None else kind.name
            can = [each.name for each in self.schema.items if each.addable and each.collection.startswith(f"{of}.")]
            self.reporter.report(
                "R207",
                word,
                f"no {node.item} can be added to a record of this kind"
                if item is None
                else f"a {node.item} cannot be added",
                help=f"it can have: {', '.join(can)}" if can else "",
            )
            for each in node.fields:
                self.expressions.check(each.value, scope)
            return node
        given = {each.name for each in node.fields}
        if node.item in ("payment", "fee", "discount", "shipping") and "amount" not in given:
            self.reporter.report(
                "R462",
                word,
                f"this {node.item} has no amount: it adds nothing",
                help=f"as in `add {node.item} amount = 2.00 USD`",
            )
        return replace(node, fields=self.assigned(node.item, node.fields, scope, writing=True))

    def assigned(
        self, item: str, fields: tuple[tree.Assignment, ...], scope: Scope, *, writing: bool
    ) -> tuple[tree.Assignment, ...]:
        """Fields of one item in `add` or `given`, each with its checked value."""
        unique(
            (
                Word(each.name if each.key is None else f'{each.name}["{each.key}"]', span=each.name_span)
                for each in fields
            ),
            "R109",
            "a value for",
            self.reporter,
            str,
        )
        checked = []
        for each in fields:
            value = self.expressions.check(each.value, scope)
            checked.append(replace(each, value=value))
            found = self.schema.field(f"{item}.{each.name}")
            if found is None and not each.name:
                continue
            if found is None:
                names = [f.name for f in self.schema.fields if f.root == item]
                meant = self.reporter.closest(each.name, names, self.schema.aliases)
                self.reporter.report(
                    "R201",
                    each.name_span,
                    f"a {item} has no field `{each.name}`",
                    meant=meant,
                    help="" if meant else f"its fields are {', '.join(names)}",
                )
                continue
            if found.keyed != (each.key is not None):
                self.reporter.report(
                    "R319",
                    each.name_span,
                    f'`{each.name}` is written with a key: {each.name}["key"]'
                    if found.keyed
                    else f"`{each.name}` is one value and has no keys",
                )
                continue
            if self.expressions.fits(value, found.type, f"`{item}.{each.name}`") and writing:
                self.written(value, found)
        return tuple(checked)


def system(word: Word | None, known: tuple[str, ...], expressions: Expressions) -> None:
    """A kind of system by its word; a connection by its name in quotes is known only where it is run."""
    if word is None or not word.text or word.quoted or word.text in known or not known:
        return
    meant = expressions.reporter.closest(word.text, known)
    expressions.reporter.report(
        "R211",
        word.span,
        f"there is no kind of system `{word.text}`",
        meant=meant,
        help=f"there are {', '.join(known)}; the name of one connection stands in quotes",
    )


def reads_and_writes(
    rule: Rule, kind: str, collection_of: Callable[[str, str], str]
) -> tuple[frozenset[str], frozenset[str]]:
    """What a checked rule reads and writes, as `Path.field` texts; see dsl.resolved.ResolvedRule."""
    reads: set[str] = set()
    writes: set[str] = set()
    targets: set[int] = set()
    for statement in (*rule.then, *rule.otherwise):
        match statement:
            case tree.Set() | tree.Fill() | tree.Override() | tree.Clear():
                writes.add(statement.target.field)
                targets.add(id(statement.target))
                if isinstance(statement, tree.Fill):
                    reads.add(statement.target.field)
            case tree.Replace():
                writes.add(statement.target.field)
            case tree.Add():
                writes.add(collection_of(statement.item, kind))
            case tree.Skip(item=str() as word):
                writes.add(collection_of(word, kind))
            case tree.Tag():
                writes.add("order.tags")
                reads.add("order.tags")
        stop = getattr(statement, "or_stop", None)
        if stop is not None and stop.item is not None:
            writes.add(collection_of(stop.item, kind))
    for node in tree.walk(rule):
        if isinstance(node, Path) and id(node) not in targets:
            reads.add(f"original {node.field}" if node.original else node.field)
    writes.discard("")
    return frozenset(reads), frozenset(writes)
