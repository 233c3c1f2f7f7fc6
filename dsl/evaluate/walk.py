"""The plain tree walker: what a rule set means, in the shortest honest form; it changes with the language alone.

It is the oracle that every faster way of running is tested against, it words why a rule did not fire, and it takes
over wherever generated code meets a record that it does not want to judge. It does no I/O and asks no clock.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import DecimalException, localcontext
from typing import Any, Final

from dsl import tree
from dsl.decision import GAVE_UP, Change, Decision, Finding, Hold, LeftOut, NotFired, Outcome, Trace, WithoutEffect
from dsl.evaluate.operations import arithmetic, compare, constant, duration, negative
from dsl.evaluate.records import (
    MAX_ITEMS,
    Item,
    WorkingRecord,
    added_key,
    collection_of,
    is_money,
    main_root,
    rule_kinds,
    stored,
    stored_money,
    untagged,
)
from dsl.evaluate.tables import LookupTable, lookup_table
from dsl.evaluate.wording import Wording
from dsl.functions import REGISTRY
from dsl.functions.text import compiled_pattern
from dsl.resolved import ResolvedRule, ResolvedRuleSet
from dsl.tree import Operator
from dsl.types import Type
from dsl.values import (
    ARITHMETIC,
    ZERO,
    EvaluationFailure,
    Money,
    Percent,
    limited,
    print_value,
    replace_text,
    round_amount,
    same_text,
    show_value,
)

STEP_BUDGET: Final = 250_000
"""Steps for one record: each rule (in a loop: for each item) is one, and so is each item that a count, sum or
quantifier looks at."""
STEPS_FOR_WORDS: Final = STEP_BUDGET // 10
"""Steps for one record that go into telling why rules did not fire; what lies beyond is told without its values."""


class _Bound:
    """While it lasts, an item's word means this item. A class, since every item that a count looks at is bound: a
    generator would take as long as the look."""

    __slots__ = ("before", "item", "names", "word")

    def __init__(self, names: dict[str, Item], word: str, item: Item) -> None:
        self.names, self.word, self.item = names, word, item
        self.before = names.get(word)

    def __enter__(self) -> None:
        self.names[self.word] = self.item

    def __exit__(self, *_: object) -> None:
        if self.before is None:
            del self.names[self.word]
        else:
            self.names[self.word] = self.before


class _Stop(Exception):
    """The record has ended; the walker's own way out of nested statements."""


ENDS: Final = (_Stop, EvaluationFailure, DecimalException)
"""What a rule raises that ends its record: it stops it, or has no answer."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that a decision depends on beside record and rule set. `releases` are keys of rules whose holds are waived."""

    today: date
    flow: str | None = None
    source: str | None = None
    held_since: Mapping[str, date] = field(default_factory=dict)
    releases: frozenset[str] = frozenset()


def applies(rule: ResolvedRule, kind: str, inputs: Inputs) -> bool:
    """Say whether a rule runs on records of this kind from this source in this flow."""
    if not rule.runs or rule.kind not in rule_kinds(kind):
        return False
    source, flow = rule.rule.scope.source, rule.rule.scope.flow
    if source is not None and (inputs.source is None or not same_text(source.text, inputs.source)):
        return False
    return flow is None or (inputs.flow is not None and same_text(flow.text, inputs.flow))


def rules_for(rules: tuple[ResolvedRule, ...], kind: str, inputs: Inputs) -> tuple[ResolvedRule, ...]:
    """The rules that run on a record, in their order; for a refund those for its order come first."""
    chosen = [rule for rule in rules if applies(rule, kind, inputs)]
    order = rule_kinds(kind)
    return tuple(sorted(chosen, key=lambda rule: order.index(rule.kind)))


