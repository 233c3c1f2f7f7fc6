"""Looks at rules one after the other and beside each other; changes with which of these looks depend on which.

What one look has told, the next does not tell again in other words: a rule that never runs overwrites nothing.
"""

from __future__ import annotations

from dsl.analysis.conflicts import Told, report_conflicts
from dsl.analysis.sequence import sequence
from dsl.analysis.subject import Subject
from dsl.analysis.unreached import report_unreached


def report_rules(subject: Subject) -> None:
    """Warnings about rules that never run, run in vain, or overwrite one another."""
    kinds = dict.fromkeys(rule.kind for rule in subject.rules)
    sequences = [sequence(subject.ruleset, subject.rules, kind) for kind in kinds]
    dead = report_unreached(subject, sequences)
    report_conflicts(subject, sequences, Told(dead))
