"""Checks the tests in a rule-set file; changes with what a test may give and expect (runs none)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dsl import tree
from dsl.check.context import Scope
from dsl.check.declarations import assign_settings, unique
from dsl.check.expressions import Expressions
from dsl.check.rules import Rules
from dsl.schema import ItemKind, RecordKind
from dsl.tree import Expectation, Expression, Path, Test, Word, replace
from dsl.types import NUMBER
from dsl.values import fold


class Trials:
    """The tests of one file; `titles` are the rules they can name, folded -> as people write them.

    `unread`: there are rules of which not even the title could be read."""

    def __init__(self, expressions: Expressions, rules: Rules, titles: Mapping[str, str], unread: bool = False) -> None:
        self.expressions = expressions
        self.rules = rules
        self.titles = titles
        self.unread = unread
        self.reporter = expressions.reporter
        self.schema = expressions.schema

    def check(self, test: Test) -> Test:
        settings = test.settings
        if settings:
            values = assign_settings(
                settings, self.expressions.names.settings, self.expressions, "R202", "the rule set has"
            )
            names = self.expressions.names.settings
            settings = tuple(
                replace(each, name=names[each.name][0], value=values.get(names[each.name][0], each.value))
                for each in settings
                if names.get(each.name)
            )
        if test.given is None and test.torn:
            return replace(test, settings=settings)
        if test.given is None:
            self.reporter.report(
                "R601",
                test.title.span,
                "the test gives no record",
                help="write `given order` and the fields that matter",
            )
            return replace(test, settings=settings)
        kind = self.rules.kind(test.given.kind)
        if kind is None:
            return replace(test, settings=settings)
        given = self._given(test.given, kind)
        expect = tuple(self._expectation(each, kind) for each in test.expect)
        return replace(test, given=given, expect=expect, settings=settings)

    # --- given --------------------------------------------------------------------------------------------------------

    def _given(self, given: tree.Given, kind: RecordKind) -> tree.Given:
        constant = Scope(None, what="the value of a test")
        unique(
            (
                Word(each.name if each.key is None else f'{each.name}["{each.key}"]', span=each.name_span)
                for each in given.fields
            ),
            "R109",
            "a value for",
            self.reporter,
            str,
        )
        fields = []
        scope = Scope(kind)
        for each in given.fields:
            value = self.expressions.check(each.value, constant)
            path = Path(each.name, each.key, span=each.name_span)
            found = self.expressions.field(path, scope)
            if found is not None and self.expressions.fits(value, found.type, f"`{path.field}`"):
                self.expressions.known_value(value, found)
            fields.append(replace(each, value=value))
        items = tuple(
            replace(item, fields=self.rules.assigned(item.item, item.fields, constant, writing=False))
            for item in given.items
            if self._item(item.item, kind, self.expressions.word_at(item.span, item.item)) is not None
        )
        return replace(given, fields=tuple(fields), items=items)

    def _item(self, word: str, kind: RecordKind, span: tree.Span) -> ItemKind | None:
        mine = {each.name: each for each in self.schema.items if each.collection.startswith(f"{kind.name}.")}
        found = mine.get(word)
        if found is None:
            self.reporter.report(
                "R207",
                span,
                f"{kind.name} has no {word}",
                help=f"it can have: {', '.join(mine)}" if mine else "it has no items",
            )
        return found

    # --- expect -------------------------------------------------------------------------------------------------------

    def _expectation(self, node: Expectation, kind: RecordKind) -> Expectation:
        scope = Scope(kind)
        match node:
            case tree.ExpectCondition():
                return replace(node, condition=self.expressions.condition(node.condition, scope))
            case tree.ExpectItem():
                item = self._item(node.item, kind, self.expressions.word_at(node.span, node.item))
                self._number(node.number, node.span, node.item)
                if item is None:
                    return node
                return replace(node, condition=self.expressions.condition(node.condition, scope.with_item(item)))
            case tree.ExpectItemCount():
                self._item(node.item, kind, self.expressions.word_at(node.span, node.item))
                return replace(node, condition=self._counted(node.condition, scope))
            case tree.ExpectItemSkipped():
                self._item(node.item, kind, self.expressions.word_at(node.span, node.item))
                if node.number is not None:
                    self._number(node.number, node.span, node.item)
            case tree.ExpectFired():
                return self._fired(node)
            case tree.ExpectDocument():
                return self._document(node, scope)
        return node

    def _counted(self, condition: tree.Comparison, scope: Scope) -> tree.Comparison:
        left = replace(condition.left, type=NUMBER)
        right = self.expressions.check(condition.right, scope)
        high = None if condition.high is None else self.expressions.check(condition.high, scope)
        self.expressions.compared(condition, left, right, high)
        return replace(condition, left=left, right=right, high=high)

    def _number(self, number: int, span: tree.Span, word: str) -> None:
        if number < 1:
            self.reporter.report(
                "R603", span, f"there is no {word} {number}", help=f"the first {word} is number 1: `{word} 1`"
            )

    def _fired(self, node: tree.ExpectFired) -> tree.ExpectFired:
        written = node.rule.text
        if fold(written) in self.titles or not written:
            return node
        if self.expressions.names.incomplete or self.unread:
            return node
        with_pack = [each for each in self.titles.values() if fold(each.rpartition(": ")[2]) == fold(written)]
        meant = with_pack[0] if with_pack else self.reporter.closest(written, self.titles.values())
        self.reporter.report(
            "R208",
            node.rule.span,
            f'there is no rule "{written}"',
            meant=meant,
            as_text=True,
            help="" if meant else _titles(self.titles.values()),
        )
        return node

    def _document(self, node: tree.ExpectDocument, scope: Scope) -> tree.ExpectDocument:
        if node.kind is not None:
            known = self.schema.document_kinds
            if known and node.kind.text not in known:
                meant = self.reporter.closest(
                    node.kind.text, known, {"receipt": "sales_receipt", "credit": "credit_memo"}
                )
                self.reporter.report(
                    "R305",
                    node.kind.span,
                    f"no document is `{node.kind.text}`",
                    meant=meant,
                    help=f"documents are {', '.join(known)}",
                )
            return node
        if node.condition is None:
            return node
        left = _left(node.condition)
        if isinstance(left, Path) and self.schema.field(left.name) is None:
            names = [each.name for each in self.schema.fields if each.root == "document"]
            word = left.name.partition(".")[2]
            at = self.expressions.word_at(left.span, word)
            meant = self.reporter.closest(word, names, self.schema.aliases)
            self.reporter.report(
                "R201",
                at,
                f"a document has no field `{word}`",
                meant=meant,
                help="" if meant else f"its fields are {', '.join(names)}",
            )
            return node
        document = Scope(scope.kind, scope.items, ("document",))
        return replace(node, condition=self.expressions.condition(node.condition, document))


def _left(condition: Expression) -> Expression | None:
    if isinstance(condition, tree.Comparison):
        return condition.left
    return condition.operand if isinstance(condition, tree.Presence) else None


def _titles(titles: Iterable[str]) -> str:
    """The first titles there are, for whoever named another."""
    known = list(titles)
    if not known:
        return "there are no rules here"
    return "the rules are " + ", ".join(f'"{each}"' for each in known[:5]) + (", …" if len(known) > 5 else "")