class Walker:
    """Runs a rule set over records by walking its tree. It keeps nothing between two records."""

    def __init__(self, resolved: ResolvedRuleSet) -> None:
        self.resolved = resolved
        self.wording = Wording(resolved)
        self.settings = {
            key: None if setting.value is None else constant(setting.value)
            for key, setting in resolved.settings.items()
        }
        self.tables = {key: lookup_table(table) for key, table in resolved.tables.items()}

    def constant(self, node: tree.Expression) -> Any:
        """The tagged value of what is the same for every record: literals, settings, lists; None for anything else."""
        match node:
            case tree.SettingValue(key=key):
                return self.settings[key]
            case tree.ListValue(key=key):
                return tuple(constant(each) for each in self.resolved.lists[key].elements)
        try:
            return constant(node)
        except TypeError:
            return None

    def evaluate(self, record: Mapping[str, Any], kind: str, inputs: Inputs) -> Decision:
        """Run the rules for `kind` over a record, which is left as it is. Never raises for what a record holds."""
        with localcontext(ARITHMETIC):
            return Run(self, WorkingRecord.of(record, kind), kind, inputs).decide()

    def holds(self, condition: tree.Expression, record: Mapping[str, Any], kind: str, today: date) -> bool:
        """Say whether a condition holds for a record as received. Raises EvaluationFailure."""
        with localcontext(ARITHMETIC):
            return Run(self, WorkingRecord.of(record, kind), kind, Inputs(today)).holds(condition)

    def value(self, expression: tree.Expression, record: Mapping[str, Any], kind: str, today: date) -> Any:
        """The tagged value of an expression for a record as received. Raises EvaluationFailure."""
        with localcontext(ARITHMETIC):
            return Run(self, WorkingRecord.of(record, kind), kind, Inputs(today)).value(expression)


