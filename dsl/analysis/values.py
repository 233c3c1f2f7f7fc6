"""The analyses of values, tables and names, over one walk through the rules; changes when one of them joins."""

from __future__ import annotations

from collections.abc import Callable

from dsl.analysis.guards import report_guards
from dsl.analysis.limits import report_limits
from dsl.analysis.subject import Subject
from dsl.analysis.survey import Survey, survey
from dsl.analysis.tables import report_tables
from dsl.analysis.totals import report_totals

_ANALYSES: tuple[Callable[[Survey], None], ...] = (report_tables, report_guards, report_limits, report_totals)


def report_values(subject: Subject) -> None:
    """Reports what all of them find."""
    whole = survey(subject)
    for analysis in _ANALYSES:
        analysis(whole)
