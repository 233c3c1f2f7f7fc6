"""Looks at rules one after the other and beside each other; changes with which of these looks depend on which.

What one look has told, the next does not tell again in other words: a rule that never runs overwrites nothing.
"""

from __future__ import annotations

from dsl.analysis.conflicts import Told, report_conflicts
from dsl.analysis.sequence import sequence
from dsl.analysis.subject import Subject
from dsl.analysis.unreached import report_unreached
from dsl.analysis.vain import duplicates, report_vain


def report_rules(subject: Subject) -> None:
    """Warnings about rules that never run, run in vain, or overwrite one another."""
    kinds = dict.fromkeys(rule.kind for rule in subject.rules)
    sequences = [sequence(subject.ruleset, subject.rules, kind) for kind in kinds]
    dead = report_unreached(subject, sequences)
    twice = duplicates(subject, sequences, dead)
    dead |= {(later, is_otherwise) for _, later in twice for is_otherwise in (False, True)}
    lost = report_vain(subject, sequences, dead)
    report_conflicts(subject, sequences, Told(dead, lost))