class Run:
    """One record's run."""

    def __init__(self, walker: Walker, record: WorkingRecord, kind: str, inputs: Inputs) -> None:
        self.walker = walker
        self.record = record
        self.kind = kind
        self.inputs = inputs
        self.steps = 0
        self.steps_for_words = STEP_BUDGET - STEPS_FOR_WORDS
        self.rule = ""
        self.rule_kind = kind
        self.item: Item | None = None
        self.outcome: Outcome = "sync"
        self.reason: str | None = None
        self.ended_by: str | None = None
        self.hold: Hold | None = None
        self.changes: list[Change] = []
        self.fired: list[str] = []
        self.left_out: list[LeftOut] = []
        self.tags: list[str] = []
        self.log: list[tuple[str, str]] = []
        self.findings: list[Finding] = []
        self.without_effect: list[WithoutEffect] = []
        self.not_fired: list[NotFired] = []
        self.pending_items: list[tuple[str, dict[str, Any]]] = []
        self.pending_holds: list[str] = []
        self.amount_before: Any = None
        self.amount_path: tree.Path | None = None

    # --- the record ---

    def decide(self) -> Decision:
        rules = rules_for(self.walker.resolved.rules, self.kind, self.inputs)
        try:
            for rule in rules:
                self.run_rule(rule)
        except _Stop:
            pass
        except EvaluationFailure as failure:
            self.fail_evaluation(failure)
        except DecimalException:
            self.fail_evaluation(EvaluationFailure("E102", "A number became too large to calculate with."))
        return Decision(
            kind=self.kind,
            outcome=self.outcome,
            reason=self.reason,
            rule=self.ended_by,
            record=self.record.finished(),
            changes=tuple(self.changes),
            fired=tuple(self.fired),
            left_out=tuple(self.left_out),
            tags=tuple(self.tags),
            log=tuple(self.log),
            findings=tuple(self.findings),
            hold=self.hold,
            trace=Trace(tuple(self.without_effect), (tuple, self.not_fired)),
        )

    def fail_evaluation(self, failure: EvaluationFailure) -> None:
        self.findings.append(Finding(failure.code, failure.message, self.rule, failure.values))
        self.hold = Hold(self.rule, failure.message, releasable=False)
        self.outcome, self.reason, self.ended_by = "hold", failure.message, self.rule

    def stop(self, outcome: Outcome, reason: str) -> None:
        self.outcome, self.reason, self.ended_by = outcome, reason, self.rule
        raise _Stop

    def step(self, count: int = 1) -> None:
        self.steps += count
        if self.steps > STEP_BUDGET:
            raise EvaluationFailure(
                "E201",
                f"The rules took more than {STEP_BUDGET:,} steps for this record. It has very many items, or rules that "
                "count or sum all items again for each item: count once, or split the record.",
            )

    # --- rules ---

    def run_rule(self, resolved: ResolvedRule) -> None:
        self.rule, self.rule_kind = resolved.key, resolved.kind
        self.item = None
        if resolved.item:
            self.run_loop(resolved)
        else:
            self.step()
            self.run_once(resolved.rule)
        self.add_pending_items()

    def run_loop(self, resolved: ResolvedRule) -> None:
        rule, scope = resolved.rule, resolved.rule.scope
        items = self.items(resolved.collection)
        where = scope.where if isinstance(scope, tree.ForEach) else None
        if not items:
            self.not_fired.append(NotFired(self.rule, None, resolved.collection, f"there is no {resolved.item}"))
        for item in items:
            self.step()
            with self.bound(resolved.item, item):
                self.item = item
                if where is not None and not self.holds(where):
                    self.note_not_fired(where)
                    continue
                self.run_once(rule)
        self.item = None
        if self.pending_holds:
            reasons = "; ".join(dict.fromkeys(self.pending_holds))
            self.pending_holds = []
            self.end_with_hold(reasons)

    def run_once(self, rule: tree.Rule) -> None:
        if rule.when is None or self.holds(rule.when):
            if not self.fired or self.fired[-1] != self.rule:
                self.fired.append(self.rule)
            self.run_statements(rule.then)
            return
        self.note_not_fired(rule.when, bool(rule.otherwise))
        self.run_statements(rule.otherwise)

    def note_not_fired(self, condition: tree.Expression, otherwise: bool = False) -> None:
        # The budget is that of the rules: finding words costs them nothing, but has an end of its own.
        steps, self.steps = self.steps, self.steps_for_words
        wording, words = self.walker.wording.why_not(condition, self)
        self.steps, self.steps_for_words = steps, self.steps
        item = None if self.item is None else self.item.id
        self.not_fired.append(NotFired(self.rule, item, wording, words, otherwise))

    def run_statements(self, statements: tuple[tree.Statement, ...]) -> None:
        sets_amount = any(
            isinstance(each, tree.Set | tree.Fill | tree.Override | tree.Clear) and each.target.name == "line.amount"
            for each in statements
        )
        ordinal = 0
        try:
            for statement in statements:
                if isinstance(statement, tree.Add):
                    ordinal += 1
                    self.add(statement, ordinal)
                    continue
                changed = self.run_statement(statement)
                if changed and not sets_amount and isinstance(statement, tree.Set | tree.Fill | tree.Override):
                    self.recompute_amount(statement.target)
        finally:
            self.note_amount()

    def run_statement(self, statement: tree.Statement) -> bool:
        """Run a statement; says whether it was an assignment that changed its field."""
        match statement:
            case tree.Set() | tree.Override() | tree.Fill():
                return self.assign(statement)
            case tree.Clear(target=target):
                if self.record.read(target) is None or self.record.raw(target) is None:
                    self.note(target, "it was not set already")
                else:
                    self.write(target, None)
            case tree.Replace():
                self.replace(statement)
            case tree.Skip(reason=reason, item=None):
                self.stop("skip", self.message(reason))
            case tree.Skip(reason=reason):
                self.leave_out(self.message(reason))
            case tree.Hold():
                self.run_hold(statement)
            case tree.Fail(reason=reason):
                self.stop("fail", self.message(reason))
            case tree.Tag(value=value):
                self.tag(self.message(value))
            case tree.Log(value=value):
                self.log.append((self.rule, self.message(value)))
        return False

    # --- statements ---

    def assign(self, statement: tree.Set | tree.Fill | tree.Override) -> bool:
        target = statement.target
        if isinstance(statement, tree.Fill):
            present = self.record.read(target)
            if present is not None:
                self.note(target, f"it is set already: {show_value(present)}")
                return False
        value = self.value(statement.value)
        if value is None:
            self.note(target, f"{self.walker.wording.text(statement.value)} is not set")
            if statement.or_stop is not None:
                self.run_or_stop(statement.or_stop)
            return False
        currency = self.record.currency_at(target) if target.type.name == "money" else None
        return self.write(target, stored(value, target.type, target.name, currency))

    def run_or_stop(self, stop: tree.OrStop) -> None:
        reason = self.message(stop.reason)
        match stop.action:
            case "hold":
                if self.rule in self.inputs.releases:
                    return
                if self.item is None:
                    self.end_with_hold(reason)
                self.pending_holds.append(reason)
            case "skip" if stop.item is not None:
                self.leave_out(reason)
            case "skip":
                self.stop("skip", reason)
            case _:
                self.stop("fail", reason)

    def end_with_hold(self, reason: str, until: str | None = None, due_days: int | None = None) -> None:
        self.hold = Hold(self.rule, reason, until, due_days)
        self.stop("hold", reason)

    def run_hold(self, statement: tree.Hold) -> None:
        reason = self.message(statement.reason)
        if self.rule in self.inputs.releases:
            self.note(None, "a person released the record from this hold")
            return
        if statement.until is not None and self.holds(statement.until):
            self.note(None, f"what it waits for is true: {self.walker.wording.text(statement.until)}")
            return
        until = None if statement.until is None else self.walker.wording.text(statement.until)
        if statement.limit is None:
            self.end_with_hold(reason, until)
            return
        days = days_of(statement.limit)
        since = self.inputs.held_since.get(self.rule)
        if since is not None and (self.inputs.today - since).days >= days:
            limit = f"{statement.limit.count} {statement.limit.unit}" + ("" if statement.limit.count == 1 else "s")
            gave_up = f"gave up after {limit}"
            self.findings.append(
                Finding(GAVE_UP, f"{reason}: {gave_up}", self.rule, {"held since": since.isoformat(), "why": reason})
            )
            self.stop("skip", gave_up)
        self.end_with_hold(reason, until, days)

    def replace(self, statement: tree.Replace) -> None:
        target = statement.target
        text = self.record.read(target)
        old = self.value(statement.old)
        new = self.value(statement.new)
        if text is None or old is None or new is None:
            missing = target if text is None else statement.old if old is None else statement.new
            self.note(target, f"{self.walker.wording.text(missing)} is not set")
            return
        result = replace_text(print_value(text), print_value(old), print_value(new))
        if result == text:
            self.note(target, f"{show_value(text)} does not contain {show_value(old)}")
            return
        self.write(target, result)

    def leave_out(self, reason: str) -> None:
        item = self.item
        if item is None or item.left_out:
            return
        item.left_out = True
        word = next(word for word, each in self.record.bound.items() if each is item)
        self.left_out.append(LeftOut(word, item.id, item.number, reason, self.rule))

    def tag(self, tag: str) -> None:
        root = main_root(self.kind)
        container = self.record.fields.setdefault(root, {})
        before = container.get("tags") or []
        if any(isinstance(each, str) and same_text(each, tag) for each in before):
            self.without_effect.append(
                WithoutEffect(self.rule, self.item_id, f"{root}.tags", f'the tag "{tag}" is there already')
            )
            return
        container["tags"] = [*before, tag]
        self.tags.append(tag)
        self.changes.append(Change(f"{root}.tags", list(before), [*before, tag], self.rule, self.item_id))

    def add(self, statement: tree.Add, ordinal: int) -> None:
        path = collection_of(self.rule_kind, statement.item)
        key = added_key(self.rule, ordinal, self.item_id)
        values = [(assignment, self.value(assignment.value)) for assignment in statement.fields]
        missing = next((assignment for assignment, value in values if value is None), None)
        if missing is not None:
            self.note_path(
                path, f"{self.walker.wording.text(missing.value)} is not set, so no {statement.item} was added"
            )
            return
        if any(item.fields.get("id") == key for item in self.record.collection(path)):
            self.note_path(path, f"this {statement.item} was added before")
            return
        fields: dict[str, Any] = {"id": key}
        currency = self.record.currency()
        for assignment, value in values:
            if is_money(assignment.name) and assignment.key is None:
                value = stored_money(value, f"{statement.item}.{assignment.name}", currency)
            else:
                value = untagged(value)
            if assignment.key is None:
                fields[assignment.name] = value
            else:
                fields.setdefault(assignment.name, {})[assignment.key] = value
        complete_item(statement.item, fields, currency)
        self.pending_items.append((path, fields))

    def add_pending_items(self) -> None:
        pending, self.pending_items = self.pending_items, []
        for path, fields in pending:
            items = self.record.collection(path)
            number = len(items) + 1
            if number > MAX_ITEMS:
                raise too_many_items(path)
            items.append(Item(fields, None, number))
            self.changes.append(Change(f"{path}[{number}]", None, dict(fields), self.rule, fields["id"]))

    def write(self, target: tree.Path, value: Any) -> bool:
        before = self.record.raw(target)
        self.record.write(target, value)
        if before == value and type(before) is type(value):
            self.note(target, "it had this value already")
            return False
        path, item = self.record.place(target)
        self.changes.append(Change(path, before, value, self.rule, item if item is not None else self.item_id))
        return True

    def recompute_amount(self, target: tree.Path) -> None:
        """Follow a changed quantity or unit price with the amount: it is what counts in the document."""
        if target.name not in ("line.quantity", "line.unit_price") or self.item is None:
            return
        fields = self.item.fields
        quantity, price = fields.get("quantity"), fields.get("unit_price")
        if quantity is None or price is None:
            return
        if self.amount_path is None:
            self.amount_path = tree.Path(name="line.amount")
            self.amount_before = fields.get("amount")
        fields["amount"] = round_amount(quantity * price, self.record.currency())

    def note_amount(self) -> None:
        if self.amount_path is None or self.item is None:
            return
        path, before, after = self.amount_path, self.amount_before, self.item.fields["amount"]
        self.amount_path = self.amount_before = None
        if before != after:
            place, item = self.record.place(path)
            self.changes.append(Change(place, before, after, self.rule, item))

    @property
    def item_id(self) -> str | None:
        return None if self.item is None else self.item.id

    def note(self, target: tree.Path | None, reason: str) -> None:
        if target is None:
            self.note_path("", reason)
            return
        path, item = self.record.place(target)
        self.without_effect.append(WithoutEffect(self.rule, item if item is not None else self.item_id, path, reason))

    def note_path(self, path: str, reason: str) -> None:
        self.without_effect.append(WithoutEffect(self.rule, self.item_id, path, reason))

    # --- expressions ---

    def message(self, expression: tree.Expression) -> str:
        """A text for people: it always has words, `(not set)` where a value is missing."""
        if isinstance(expression, tree.Template):
            return limited("".join(self.template_parts(expression)))
        return limited(print_value(self.value(expression)))

    def template_parts(self, template: tree.Template) -> Iterator[str]:
        for part in template.parts:
            yield part if isinstance(part, str) else print_value(self.value(part))

    def holds(self, condition: tree.Expression) -> bool:
        """Work a condition out; a missing yes/no counts as no."""
        match condition:
            case tree.And(operands=operands):
                return all(self.holds(operand) for operand in operands)
            case tree.Or(operands=operands):
                return any(self.holds(operand) for operand in operands)
            case tree.Not(operand=operand):
                return not self.holds(operand)
            case tree.Comparison():
                return self.compare(condition)
            case tree.Presence(operand=operand, missing=missing):
                return (self.value(operand) is None) is missing
            case tree.Quantified():
                return self.quantified(condition)
        return self.value(condition) is True

    def compare(self, comparison: tree.Comparison) -> bool:
        left = self.value(comparison.left)
        if comparison.operator is Operator.PATTERN:
            pattern = self.value(comparison.right)
            right = None if pattern is None else compiled_pattern(pattern)
        else:
            right = self.value(comparison.right)
        high = None if comparison.high is None else self.value(comparison.high)
        try:
            return compare(comparison.operator, left, right, high) is not comparison.negated
        except EvaluationFailure as failure:
            raise self.with_values(failure, comparison.left, left, comparison.right, right) from None

    def with_values(
        self, failure: EvaluationFailure, left: tree.Expression, one: Any, right: tree.Expression, other: Any
    ) -> EvaluationFailure:
        text = self.walker.wording.text
        return EvaluationFailure(
            failure.code,
            failure.message,
            {text(left): show_value(one), text(right): show_value(other)} | failure.values,
        )

    def quantified(self, node: tree.Quantified) -> bool:
        matches = (self.fits(node.item, item, node.where) for item in self.items(node.collection))
        match node.quantifier:
            case "some":
                return any(matches)
            case "no":
                return not any(matches)
        return all(matches)

    def each(self, node: tree.Quantified) -> Iterator[int]:
        """The items that a quantifier is about, by number, each bound while it is at hand."""
        for item in self.items(node.collection):
            self.step()
            with self.bound(node.item, item):
                yield item.number

    def fits(self, word: str, item: Item, where: tree.Expression | None) -> bool:
        self.step()
        if where is None:
            return True
        with self.bound(word, item):
            return self.holds(where)

    def items(self, collection: tree.Path | str) -> list[Item]:
        """The items of a collection that are not left out; E203 where there are more than 1,000."""
        name, original = (collection, False) if isinstance(collection, str) else (collection.name, collection.original)
        items = self.record.collection(name, original)
        if len(items) > MAX_ITEMS:
            raise too_many_items(name)
        return [item for item in items if not item.left_out]

    def bound(self, word: str, item: Item) -> _Bound:
        return _Bound(self.record.bound, word, item)

    def value(self, expression: tree.Expression) -> Any:
        """The tagged value of an expression, None where it is missing."""
        worker = _VALUES.get(type(expression))
        if worker is not None:
            return worker(self, expression)
        if isinstance(expression, _CONDITIONS):
            return self.holds(expression)
        raise TypeError(f"{type(expression).__name__} has no value: the tree was not checked")

    def template(self, node: tree.Template) -> str | None:
        pieces: list[str] = []
        complete = True
        for part in node.parts:
            value = part if isinstance(part, str) else self.value(part)
            if value is None:
                complete = False
            else:
                pieces.append(print_value(value))
        return limited("".join(pieces)) if complete else None

    def arithmetic(self, node: tree.Arithmetic) -> Any:
        left = self.value(node.left)
        right = self.value(node.right)
        try:
            return arithmetic(node.operator, left, right)
        except EvaluationFailure as failure:
            raise self.with_values(failure, node.left, left, node.right, right) from None

    def or_else(self, node: tree.OrElse) -> Any:
        first = self.value(node.first)
        return self.value(node.second) if first is None else first

    def call(self, node: tree.Call) -> Any:
        function = REGISTRY[node.function]
        if function.needs_today:
            return self.inputs.today
        if function.lazy:
            condition, *choices = node.arguments
            chosen = choices[:1] if self.holds(condition) else choices[1:]
            return self.value(chosen[0]) if chosen else None
        arguments = [self.value(argument) for argument in node.arguments]
        if any(argument is None for argument in arguments):
            return None
        return call_function(function.name, arguments)

    def lookup(self, node: tree.Lookup) -> Any:
        table: LookupTable = self.walker.tables[node.table]
        outputs = table.find([self.value(key) for key in node.keys])
        if outputs is None:
            return None
        place = 0 if node.column is None else self.walker.resolved.tables[node.table].output(node.column)
        return outputs[place or 0]

    def count(self, node: tree.Count) -> Any:
        return sum((1 for item in self.items(node.collection) if self.fits(node.item, item, node.where)), ZERO)

    def sum(self, node: tree.Sum) -> Any:
        total: Any = None
        for item in self.items(node.collection):
            if not self.fits(node.item, item, node.where):
                continue
            with self.bound(node.item, item):
                value = self.value(node.value)
            if value is not None:
                total = value if total is None else arithmetic("+", total, value)
        if total is None:
            return Money(ZERO, self.record.currency()) if node.type.name == "money" else ZERO
        return total


