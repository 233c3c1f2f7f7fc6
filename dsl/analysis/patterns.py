"""Patterns and wildcards that are not what they look like; changes with what people take for a pattern.

`matches` takes `*` and `?`, `matches pattern` a regular expression, and everything else compares letters as they stand.
"""

from __future__ import annotations

import re

from dsl import tree
from dsl.analysis.survey import Survey
from dsl.tree import Operator, Span

_SPECIAL = re.compile(r"[\\.^$*+?()\[\]{}|]")
_IN_SLASHES = re.compile(r"/(.+)/([gimsuxy]*)", re.DOTALL)
_LIKE_A_PATTERN = re.compile(r"\.\*|\.\+|\\[dwsb]|\[[^\]]+\][*+?]?|^\^.|.\$$|\([^)]*\|[^)]*\)")


def report_patterns(survey: Survey) -> None:
    """One warning for each pattern without a pattern in it, and each cell of a table in which a star is only a star."""
    for anatomy in survey.own:
        for node in anatomy.all(tree.Comparison):
            match node.operator:
                case Operator.PATTERN:
                    _plain_pattern(node, survey)
                case Operator.MATCHES:
                    _plain_wildcard(node, survey)
    _cells(survey)


def _operator_span(node: tree.Comparison) -> Span:
    """The words between the two sides."""
    return node.span.within(node.left.span.end, node.right.span.start)


def _plain_pattern(node: tree.Comparison, survey: Survey) -> None:
    if not isinstance(node.right, tree.Text):
        return
    pattern = node.right.value
    slashes = _IN_SLASHES.fullmatch(pattern)
    if slashes is not None:
        core, flags = slashes.groups()
        meant = f"(?i){core}" if "i" in flags else core
        written = '"' + meant.replace('"', '""') + '"'  # a pattern's braces are literal
        survey.subject.reporter.report(
            "R448",
            node.right.span,
            "the slashes belong to the pattern here: it looks for a `/`",
            help=f"write the pattern without them: {written}",
            fixes=[("Take the slashes off", node.right.span, written)],
        )
        return
    start, end = pattern.startswith("^"), pattern.endswith("$") and not pattern.endswith("\\$")
    core = pattern[1 if start else 0 : -1 if end else None]
    if not core.strip() or _SPECIAL.search(core):
        return
    word = "is exactly" if start and end else "starts with" if start else "ends with" if end else "contains"
    negated = {"is exactly": "is not", "starts with": "does not start with", "ends with": "does not end with"}
    said = negated.get(word, "does not contain") if node.negated else word
    written = core.replace('"', '""').replace("{", "{{").replace("}", "}}")
    survey.subject.reporter.report(
        "R446",
        node.right.span,
        f'this pattern is a plain text: `{said} "{written}"` says the same',
        help="patterns also tell capitals from small letters; the other comparisons do not",
        fixes=[
            (
                f"Write `{said}`",
                _operator_span(node).until(node.right.span),
                f' {said} "{written}"',
            )
        ],
    )


def _plain_wildcard(node: tree.Comparison, survey: Survey) -> None:
    right = node.right
    if not isinstance(right, tree.Text) or not right.value.strip():
        return
    if _LIKE_A_PATTERN.search(right.value):
        source = survey.source(right.span)
        survey.subject.reporter.report(
            "R449",
            right.span,
            "in `matches`, only `*` and `?` have a meaning; this looks like a pattern",
            help="`matches pattern` takes patterns; with wildcards, `*` alone stands for any letters",
            fixes=[("Write `matches pattern`", right.span, f"pattern {source}")],
        )
    elif "*" not in right.value and "?" not in right.value:
        said = "is not" if node.negated else "is"
        span = _operator_span(node)
        survey.subject.reporter.report(
            "R447",
            right.span,
            f"there is no `*` or `?` in it: `{said}` says the same",
            help="`*` stands for any letters, `?` for one letter",
            fixes=[(f"Write `{said}`", span, f" {said} ")],
        )


def _is_meant(text: str) -> bool:
    """A star at an end of letters or digits: "AB*", "*ups*"; not "*" alone, nor "5* hotel"."""
    said = text.strip()
    return len(said.strip("*")) > 1 and (said.startswith("*") or said.endswith("*")) and "**" not in said


def _cells(survey: Survey) -> None:
    """Stars in the keys of the file's own tables."""
    ruleset = survey.subject.ruleset
    for key, table in ruleset.tables.items():
        if "." in key or not survey.subject.is_clean(table.name_span.until(table.end_span)):
            continue
        for row in table.rows[len(table.csv_lines) :]:
            for cell in row.cells or ():
                for each in cell.alternatives:
                    if not isinstance(each, tree.ValueCell) or not isinstance(each.value, tree.Text):
                        continue
                    span = each.value.span
                    if _is_meant(each.value.value):
                        survey.subject.reporter.report(
                            "R343",
                            span,
                            "a cell takes the star as it stands: it looks for a `*`",
                            help='wildcards are for `matches "AB*"`',
                            fixes=[("Write `matches`", span.within(span.start, span.start), "matches ")],
                        )
