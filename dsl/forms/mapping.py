"""A rule as the two-step form of the old system: what is mapped to, and the values it is mapped from; changes with that form.

"Map to" is one write ({Action, ActionValue}), "map from" its conditions ({ItemField, ItemValue, ValueMatch, Enable}).
What says more than that does not fit, and the form says what.
"""

from __future__ import annotations

from dsl import tree
from dsl.forms.model import (
    Condition,
    ConditionGroup,
    ConditionRow,
    Input,
    Locked,
    MapForm,
    MapFrom,
    RuleForm,
    StatementForm,
)
from dsl.forms.sentences import Sentences


def mapping(form: RuleForm, node: tree.Rule, sentences: Sentences) -> MapForm:
    """The two-step form of a rule."""
    why = _misfit(form)
    statement = form.then.statements[0] if form.then.statements else None
    if why or not isinstance(statement, StatementForm):
        return MapForm(fits=False, why=why)
    target = _named(statement.inputs, "target")
    value = _named(statement.inputs, "value") or _named(statement.inputs, "new") or _named(statement.inputs, "reason")
    place = form.where if form.where is not None and form.where.condition is not None else form.when
    rows: list[MapFrom] = []
    conjunction = ""
    if place.condition is not None:
        conjunction, parts = _parts(place.condition)
        for each in parts:
            rows += _rows(each, sentences, enabled=form.on)
    path = "" if target is None else str(target.value)
    does = str(statement.does.value)
    return MapForm(
        fits=True,
        action=does,
        label=f"{does.capitalize()} {sentences.field(path) if path else 'the record'}".replace('"', ""),
        target=path,
        value=value,
        conjunction=conjunction,
        rows=tuple(rows),
    )


def _named(inputs: tuple[Input, ...], name: str) -> Input | None:
    return next((each for each in inputs if each.id.endswith(f"/{name}")), None)


def _misfit(form: RuleForm) -> str:
    if form.otherwise.statements:
        return "it says what happens otherwise, too"
    if len(form.then.statements) != 1:
        return "it does more than one thing"
    statement = form.then.statements[0]
    if isinstance(statement, Locked):
        return "what it does is not written right"
    if statement.does.value not in ("set", "fill", "override", "replace", "skip", "fail"):
        return f"`{statement.does.value}` has no counterpart there"
    stop = _named(statement.inputs, "or_stop")
    if stop is not None and stop.value:
        return "it says what happens where there is no value"
    places = [each for each in (form.where, form.when) if each is not None and each.condition is not None]
    if len(places) > 1:
        return "it has conditions for the record and for its items"
    if not places or places[0].condition is None:
        return ""
    return _unfit(_parts(places[0].condition)[1])


def _parts(condition: Condition) -> tuple[str, tuple[Condition, ...]]:
    """The conditions of one group, and how they are joined: "and", "or", or "" for one."""
    if isinstance(condition, ConditionGroup) and condition.joined.value != "not":
        return ("and" if condition.joined.value == "all" else "or"), condition.parts
    return "", (condition,)


def _unfit(parts: tuple[Condition, ...]) -> str:
    for each in parts:
        if isinstance(each, ConditionGroup):
            return "its conditions stand in groups within groups"
        if not isinstance(each, ConditionRow):
            return "a condition is about the items of the record, or cannot be shown"
        if each.field.said_as != "field":
            return "a condition compares something else than a field"
        if len(each.values) > 1:
            return "`is between` compares with two values"
    return ""


def _rows(condition: Condition, sentences: Sentences, *, enabled: bool) -> list[MapFrom]:
    """A row for each value: `is one of ["MD", "CA"]` are two."""
    if not isinstance(condition, ConditionRow):
        return []
    path = str(condition.field.value)
    label = sentences.field(path).removeprefix("the ").strip('"')
    comparison = str(condition.comparison.value)
    label = label[:1].upper() + label[1:]
    if condition.values and condition.values[0].said_as == "list" and condition.values[0].value:
        listed = condition.values[0]
        said = {"is one of": "is", "is not one of": "is not"}.get(comparison, comparison)
        return [
            MapFrom(
                id=f"{listed.id}/{place}",
                field=path,
                field_label=label,
                comparison=said,
                value=value,
                said_as="constant",
                enabled=enabled,
                start=listed.start or 0,
                end=listed.end or 0,
            )
            for place, value in enumerate(listed.value, 1)
        ]
    value = condition.values[0] if condition.values else None
    return [
        MapFrom(
            id=condition.id,
            field=path,
            field_label=label,
            comparison=comparison,
            value=None if value is None else value.value,
            said_as="" if value is None else value.said_as,
            enabled=enabled,
            start=condition.start,
            end=condition.end,
        )
    ]