def call_function(name: str, arguments: list[Any]) -> Any:
    """Call a function that is not lazy with present, tagged values; money keeps its currency."""
    function = REGISTRY[name]
    if function.tagged:
        return function.run(*arguments)
    currency: str | None = None
    wrap: Any = None
    plain: list[Any] = []
    for argument in arguments:
        if isinstance(argument, Money):
            if wrap is None:
                wrap, currency = Money, argument.currency
            elif argument.currency != currency:
                arithmetic("+", Money(ZERO, currency), argument)
                currency = currency if currency is not None else argument.currency
            plain.append(argument.amount)
        else:
            if isinstance(argument, Percent):
                wrap = Percent
            plain.append(untagged(argument) if not isinstance(argument, tuple) else argument)
    result = function.run(*plain)
    if wrap is None or result is None or isinstance(function.result, Type):
        return result
    return Money(result, currency) if wrap is Money else Percent(result)


def complete_item(word: str, fields: dict[str, Any], currency: str | None) -> None:
    """Give an added line what follows from its other fields: quantity 1, amount and unit price from one another."""
    if word != "line":
        return
    quantity = fields.setdefault("quantity", ZERO + 1)
    if "amount" not in fields and "unit_price" in fields:
        fields["amount"] = round_amount(quantity * fields["unit_price"], currency)
    elif "amount" in fields and "unit_price" not in fields and quantity:
        fields["unit_price"] = stored_money(fields["amount"] / quantity, "line.unit_price", currency)


