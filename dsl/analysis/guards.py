"""Fields that may be missing where the writer most likely did not think of it; changes with what missing values do.

Two things surprise people: `is not` and the other negated comparisons hold where a field is missing, and `tag` prints
`(not set)`. The first is told only where tax, money or skipping hangs on it, and both only where the rule shows nowhere
that its writer thought of the field being missing: no `is present`, `is missing` or `or else` about it, no comparison
before it that a missing field fails, no rule above that always fills it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dsl import tree
from dsl.analysis.survey import Anatomy, Survey, within
from dsl.schema import Field, Schema
from dsl.tree import Expression, Path, Span
from dsl.types import MONEY

_ALWAYS_OR_NEVER = ("R409", "R410", "R411")
"""A condition that is always or never true is to be mended first: what it asks then is not what it asks now."""
_TAX_WORDS = ("tax_code", "taxable", "tax_amount", "tax_total")


def report_guards(survey: Survey) -> None:
    """One warning for each comparison that a missing field passes unseen, and for each tag that would read `(not set)`."""
    schema = survey.subject.schema
    unknown = survey.unknown_writes
    filled: dict[str, set[str]] = {}
    for anatomy in survey.rules:
        known = filled.setdefault(anatomy.rule.kind, set(unknown))
        if not anatomy.rule.pack:
            if anatomy.has(tree.Comparison):
                _comparisons(anatomy, known, survey)
            if anatomy.has(tree.Tag):
                _tags(anatomy, known, survey)
        _follow(anatomy, known, schema)


def _follow(anatomy: Anatomy, known: set[str], schema: Schema) -> None:
    """What is surely there after a rule that acts on every record, and what may be gone after any rule."""
    always = anatomy.rule.rule.when is None and not anatomy.rule.item and _is_for_all(anatomy)
    for each in anatomy.statements:
        match each:
            case tree.Clear(target=target):
                known.discard(target.field)
            case tree.Replace(target=target):
                known.discard(target.field)
            case tree.Set(target=target, value=value) | tree.Fill(target=target, value=value):
                if _is_there(value, known, schema):
                    if always:
                        known.add(target.field)
                elif not isinstance(each, tree.Fill) and not _leaves_it(value):
                    known.discard(target.field)


def _is_for_all(anatomy: Anatomy) -> bool:
    scope = anatomy.rule.rule.scope
    return scope.source is None and scope.flow is None


def _leaves_it(value: Expression) -> bool:
    """A write whose value is missing does nothing, so that what was there stays; but a blank text is written."""
    return not any(isinstance(each, tree.Call | tree.Text) for each in within(value))


def _is_there(value: Expression, known: set[str], schema: Schema) -> bool:
    match value:
        case tree.Text(value=text):
            return bool(text.strip())
        case tree.OrElse(second=second):
            return _is_there(second, known, schema)
        case Path():
            return not _may_be_missing(value, known, schema)
        case tree.Template(parts=parts):
            return any(isinstance(each, str) and each.strip() for each in parts) and all(
                isinstance(each, str) or _is_there(each, known, schema) for each in parts
            )
    return isinstance(value, tree.LITERALS)


# --- comparisons ---------------------------------------------------------------------------------------------------------


def _comparisons(anatomy: Anatomy, known: set[str], survey: Survey) -> None:
    what = _weight(anatomy.rule.rule.then, survey.subject.schema)
    other = _weight(anatomy.rule.rule.otherwise, survey.subject.schema)
    if what is None and other is None:
        return
    seen = set(known) | _thought_of(anatomy)
    when = anatomy.rule.rule.when
    if what is not None:
        for condition in (anatomy.where, when):
            if condition is not None:
                _report_each_once(condition, False, seen, what, anatomy, survey)
                seen |= set(_present(condition))
    if other == "tax" and when is not None and not isinstance(when, tree.And | tree.Or):
        seen = set(known) | _thought_of(anatomy)
        if anatomy.where is not None:
            seen |= set(_present(anatomy.where))
        _report_each_once(when, True, seen, "otherwise", anatomy, survey)


def _report_each_once(
    condition: Expression, negated: bool, seen: set[str], what: str, anatomy: Anatomy, survey: Survey
) -> None:
    """One warning for each field of a condition, however often it is compared there; none where it is wrong as a whole."""
    first: dict[str, tree.Comparison] = {}
    for each in _passing(condition, negated, seen, survey.subject.schema):
        if isinstance(each.left, Path):
            first.setdefault(each.left.field, each)
    if first and not survey.subject.reporter.has_inside(condition.span, _ALWAYS_OR_NEVER):
        for each in first.values():
            _report_comparison(each, what, anatomy, survey)


def _weight(statements: Sequence[tree.Statement], schema: Schema) -> str | None:
    """What hangs on a branch of a rule: "skip", "tax" or "money"; None where nothing of that kind does."""
    for each in statements:
        match each:
            case tree.Skip():
                return "skip"
            case tree.Set(target=target) | tree.Fill(target=target) | tree.Override(target=target):
                if each.or_stop is not None and each.or_stop.action == "skip":
                    return "skip"
                if target.name.rpartition(".")[2] in _TAX_WORDS or target.name.endswith("_tax_code"):
                    return "tax"
                found = schema.field(target.name)
                if found is not None and found.type == MONEY:
                    return "money"
            case tree.Add(item=item) if item != "payment":
                return "money"
    return None


def _thought_of(anatomy: Anatomy) -> set[str]:
    """Fields of which the rule says somewhere what happens where they are missing."""
    found: set[str] = set()
    for presence in anatomy.all(tree.Presence):
        if isinstance(presence.operand, Path):
            found.add(presence.operand.field)
    for choice in anatomy.all(tree.OrElse):
        found |= {each.field for each in within(choice.first) if isinstance(each, Path)}
    for skip in anatomy.all(tree.Skip):  # its reason says which value it was, and so that there was none
        found |= {each.field for each in within(skip.reason) if isinstance(each, Path)}
    return found


def _passing(condition: Expression, negated: bool, seen: set[str], schema: Schema) -> Iterator[tree.Comparison]:
    """Comparisons in a condition that hold because their field is missing; `seen` are the fields that surely are not."""
    match condition:
        case tree.Not(operand=operand):
            yield from _passing(operand, not negated, seen, schema)
        case tree.And(operands=operands) if not negated:
            inside = set(seen)
            for each in operands:
                yield from _passing(each, False, inside, schema)
                inside |= set(_present(each))
        case tree.And(operands=operands) | tree.Or(operands=operands):
            for each in operands:
                yield from _passing(each, negated, seen, schema)
        case tree.Comparison(left=Path() as path) if condition.negated != negated:
            if _may_be_missing(path, seen, schema) and _is_about_values(condition):
                yield condition


def _is_about_values(node: tree.Comparison) -> bool:
    """Not `is not ""`, which asks whether something is there, and not two fields that are compared."""
    match node.right:
        case tree.Text(value=value):
            return bool(value.strip())
        case tree.ListOf() | tree.ListValue() | tree.SettingValue() | tree.Number() | tree.Money() | tree.Date():
            return True
    return False


def _may_be_missing(path: Path, seen: set[str], schema: Schema) -> bool:
    """Custom fields are left out: most records have none of a name, and whoever asks for one knows that."""
    found = schema.field(path.name)
    return (
        found is not None
        and found.optional
        and path.key is None
        and path.type.element is None
        and path.field not in seen
    )


def _present(condition: Expression) -> Iterator[str]:
    """Fields that are surely there where a condition holds."""
    match condition:
        case tree.And(operands=operands):
            for each in operands:
                yield from _present(each)
        case tree.Or(operands=operands):
            common = [set(_present(each)) for each in operands]
            yield from set.intersection(*common) if common else ()
        case tree.Presence(operand=Path() as path, missing=False):
            yield path.field
        case tree.Not(operand=tree.Presence(operand=Path() as path, missing=True)):
            yield path.field
        case tree.Comparison(negated=False):
            for side in (condition.left, condition.right):
                if isinstance(side, Path):
                    yield side.field


def _report_comparison(node: tree.Comparison, what: str, anatomy: Anatomy, survey: Survey) -> None:
    path = node.left
    if not isinstance(path, Path):
        return
    kind = anatomy.rule.item or anatomy.rule.kind
    found: Field | None = survey.subject.schema.field(path.name)
    label = path.field if found is None else found.label
    article = "an" if kind[0] in "aeiou" else "a"
    effects = {
        "skip": f"{article} {kind} without `{path.field}` is left out too",
        "tax": f"it decides about the tax of {article} {kind} without `{path.field}` too",
        "money": f"it changes the amounts of {article} {kind} without `{path.field}` too",
        "otherwise": f"`otherwise` decides about the tax of {article} {kind} without `{path.field}` too",
    }
    words = survey.source(path.span)
    fixes: list[tuple[str, Span, str]] = []
    if what != "otherwise":
        whole = _whole(node, anatomy)
        said = survey.source(whole.span)
        front = whole.span.within(whole.span.start, whole.span.start)
        fixes = [
            ("Ask whether it is there", front, f"{words} is present and "),
            ("Say that missing is meant too", whole.span, f"({words} is missing or {said})"),
        ]
    survey.subject.reporter.report(
        "R436",
        node.span,
        effects[what],
        label=f'"{label}" may be missing',
        help=f"write `{words} is present and …`, or say `{words} is missing or …` where that is meant",
        fixes=fixes,
    )


def _whole(node: tree.Comparison, anatomy: Anatomy) -> Expression:
    """The comparison with the `not` before it."""
    for each in anatomy.all(tree.Not):
        if each.operand is node:
            return each
    return node


# --- tags ----------------------------------------------------------------------------------------------------------------


def _tags(anatomy: Anatomy, known: set[str], survey: Survey) -> None:
    schema = survey.subject.schema
    seen = set(known) | _thought_of(anatomy)
    then = set(seen)
    for condition in (anatomy.where, anatomy.rule.rule.when):
        if condition is not None:
            then |= set(_present(condition))
    block = anatomy.rule.rule
    for statements, there in ((block.then, then), (block.otherwise, seen)):
        written = set(there)
        for each in statements:
            if isinstance(each, tree.Set | tree.Fill | tree.Override) and _is_there(each.value, written, schema):
                written.add(each.target.field)
            if isinstance(each, tree.Tag):
                _tag(each, written, survey)


def _tag(statement: tree.Tag, there: set[str], survey: Survey) -> None:
    value = statement.value
    parts = value.parts if isinstance(value, tree.Template) else (value,)
    for part in parts:
        if not isinstance(part, Path):
            continue
        found = survey.subject.schema.field(part.name)
        if found is None or part.field in there or not (found.optional or part.key is not None):
            continue
        words = survey.source(part.span)
        rule_fix = part.span.within(part.span.end, part.span.end)
        quote = '""' if isinstance(value, tree.Template) else '"'
        survey.subject.reporter.report(
            "R437",
            part.span,
            f"where `{part.field}` is missing, the tag reads `(not set)`",
            help=f"ask first: `when {words} is present`; or give it words of its own with `or else`",
            fixes=[("Give it words of its own", rule_fix, f" or else {quote}none{quote}")],
        )
        return
