"""What surely goes wrong in rules that are right by themselves; changes when an analysis joins (it holds none itself).

The checks before (`dsl.check`) say whether a rule can be read and run; these say what it will never do, or do by
surprise. Each analysis is one function of a module here, `(Subject) -> None`, that reports what it finds. An analysis
says "never" and "always" only where no record at all is otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dsl.analysis.reach import report_reach
from dsl.analysis.rules import report_rules
from dsl.analysis.subject import Subject
from dsl.analysis.truths import report_truths
from dsl.analysis.values import report_values
from dsl.resolved import ResolvedRuleSet

if TYPE_CHECKING:
    from dsl.check.context import Environment

__all__ = ["Subject", "analyse"]

_ANALYSES: tuple[Callable[[Subject], None], ...] = (report_truths, report_rules, report_values, report_reach)


def analyse(ruleset: ResolvedRuleSet, environment: Environment) -> None:
    """Reports what all analyses find to `environment.reporter`; parts of the text that have an error are passed over."""
    subject = Subject.of(ruleset, environment)
    for analysis in _ANALYSES:
        analysis(subject)