def too_many_items(path: str) -> EvaluationFailure:
    """The failure of a record whose list is longer than rules may go through."""
    return EvaluationFailure(
        "E203",
        f"{path} has more than {MAX_ITEMS:,} items; a record of that size has to be split before rules run on it.",
    )


def days_of(limit: tree.Duration) -> int:
    """The days of a hold's limit, part of a day counting as a day; a month is 30 days, a year 365."""
    if limit.unit == "year":
        return 365 * limit.count
    span = duration(limit.count, limit.unit)
    return -(-span // timedelta(days=1)) if isinstance(span, timedelta) else 30 * span.count


_CONDITIONS: Final = (tree.And, tree.Or, tree.Not, tree.Comparison, tree.Presence, tree.Quantified)
_VALUES: Mapping[type, Callable[[Any, Any], Any]] = {
    tree.Text: lambda _, node: node.value,
    tree.Number: lambda _, node: node.value,
    tree.YesNo: lambda _, node: node.value,
    tree.Date: lambda _, node: node.value,
    tree.Percent: lambda _, node: constant(node),
    tree.Money: lambda _, node: constant(node),
    tree.Duration: lambda _, node: constant(node),
    tree.Missing: lambda _, __: None,
    tree.ListOf: lambda run, node: tuple(run.value(element) for element in node.elements),
    tree.Path: lambda run, node: run.record.read(node),
    tree.SettingValue: lambda run, node: run.walker.settings[node.key],
    tree.ListValue: lambda run, node: tuple(map(constant, run.walker.resolved.lists[node.key].elements)),
    tree.Negative: lambda run, node: negative(run.value(node.operand)),
    tree.Template: Run.template,
    tree.Arithmetic: Run.arithmetic,
    tree.OrElse: Run.or_else,
    tree.Call: Run.call,
    tree.Lookup: Run.lookup,
    tree.Count: Run.count,
    tree.Sum: Run.sum,
}
