"""The form of a rule set between tree and code: what each rule reads, writes and may do; it makes no code itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dsl import tree
from dsl.evaluate.records import MAX_ITEMS, collection_of, main_root
from dsl.evaluate.scope import Facts
from dsl.evaluate.walk import STEP_BUDGET
from dsl.resolved import ResolvedRule

_AGGREGATES = (tree.Count, tree.Sum, tree.Quantified)
_WRITES = (tree.Set, tree.Fill, tree.Override, tree.Clear, tree.Replace)


@dataclass(frozen=True, slots=True)
class RuleForm:
    """One rule, as the generator sees it: scope (`item`, `collection`, `where`), condition and actions."""

    place: int
    key: str
    kind: str
    item: str
    collection: str
    where: tree.Expression | None
    when: tree.Expression | None
    then: tuple[tree.Statement, ...]
    otherwise: tuple[tree.Statement, ...]
    fusable: bool

    @property
    def always(self) -> bool:
        """Whether it fires for every record that comes to it."""
        return not self.item and self.when is None

    @property
    def statements(self) -> tuple[tree.Statement, ...]:
        return self.then + self.otherwise


def lower(rules: Sequence[ResolvedRule]) -> tuple[RuleForm, ...]:
    """The forms of the rules that run, in their order."""
    return tuple(_form(place, resolved) for place, resolved in enumerate(rules))


def _form(place: int, resolved: ResolvedRule) -> RuleForm:
    rule = resolved.rule
    where = rule.scope.where if isinstance(rule.scope, tree.ForEach) else None
    parts: list[tree.Node] = [*rule.then, *rule.otherwise, *(each for each in (where, rule.when) if each is not None)]
    fusable = (
        resolved.item != ""
        and all(
            isinstance(statement, _WRITES)
            and statement.target.root == resolved.item
            and getattr(statement, "or_stop", None) is None
            for statement in (*rule.then, *rule.otherwise)
        )
        and not any(isinstance(node, _AGGREGATES) for part in parts for node in tree.walk(part))
    )
    return RuleForm(
        place=place,
        key=resolved.key,
        kind=resolved.kind,
        item=resolved.item,
        collection=resolved.collection,
        where=where,
        when=rule.when,
        then=rule.then,
        otherwise=rule.otherwise,
        fusable=fusable,
    )


def groups(forms: Sequence[RuleForm]) -> Iterator[tuple[RuleForm, ...]]:
    """Rules that share one loop: neighbours that touch nothing but their own item. For those it makes no difference
    whether each rule goes through all items, or each item through all rules."""
    gathered: list[RuleForm] = []
    for form in forms:
        together = form.fusable and gathered and gathered[-1].fusable and form.collection == gathered[-1].collection
        if gathered and not together:
            yield tuple(gathered)
            gathered = []
        gathered.append(form)
    if gathered:
        yield tuple(gathered)


def facts(forms: Sequence[RuleForm], kind: str) -> Facts:
    """What the rules together may write."""
    roots: set[str] = set()
    items: set[str] = set()
    shrinking: set[str] = set()
    growing: set[str] = set()
    currency = False
    for form in forms:
        for statement in form.statements:
            match statement:
                case tree.Set() | tree.Fill() | tree.Override() | tree.Clear() | tree.Replace():
                    if form.item and statement.target.root == form.item:
                        items.add(form.collection)
                    else:
                        roots.add(statement.target.root)
                    currency = currency or statement.target.name == f"{main_root(kind)}.currency"
                    stop = getattr(statement, "or_stop", None)
                    if stop is not None and stop.item is not None:
                        shrinking.add(form.collection)
                case tree.Tag():
                    roots.add(main_root(kind))
                case tree.Add(item=item):
                    growing.add(collection_of(form.kind, item))
                case tree.Skip(item=str()):
                    shrinking.add(form.collection)
    roots.update(path.partition(".")[0] for path in (*items, *shrinking, *growing))
    return Facts(frozenset(roots), frozenset(items), frozenset(shrinking), frozenset(growing), currency)


def most_items(forms: Sequence[RuleForm]) -> int:
    """How many items each list of a record may have so that the step budget surely lasts; longer ones are walked.

    It bounds what the tree walker would count, so that the generated code need not count at all.
    """

    def cost(items: int) -> int:
        added = items
        for form in forms:
            adds = sum(1 for statement in form.statements if isinstance(statement, tree.Add))
            added += adds * (added if form.item else 1)
        total = 0
        for form in forms:
            parts: list[tree.Node] = [*form.statements]
            parts += [each for each in (form.where, form.when) if each is not None]
            once = 1 + sum(_steps(part, added) for part in parts)
            total += once * (added if form.item else 1)
            if total > STEP_BUDGET:
                break
        return total

    return next((items for items in (MAX_ITEMS, 500, 250, 100, 50, 20, 10, 5, 1) if cost(items) <= STEP_BUDGET), -1)


def _steps(node: tree.Node, items: int) -> int:
    inner = sum(_steps(child, items) for child in tree.children(node))
    return items * (1 + inner) if isinstance(node, _AGGREGATES) else inner
