"""Rules for a flow that is switched off; changes with what sets rules going (flows that are not there: dsl.analysis.reach)."""

from __future__ import annotations

from dsl.analysis.survey import Survey
from dsl.values import fold


def report_dangling(survey: Survey) -> None:
    """One warning for each rule that only a switched-off flow would run."""
    off = {fold(each.title.text): each for each in survey.subject.ruleset.flows if each.off}
    if not off:
        return
    for anatomy in survey.own:
        word = anatomy.rule.rule.scope.flow
        flow = None if word is None else off.get(fold(word.text))
        if word is not None and flow is not None:
            survey.subject.reporter.report(
                "R443",
                word.span,
                f'the flow "{flow.title.text}" is off, so this rule never runs',
                related=[("it is switched off here", flow.title.span)],
                help="switch the flow on, or the rule off",
            )
