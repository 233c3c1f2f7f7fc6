"""Checks a rule-set text as a whole and resolves it for running; changes when a new concern joins the check.

Each concern has a module of its own here. All findings of a text come in one go, in the order of the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any

from dsl import tree
from dsl.analysis import analyse
from dsl.books import BooksSnapshot
from dsl.check.context import Environment, Namespace
from dsl.check.declarations import (
    aliases,
    assign_settings,
    declare,
    header,
    override,
    pack_settings,
    titles,
)
from dsl.check.expressions import Expressions
from dsl.check.flows import Flows
from dsl.check.memory import Memory, Remembered
from dsl.check.references import report_references
from dsl.check.rules import CheckedRule, Rules
from dsl.check.tables import Tables
from dsl.check.trials import Trials
from dsl.check.unused import report_unused, report_without_value
from dsl.diagnostics import Diagnostic
from dsl.limits import MAX_RULES
from dsl.packs import Library, Unit, blame_pack
from dsl.report import Reporter
from dsl.resolved import ResolvedRule, ResolvedRuleSet, ResolvedTable, Standing
from dsl.schema import Schema
from dsl.source import Source
from dsl.values import fold

__all__ = ["BooksSnapshot", "Checked", "Library", "check_text"]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found; the rule set stands there only where nothing is wrong with it (warnings do not count)."""

    diagnostics: tuple[Diagnostic, ...]
    ruleset: ResolvedRuleSet | None
    sources: Mapping[str, Source]
    file: tree.File | None = None
    """The tree as read, where the text could be read to its end."""

    @property
    def ok(self) -> bool:
        return not any(each.is_error for each in self.diagnostics)


def check_text(
    text: str,
    *,
    file: str,
    schema: Schema,
    library: Library | None = None,
    books: BooksSnapshot | None = None,
    tables: Mapping[str, str] = MappingProxyType({}),
) -> Checked:
    """Everything that is wrong with a rule-set text, and the rule set where nothing is. Never raises for any text.

    `library` finds canned rule sets, `books` makes names of accounts, classes, … be looked up, `tables` are the texts of
    the CSV files beside the file by their names.
    """
    from dsl.workspace import Workspace  # the workspace stands above the checks that it keeps

    workspace = Workspace(schema, library, books)
    workspace.put(file, text, tables)
    return workspace.checked(file)


