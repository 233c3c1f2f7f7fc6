"""Finds statements that are done in vain: changes with what makes a write lost, or a fill idle.

A value is surely there only where no record can lack it: a `set` whose value is missing does nothing, so what was
written before it may be the value for that case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from dsl import tree
from dsl.analysis.conditions import Conditions
from dsl.analysis.sequence import Branch, Sequence, scope_within
from dsl.analysis.subject import Subject
from dsl.analysis.unreached import Dead
from dsl.analysis.wording import text_of
from dsl.report import Reporter
from dsl.tree import Expression, Path, Statement
from dsl.types import TEXT, YES_NO
from dsl.values import fold

Writes = tree.Set | tree.Fill | tree.Override | tree.Clear | tree.Replace


def report_vain(subject: Subject, sequences: Iterable[Sequence], dead: Dead) -> set[tuple[str, str]]:
    """One warning for each statement that is done in vain; returns the pairs of rules (keys, earlier first) told so."""
    told: set[tuple[str, str]] = set()
    for rules in sequences:
        mine = [
            each
            for each in rules.branches
            if each.rule.kind == rules.kind and (each.rule.key, each.is_otherwise) not in dead
        ]
        for branch in mine:
            if branch.rule.pack:
                continue
            _Within(branch, subject.conditions, subject.reporter).look()
        told |= _Across(rules, mine, subject.conditions, subject.reporter).look()
    return told


class _Within:
    """The statements of one branch, in their order."""

    def __init__(self, branch: Branch, conditions: Conditions, reporter: Reporter) -> None:
        self.branch = branch
        self.conditions = conditions
        self.reporter = reporter

    def look(self) -> None:
        for statement in self.branch.statements:
            self._changes_nothing(statement)
        if len(self.branch.statements) < 2:
            return
        last: dict[str, Writes] = {}
        for statement in self.branch.statements:
            read = reads(statement)
            for field in read & last.keys():
                before = last.pop(field)
                if isinstance(before, tree.Clear):
                    self._cleared(before, statement, field)
            if not isinstance(statement, Writes):
                continue
            field = statement.target.field
            before_it = last.get(field)
            if before_it is not None and self._overwrites(statement, before_it):
                self._lost(before_it, statement)
            elif before_it is not None and isinstance(statement, tree.Fill) and self._fills(before_it):
                self._idle(before_it, statement)
                continue
            last[field] = statement

    def _overwrites(self, statement: Writes, before: Writes) -> bool:
        """Whether nothing is left of what was written before."""
        if getattr(before, "or_stop", None) is not None:
            return False  # it asks for the value, too
        return isinstance(statement, tree.Clear) or (
            isinstance(statement, tree.Set | tree.Override) and surely_present(statement.value, self.conditions)
        )

    def _fills(self, before: Writes) -> bool:
        return isinstance(before, tree.Set | tree.Override | tree.Fill) and surely_present(
            before.value, self.conditions
        )

    def _lost(self, before: Writes, after: Writes) -> None:
        self.reporter.report(
            "R415",
            before.span,
            f"this is lost: `{before.target.field}` is {'cleared' if isinstance(after, tree.Clear) else 'written'} again "
            "before anything reads it",
            label="lost",
            help="take one of the two out",
            related=[("it is written again here", after.span)],
        )

    def _idle(self, before: Writes, after: tree.Fill) -> None:
        self.reporter.report(
            "R416",
            after.span,
            f"this never fills anything: `{after.target.field}` is always set before it",
            label="never fills anything",
            help="`fill` writes only where nothing is: put it first, or take it out",
            related=[("it is set here", before.span)],
        )

    def _cleared(self, clear: tree.Clear, statement: Statement, field: str) -> None:
        read = next(
            each
            for each in tree.walk(statement)
            if isinstance(each, Path) and each.field == field and not each.original
        )
        self.reporter.report(
            "R418",
            read.span,
            f"`{field}` is always missing here: it was cleared just before",
            label="always missing",
            help=f"put the `clear` last, or read what was received: `original {field}`",
            related=[("it is cleared here", clear.span)],
        )

    def _changes_nothing(self, statement: Statement) -> None:
        match statement:
            case tree.Set(target=target, value=value) | tree.Override(target=target, value=value) if value == target:
                words = f"`{target.field}` is set to what it is"
            case tree.Fill(target=target, value=value) if value == target:
                words = f"`{target.field}` is filled with itself"
            case tree.Replace(old=tree.Text(value=old), new=tree.Text(value=new)) if old == new:
                words = "both texts are the same"
            case _:
                return
        self.reporter.report(
            "R419",
            statement.span,
            f"this changes nothing: {words}",
            label="changes nothing",
            help="write what was meant, or take it out",
        )


class _Across:
    """The rules for one kind of record beside each other."""

    def __init__(self, rules: Sequence, branches: list[Branch], conditions: Conditions, reporter: Reporter) -> None:
        self.rules = rules
        self.branches = branches
        self.conditions = conditions
        self.reporter = reporter
        self.readers: dict[str, list[int]] = defaultdict(list)
        for place, rule in enumerate(rules.rules):
            for field in rule.reads:
                self.readers[field].append(place)

    def look(self) -> set[tuple[str, str]]:
        told: set[tuple[str, str]] = set()
        set_by: dict[str, tuple[Branch, Writes]] = {}
        """By field (and list): what gave it a value for every record."""
        writes: dict[str, list[tuple[Branch, Writes]]] = defaultdict(list)
        for branch in self.branches:
            always = not branch.conditions and not branch.is_otherwise
            for statement in branch.statements:
                if not isinstance(statement, Writes):
                    continue
                field = statement.target.field
                where = self._where(branch, field, statement)
                if isinstance(statement, tree.Fill):
                    self._fill(branch, statement, where, set_by)
                if always and isinstance(statement, tree.Override):
                    told |= set(self._overrule(branch, statement, writes[where]))
                if isinstance(statement, tree.Clear | tree.Replace):
                    set_by.pop(where, None)
                elif always and isinstance(statement, tree.Set | tree.Override | tree.Fill):
                    scope = branch.rule.rule.scope
                    if (
                        where not in set_by
                        and scope.source is None
                        and scope.flow is None
                        and surely_present(statement.value, self.conditions)
                    ):
                        set_by[where] = (branch, statement)
                writes[where].append((branch, statement))
        return told

    def _where(self, branch: Branch, field: str, statement: Writes) -> str:
        of_item = branch.rule.item and statement.target.root == branch.rule.item
        return f"{branch.rule.collection}:{field}" if of_item else field

    def _fill(self, branch: Branch, statement: tree.Fill, where: str, set_by: dict[str, tuple[Branch, Writes]]) -> None:
        target = statement.target
        before = set_by.get(where)
        if before is None or branch.rule.pack or before[0].rule.key == branch.rule.key:
            return
        earlier, setting = before
        places = range(earlier.place, branch.place)
        if where != target.field and self.rules.gets_items(branch.rule.collection, places.start, places.stop):
            return
        # Of a rule with an error only the text is known.
        if any(
            self._clears(self.rules.rules[place].rule, target.field) for place in self._writers(target.field, places)
        ):
            return
        self.reporter.report(
            "R416",
            statement.span,
            f'this never fills anything: "{earlier.rule.key}" always sets `{target.field}` before',
            label="never fills anything",
            help="`fill` writes only where nothing is: put this rule before the other one, or take it out",
            related=[("it is set here", setting.span)],
        )

    def _overrule(
        self, branch: Branch, statement: tree.Override, before: list[tuple[Branch, Writes]]
    ) -> Iterator[tuple[str, str]]:
        """What an unconditional write makes of those before it, where nothing reads them in between."""
        if not surely_present(statement.value, self.conditions):
            return
        field = statement.target.field
        for earlier, lost in before:
            rule = earlier.rule
            if rule.key == branch.rule.key or rule.pack or getattr(lost, "or_stop", None) is not None:
                continue
            if not scope_within(rule, branch.rule):
                continue
            if any(earlier.place <= place <= branch.place for place in self.readers[field]):
                continue
            self.reporter.report(
                "R415",
                lost.span,
                f'this is lost: "{branch.rule.key}" always overrides `{field}`, and nothing reads it before',
                label="lost",
                help="take it out, or give the other rule a condition",
                related=[("it is overridden here", statement.span)],
            )
            yield rule.key, branch.rule.key

    def _writers(self, field: str, places: range) -> Iterator[int]:
        return (place for place in self.rules.writers.get(field, ()) if place in places)

    @staticmethod
    def _clears(rule: tree.Rule, field: str) -> bool:
        return any(
            isinstance(each, tree.Clear | tree.Replace) and each.target.field == field
            for each in (*rule.then, *rule.otherwise)
        )


def surely_present(value: Expression, conditions: Conditions) -> bool:
    """Whether a value that is written is never missing when it is read again, for no record and no settings.

    A blank text is missing once it stands in a field.
    """
    match value:
        case tree.Text(value=text):
            return bool(fold(text))
        case tree.Template(parts=parts):
            if not any(fold(each) if isinstance(each, str) else each.type != TEXT for each in parts):
                return False
        case tree.OrElse(first=first, second=second):
            never_blank = first.type != TEXT or isinstance(first, Path | tree.Lookup)
            return surely_present(second, conditions) and (never_blank or surely_present(first, conditions))
        case tree.Call(function="if", arguments=(_, *choices)):
            return len(choices) == 2 and all(surely_present(each, conditions) for each in choices)
        case _ if value.type == TEXT or value.type.element is not None:
            return False
    return not conditions.cases(tree.Presence(value, True, type=YES_NO, span=value.span))


def reads(statement: Statement) -> frozenset[str]:
    """The fields that a statement reads, not the one that it writes (but for `replace`)."""
    target = statement.target if isinstance(statement, tree.Set | tree.Fill | tree.Override | tree.Clear) else None
    return frozenset(
        each.field
        for each in tree.walk(statement)
        if isinstance(each, Path) and each is not target and not each.original
    )


def duplicates(subject: Subject, sequences: Iterable[Sequence], dead: Dead) -> set[tuple[str, str]]:
    """One warning for each rule that does what an earlier one has done; returns the pairs told (keys, earlier first)."""
    told: set[tuple[str, str]] = set()
    for rules in sequences:
        seen: dict[tuple[object, ...], list[Branch]] = defaultdict(list)
        for branch in rules.branches:
            rule = branch.rule
            if branch.is_otherwise or rule.kind != rules.kind or (rule.key, False) in dead:
                continue
            text = rule.rule
            alike = seen[rule.reads, rule.writes, hash((text.when, text.then, text.otherwise, text.scope))]
            for earlier in alike:
                if _same(earlier, branch) and rules.is_stable(rule.reads - rule.writes, earlier.place, branch.place):
                    told.add((earlier.rule.key, rule.key))
                    if not rule.pack:
                        _report_duplicate(earlier, branch, subject.reporter)
                    break
            alike.append(branch)
    return told


def _gist(statement: Statement) -> tuple[object, ...]:
    """What tells most statements apart at a glance."""
    for part in tree.children(statement):
        if isinstance(part, tree.Text):
            return type(statement), part.value
    return (type(statement),)


def _same(one: Branch, other: Branch) -> bool:
    first, second = one.rule.rule, other.rule.rule
    return (first.when, first.then, first.otherwise, first.scope) == (
        second.when,
        second.then,
        second.otherwise,
        second.scope,
    )


def _report_duplicate(earlier: Branch, later: Branch, reporter: Reporter) -> None:
    rule = later.rule.rule
    reporter.report(
        "R417",
        rule.title.span,
        f'"{later.rule.key}" does the same as "{earlier.rule.key}"',
        label="does the same again",
        help="take one of them out, or write what is different about it",
        related=[("the other rule", earlier.rule.rule.title.span)],
        fixes=[("Take this rule out", rule.span, "")] if text_of(reporter, rule.span) else [],
    )
