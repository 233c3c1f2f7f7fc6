"""How long the texts that rules make can get, against what the books take; changes with what a text can be made of.

A length is only told where it can really come out: every part has a known longest form (a fixed text, a setting's value, a
field with a length of its own), and no condition of the rule keeps it shorter. What has no known length is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dsl import tree
from dsl.analysis.survey import Anatomy, Survey
from dsl.resolved import ResolvedRuleSet
from dsl.schema import Field, Schema
from dsl.tree import Expression, Operator, Path
from dsl.types import DATE, MOMENT, MONEY, NUMBER, PERCENT, TEXT, YES_NO

_MOST_ROWS = 5_000
_PRINTED: Mapping[object, int] = {DATE: 10, MOMENT: 20, YES_NO: 3, MONEY: 8, NUMBER: 5, PERCENT: 5}
"""What such values come to in print, in an ordinary case."""
_SAME_LENGTH = frozenset({"upper", "lower", "proper", "trim", "text_before", "text_after", "part", "digits"})


@dataclass(frozen=True, slots=True)
class Longest:
    """How long a text can get, and the parts that make it so: (words, characters)."""

    length: int
    parts: tuple[tuple[str, int], ...] = ()


def report_limits(survey: Survey) -> None:
    """One warning for each write whose text can get longer than its field takes."""
    lengths = _Lengths(survey.subject.ruleset, survey.subject.schema, survey)
    for anatomy in survey.rules:
        bounds: Mapping[str, int] | None = None
        for statement in anatomy.statements:
            if isinstance(statement, tree.Clear):
                if not anatomy.rule.pack:
                    _cleared(statement, anatomy, survey)
                continue
            if not isinstance(statement, tree.Set | tree.Fill | tree.Override | tree.Replace | tree.Add):
                continue
            if bounds is None:
                bounds = _bounds(anatomy)
            lengths.follow(statement, bounds, anatomy)


class _Lengths:
    """The longest form of each field, as the rules from top to bottom leave it."""

    def __init__(self, ruleset: ResolvedRuleSet, schema: Schema, survey: Survey) -> None:
        self.ruleset = ruleset
        self.schema = schema
        self.survey = survey
        self.now: dict[str, Longest | None] = {}
        self.tables: dict[tuple[str, str], Longest | None] = {}

    def follow(self, statement: tree.Statement, bounds: Mapping[str, int], anatomy: Anatomy) -> None:
        if isinstance(statement, tree.Add):
            for each in statement.fields:
                found = self.schema.field(f"{statement.item}.{each.name}")
                if found is not None:
                    self._write(each.value, found, self.longest(each.value, bounds), anatomy)
            return
        if isinstance(statement, tree.Replace):
            found = self.schema.field(statement.target.name)
            before = self.longest(statement.target, bounds)
            old, new = self.longest(statement.old, bounds), self.longest(statement.new, bounds)
            if before is not None and old is not None and new is not None and new.length > old.length:
                grown = Longest(before.length + new.length - old.length, before.parts)
                self._write(statement.new, found, grown, anatomy, cut=False)
                self._now(statement.target, grown)
            elif before is None or new is None:
                self.now[statement.target.field] = None
            return
        if isinstance(statement, tree.Set | tree.Fill | tree.Override):
            value = self.longest(statement.value, bounds)
            self._write(statement.value, self.schema.field(statement.target.name), value, anatomy)
            self._now(statement.target, value)

    def _now(self, target: Path, value: Longest | None) -> None:
        """A field may also stay what it was: the rule need not act."""
        before = self._field(target)
        found = self.schema.field(target.name)
        limit = None if found is None else found.max_length
        if value is not None and limit is not None and value.length > limit:
            value = Longest(limit)  # told already, where it was written
        if not target.name.startswith("books.") and before is None:
            value = None
        elif value is not None and before is not None and before.length > value.length:
            value = before
        self.now[target.field] = value

    def _write(
        self, value: Expression, found: Field | None, longest: Longest | None, anatomy: Anatomy, cut: bool = True
    ) -> None:
        if found is None or found.max_length is None or longest is None or anatomy.rule.pack:
            return
        if longest.length <= found.max_length or (cut and isinstance(value, tree.Text)):
            return  # a fixed text that is too long is an error of its own
        limit = found.max_length
        number = found.name == "number"
        source = self.survey.source(value.span)
        made = " + ".join(f"{words} ({count})" for words, count in longest.parts) if len(longest.parts) > 1 else ""
        fixes = []
        if cut:
            for function in ("right", "left") if number else ("left",):
                side = "first" if function == "left" else "last"
                fixes.append((f"Keep the {side} {limit} characters", value.span, f"{function}({source}, {limit})"))
        self.survey.subject.reporter.report(
            "R504",
            value.span,
            f"this can come to {longest.length:,} characters; `{found.path}` takes {limit:,}",
            label=made,
            help="a document with a longer number is refused, and its order held"
            if number
            else "the books cut off, or refuse, what is longer",
            fixes=fixes,
        )

    # --- lengths ----------------------------------------------------------------------------------------------------------

    def longest(self, node: Expression, bounds: Mapping[str, int]) -> Longest | None:
        """The longest form of a text, None where it is not known."""
        match node:
            case tree.Text(value=value):
                return Longest(len(value), ((f'"{value}"', len(value)),))
            case tree.Template(parts=parts):
                return self._template(parts, bounds)
            case Path():
                return self._path(node, bounds)
            case tree.SettingValue(key=key):
                setting = self.ruleset.settings.get(key)
                if setting is None or not isinstance(setting.value, tree.Text):
                    return None
                return Longest(len(setting.value.value), ((f"`{key}`", len(setting.value.value)),))
            case tree.OrElse(first=first, second=second):
                return self._either((first, second), bounds)
            case tree.Lookup(table=table, column=str() as column):
                return self._output(table, column)
            case tree.Call(function=function, arguments=arguments):
                return self._call(function, arguments, bounds)
        return None

    def _printed(self, node: Expression, bounds: Mapping[str, int]) -> Longest | None:
        """A value of any type, as a text shows it."""
        if node.type == TEXT:
            return self.longest(node, bounds)
        size = _PRINTED.get(node.type)
        return None if size is None else Longest(size, ((f"`{self.survey.source(node.span)}`", size),))

    def _template(self, parts: tuple[str | Expression, ...], bounds: Mapping[str, int]) -> Longest | None:
        total = 0
        shown: list[tuple[str, int]] = []
        for part in parts:
            if isinstance(part, str):
                total += len(part)
                shown.append((f'"{part}"', len(part)))
                continue
            longest = self._printed(part, bounds)
            if longest is None:
                return None
            total += longest.length
            shown += [(f"`{self.survey.source(part.span)}`", longest.length)]
        return Longest(total, tuple(shown))

    def _path(self, node: Path, bounds: Mapping[str, int]) -> Longest | None:
        now = self._received(node) if node.original else self._field(node)
        bound = bounds.get(("original " if node.original else "") + node.field)
        if bound is not None and (now is None or bound < now.length):
            return Longest(bound, ((f"`{node.field}`", bound),))
        return now

    def _field(self, node: Path) -> Longest | None:
        return self.now[node.field] if node.field in self.now else self._received(node)

    def _received(self, node: Path) -> Longest | None:
        found = self.schema.field(node.name)
        if found is None or node.key is not None or found.type != TEXT:
            return None
        if not found.received:
            return Longest(0)
        size = found.usual_length
        if size is None and found.values and not found.other_values:
            size = max(map(len, found.values))
        return None if size is None else Longest(size, ((f"`{node.field}`", size),))

    def _either(self, nodes: tuple[Expression, ...], bounds: Mapping[str, int]) -> Longest | None:
        """The longest of several values; where one is not known, the others may still be too long."""
        known = [each for each in (self.longest(node, bounds) for node in nodes) if each is not None]
        return max(known, key=lambda each: each.length) if known else None

    def _output(self, key: str, column: str) -> Longest | None:
        if (key, column) in self.tables:
            return self.tables[key, column]
        found: Longest | None = None
        table = self.ruleset.tables.get(key)
        place = None if table is None else table.output(column)
        if table is not None and place is not None:
            rows = [row.outputs for row in table.rows[:_MOST_ROWS]]
            rows += [] if table.otherwise is None else [table.otherwise]
            for outputs in rows:
                value = outputs[place]
                if isinstance(value, tree.Text) and (found is None or len(value.value) > found.length):
                    found = Longest(len(value.value), ((f'"{value.value}"', len(value.value)),))
        self.tables[key, column] = found
        return found

    def _call(self, function: str, arguments: tuple[Expression, ...], bounds: Mapping[str, int]) -> Longest | None:
        first = arguments[0] if arguments else None
        if function == "if":
            return self._either(arguments[1:], bounds)
        if first is None:
            return None
        if function in _SAME_LENGTH:
            return self.longest(first, bounds)
        if function == "text":
            return self._printed(first, bounds) if len(arguments) == 1 else None
        text = self.longest(first, bounds)
        if function in ("left", "right", "mid"):
            count = self._count(arguments[-1]) if len(arguments) > 1 else 1
            if count is None:
                return text
            # A text of unknown length may be that long, and is cut there.
            return Longest(count if text is None else min(count, text.length))
        if function == "pad_left" and text is not None and len(arguments) > 1:
            count = self._count(arguments[1])
            return None if count is None else Longest(max(count, text.length))
        if function == "replace" and text is not None and len(arguments) == 3:
            old, new = self.longest(arguments[1], bounds), self.longest(arguments[2], bounds)
            if old is not None and new is not None:
                return Longest(text.length + max(0, new.length - old.length), text.parts)
        return None

    def _count(self, node: Expression) -> int | None:
        if isinstance(node, tree.SettingValue):
            setting = self.ruleset.settings.get(node.key)
            node = node if setting is None or setting.value is None else setting.value
        return int(node.value) if isinstance(node, tree.Number) and 0 <= node.value < 100_000 else None


def _bounds(anatomy: Anatomy) -> Mapping[str, int]:
    """How long fields can be where the rule acts: what its conditions say of `length(…)` and of fixed texts."""
    found: dict[str, int] = {}
    for condition in (anatomy.where, anatomy.rule.rule.when):
        for each in () if condition is None else conjuncts(condition):
            if not isinstance(each, tree.Comparison) or each.negated:
                continue
            if isinstance(each.left, tree.Call) and each.left.function == "length" and len(each.left.arguments) == 1:
                path, size = each.left.arguments[0], _at_most(each)
            elif isinstance(each.left, Path):
                path, size = each.left, _longest_of(each)
            else:
                continue
            if isinstance(path, Path) and size is not None:
                name = ("original " if path.original else "") + path.field
                found[name] = min(size, found.get(name, size))
    return found


def conjuncts(condition: Expression) -> Iterator[Expression]:
    """The conditions that must all hold."""
    if isinstance(condition, tree.And):
        for each in condition.operands:
            yield from conjuncts(each)
    else:
        yield condition


def _at_most(node: tree.Comparison) -> int | None:
    value = node.high if node.operator is Operator.BETWEEN else node.right
    if not isinstance(value, tree.Number):
        return None
    match node.operator:
        case Operator.AT_MOST | Operator.IS | Operator.BETWEEN:
            return int(value.value)
        case Operator.LESS:
            return int((value.value - 1).to_integral_value("ROUND_CEILING"))
    return None


def _longest_of(node: tree.Comparison) -> int | None:
    if node.operator is Operator.IS and isinstance(node.right, tree.Text):
        return len(node.right.value.strip())
    if node.operator is Operator.ONE_OF and isinstance(node.right, tree.ListOf):
        texts = [each.value for each in node.right.elements if isinstance(each, tree.Text)]
        return (
            max((len(each.strip()) for each in texts), default=None) if len(texts) == len(node.right.elements) else None
        )
    if node.operator is Operator.MATCHES and isinstance(node.right, tree.Text) and "*" not in node.right.value:
        return len(node.right.value)
    return None


def _cleared(statement: tree.Clear, anatomy: Anatomy, survey: Survey) -> None:
    """A field that every record has, and without which no document can be made."""
    found = survey.subject.schema.field(statement.target.name)
    if found is None or found.optional or found.type == YES_NO or found.name.endswith("_total"):
        return
    block = anatomy.rule.rule
    others = sum(len(each) for each in (block.then, block.otherwise) if any(one is statement for one in each))
    survey.subject.reporter.report(
        "R506",
        statement.span,
        f"the books need `{found.path}`: it cannot be made missing",
        help="set it to another value, or `skip` what is not to be recorded",
        fixes=[("Take this out", statement.span, "")] if others > 1 else [],
    )
