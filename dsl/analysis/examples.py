"""Makes a record that fits given cases, runs it, and says in words what it is; changes with what makes an example natural.

No example is handed out that was not run: the rules that are meant do fire for it, with all other rules around them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation, localcontext
from itertools import islice
from typing import Any, Final

from dsl import tree
from dsl.analysis.conditions import Case, Conditions
from dsl.analysis.domains import Domain, Kind, kind_of
from dsl.analysis.sequence import Branch
from dsl.analysis.terms import Term
from dsl.evaluate.records import WorkingRecord, main_root
from dsl.evaluate.walk import Inputs, Run, Walker
from dsl.evaluate.wording import Wording
from dsl.resolved import ResolvedRuleSet
from dsl.schema import Field, Schema
from dsl.tree import Expression, Path
from dsl.types import MOMENT, MONEY, PERCENT
from dsl.values import ARITHMETIC, Money, Percent, show_value

MOST_RUNS: Final = 60
"""So many records are tried for one rule set: an example is a help, not what the finding rests on."""
_TODAY: Final = date(2026, 2, 2)
_NAMELESS: Final = "USD"
_TRIES: Final = 4
_MOST_WORDS: Final = 6
_MOST_ITEMS: Final = 50


@dataclass(frozen=True, slots=True)
class Example:
    """A record for which rules fire, with what it was run with, and its words: `an order with total 100.00 USD`."""

    record: Mapping[str, Any]
    kind: str
    inputs: Inputs
    words: str


@dataclass(slots=True)
class _Draft:
    """A record in the making: values by path, and by item word those of one item (or several)."""

    fields: dict[Path, Any] = field(default_factory=dict)
    items: dict[str, list[dict[Path, Any]]] = field(default_factory=dict)
    """By collection."""
    counted: list[str] = field(default_factory=list)
    """How many items of which kind it has, in words."""
    currency: str = _NAMELESS


class _Run(Run):
    """A run that keeps which branches ran (by the identity of their statements) and words nothing."""

    def __init__(self, walker: Walker, record: WorkingRecord, kind: str, inputs: Inputs) -> None:
        super().__init__(walker, record, kind, inputs)
        self.ran: set[int] = set()

    def run_statements(self, statements: tuple[tree.Statement, ...]) -> None:
        self.ran.add(id(statements))
        super().run_statements(statements)

    def note_not_fired(self, condition: Expression, otherwise: bool = False) -> None:
        pass


class Examples:
    """Finds examples for one rule set. Counts its runs over all questions that it is asked."""

    def __init__(self, ruleset: ResolvedRuleSet, schema: Schema) -> None:
        self._ruleset = ruleset
        self._schema = schema
        self._conditions = Conditions(ruleset.lists, ruleset.settings)
        self._wording = Wording(ruleset)
        self._walker: Walker | None = None
        self._runs = 0

    def both_fire(self, earlier: Branch, later: Branch, cases: Iterable[Case], kind: str) -> Example | None:
        """A record for which both branches run, one of those that the cases describe; None where none was found."""
        source = earlier.rule.rule.scope.source or later.rule.rule.scope.source
        flow = earlier.rule.rule.scope.flow or later.rule.rule.scope.flow
        inputs = Inputs(
            _TODAY, flow=None if flow is None else flow.text, source=None if source is None else source.text
        )
        money = _currency_of(earlier, later)
        for case in islice(cases, _TRIES):
            for draft in islice(self._drafts(case, earlier, later, money), _TRIES):
                if self._runs >= MOST_RUNS:
                    return None
                record = self._record(draft, kind)
                if self._fires(record, kind, inputs, (earlier, later)):
                    return Example(record, kind, inputs, self._told(draft, case, kind, inputs, earlier, later))
        return None

    # --- making a record ----------------------------------------------------------------------------------------------

    def _drafts(self, case: Case, earlier: Branch, later: Branch, currency: str) -> Iterator[_Draft]:
        """Records that fit a case as far as its terms can be set, the likeliest first."""
        for attempt in range(_TRIES):
            draft = _Draft(currency=currency)
            for rule in (earlier.rule, later.rule):
                if rule.item:
                    draft.items.setdefault(rule.collection, [{}])
            # How two fields compare is settled last: it moves both.
            for term, domain in sorted(case.domains.items(), key=lambda each: isinstance(each[0].key, tuple)):
                self._settle(draft, term, domain, attempt, earlier, later)
            for atom, holds in case.atoms.items():
                if holds and isinstance(atom.node, tree.Quantified):
                    self._fitting_items(draft, atom.node, atom.node.where, 1, attempt)
            yield draft

    def _settle(self, draft: _Draft, term: Term, domain: Domain, attempt: int, earlier: Branch, later: Branch) -> None:
        """Chooses a value for a term, the `attempt`-th likely one."""
        node = term.node
        if isinstance(term.key, tuple) and term.key[0] == "compared":
            self._compared(draft, term, domain)
            return
        if isinstance(node, tree.Count):
            for count in islice(domain.examples((1, 2)), 1):
                self._fitting_items(draft, node, node.where, min(int(count), _MOST_ITEMS), attempt)
                draft.counted.append(_counted(int(count), node))
            return
        if not isinstance(node, Path):
            return
        if term.exact and domain.single is None:
            return  # not exactly "…": what the folded text is, decides
        likely = () if term.exact else self._likely(node, term.kind)
        found = list(islice(domain.examples(likely), attempt + 1))
        if not found:
            return
        value = self._leaf(found[-1], node)
        target = self._holder(draft, node, (earlier, later))
        if target is not None:
            target[node] = value

    def _compared(self, draft: _Draft, term: Term, domain: Domain) -> None:
        """Two fields of which one is more than the other, or the same."""
        if not isinstance(term.key, tuple):
            return
        _, left, right = term.key
        if not (isinstance(left, Path) and isinstance(right, Path)):
            return
        for sign in islice(domain.examples((1, 0, -1)), 1):
            if sign is None:
                return
            kind = kind_of(left.type)
            base: Any = {Kind.NUMBER: Decimal(100), Kind.DAY: _TODAY.toordinal(), Kind.TEXT: "A"}.get(kind or Kind.TEXT)
            other = {Kind.NUMBER: Decimal(10), Kind.DAY: 3}.get(kind or Kind.TEXT)
            moved: Any = ("A" if sign == 0 else "B") if other is None else base + sign * other
            holder = draft.fields
            holder[left], holder[right] = self._leaf(moved, left), self._leaf(base, right)

    def _fitting_items(
        self, draft: _Draft, node: tree.Quantified | tree.Count, where: Expression | None, count: int, attempt: int
    ) -> None:
        """Items of a list that fit what is asked of them."""
        cases = ((Case(),) if where is None else self._conditions.cases(where, node.item))[:_TRIES]
        if not cases:
            return
        made: dict[Path, Any] = {}
        for term, domain in cases[attempt % len(cases)].domains.items():
            if isinstance(term.node, Path) and term.node.root == node.item:
                for value in islice(domain.examples(self._likely(term.node, term.kind)), 1):
                    made[term.node] = self._leaf(value, term.node)
        items = draft.items.setdefault(node.collection.name, [])
        fresh = [each for each in items if not each][:count]
        for each in fresh:
            each.update(made)
        items.extend(dict(made) for _ in range(count - len(fresh)))

    def _holder(self, draft: _Draft, node: Path, branches: Sequence[Branch]) -> dict[Path, Any] | None:
        for branch in branches:
            if branch.rule.item and node.root == branch.rule.item:
                return draft.items[branch.rule.collection][0]
        return draft.fields if self._schema.item(f"order.{node.root}s") is None else None

    def _likely(self, node: Path, kind: Kind) -> tuple[Any, ...]:
        """Values that one finds in such a field: its example, and those that it can have."""
        found = self._schema.field(node.name)
        if found is None:
            return ()
        values = [_example(found, kind)]
        if kind is Kind.TEXT:
            values += found.values[:3]
        elif kind is Kind.NUMBER:
            values += [Decimal(100), Decimal(5)] if node.type == MONEY else [Decimal(5), Decimal(100)]
        return tuple(each for each in values if each is not None)

    def _leaf(self, value: Any, node: Path) -> Any:
        """A value of a domain as records hold it."""
        if isinstance(value, int) and not isinstance(value, bool):
            try:
                day = date.fromordinal(value)
            except (ValueError, OverflowError):
                return None
            return datetime.combine(day, time(12), UTC) if node.type == MOMENT else day
        if isinstance(value, str):
            return str(value)
        return [str(each) for each in value] if isinstance(value, list) else value

    def _record(self, draft: _Draft, kind: str) -> dict[str, Any]:
        record: dict[str, Any] = {each: {"currency": draft.currency} for each in (main_root(kind), kind)}
        for path, value in draft.fields.items():
            _put(record, path, value)
        for collection, items in draft.items.items():
            root, _, name = collection.partition(".")
            made = []
            for number, values in enumerate(items, 1):
                fields: dict[str, Any] = {}
                for path, value in values.items():
                    _put({path.root: fields}, path, value)
                fields.setdefault("id", str(number))
                made.append(fields)
            record.setdefault(root, {})[name] = made
        return record

    # --- trying it ----------------------------------------------------------------------------------------------------

    def _fires(self, record: Mapping[str, Any], kind: str, inputs: Inputs, branches: Sequence[Branch]) -> bool:
        """Whether all these branches run for a record, with all rules of the rule set around them."""
        if self._walker is None:
            self._walker = Walker(self._ruleset)
        self._runs += 1
        with localcontext(ARITHMETIC):
            run = _Run(self._walker, WorkingRecord.of(record, kind), kind, inputs)
            run.decide()
        return all(id(branch.statements) in run.ran for branch in branches)

    # --- words --------------------------------------------------------------------------------------------------------

    def _said(self, draft: _Draft, node: Path, value: Any) -> str:
        name = self._wording.name(node)
        if value is None:
            return f"no {name}"
        shown: Any = value
        if node.type == MONEY and isinstance(value, Decimal):
            shown = Money(value, draft.currency)
        if node.type == PERCENT and isinstance(value, Decimal):
            shown = Percent(value)
        elif isinstance(value, datetime):
            shown = value.date()
        elif isinstance(value, list) and len(value) == 1:
            shown = value[0]
        return f"{name} {show_value(shown)}"

    def _told(self, draft: _Draft, case: Case, kind: str, inputs: Inputs, earlier: Branch, later: Branch) -> str:
        words = [self._said(draft, path, value) for path, value in draft.fields.items()] + draft.counted
        for items in draft.items.values():
            item = next((values for values in items if values), None)
            if item is not None:
                root = next(iter(item)).root
                of_item = [self._said(draft, path, value).removeprefix(f"{root} ") for path, value in item.items()]
                words.append(f"a {root} with {_joined(of_item)}")
        article = "an" if kind[:1] in "aeiou" else "a"
        found = f"{article} {kind}"
        if inputs.source is not None:
            found += f" from {inputs.source}"
        if inputs.flow is not None:
            found += f' in flow "{inputs.flow}"'
        if not words:
            if case.domains or case.atoms:
                return ""  # it is one of those that no words of ours describe
            item_word = earlier.rule.item or later.rule.item
            return f"any {item_word or kind}{found.partition(kind)[2]}"
        if len(words) > _MOST_WORDS:
            words = [*words[: _MOST_WORDS - 1], "more like that"]
        return f"{found} with {_joined(words)}"


def _joined(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + f" and {words[-1]}"


def _counted(count: int, node: tree.Count) -> str:
    return f"{count or 'no'} {node.item}" + ("" if count == 1 else "s") + (" of that kind" if node.where else "")


def _put(record: dict[str, Any], path: Path, value: Any) -> None:
    root, *middle, last = path.name.split(".")
    container = record.setdefault(root, {})
    for name in middle:
        container = container.setdefault(name, {})
    if path.key is None:
        container[last] = value
    else:
        container.setdefault(last, {})[path.key] = value


def _currency_of(*branches: Branch) -> str:
    """The currency that the rules themselves speak of."""
    for branch in branches:
        for condition in branch.conditions:
            for node in tree.walk(condition):
                if isinstance(node, tree.Money):
                    return node.code
    return _NAMELESS


def _example(found: Field, kind: Kind) -> Any:
    """The example that the vocabulary gives of a field, as a value; None where it is of another kind."""
    words = found.example
    match kind:
        case Kind.TEXT:
            return words.strip('"')
        case Kind.YES_NO:
            return words == "yes"
        case Kind.LIST:
            return [words.strip('[]"')]
        case Kind.DAY:
            try:
                return date.fromisoformat(words).toordinal()
            except ValueError:
                return None
    try:
        return Decimal(words.rstrip("%").split()[0])
    except (InvalidOperation, IndexError):
        return None
