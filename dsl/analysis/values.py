"""The analyses of values, tables and names, over one walk through the rules; changes when one of them joins."""

from __future__ import annotations

from collections.abc import Callable

from dsl.analysis.dangling import report_dangling
from dsl.analysis.guards import report_guards
from dsl.analysis.limits import report_limits
from dsl.analysis.patterns import report_patterns
from dsl.analysis.prefixes import report_prefixes
from dsl.analysis.references import report_books
from dsl.analysis.slips import report_slips
from dsl.analysis.subject import Subject
from dsl.analysis.survey import Survey, survey
from dsl.analysis.tables import report_tables
from dsl.analysis.totals import report_totals

_ANALYSES: tuple[Callable[[Survey], None], ...] = (
    report_tables,
    report_guards,
    report_limits,
    report_totals,
    report_slips,
    report_prefixes,
    report_patterns,
    report_dangling,
    report_books,
)


def report_values(subject: Subject) -> None:
    """Reports what all of them find."""
    whole = survey(subject)
    for analysis in _ANALYSES:
        analysis(whole)
