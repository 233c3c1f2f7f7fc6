"""What an analysis looks at: the rule set with the parts that are without error; changes with what analyses may trust."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsl.analysis.conditions import Conditions, kept
from dsl.report import Reporter
from dsl.resolved import ResolvedRule, ResolvedRuleSet
from dsl.schema import Schema
from dsl.tree import Span

if TYPE_CHECKING:
    from dsl.check.context import Environment


@dataclass(frozen=True, slots=True)
class Subject:
    """A rule set under analysis. `rules` are those that run and are without error, in the order in which they run.

    `ruleset` is the whole of it, with rules in which something is wrong: what these do is not known, only what they
    may write (`ResolvedRule.writes`, as far as it could be read).
    """

    ruleset: ResolvedRuleSet
    environment: Environment
    rules: tuple[ResolvedRule, ...]
    errors: Mapping[str, tuple[int, ...]]
    """Where errors start, by file, in order."""
    conditions: Conditions
    """Reads conditions whatever the settings are: for all that is said of every company."""

    @classmethod
    def of(cls, ruleset: ResolvedRuleSet, environment: Environment) -> Subject:
        """The subject of an analysis, with everything in it that the reporter has an error about left out."""
        starts: dict[str, list[int]] = defaultdict(list)
        packs_wrong = False
        for each in environment.reporter.diagnostics() if environment.reporter.has_errors else ():
            if each.is_error:
                # A missing `end` is told where the next block begins, which has nothing to do with it.
                place = each.related[0].start if each.code == "R105" and each.related else each.start
                starts[each.file].append(place.offset)
                packs_wrong = packs_wrong or each.code.startswith("R7")
        errors = {file: tuple(sorted(offsets)) for file, offsets in starts.items()}
        rules = tuple(
            rule
            for rule in ruleset.rules
            if rule.runs and rule.kind and not (packs_wrong and rule.pack) and _clean(errors, rule.rule.span)
        )
        return cls(ruleset, environment, rules, errors, kept(ruleset.lists))

    @property
    def reporter(self) -> Reporter:
        return self.environment.reporter

    @property
    def schema(self) -> Schema:
        return self.environment.schema

    def is_clean(self, span: Span) -> bool:
        """Whether no error begins inside this stretch of text."""
        return _clean(self.errors, span)


def _clean(errors: Mapping[str, tuple[int, ...]], span: Span) -> bool:
    starts = errors.get(span.file)
    if not starts:
        return True
    at = bisect_left(starts, span.start)
    return at == len(starts) or starts[at] > span.end
