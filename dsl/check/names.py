"""What the names in a file mean, and what was most likely meant by those that mean nothing; changes with what has a name.

It finds and reports. Settings and lists bring their types along; any other type is the business of the expressions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dsl import tree
from dsl.check.context import Environment, Namespace, Scope
from dsl.functions import REGISTRY
from dsl.schema import Field, ItemKind
from dsl.tree import Expression, Path, Span
from dsl.types import MONEY, RECORD, UNKNOWN, list_of

_OTHER_WORDS = {
    "empty": "missing",
    "blank": "missing",
    "null": "missing",
    "nothing": "missing",
    "none": "missing",
    "true": "yes",
    "false": "no",
}
"""What other languages call the values that this one has words for."""
_ROOT_ORDER = {"order": 0, "ship_to": 1, "bill_to": 2, "customer": 3, "books": 4}
_ROOT_WORDS = {
    "shipping_address": "ship_to",
    "billing_address": "bill_to",
    "shipping": "ship_to",
    "billing": "bill_to",
    "address": "ship_to",
    "quickbooks": "books",
    "qb": "books",
    "qbo": "books",
    "buyer": "customer",
    "supplier": "vendor",
    "item": "line",
    "items": "line",
    "lines": "line",
    "payments": "payment",
    "fees": "fee",
    "orders": "order",
    "bill": "purchase",
}


class Names:
    """The names that one file of the rule set can use."""

    def __init__(self, environment: Environment, names: Namespace) -> None:
        self.environment = environment
        self.names = names
        self.reporter = environment.reporter
        self.schema = environment.schema

    # --- words of the file --------------------------------------------------------------------------------------------

    def words(self, span: Span) -> str:
        return self.reporter.source(span.file).text[span.start : span.end]

    def after(self, span: Span) -> Span:
        return span.within(span.end, span.end)

    def word_at(self, span: Span, word: str) -> Span:
        """Where a word stands within a span (the name of a table behind `lookup`)."""
        text = self.reporter.source(span.file).text
        at = text.find(word, span.start, span.end)
        return span if at < 0 else self.reporter.source(span.file).span(at, at + len(word))

    # --- settings, lists and tables -----------------------------------------------------------------------------------

    def declared(self, name: str, span: Span) -> Expression | None:
        """A setting or list of that name, or None."""
        if name in self.names.broken:
            return tree.Hole(span=span)
        settings, lists = self.names.settings.get(name, []), self.names.lists.get(name, [])
        keys = settings or lists
        if not keys:
            return None
        if len(keys) > 1:
            self.ambiguous("setting" if settings else "list", name, span, keys)
        key = keys[0]
        if settings:
            self.environment.used.add(f"setting {key}")
            setting = self.environment.settings[key]
            value = setting.value
            currency = "" if setting.type != MONEY else value.currency if isinstance(value, tree.Money) else UNKNOWN
            return tree.SettingValue(key, type=setting.type, currency=currency, span=span)
        self.environment.used.add(f"list {key}")
        return tree.ListValue(key, type=list_of(self.environment.lists[key].type), span=span)

    def ambiguous(self, what: str, name: str, span: Span, keys: Sequence[str]) -> None:
        self.reporter.report(
            "R705",
            span,
            f"two packs have a {what} `{name}`",
            help=f"write {' or '.join(f'`{each}`' for each in keys)}",
            fixes=[(f"Change it to `{each}`", span, each) for each in keys],
        )

    def mentioned(self, node: tree.Node) -> None:
        """Takes what a part of the tree names as used, where the part itself cannot be checked."""
        for each in tree.walk(node):
            if isinstance(each, tree.Name | Path):
                for kind, keys in (("setting", self.names.settings), ("list", self.names.lists)):
                    self.environment.used |= {f"{kind} {key}" for key in keys.get(each.name, [])}
            elif isinstance(each, tree.Lookup):
                self.environment.used |= {f"table {key}" for key in self.names.tables.get(each.table, [])}
            elif isinstance(each, tree.Hole | tree.HoleStatement | tree.Broken):
                self.uses(each.words)

    def uses(self, words: Iterable[str]) -> None:
        """Takes names as used that stand in what could not be read."""
        for name in words:
            for kind, keys in (
                ("setting", self.names.settings),
                ("list", self.names.lists),
                ("table", self.names.tables),
            ):
                self.environment.used |= {f"{kind} {key}" for key in keys.get(name, [])}

    def unknown_name(self, node: tree.Name | Path, scope: Scope) -> None:
        name = node.name
        known = [*self.names.settings, *self.names.lists, *(f for f in REGISTRY if REGISTRY[f].fewest == 0)]
        meant = _OTHER_WORDS.get(name) or self.reporter.closest(name, known)
        if meant is None and self.names.incomplete:
            return
        for key in (*self.names.settings.get(meant or "", []), *self.names.lists.get(meant or "", [])):
            self.environment.used |= {f"setting {key}", f"list {key}"}  # most likely meant: not unused as well
        help = plain = "a fixed text stands in double quotes; settings are declared with `setting`"
        if name in self.names.tables:
            self.environment.used |= {f"table {key}" for key in self.names.tables[name]}
            self.reporter.report(
                "R202",
                node.span,
                f"`{name}` is a table: it is read with `lookup`",
                help=f"as in `lookup {name}(…)`; a list of values is declared with `list`",
            )
            return
        if meant is None:
            in_reach = [each for each in self._field_names(scope) if each.rpartition(".")[2] == name.casefold()]
            if in_reach:
                meant = in_reach[0]
            elif items := [each.name for each in self.schema.items if self.schema.field(f"{each.name}.{name}")]:
                help = f"`{name}` belongs to one of several items: `{items[0]}.{name}`, in a rule `for each {items[0]} in …`"
            elif scope.kind is not None and scope.reaches(name):
                help = f"`{name}` is a whole record: name one of its fields, as in `{self._an_example(name)}`"
            elif name in REGISTRY:
                help = f"the function is written with its arguments: {REGISTRY[name].signature}"
        self.reporter.report(
            "R202",
            node.span,
            f"there is no setting or list `{name}`",
            help=help,
            fixes=[("Make it a text", node.span, f'"{name}"')]
            if meant is None and help is plain and not self._in_a_text(node.span)
            else [],
            meant=meant,
        )

    def _in_a_text(self, span: Span) -> bool:
        """Whether a place is between the quotes of a text, filled in with `{…}`."""
        source = self.reporter.source(span.file)
        return source.text.count('"', span.start - source.position(span.start).column + 1, span.start) % 2 == 1

    def _an_example(self, root: str) -> str:
        return next((each.path for each in self.schema.fields if each.root == root), root)

    def _field_names(self, scope: Scope) -> list[str]:
        return [each.path for each in self.schema.fields if scope.reaches(each.root)]

    # --- fields -------------------------------------------------------------------------------------------------------

    def currency_of(self, found: Field) -> str:
        return found.currency or RECORD if found.type == MONEY else ""

    def field(self, node: Path, scope: Scope) -> Field | None:
        """The field of a path that may be read in this scope, or None, reported."""
        if not node.name:
            return None
        found = self.schema.field(node.name)
        if found is None:
            self._unknown_field(node, scope)
            return None
        if not scope.reaches(found.root):
            self._out_of_reach(node, scope)
            return None
        if found.keyed and node.key is None:
            self.reporter.report(
                "R319",
                node.span,
                f"`{node.name}` holds many values: say which one",
                help=f'write its key: {node.name}["key"]',
            )
            return None
        if node.key is not None and not found.keyed:
            self.reporter.report(
                "R319",
                node.span,
                f"`{node.name}` is one value and has no keys",
                fixes=[("Take the key off", node.span, node.name)],
            )
            return None
        return found

    def _unknown_field(self, node: Path, scope: Scope) -> None:
        if node.root in self.names.aliases:
            self.unknown_name(node, scope)
            return
        if self.schema.item(node.name) is not None:
            item = self.schema.item(node.name)
            word = item.name if item is not None else "line"
            self.reporter.report(
                "R214",
                node.span,
                f"`{node.name}` is a list of items, not one value",
                help=f"use `count({node.name})`, `sum({word}.… in {node.name})`, or a rule `for each {word} in {node.name}`",
            )
            return
        if self._nested(node, scope):
            return
        meant = self._meant(node.name, scope)
        self.reporter.report(
            "R201",
            node.span,
            f"there is no field `{node.name}`",
            label=f"did you mean `{meant}`?" if meant else "",
            help="" if meant else self._fields_of(node.name),
            fixes=[(f"Change it to `{meant}`", self._name_span(node), meant)] if meant else [],
        )

    def _nested(self, node: Path, scope: Scope) -> bool:
        """Reports `order.line.sku` and `order.meta.po`: a field within a field."""
        root, _, rest = node.name.partition(".")
        inner, _, last = rest.partition(".")
        if not last:
            return False
        keyed = self.schema.field(f"{root}.{inner}")
        if keyed is not None and keyed.keyed and node.key is None:
            new = f'{keyed.path}["{last}"]'
            self.reporter.report(
                "R201",
                node.span,
                f"there is no field `{node.name}`",
                label=f"did you mean `{new}`?",
                help="custom fields are read by their key, in brackets and quotes",
                fixes=[(f"Change it to `{new}`", self._name_span(node), new)],
            )
            return True
        item = next((i for i in self.schema.items if inner == i.name and i.collection.startswith(f"{root}.")), None)
        if item is None:
            return False
        one = f"{item.name}.{last}"
        known = self.schema.field(one) is not None
        self.reporter.report(
            "R201",
            node.span,
            f"there is no field `{node.name}`",
            label=f"did you mean `{one}`?" if known and scope.reaches(item.name) else "",
            help=""
            if known and scope.reaches(item.name)
            else f"there are many: ask `some {item.name} in {item.collection} where ({one} …)`, "
            f"or write a rule `for each {item.name} in {item.collection}`",
            fixes=[(f"Change it to `{one}`", self._name_span(node), one)] if known and scope.reaches(item.name) else [],
        )
        return True

    def _name_span(self, node: Path) -> Span:
        """Where the dotted name stands (without `original` and the key)."""
        words = self.words(node.span)
        at = words.find(node.name)
        if at < 0:
            return node.span
        return self.reporter.source(node.span.file).span(node.span.start + at, node.span.start + at + len(node.name))

    def _fields_of(self, name: str) -> str:
        root, _, rest = name.partition(".")
        inside = next(
            (each for each in self.schema.items if rest.startswith(each.collection.partition(".")[2] + ".")), None
        )
        if inside is not None and inside.collection.partition(".")[0] == root:
            one = f"{inside.name}.{rest.partition('.')[2]}"
            return f"a list has no fields: ask `some {inside.name} in {inside.collection} where ({one} …)`"
        names = [each.path for each in self.schema.fields if each.root == root]
        if "custom" in rest and f"{root}.meta" in names:
            return f'custom fields are read by their key, as in `{root}.meta["_po_number"]`'
        if not names:
            return "fields begin with the name of a record: order, customer, bill_to, ship_to, line, payment, books, …"
        return f"fields of `{root}`: {', '.join(each.partition('.')[2] for each in names[:12])}" + (
            ", …" if len(names) > 12 else ""
        )

    def _meant(self, name: str, scope: Scope) -> str | None:
        """The field that a wrong path most likely means: first within its record, then of the same name elsewhere."""
        root, _, rest = name.partition(".")
        roots = {each.root for each in self.schema.fields if scope.reaches(each.root)}
        inside = [each.name for each in self.schema.fields if each.root == root]
        if inside:
            meant = self.reporter.closest(rest, inside, self.schema.aliases)
            if meant is not None:
                return f"{root}.{meant}"
            elsewhere = sorted(
                (each for each in self.schema.fields if each.root in roots and each.name == rest),
                key=lambda each: _ROOT_ORDER.get(each.root, 9),
            )
            return elsewhere[0].path if elsewhere else None
        other = root if root in _ROOT_WORDS else self.reporter.closest(root, {*roots, *_ROOT_WORDS}, _ROOT_WORDS)
        if other is None:
            return None
        other = _ROOT_WORDS.get(other, other)
        names = [each.name for each in self.schema.fields if each.root == other]
        if rest in names:
            return f"{other}.{rest}"
        meant = self.reporter.closest(rest, names, self.schema.aliases)
        return f"{other}.{meant}" if meant else None

    def _out_of_reach(self, node: Path, scope: Scope) -> None:
        root = node.root
        if scope.kind is None:
            self.reporter.report("R316", node.span, f"{scope.what} is fixed: it cannot read `{node.field}`")
            return
        items = [each for each in self.schema.items if each.name == root]
        if items:
            mine = [each for each in items if each.collection.partition(".")[0] in scope.kind.roots] or items
            collection = mine[0].collection
            self.reporter.report(
                "R214",
                node.span,
                f"`{node.field}` is a field of one {root}: which one?",
                help=f"write the rule `for each {root} in {collection}`, or ask `some {root} in {collection} where (…)`",
            )
            return
        self.reporter.report(
            "R214",
            node.span,
            f"a rule for {scope.kind.name} cannot read `{node.field}`",
            help=f"it can read the fields of {', '.join(scope.kind.roots)}",
        )

    # --- items --------------------------------------------------------------------------------------------------------

    def items(
        self, collection: Path, scope: Scope, word: str | None = None, word_span: Span | None = None
    ) -> ItemKind | None:
        """The kind of item of a collection that may be read here; `word` is the item's word as the file has it."""
        if not collection.name:
            return None
        found = self.schema.item(collection.name)
        if found is None:
            mine = [each.collection for each in self.schema.items if scope.reaches(each.collection.partition(".")[0])]
            meant = self.reporter.closest(collection.name, mine)
            if meant is None and word is not None:
                of_word = [
                    each.collection for each in self.schema.items if each.name == word and each.collection in mine
                ]
                meant = of_word[0] if of_word else None
            self.reporter.report(
                "R207",
                collection.span,
                f"there is no list of items `{collection.name}`",
                meant=meant,
                help=f"lists of items are {', '.join(mine)}" if mine else "",
            )
            return None
        if not scope.reaches(collection.root):
            if scope.kind is None:
                self.reporter.report(
                    "R316", collection.span, f"{scope.what} is fixed: it cannot read `{collection.name}`"
                )
            else:
                self.reporter.report(
                    "R214", collection.span, f"a rule for {scope.kind.name} cannot read `{collection.name}`"
                )
            return None
        if word is not None and word != found.name and word_span is not None:
            self.reporter.report(
                "R207",
                word_span,
                f"the items of `{collection.name}` are called `{found.name}`, not `{word}`",
                fixes=[(f"Change it to `{found.name}`", word_span, found.name)],
            )
            return None
        return found
