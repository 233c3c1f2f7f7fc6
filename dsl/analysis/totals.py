"""What rules do to a document's total: it is the received total plus the changes that rules made to its parts.

Changes with what a total is made of (`Field.counts` says which amounts). A rule that takes an amount from one part and puts
it into another one moves it, and nothing is said; so do two rules of the same condition. Who changes the total on purpose
says so in the rule's note.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from dsl import tree
from dsl.analysis.amounts import ZERO, Polynomial, name_of, polynomial
from dsl.analysis.limits import conjuncts
from dsl.analysis.survey import Anatomy, Survey
from dsl.schema import Schema
from dsl.tree import Expression, Operator, Path, Span, Statement
from dsl.types import MONEY
from dsl.values import fold

_SALES = ("order", "refund")
_PLURAL = {"line": "lines", "shipping": "shipping lines", "fee": "fees", "discount": "discounts"}


@dataclass(frozen=True, slots=True)
class _Change:
    """What one branch of a rule does to the total of the document, for one item where it is in a loop."""

    anatomy: Anatomy
    moved: Polynomial
    blamed: Statement


def report_totals(survey: Survey) -> None:
    """One warning for each rule that changes what the customer paid, and for each that writes a total that nothing is made of."""
    schema = survey.subject.schema
    changes: list[_Change] = []
    idle: list[tuple[Anatomy, Path]] = []
    for anatomy in survey.rules:
        if anatomy.rule.kind not in _SALES or not anatomy.has(tree.Set, tree.Override, tree.Add, tree.Skip, tree.Clear):
            continue
        block = anatomy.rule.rule
        for statements, negated in ((block.then, False), (block.otherwise, True)):
            change = _Branch(anatomy, schema, negated).follow(statements)
            if change is not None:
                changes.append(change)
            written = [each.target for each in statements if isinstance(each, tree.Set | tree.Override)]
            idle += [(anatomy, each) for each in written if _is_idle(each, schema)]
    balanced = _balanced(changes)
    for change in () if survey.unknown_writes else changes:  # a rule with an error may be the one that moves the amount
        if change.anatomy.rule.pack or _is_said(change.anatomy, survey):
            continue
        if not change.moved.is_zero and id(change) not in balanced:
            _report_change(change, survey)
    for anatomy, target in idle:
        if not anatomy.rule.pack:
            _report_idle(target, anatomy, survey)


class _Branch:
    """`then` or `otherwise` of one rule, statement by statement."""

    def __init__(self, anatomy: Anatomy, schema: Schema, negated: bool) -> None:
        self.anatomy = anatomy
        self.schema = schema
        self.item = anatomy.rule.item
        known = [] if negated else [anatomy.rule.rule.when]
        self.values: dict[str, Polynomial] = dict(_settled([anatomy.where, *known]))
        self.before = dict(self.values)
        self.counted: dict[str, int] = {}
        """The fields of the record and of the item that were written, with how the total follows them."""
        self.added = ZERO
        self.left_out = False
        self.blamed: Statement | None = None
        self.recomputed = False

    def follow(self, statements: Sequence[Statement]) -> _Change | None:
        for each in statements:
            match each:
                case tree.Set() | tree.Override():
                    self._set(each)
                case tree.Clear(target=target):
                    if self._counts(target) and target.name.endswith("_total"):
                        self._write(target, ZERO, each)
                case tree.Add():
                    self._add(each)
                case tree.Skip(item=str()):
                    if self._amount() is not None:
                        self.left_out = True
                        self.blamed = each
        if self.blamed is None:
            return None
        moved = self.added
        amount = self._amount()
        for name, sign in self.counted.items():
            if name != amount:
                moved = moved + self._scaled(self.values[name] - self._start(name), sign)
        if amount is not None:
            field = self.schema.field(amount)
            sign = 0 if field is None else field.counts
            after = ZERO if self.left_out else self._after(amount)
            moved = moved + self._scaled(after - self._start(amount), sign)
        return _Change(self.anatomy, moved, self.blamed)

    # --- statements -------------------------------------------------------------------------------------------------------

    def _set(self, statement: tree.Set | tree.Override) -> None:
        target = statement.target
        name = name_of(target)
        if self.item == "line" and name in ("line.quantity", "line.unit_price"):
            self.values[name] = polynomial(statement.value, self.values)
            if not self.recomputed:
                self.recomputed = True
                self.blamed = self.blamed or statement
        elif self._counts(target):
            self._write(target, polynomial(statement.value, self.values), statement)

    def _write(self, target: Path, value: Polynomial, statement: Statement) -> None:
        name = name_of(target)
        self.values[name] = value
        self.counted[name] = self._counts(target)
        self.blamed = self.blamed if self.left_out else statement

    def _add(self, statement: tree.Add) -> None:
        found = self.schema.field(f"{statement.item}.amount")
        if found is None or not found.counts:
            return
        fields = {each.name: each.value for each in statement.fields if each.key is None}
        if "amount" in fields:
            amount = polynomial(fields["amount"], self.values)
        elif "unit_price" in fields:
            amount = polynomial(fields["unit_price"], self.values)
            if "quantity" in fields:
                amount = amount * polynomial(fields["quantity"], self.values)
        else:
            return
        self.added = self.added + self._scaled(amount, found.counts)
        self.blamed = statement

    # --- amounts ----------------------------------------------------------------------------------------------------------

    def _counts(self, target: Path) -> int:
        found = self.schema.field(target.name)
        if found is None or target.original or target.key is not None:
            return 0
        return found.counts if found.root in (*_SALES, self.item) else 0

    def _amount(self) -> str | None:
        """The amount of the item that the rule goes over, where the total follows it."""
        found = self.schema.field(f"{self.item}.amount") if self.item else None
        return found.path if found is not None and found.counts else None

    def _start(self, name: str) -> Polynomial:
        if name == "line.amount" and self.recomputed and name not in self.counted:
            return self._product(self.before)
        return self.before[name] if name in self.before else Polynomial.unknown(name)

    def _after(self, name: str) -> Polynomial:
        if name == "line.amount" and self.recomputed and name not in self.counted:
            return self._product(self.values)
        return self.values[name] if name in self.values else Polynomial.unknown(name)

    def _product(self, values: Mapping[str, Polynomial]) -> Polynomial:
        quantity = values["line.quantity"] if "line.quantity" in values else Polynomial.unknown("line.quantity")
        price = values["line.unit_price"] if "line.unit_price" in values else Polynomial.unknown("line.unit_price")
        return quantity * price

    @staticmethod
    def _scaled(amount: Polynomial, sign: int) -> Polynomial:
        return amount if sign > 0 else -amount if sign < 0 else ZERO


def _settled(conditions: Iterable[Expression | None]) -> Iterable[tuple[str, Polynomial]]:
    """Fields that have one value where the rule acts: `line.amount is 0`."""
    for condition in conditions:
        for each in () if condition is None else conjuncts(condition):
            if not isinstance(each, tree.Comparison) or each.negated or not isinstance(each.left, Path):
                continue
            if each.operator is Operator.IS and isinstance(each.right, tree.Number | tree.Money):
                yield name_of(each.left), Polynomial.number(Fraction(each.right.value))


def _is_idle(target: Path, schema: Schema) -> bool:
    """Whether it is a total that no document is made of (the fees of an order are its fees, one by one)."""
    found = schema.field(target.name) if target.root in _SALES else None
    return found is not None and found.type == MONEY and found.name.endswith("_total") and not found.counts


def _is_said(anatomy: Anatomy, survey: Survey) -> bool:
    """Whether the rule itself says what happens to the total: in its title, its note, or what it logs."""
    block = anatomy.rule.rule
    words = [block.title.text, block.note or ""]
    words += [survey.source(each.value.span) for each in anatomy.statements if isinstance(each, tree.Log)]
    return any("total" in fold(each) for each in words)


# --- rules that balance one another ------------------------------------------------------------------------------------


def _balanced(changes: Sequence[_Change]) -> set[int]:
    """The changes that other rules of the same condition make up for."""
    groups: dict[tuple[str, frozenset[str]], list[_Change]] = defaultdict(list)
    for change in changes:
        if not change.moved.is_zero:
            groups[change.anatomy.rule.kind, _conditions(change.anatomy)].append(change)
    found: set[int] = set()
    for members in groups.values():
        if len(members) > 1 and sum((each.moved for each in members[1:]), members[0].moved).is_zero:
            found |= {id(each) for each in members}
    summed = [each for each in changes if any(name.startswith("Sum(") for name in _unknowns(each.moved))]
    for one in summed:
        for other in changes:
            if other is not one and other.anatomy.rule.item and (one.moved + _over_items(other)).is_zero:
                found |= {id(one), id(other)}
    return found


def _conditions(anatomy: Anatomy) -> frozenset[str]:
    scope = anatomy.rule.rule.scope
    parts = [anatomy.rule.collection, repr(scope.source), repr(scope.flow)]
    for each in (anatomy.where, anatomy.rule.rule.when):
        parts += [] if each is None else [repr(one) for one in conjuncts(each)]
    return frozenset(parts)


def _unknowns(amount: Polynomial) -> Iterable[str]:
    return (name for term in amount.terms for name, _ in term)


def _over_items(change: _Change) -> Polynomial:
    """What a rule `for each` does over all its items, as a rule for the whole record would write it with `sum`."""
    anatomy = change.anatomy
    where = [each for each in (anatomy.where, anatomy.rule.rule.when) if each is not None]
    total = ZERO
    for term, factor in change.moved.terms.items():
        if len(term) != 1 or term[0][1] != 1:
            return change.moved
        total = total + Polynomial({((_sum_of(term[0][0], anatomy.rule.collection, where), 1),): factor})
    return total


def _sum_of(name: str, collection: str, where: Sequence[Expression]) -> str:
    condition = where[0] if len(where) == 1 else None
    value = Path(name, type=MONEY, currency="record")
    node = tree.Sum(value, Path(collection), condition, name.partition(".")[0], type=MONEY, currency="record")
    return repr(node)


# --- words ---------------------------------------------------------------------------------------------------------------


def _report_change(change: _Change, survey: Survey) -> None:
    statement, moved = change.blamed, change.moved
    constant = moved.constant
    way = "" if constant is None else "more" if constant > 0 else "less"
    match statement:
        case tree.Skip(item=str() as item):
            left = Polynomial.unknown(f"{item}.amount")
            if moved in (left, -left):
                message = f"the amounts of these {_PLURAL.get(item, item)} are left out, and nothing else takes them"
                way = "more" if item == "discount" else "less"
            else:
                message = f"these {_PLURAL.get(item, item)} are left out, and something else than their amounts goes elsewhere"
        case tree.Add(item=item):
            message = f"this {item} is put on top of what was received"
        case tree.Set() | tree.Override() | tree.Clear():
            message = f"`{statement.target.field}` changes, and nothing else changes the other way"
        case _:
            return
    becomes = f"comes to {way} than" if way else "is no longer"
    block = change.anatomy.rule.rule
    fixes: list[tuple[str, Span, str]] = []
    if block.note is None:
        source = survey.subject.reporter.source(block.span.file).text
        end = block.title.span.end
        after = source[end : source.find("\n", end) if "\n" in source[end : block.span.end] else end]
        if not after.strip():
            fixes = [
                (
                    "Say in a note that it is meant",
                    block.title.span.within(end, end),
                    '\n  note "The document\'s total changes by this."',
                )
            ]
    survey.subject.reporter.report(
        "R440",
        statement.span if not isinstance(statement, tree.Set | tree.Override) else statement.target.span,
        f"{message}: the document {becomes} what the customer paid",
        help=_where_to(statement),
        fixes=fixes,
    )


def _where_to(statement: Statement) -> str:
    meant = "where it is meant, say in the rule's note what happens to the total"
    if isinstance(statement, tree.Skip) and statement.item == "line":
        return f"`set order.shipping_total to order.shipping_total + line.amount` would move it; {meant}"
    return f"move the amount in the same rule, from one part of the order to another; {meant}"


def _report_idle(target: Path, anatomy: Anatomy, survey: Survey) -> None:
    field = target.field
    if any(field in each.rule.reads for each in survey.rules[anatomy.place + 1 :]):
        return
    item = field.partition(".")[2].removesuffix("_total")
    survey.subject.reporter.report(
        "R442",
        target.span,
        f"`{field}` only says what the {item}s came to: the document is made of the {item}s themselves",
        help=f"write a rule `for each {item} in {field.partition('.')[0]}.{item}s`, or `add {item} amount = …`",
    )
