"""What the analyses say of all records is true of all records: a search for one that says otherwise.

Conditions and rule sets are made at random from few fields and constants, the records from the same constants. The tree
walker decides. The search of the suite is small and always the same; `./dev soak` looks at more than 100,000 cases.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import localcontext
from typing import Any

import pytest

from dsl import tree
from dsl.analysis.conditions import Case, Cases, Conditions, product
from dsl.analysis.examples import Example, Examples
from dsl.check import Checked, check_text
from dsl.evaluate.records import WorkingRecord
from dsl.evaluate.walk import Inputs, Run, Walker
from dsl.resolved import ResolvedRule, ResolvedRuleSet
from dsl.schema import Schema
from dsl.values import ARITHMETIC, EvaluationFailure
from tests.analysis.worlds import HEAD, Maker, Records, rule_set

SOAK = bool(os.environ.get("CLOUDCART_SOAK"))
FILES = 5_200 if SOAK else 40
RULES = 20
SEEDS = 4
RULE_SETS = 6_000 if SOAK else 240
RECORDS = 40
TODAY = date(2026, 1, 2)


def checked(text: str, schema: Schema) -> ResolvedRuleSet:
    found = check_text(text, file="web.rules", schema=schema)
    assert found.ruleset is not None, [(each.code, each.message) for each in found.diagnostics if each.is_error]
    return found.ruleset


def parts(condition: tree.Expression) -> Iterator[tree.Expression]:
    """A condition and the conditions that it is made of, not those about other items."""
    yield condition
    match condition:
        case tree.And(operands=operands) | tree.Or(operands=operands):
            for each in operands:
                yield from parts(each)
        case tree.Not(operand=operand):
            yield from parts(operand)


def truth(walker: Walker, condition: tree.Expression, record: Mapping[str, Any], item: str) -> list[bool]:
    """Whether a condition holds for a record, in a loop for each of its lines; nothing where that cannot be worked out."""
    found = []
    with localcontext(ARITHMETIC):
        run = Run(walker, WorkingRecord.of(record, "order"), "order", Inputs(TODAY))
        try:
            if not item:
                return [run.holds(condition)]
            for each in run.items("order.lines"):
                with run.bound(item, each):
                    found.append(run.holds(condition))
        except EvaluationFailure:
            return found
    return found


@pytest.mark.timeout(7200 if SOAK else 120)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_never_and_always_hold_for_every_record(seed: int, schema: Schema) -> None:
    dice = random.Random(seed)
    claims: Counter[str] = Counter()
    for _ in range(FILES // SEEDS):
        items = [dice.choice(("", "", "", "line")) for _ in range(RULES)]
        conditions = [Maker(dice, item).condition() for item in items]
        text = HEAD + "\n".join(
            f'rule "R{place}" {"for each line in order.lines" if item else "for order"} when {condition} then log "x" end'
            for place, (condition, item) in enumerate(zip(conditions, items, strict=True))
        )
        ruleset = checked(text, schema)
        records = [Records(dice).record() for _ in range(RECORDS)]
        look_at_conditions(ruleset, records, claims)
    print(dict(claims))
    assert claims["never"] > 5
    assert claims["always"] > 5
    assert claims["never both"] > 5


def look_at_conditions(ruleset: ResolvedRuleSet, records: list[dict[str, Any]], claims: Counter[str]) -> None:
    conditions, walker = Conditions(ruleset.lists), Walker(ruleset)
    before: list[tuple[ResolvedRule, tree.Expression, Cases]] = []
    for rule in ruleset.rules:
        assert rule.rule.when is not None
        claims["conditions"] += 1
        for condition in parts(rule.rule.when):
            never = not conditions.cases(condition, rule.item)
            always = not conditions.cases(condition, rule.item, False)
            for claimed, word in ((never, "never"), (always, "always")):
                if claimed:
                    claims[word] += 1
                    for record in records:
                        seen = truth(walker, condition, record, rule.item)
                        assert (word == "never") not in seen, (
                            f"said to be {word} true: {ruleset.wording(condition.span)}; not so for {record}"
                        )
        mine = conditions.cases(rule.rule.when, rule.item)
        for other, when, cases in before:
            if other.item == rule.item and cases and mine and not product(cases, mine):
                claims["never both"] += 1
                both = tree.And((when, rule.rule.when))
                for record in records:
                    assert True not in truth(walker, both, record, rule.item), (
                        f"never both: {ruleset.wording(other.rule.span)} | {ruleset.wording(rule.rule.span)}; {record}"
                    )
        before.append((rule, rule.rule.when, mine))


class Ran(Run):
    """A run that keeps which statements ran, and for which item."""

    def __init__(self, walker: Walker, record: Mapping[str, Any], inputs: Inputs) -> None:
        super().__init__(walker, WorkingRecord.of(record, "order"), "order", inputs)
        self.ran: list[tuple[int, str | None]] = []

    def run_statement(self, statement: tree.Statement) -> bool:
        self.ran.append((id(statement), self.item_id))
        return super().run_statement(statement)

    def note_not_fired(self, condition: tree.Expression, otherwise: bool = False) -> None:
        pass


def run(walker: Walker, record: Mapping[str, Any], inputs: Inputs) -> Ran:
    with localcontext(ARITHMETIC):
        found = Ran(walker, record, inputs)
        found.decide()
    return found


@pytest.mark.timeout(7200 if SOAK else 120)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_is_never_reached_never_runs_and_what_is_quiet_overwrites_nothing(
    seed: int, schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(1000 + seed)
    claims: Counter[str] = Counter()
    shown: list[tuple[Example, Any, Any]] = []
    find = Examples.both_fire

    def both_fire(self: Examples, earlier: Any, later: Any, cases: Any, kind: str) -> Example | None:
        example = find(self, earlier, later, cases, kind)
        claims["conflicts"] += 1
        if example is not None:
            shown.append((example, earlier, later))
        return example

    monkeypatch.setattr(Examples, "both_fire", both_fire)
    for _ in range(RULE_SETS // SEEDS):
        text = rule_set(dice, dice.choice((3, 5, 8)))
        shown.clear()
        found = check_text(text, file="web.rules", schema=schema)
        assert found.ruleset is not None, (text, found.diagnostics)
        claims["rule sets"] += 1
        walker = Walker(found.ruleset)
        for example, earlier, later in shown:
            claims["examples"] += 1
            ran = {statement for statement, _ in run(walker, example.record, example.inputs).ran}
            for branch in (earlier, later):
                assert id(branch.statements[0]) in ran, (text, example)
        look_at_rules(found, text, walker, [Records(dice).record() for _ in range(RECORDS)], claims)
    print(dict(claims))
    assert claims["unreached"] > 5
    assert claims["examples"] > 10
    assert claims["overwritten"] > 10


def look_at_rules(
    found: Checked, text: str, walker: Walker, records: list[dict[str, Any]], claims: Counter[str]
) -> None:
    assert found.ruleset is not None
    unreached = {id(each): (key, word) for key, word, each in said_unreached(found, text)}
    claims["unreached"] += len(unreached)
    doubted = {each.start.line for each in found.diagnostics if each.code in ("R401", "R417")}
    doubted |= {each.related[0].start.line for each in found.diagnostics if each.code == "R415"}
    writes = {
        id(statement): (place, rule, statement)
        for place, rule in enumerate(found.ruleset.rules)
        for statement in (*rule.rule.then, *rule.rule.otherwise)
        if isinstance(statement, tree.Set | tree.Fill | tree.Override | tree.Clear)
    }
    for record in records:
        done = run(walker, record, Inputs(TODAY)).ran
        for number, (statement, item) in enumerate(done):
            assert statement not in unreached, (text, unreached[statement], record)
            if statement not in writes:
                continue
            place, rule, later = writes[statement]
            field = later.target.field
            if not isinstance(later, tree.Set | tree.Clear) or field in rule.reads:
                continue
            for before, other_item in done[:number]:
                if before not in writes or writes[before][0] == place:
                    continue
                earlier = writes[before][2]
                if earlier.target.field == field and (later.target.root != "line" or item == other_item):
                    claims["overwritten"] += 1
                    assert later.span.line in doubted, (text, rule.key, field, record)


def said_unreached(found: Checked, text: str) -> Iterator[tuple[str, str, tree.Statement]]:
    """The statements that are said never to run."""
    assert found.ruleset is not None
    for each in found.diagnostics:
        if each.code != "R414":
            continue
        rules = list(found.ruleset.rules)
        if "no rule after it" in each.message:
            last = next(place for place, rule in enumerate(rules) if rule.rule.span.line == each.start.line)
            for rule in rules[last + 1 :]:
                yield from (
                    (rule.key, each.message, statement) for statement in (*rule.rule.then, *rule.rule.otherwise)
                )
            continue
        rule = next(rule for rule in rules if rule.rule.span.line == each.start.line)
        for statements in (rule.rule.then, rule.rule.otherwise):
            start = each.start.offset
            whole = text[start : each.end.offset] == f'"{rule.key}"'
            if statements and (whole or statements[0].span.start == start):
                yield from ((rule.key, each.message, statement) for statement in statements)


@pytest.mark.timeout(7200 if SOAK else 120)
def test_conditions_over_few_values_are_seen_through(schema: Schema) -> None:
    """The other way round: of the conditions that hold for no record, or for all, how many are told."""
    dice = random.Random(5)
    fields = {
        "order.paid": (True, False, None),
        "order.taxable": (True, False, None),
        "order.note": ("a", "b", "ab", "z", "az", "bz", "abz", "za", "zb", "ba", "bab", "acb", None),
        "ship_to.state": ("tx", "ma", "zz", None),
    }
    records = [
        {"order": {"paid": paid, "taxable": taxable, "note": note}, "ship_to": {"state": state}}
        for paid in fields["order.paid"]
        for taxable in fields["order.taxable"]
        for note in fields["order.note"]
        for state in fields["ship_to.state"]
    ]
    count = 6_000 if SOAK else 300
    asked = told = 0
    for _ in range(count // 20):
        texts = [few(dice, 2) for _ in range(20)]
        rules = [f'rule "R{place}" for order when {each} then log "x" end' for place, each in enumerate(texts)]
        ruleset = checked("\n".join(rules), schema)
        conditions, walker = Conditions(ruleset.lists), Walker(ruleset)
        for rule in ruleset.rules:
            assert rule.rule.when is not None
            first = truth(walker, rule.rule.when, records[0], "")[0]
            if all(truth(walker, rule.rule.when, record, "")[0] is first for record in records):
                asked += 1
                told += not conditions.cases(rule.rule.when, "", not first)
    print(f"told {told} of {asked}")
    assert asked > 10
    assert told >= asked * 0.98


def few(dice: random.Random, depth: int) -> str:
    if depth and dice.random() < 0.75:
        word = dice.choice((" and ", " or "))
        return word.join(f"({few(dice, depth - 1)})" for _ in range(dice.choice((2, 3))))
    match dice.randrange(5):
        case 0:
            field = dice.choice(("order.paid", "order.taxable"))
            return dice.choice((field, f"not {field}", f"{field} is no", f"{field} is missing"))
        case 1 | 2:
            value = dice.choice(('"a"', '"b"', '"ab"'))
            return f"order.note {dice.choice(('is', 'is not', 'starts with', 'contains'))} {value}"
        case 3:
            return f"order.note {dice.choice(('is missing', 'is present'))}"
    state = dice.choice(("TX", "MA"))
    return f'ship_to.state {dice.choice(("is", "is not"))} "{state}"'


def test_a_case_that_says_nothing_meets_everything() -> None:
    assert Case().meet(Case()) == Case()
