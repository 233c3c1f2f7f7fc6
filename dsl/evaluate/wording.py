"""How parts of rules and failed conditions read in plain words; it knows the text and labels, and asks others for values."""

from collections.abc import Callable, Iterator, Mapping
from decimal import DecimalException
from typing import Any

from dsl import tree
from dsl.resolved import ResolvedRuleSet
from dsl.tree import Operator
from dsl.values import NOT_SET, EvaluationFailure, print_value, show_value

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
_PARTLY: Mapping[str, str] = {"bill_to": "bill-to", "ship_to": "ship-to"}

Holds = Callable[[tree.Expression], bool]
ValueOf = Callable[[tree.Expression], Any]


class Wording:
    """The words for parts of one rule set; `labels` are the names that people see, by path ("order.number")."""

    def __init__(self, resolved: ResolvedRuleSet, labels: Mapping[str, str]) -> None:
        self._resolved = resolved
        self._labels = labels

    def text(self, node: tree.Node) -> str:
        """A part of a rule as it stands in its file, on one line."""
        return " ".join(self._resolved.wording(node.span).split()) or _plain(node)

    def name(self, node: tree.Expression) -> str:
        """What a value is called: the label of a field ("payment method"), the wording of anything else."""
        if not isinstance(node, tree.Path):
            return self.text(node)
        if node.key is not None:
            return f'{"original " if node.original else ""}"{node.key}"'
        root, _, rest = node.name.partition(".")
        label = self._labels.get(node.name)
        if label:
            words = label if label.isupper() or label[:2].isupper() else label[:1].lower() + label[1:]
        else:
            words = rest.replace("_", " ").replace(".", " ")
            if root not in ("order", "books"):
                words = f"{_PARTLY.get(root, root.replace('_', ' '))} {words}"
        return f"original {words}" if node.original else words

    def why_not(self, condition: tree.Expression, holds: Holds, value: ValueOf) -> tuple[str, str]:
        """The first part of a condition that failed, as it stands, and in words with the values that were there."""
        try:
            return self._why(condition, holds, value)
        except (EvaluationFailure, DecimalException):
            return self.text(condition), "it does not hold"

    def _why(self, condition: tree.Expression, holds: Holds, value: ValueOf) -> tuple[str, str]:
        match condition:
            case tree.And(operands=operands):
                failed = next(operand for operand in operands if not holds(operand))
                return self._why(failed, holds, value)
            case tree.Or(operands=operands):
                reasons = [self._why(operand, holds, value)[1] for operand in operands]
                return self.text(condition), "none of these held: " + "; ".join(reasons)
            case tree.Not(operand=operand):
                return self.text(condition), f"it must not be that {self.text(operand)}" + self._values(operand, value)
            case tree.Comparison():
                return self.text(condition), self._comparison(condition, value)
            case tree.Presence(operand=operand, missing=missing):
                actual = _shown(value(operand))
                wanted = "missing" if missing else "present"
                return self.text(condition), f"wanted {self.name(operand)} to be {wanted}, it was {actual}"
            case tree.Quantified(quantifier=quantifier, item=item):
                told = {
                    "some": f"no {item} fits",
                    "every": f"not every {item} fits",
                    "no": f"there is a {item} that fits",
                }
                return self.text(condition), told[quantifier]
        actual = _shown(value(condition))
        return self.text(condition), f"wanted {self.name(condition)} to be yes, it was {actual}"

    def _comparison(self, node: tree.Comparison, value: ValueOf) -> str:
        actual = value(node.left)
        if node.operator is Operator.BETWEEN and node.high is not None:
            low, high = _shown(value(node.right)), _shown(value(node.high))
            wanted = f"{'outside' if node.negated else 'between'} {low} and {high}"
        else:
            right = value(node.right)
            shown = ", ".join(map(_shown, right)) if isinstance(right, tuple) else _shown(right)
            wanted = _TO_DO[node.operator][node.negated].format(shown)
        return f"wanted {self.name(node.left)} {wanted}, it was {_shown(actual)}"

    def _values(self, condition: tree.Expression, value: ValueOf) -> str:
        told = [f"{self.name(node)} was {_shown(value(node))}" for node in _compared(condition)]
        return f", and {'; '.join(dict.fromkeys(told))}" if told else ""


def _compared(condition: tree.Expression) -> Iterator[tree.Expression]:
    """What the comparisons of a condition are about; those about items inside a quantifier are left out."""
    match condition:
        case tree.And(operands=operands) | tree.Or(operands=operands):
            for operand in operands:
                yield from _compared(operand)
        case tree.Not(operand=operand):
            yield from _compared(operand)
        case tree.Comparison(left=left):
            yield left
        case tree.Presence(operand=operand):
            yield operand


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
