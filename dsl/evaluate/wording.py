"""How parts of rules and failed conditions read in plain words; it knows the text, and asks a record for values."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, DecimalException
from typing import Any, Protocol

from dsl import tree
from dsl.evaluate.operations import arithmetic
from dsl.resolved import ResolvedRuleSet
from dsl.tree import Operator
from dsl.values import NOT_SET, ZERO, EvaluationFailure, Money, Percent, print_value, show_value

_TO_DO: Mapping[Operator, tuple[str, str]] = {
    Operator.IS: ("{}", "anything but {}"),
    Operator.EXACTLY: ("exactly {}", "anything but exactly {}"),
    Operator.ONE_OF: ("one of {}", "none of {}"),
    Operator.MORE: ("more than {}", "not more than {}"),
    Operator.LESS: ("less than {}", "not less than {}"),
    Operator.AT_LEAST: ("at least {}", "less than {}"),
    Operator.AT_MOST: ("at most {}", "more than {}"),
    Operator.BEFORE: ("before {}", "not before {}"),
    Operator.AFTER: ("after {}", "not after {}"),
    Operator.CONTAINS: ("to contain {}", "not to contain {}"),
    Operator.WORD: ("to have the word {}", "not to have the word {}"),
    Operator.STARTS: ("to start with {}", "not to start with {}"),
    Operator.ENDS: ("to end with {}", "not to end with {}"),
    Operator.MATCHES: ("to match {}", "not to match {}"),
    Operator.PATTERN: ("to match the pattern {}", "not to match the pattern {}"),
}
_SPELT: Mapping[str, str] = {"bill_to": "bill-to", "ship_to": "ship-to"}
_CAPITALS = re.compile(r"\b(sku|po)\b")

_FARTHEST = Decimal("Infinity")
_MOST_NUMBERS = 5
_MOST_REASONS = 3


class Record(Protocol):
    """The record that a condition failed for, as the rules had left it then."""

    def holds(self, condition: tree.Expression) -> bool: ...

    def value(self, expression: tree.Expression) -> Any: ...

    def each(self, quantified: tree.Quantified) -> Iterator[int]:
        """The items that a quantifier is about, by number; conditions and values are of the one that is at hand."""
        ...


class Wording:
    """The words for parts of one rule set."""

    def __init__(self, resolved: ResolvedRuleSet) -> None:
        self._resolved = resolved

    def text(self, node: tree.Node) -> str:
        """A part of a rule as it stands in its file, on one line."""
        return " ".join(self._resolved.wording(node.span).split()) or _plain(node)

    def name(self, node: tree.Expression) -> str:
        """What a value is called: a field by its path in words ("ship-to state"), anything else as it stands.

        A field's label would not do: "Amount" may be that of a line, a payment or a fee.
        """
        if not isinstance(node, tree.Path):
            return self.text(node)
        if node.key is not None:
            return f'{"original " if node.original else ""}"{node.key}"'
        root, _, rest = node.name.partition(".")
        words = _CAPITALS.sub(lambda found: found[0].upper(), rest.replace("_", " "))
        if root not in ("order", "books"):
            words = f"{_SPELT.get(root, root)} {words}"
        return f"original {words}" if node.original else words

    def why_not(self, condition: tree.Expression, record: Record) -> tuple[str, str]:
        """The first part of a condition that failed, as it stands, and in words with the values that were there."""
        try:
            return self._why(condition, record)
        except (EvaluationFailure, DecimalException):
            return self.text(condition), "it does not hold"

    def _why(self, condition: tree.Expression, record: Record) -> tuple[str, str]:
        match condition:
            case tree.And(operands=operands):
                failed = next(operand for operand in operands if not record.holds(operand))
                return self._why(failed, record)
            case tree.Or(operands=operands):
                reasons = [self._why(operand, record)[1] for operand in operands]
                return self.text(condition), "none of these held: " + "; ".join(reasons)
            case tree.Not(operand=operand):
                told = "; ".join(dict.fromkeys(self._values(operand, record)))
                return self.text(condition), f"it must not be that {self.text(operand)}" + (told and f", and {told}")
            case tree.Comparison():
                return self.text(condition), self._comparison(condition, record)
            case tree.Presence(operand=operand, missing=missing):
                actual = _shown(record.value(operand))
                wanted = "missing" if missing else "present"
                return self.text(condition), f"wanted {self.name(operand)} to be {wanted}, it was {actual}"
            case tree.Quantified():
                return self.text(condition), self._quantified(condition, record)
        actual = _shown(record.value(condition))
        return self.text(condition), f"wanted {self.name(condition)} to be yes, it was {actual}"

    def _quantified(self, node: tree.Quantified, record: Record) -> str:
        """Which items made a quantifier fail, with their values; for `some` those that came nearest to fitting."""
        if node.where is None:
            return f"there is {'a' if node.quantifier == 'no' else 'no'} {node.item}"
        words = {
            "some": f"no {node.item} fits",
            "every": f"not every {node.item} fits",
            "no": f"there is a {node.item} that fits",
        }[node.quantifier]
        try:
            match node.quantifier:
                case "no":
                    told = list(self._fitting(node, record))
                case "every":
                    told = [(number, lacking) for number, _, lacking in self._unfitting(node, node.where, record)]
                case _:
                    found = list(self._unfitting(node, node.where, record))
                    if not found:
                        return f"there is no {node.item}"
                    least = min(distance for _, distance, _ in found)
                    told = [(number, lacking) for number, distance, lacking in found if distance == least]
                    if len(told) < len(found):
                        words += ", nearest came"
        except (EvaluationFailure, DecimalException):
            return words  # What stands behind the item that settled it was never looked at by the rule.
        reasons = by_item(node.item, ((str(number), what) for number, what in told))
        more = f"; and {len(reasons) - _MOST_REASONS} more" if len(reasons) > _MOST_REASONS else ""
        return f"{words}{'' if words.endswith('came') else ':'} {'; '.join(reasons[:_MOST_REASONS])}{more}"

    def _fitting(self, node: tree.Quantified, record: Record) -> Iterator[tuple[int, str]]:
        """The items that fit, each with the values that it was judged by."""
        for number in record.each(node):
            if node.where is not None and record.holds(node.where):
                yield number, ", ".join(dict.fromkeys(self._values(node.where, record)))

    def _unfitting(
        self, node: tree.Quantified, where: tree.Expression, record: Record
    ) -> Iterator[tuple[int, tuple[int, Decimal], str]]:
        """The items that do not fit: how far off each is (parts of the condition, then amounts), and what it lacks."""
        for number in record.each(node):
            failed = [part for part in _parts(where) if not record.holds(part)]
            if failed:
                distance = len(failed), sum((_distance(part, record) for part in failed), ZERO)
                yield number, distance, ", and ".join(self._why(part, record)[1] for part in failed)

    def _comparison(self, node: tree.Comparison, record: Record) -> str:
        actual = record.value(node.left)
        if node.operator is Operator.BETWEEN and node.high is not None:
            low, high = _shown(record.value(node.right)), _shown(record.value(node.high))
            wanted = f"{'outside' if node.negated else 'between'} {low} and {high}"
        else:
            right = record.value(node.right)
            shown = ", ".join(map(_shown, right)) if isinstance(right, tuple) else _shown(right)
            wanted = _TO_DO[node.operator][node.negated].format(shown)
        return f"wanted {self.name(node.left)} {wanted}, it was {_shown(actual)}"

    def _values(self, condition: tree.Expression, record: Record) -> Iterator[str]:
        """The values that the comparisons of a condition are about; of items, those of the ones that fit."""
        match condition:
            case tree.And(operands=operands) | tree.Or(operands=operands):
                for operand in operands:
                    yield from self._values(operand, record)
            case tree.Not(operand=operand):
                yield from self._values(operand, record)
            case tree.Comparison(left=asked) | tree.Presence(operand=asked):
                yield f"{self.name(asked)} was {_shown(record.value(asked))}"
            case tree.Quantified(item=item):
                fitting = by_item(item, ((str(number), values) for number, values in self._fitting(condition, record)))
                yield from fitting[:_MOST_REASONS]


def by_item(word: str, told: Iterable[tuple[str, str]]) -> list[str]:
    """What is told of items, numbers with the same words together: `line 1, 3: …`; no number where it is of no item."""
    numbers: defaultdict[str, list[str]] = defaultdict(list)
    for number, words in told:
        numbers[words].append(number)
    named = [(words, [each for each in items if each]) for words, items in numbers.items()]
    return [
        f"{word} {', '.join(items[:_MOST_NUMBERS])}{' and more' if len(items) > _MOST_NUMBERS else ''}: {words}"
        if items
        else words
        for words, items in named
    ]


def _parts(condition: tree.Expression) -> Iterator[tree.Expression]:
    """The conditions that all have to hold for this one."""
    if isinstance(condition, tree.And):
        for operand in condition.operands:
            yield from _parts(operand)
    else:
        yield condition


def _distance(condition: tree.Expression, record: Record) -> Decimal:
    """How far a number, amount or date is from what it had to be; anything else is right or as wrong as can be."""
    if not isinstance(condition, tree.Comparison) or condition.negated:
        return _FARTHEST
    actual = record.value(condition.left)
    bounds = [record.value(each) for each in (condition.right, condition.high) if each is not None]
    try:
        return min(_magnitude(arithmetic("-", actual, bound)) for bound in bounds)
    except EvaluationFailure:
        return _FARTHEST


def _magnitude(gap: Any) -> Decimal:
    match gap:
        case Money(amount) | Percent(amount) | (Decimal() as amount):
            return abs(amount)
    return _FARTHEST


def _shown(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, str):
        return value if value.strip() == value and value else f'"{value}"'
    return show_value(value)


def _plain(node: tree.Node) -> str:
    match node:
        case tree.Path():
            return ("original " if node.original else "") + node.field
        case tree.Text(value=value):
            return show_value(value)
        case tree.Number(value=value) | tree.Date(value=value) | tree.YesNo(value=value):
            return print_value(value)
        case tree.SettingValue(key=key) | tree.ListValue(key=key):
            return key
    return NOT_SET if isinstance(node, tree.Missing) else type(node).__name__.lower()