@dataclass(slots=True)
class Resolver:
    """Puts a file and its packs together: declarations from the deepest pack up, then rules in the order they run.

    `memory` keeps what was said of blocks from one check to the next; `hasty` takes it as it is where a block has not
    changed, though what it names may have.
    """

    environment: Environment
    main: Unit
    memory: Memory = field(default_factory=Memory)
    hasty: bool = False
    names: dict[str, Namespace] = field(default_factory=dict)
    rules: list[ResolvedRule] = field(default_factory=list)
    checked: dict[int, CheckedRule] = field(default_factory=dict)

    def resolve(self) -> ResolvedRuleSet:
        environment, main = self.environment, self.main
        reporter = environment.reporter
        self._declare(main)
        head = header(main, reporter)
        titles(main, reporter)
        broken = [each for each in main.file.broken if each.name is not None]
        flow_titles = [each.title for each in main.file.blocks if isinstance(each, tree.Flow)]
        flow_titles += [each.name for each in broken if each.kind == "flow" and each.name is not None]
        self.memory.compare(self.environment, self.names[""], flow_titles)
        self.rules = self._rules(main, flow_titles)
        packed = {fold(rule.key): rule for rule in self.rules if rule.pack}
        for rule in self.rules:
            if not rule.pack and fold(rule.key) in packed:
                reporter.report(
                    "R212",
                    rule.rule.title.span,
                    f'"{rule.key}" is what the pack\'s rule is called',
                    related=[("the pack's rule", packed[fold(rule.key)].rule.title.span)],
                    help="give this rule another title; `replaces` is what puts it in the other one's place",
                )
        expressions = Expressions(environment, self.names[""])
        flows_checker = Flows(expressions)
        flows = [
            self._once(each, partial(flows_checker.check, each, flow_titles))
            for each in main.file.blocks
            if isinstance(each, tree.Flow)
        ]
        flows_checker.rings(flows)
        known = {fold(rule.key): rule.key for rule in self.rules}
        known |= {fold(each.name.text): each.name.text for each in broken if each.name is not None}
        unread = any(not rule.rule.title.text for rule in self.rules) or any(
            each.kind == "rule" and each.name is None for each in main.file.broken
        )
        trials = Trials(expressions, Rules(expressions, flow_titles), known, unread)
        self.memory.compare_titles(known, unread)
        tests = tuple(
            self._once(each, partial(trials.check, each), titles=True)
            for each in main.file.blocks
            if isinstance(each, tree.Test)
        )
        expressions.uses(main.file.unread)
        if len(self.rules) > MAX_RULES:
            reporter.report(
                "R115",
                reporter.source(main.source.file).span(0, 0),
                f"the rule set has {len(self.rules):,} rules; {MAX_RULES:,} is the most",
                help="a table does the work of many rules",
            )
        report_unused(main, environment)
        report_without_value(main, environment)
        report_references(environment)
        ruleset = ResolvedRuleSet(
            file=main.source.file,
            header=head,
            settings=MappingProxyType(environment.settings),
            lists=MappingProxyType(environment.lists),
            tables=MappingProxyType(environment.tables),
            flows=tuple(flows),
            rules=tuple(self.rules),
            tests=tests,
            sources=MappingProxyType({name: each.text for name, each in reporter.sources.items()}),
        )
        if not self.hasty:
            analyse(ruleset, environment)
        return ruleset

    def _once(self, block: tree.Node, check: Callable[[], Any], titles: bool = False) -> Any:
        """What a check makes of a block; from memory where neither the block nor what it can name has changed."""
        return self._kept(block, check, self.memory.recall(block, self.hasty, titles), titles)

    def _kept(
        self,
        block: tree.Node,
        check: Callable[[], Any],
        known: Remembered | None,
        titles: bool = False,
        beside: str | None = None,
    ) -> Any:
        environment, reporter = self.environment, self.environment.reporter
        if known is None:
            found, used, mentioned = reporter.count, environment.used, len(environment.references)
            environment.used = set()
            made = check()
            known = self.memory.keep(
                block,
                made,
                reporter.since(found),
                frozenset(environment.used),
                tuple(environment.references[mentioned:]),
                titles,
                beside,
            )
            environment.used = used
        else:
            reporter.take(*known.findings)
            environment.references += known.references
        environment.used |= known.used
        return known.made

    # --- declarations -------------------------------------------------------------------------------------------------

    def _declare(self, unit: Unit) -> None:
        for place, used in unit.used.items():
            self._pack(unit, place, used)
        names = declare(unit, self.environment)
        self.names[unit.prefix] = names
        tables = Tables(Expressions(self.environment, names), unit.tables)
        for block in unit.file.blocks:
            if isinstance(block, tree.Table):
                key = unit.prefix + block.name.text
                self.environment.tables[key] = self._table(block, key, tables, unit)
                names.tables[block.name.text] = [key]
        for place, used in unit.used.items():
            use = unit.file.blocks[place]
            if isinstance(use, tree.Use):
                available = pack_settings(used, self.environment)
                values = assign_settings(
                    use.settings, available, Expressions(self.environment, names), "R704", f'the pack "{used.name}" has'
                )
                override(self.environment, values)

    def _table(self, block: tree.Table, key: str, tables: Tables, unit: Unit) -> ResolvedTable:
        beside = None if block.csv is None else unit.tables.get(block.csv.text)
        if block.csv is not None and beside is None:
            return tables.resolve(block, key)  # what is said names the files that there are
        known = self.memory.recall_table(block, beside)
        made: ResolvedTable = self._kept(block, partial(tables.resolve, block, key), known, False, beside)
        return made

    def _pack(self, unit: Unit, place: int, used: Unit) -> None:
        """Declares a pack; all that is wrong inside of it is one finding where it is used."""
        outer = self.environment.reporter
        inside = outer.apart()
        self.environment.reporter = inside
        try:
            self._declare(used)
            titles(used, inside)
            header(used, inside)
            rules = Rules(Expressions(self.environment, self.names[used.prefix]), None)
            for block in used.file.blocks:
                if isinstance(block, tree.Rule):
                    self.checked[id(block)] = rules.check(block)
        finally:
            self.environment.reporter = outer
        use = unit.file.blocks[place]
        if inside.has_errors and isinstance(use, tree.Use):
            blame_pack(outer, use, inside)

    # --- rules --------------------------------------------------------------------------------------------------------

    def _rules(self, unit: Unit, flow_titles: Iterable[tree.Word]) -> list[ResolvedRule]:
        """The rules of a unit in the order in which they run, those of packs where their `use` stands."""
        found: list[ResolvedRule] = []
        reporter = self.environment.reporter
        rules = Rules(Expressions(self.environment, self.names[unit.prefix]), flow_titles)
        for place, block in enumerate(unit.file.blocks):
            if isinstance(block, tree.Use) and place in unit.used:
                inner = self._rules(unit.used[place], flow_titles)
                found += self._turned_off(block, unit.used[place], inner)
            elif isinstance(block, tree.Rule):
                checked = self.checked.get(id(block))
                if checked is None:
                    found.append(self._once(block, partial(self._rule, rules, block, unit)))
                else:
                    found.append(self._resolved(checked, unit))
        return _replaced(found, unit, reporter)

    def _rule(self, rules: Rules, rule: tree.Rule, unit: Unit) -> ResolvedRule:
        return self._resolved(rules.check(rule), unit)

    def _resolved(self, checked: CheckedRule, unit: Unit) -> ResolvedRule:
        return ResolvedRule(
            unit.title_prefix + checked.rule.title.text,
            checked.rule,
            checked.kind,
            checked.item,
            checked.collection,
            Standing.OFF if checked.rule.off else Standing.ON,
            unit.prefix.rstrip("."),
            "",
            checked.reads,
            checked.writes,
        )

    def _turned_off(self, use: tree.Use, used: Unit, inner: list[ResolvedRule]) -> list[ResolvedRule]:
        reporter = self.environment.reporter
        by_title = {fold(rule.key[len(used.title_prefix) :]): place for place, rule in enumerate(inner)}
        for word in use.turned_off:
            place = by_title.get(fold(word.text))
            if place is None:
                known = [rule.key[len(used.title_prefix) :] for rule in inner]
                meant = reporter.closest(word.text, known)
                reporter.report(
                    "R703",
                    word.span,
                    f'the pack "{used.name}" has no rule "{word.text}"',
                    meant=meant,
                    as_text=True,
                    help="" if meant else f"its rules are {', '.join(known[:8])}" if known else "it has no rules",
                )
            elif inner[place].standing is Standing.TURNED_OFF:
                reporter.report("R109", word.span, f'"{word.text}" is turned off twice', help="take one of them out")
            else:
                inner[place] = _with(inner[place], Standing.TURNED_OFF)
        return inner


def _with(rule: ResolvedRule, standing: Standing, by: str = "") -> ResolvedRule:
    return ResolvedRule(
        rule.key,
        rule.rule,
        rule.kind,
        rule.item,
        rule.collection,
        standing,
        rule.pack,
        by,
        rule.reads,
        rule.writes,
    )


def _replaced(rules: list[ResolvedRule], unit: Unit, reporter: Reporter) -> list[ResolvedRule]:
    """The rules with each one that `replaces` another moved to where the replaced one stood."""
    own = unit.prefix.rstrip(".")
    places = {fold(rule.key[len(unit.title_prefix) :]): rule.key for rule in rules}
    by_key = {rule.key: rule for rule in rules}
    known_packs = aliases(unit)
    moved: dict[str, ResolvedRule] = {}
    for rule in rules:
        word = rule.rule.replaces
        if word is None or rule.pack != own:
            continue
        target_key = places.get(fold(word.text))
        target = by_key.get(target_key or "")
        pack, colon, _ = word.text.partition(": ")
        if target is None or target.pack == own:
            if colon and pack in known_packs and known_packs[pack] not in unit.used:
                continue  # the pack itself could not be found: that has been said
            candidates = [title for title, key in places.items() if by_key[key].pack != own]
            shown = [by_key[places[title]].key[len(unit.title_prefix) :] for title in candidates]
            meant = next((each for each in shown if fold(each.partition(": ")[2]) == fold(word.text)), None)
            meant = meant or reporter.closest(word.text, shown)
            reporter.report(
                "R703",
                word.span,
                f'no used pack has a rule "{word.text}"',
                meant=meant,
                as_text=True,
                help="a pack's rule is written with the pack's short name: \"std: Order prefix\"",
            )
        elif target.standing is Standing.TURNED_OFF or target.key in moved:
            other = moved.get(target.key)
            reporter.report(
                "R707",
                word.span,
                f'"{word.text}" is {"replaced" if other else "turned off"} already',
                related=[("it is replaced here", other.rule.title.span)] if other else [],
                help="keep one of them",
            )
        elif rule.kind and target.kind and rule.kind != target.kind:
            reporter.report(
                "R709",
                word.span,
                f'"{word.text}" is a rule for {target.kind}, and this one is for {rule.kind}',
                related=[("the rule that it replaces", target.rule.title.span)],
            )
        elif rule.runs:
            moved[target.key] = rule
    result: list[ResolvedRule] = []
    standing_in = {rule.key for rule in moved.values()}
    for rule in rules:
        if rule.key in moved:
            result.append(_with(rule, Standing.REPLACED, moved[rule.key].key))
            result.append(moved[rule.key])
        elif rule.key not in standing_in:
            result.append(rule)
    return result
