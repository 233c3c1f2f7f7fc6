"""The conditions of an old rule as one condition of the language, with a record for which it holds.

Changes with how the old system compared and joined. It read `and` before `or` here: where another reading differs, a note says so.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from dsl.schema import Field, Schema
from dsl.types import DATE, MOMENT, MONEY, NUMBER, PERCENT, TEXT_LIST, YES_NO
from dsl.values import fold
from engine.convert.old import NotConvertible, OldCondition
from engine.convert.values import literal, number, quoted, sample
from engine.convert.words import Scope, comparison, field_path

_TEXT_WORDS = {
    "is": "is", "is_not": "is not", "contains": "contains", "contains_not": "does not contain", "starts": "starts with",
    "ends": "ends with", "wildcard": "matches",
}  # fmt: skip
_ORDER_WORDS = {
    "is": "is", "is_not": "is not", "more": "is more than", "at_least": "is at least", "less": "is less than",
    "at_most": "is at most",
}  # fmt: skip
_DATE_WORDS = {
    "is": "is", "is_not": "is not", "more": "is after", "at_least": "is not before", "less": "is before",
    "at_most": "is not after",
}  # fmt: skip
_NEGATED = {"is_not": "is", "contains_not": "contains"}
_OPPOSITE = {
    "is": "is_not", "is_not": "is", "contains": "is_not", "contains_not": "contains", "starts": "is_not", "ends": "is_not",
    "wildcard": "is_not", "more": "is", "less": "is", "at_least": "less", "at_most": "more", "missing": "present",
}  # fmt: skip
_ALWAYS = frozenset({"contains", "starts", "ends", "wildcard", "is_not"})
"""What held for every order when nothing was given to compare with."""


@dataclass(frozen=True, slots=True)
class Part:
    """One comparison. `values` are literals of one path and kind, any of which (all of which, if negated) is meant."""

    path: str
    field: Field
    kind: str
    values: tuple[str, ...]
    said: str
    outside: str = ""
    """The collection of the items that it asks about, where the rule does not run for these."""

    def words(self, *, kind: str = "", missing_too: bool = False) -> str:
        kind = kind or self.kind
        if kind in ("present", "missing"):
            return f"{self.path} is {kind}"
        if self.field.type == TEXT_LIST:
            word = "contains" if kind in ("is", "contains") else "does not contain"
            joint = " or " if word == "contains" else " and "
            return joint.join(f"{self.path} {word} {value}" for value in self.values)
        if len(self.values) > 1:
            asked = f"{self.path} is {'not ' if kind == 'is_not' else ''}one of [{', '.join(self.values)}]"
        else:
            asked = f"{self._left(kind)} {_words_of(self.field, kind)} {self.values[0]}"
        return (
            f"{self.path} is missing or {asked}" if missing_too and kind in _NEGATED and self.field.optional else asked
        )

    def _left(self, kind: str) -> str:
        return (
            f"number({self.path})" if kind in _ORDER_WORDS and kind not in _TEXT_WORDS and self._is_text else self.path
        )

    @property
    def _is_text(self) -> bool:
        return self.field.type not in (MONEY, NUMBER, PERCENT, DATE, MOMENT, YES_NO)

    def given(self) -> str | None:
        """What a test gives for it to hold; None where the field has to be missing."""
        if self.kind == "missing":
            return None
        if self._left(self.kind) != self.path:
            moved = (number(self.said) or 0) + {"more": 1, "less": -1}.get(self.kind, 0)
            return quoted(f"{moved:f}")
        return sample(self.field, self.kind, self.said)

    def avoided(self) -> str | None:
        """What a test gives for it not to hold; None where there is no such value."""
        if self.kind == "present":
            return None
        if self._left(self.kind) != self.path:
            return quoted("none")
        return sample(self.field, _OPPOSITE[self.kind], self.said)


def _words_of(known: Field, kind: str) -> str:
    if known.type in (DATE, MOMENT):
        return _DATE_WORDS[kind]
    return _TEXT_WORDS.get(kind) or _ORDER_WORDS[kind]


@dataclass(slots=True)
class Asked:
    """A condition in words ("" where a rule always runs), and values by path for which it holds.

    `only` is the part that is all of it, if there is just one; `parts` are the alternatives, each with what has to hold
    together. `off` says why the rule may not run as it stands.
    """

    words: str = ""
    given: dict[str, str] = field(default_factory=dict)
    only: Part | None = None
    parts: list[list[Part]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    off: str = ""

    def avoided(self, taken: Collection[str]) -> dict[str, str] | None:
        """Values for which it does not hold, of none of these paths; None where there are none."""
        found: dict[str, str] = {}
        for group in self.parts:
            known = [(each.path, each.avoided()) for each in group if each.path not in taken]
            free = next(((path, value) for path, value in known if value is not None and path not in found), None)
            if free is None:
                return None
            found[free[0]] = free[1]
        return found or None


def asked_of(conditions: Sequence[OldCondition], scope: Scope, schema: Schema, *, strict: bool) -> Asked:
    """What an old rule asks. With `strict` a negated comparison says that a missing value passes it, as it did there.

    Raises NotConvertible for what cannot be asked here.
    """
    made = Asked()
    groups: list[list[Part]] = [[]]
    always: list[bool] = [False]
    joints = _joints(conditions)
    for place, each in enumerate(conditions):
        if place and joints[place - 1] == "or":
            groups.append([])
            always.append(True)
        part = _part(each, scope, schema, made)
        if part is not None:
            groups[-1].append(part)
            always[-1] = False
        elif not groups[-1]:
            always[-1] = True
    if len(set(joints)) > 1:
        made.notes.append(
            "`and` and `or` are mixed: read with `and` before `or`, as the parentheses show; move them if it was meant otherwise"
        )
    if made.off or (
        any(all_of and not group for group, all_of in zip(groups, always, strict=True)) and len(groups) > 1
    ):
        made.off = made.off or "one of its alternatives held for every order, so the rule ran for all"
    groups = [group for group in groups if group]
    groups = _meant(groups, made)
    merged = _alternatives([_together(group) for group in groups])
    made.words = _written(merged, strict=strict)
    made.parts = merged
    if merged:
        made.given = {each.path: value for each in merged[0] if (value := each.given()) is not None}
        made.only = merged[0][0] if len(merged) == 1 and len(merged[0]) == 1 else None
    return made


def _joints(conditions: Sequence[OldCondition]) -> list[str]:
    """How each condition is joined with the next one: said in its own row or, where the first row says nothing, in the next."""
    said = [each.joined for each in conditions]
    if not said:
        return []
    between = said[1:] if not said[0] and said[-1] else said[:-1]
    return [each or "or" for each in between]


def _part(old: OldCondition, scope: Scope, schema: Schema, made: Asked) -> Part | None:
    kind = comparison(old.comparison)
    if kind is None:
        raise NotConvertible(f'the comparison "{old.comparison}" is not known')
    if not old.field:
        if old.value in ("", "*"):
            return None
        raise NotConvertible("a condition names no field")
    path = field_path(old.field, scope, frozenset(each.path for each in schema.fields))
    known = schema.field(path.partition("[")[0]) if path else None
    if path is None or known is None:
        record = "an order" if scope.record == "order" else f"a {scope.record}"
        raise NotConvertible(
            f'{record} has no field "{old.field}"', "a custom field is written `Custom Field: its name`"
        )
    root = path.partition(".")[0]
    outside = "order.lines" if root == "line" and scope.item != "line" else ""
    if old.value == "*" and kind != "contains_not":
        return Part(path, known, "missing" if kind == "is_not" else "present", (), "", outside)
    if not old.value:
        return _blank(old, kind, path, known, outside, made)
    if known.type == TEXT_LIST and kind not in ("is", "is_not", "contains", "contains_not"):
        raise NotConvertible(
            f"the {known.label.lower()} are compared whole, not by a part of them", "name each of them"
        )
    ordered = known.type in (MONEY, NUMBER, PERCENT, DATE, MOMENT)
    if (ordered and kind not in _ORDER_WORDS) or (known.type == YES_NO and kind not in ("is", "is_not")):
        raise NotConvertible(f'"{old.comparison}" looks for letters, and the {known.label.lower()} is no text')
    if not ordered and kind in ("more", "at_least", "less", "at_most"):
        wanted = number(old.value)
        if wanted is None:
            raise NotConvertible(f'the {known.label.lower()} cannot be more or less than "{old.value}"')
        return Part(path, known, kind, (f"{wanted:f}",), old.value, outside)
    if kind == "is" and "*" in old.value:
        made.notes.append('`*` in the value is read as "any letters"')
        kind = "wildcard"
    closed = kind in ("is", "is_not")
    value = literal(known, old.value) if closed or ordered or known.type == YES_NO else quoted(old.value)
    return Part(path, known, kind, (value,), old.value, outside)


def _blank(old: OldCondition, kind: str, path: str, known: Field, outside: str, made: Asked) -> Part | None:
    """A comparison with nothing."""
    if kind == "is":
        return Part(path, known, "missing", (), "", outside)
    if kind in _ALWAYS:
        made.notes.append(f'"{old.field} {old.comparison}" compares with nothing, which held for every order: left out')
        return None
    if kind == "contains_not":
        made.off = made.off or f'"{old.field} {old.comparison}" compares with nothing, so the rule never ran'
        return None
    raise NotConvertible(f'"{old.field} {old.comparison}" says nothing to compare with', "say which value is meant")


def _meant(groups: list[list[Part]], made: Asked) -> list[list[Part]]:
    """The groups as they were surely meant, where as they stand they always or never held; the rule is off then."""
    negated: dict[tuple[str, str], set[str]] = {}
    for group in groups:
        if len(group) == 1 and group[0].kind in _NEGATED:
            negated.setdefault((group[0].path, group[0].kind), set()).update(fold(value) for value in group[0].values)
        wanted: dict[str, set[str]] = {}
        for part in group:
            if part.kind == "is" and part.field.type != TEXT_LIST and not part.outside:
                wanted.setdefault(part.path, set()).update(fold(value) for value in part.values)
        if any(len(values) > 1 for values in wanted.values()):
            path = next(path for path, values in wanted.items() if len(values) > 1)
            made.off = (
                made.off or f"{path} cannot be several values at once, so it never ran; here it asks for any of them"
            )
            if len(groups) == 1 and len(wanted) == 1:
                return [[part] for part in group]
    if any(len(values) > 1 for values in negated.values()):
        path = next(path for (path, _), values in negated.items() if len(values) > 1)
        made.off = made.off or (
            f"`is not` joined by `or` held for every record, since {path} always differs from one of the values; "
            "here it asks with `and`: take `off` away if that was meant"
        )
        if all(len(group) == 1 for group in groups):
            return [[part for group in groups for part in group]]
    return groups


def _together(group: Sequence[Part]) -> list[Part]:
    """A group that has to hold whole: `is not` of one field becomes one comparison."""
    merged: list[Part] = []
    for part in group:
        place = next(
            (
                n
                for n, each in enumerate(merged)
                if (each.path, each.kind) == (part.path, part.kind) and part.kind == "is_not"
            ),
            None,
        )
        if place is None:
            if part not in merged:
                merged.append(part)
        else:
            merged[place] = _joined(merged[place], part)
    return merged


def _alternatives(groups: Sequence[list[Part]]) -> list[list[Part]]:
    """Groups of which one has to hold: `is` of one field becomes one comparison."""
    merged: list[list[Part]] = []
    for group in groups:
        place = None
        if len(group) == 1 and group[0].kind == "is":
            place = next(
                (
                    n
                    for n, each in enumerate(merged)
                    if len(each) == 1 and (each[0].path, each[0].kind) == (group[0].path, "is")
                ),
                None,
            )
        if place is None:
            if group not in merged:
                merged.append(group)
        else:
            merged[place] = [_joined(merged[place][0], group[0])]
    return merged


def _joined(first: Part, second: Part) -> Part:
    values = list(first.values)
    values += [value for value in second.values if fold(value) not in {fold(each) for each in values}]
    return Part(first.path, first.field, first.kind, tuple(values), first.said, first.outside)


def _written(groups: Sequence[Sequence[Part]], *, strict: bool) -> str:
    alternatives: list[str] = []
    for group in groups:
        inner = [each for each in group if each.outside and each.kind not in _NEGATED]
        words: list[str] = []
        for part in group:
            if part.outside and part.kind in _NEGATED:
                words.append(f"no line in {part.outside} where ({part.words(kind=_NEGATED[part.kind])})")
            elif part.outside:
                if part is inner[0]:
                    words.append(_some(inner))
            else:
                said = part.words(missing_too=strict)
                words.append(f"({said})" if " or " in said and len(group) > 1 else said)
        both = " and ".join(words)
        alternatives.append(f"({both})" if len(words) > 1 and len(groups) > 1 else both)
    return " or ".join(alternatives)


def _some(parts: Sequence[Part]) -> str:
    said = [each.words() for each in parts]
    inside = " and ".join(f"({each})" if " or " in each and len(said) > 1 else each for each in said)
    return f"some line in {parts[0].outside} where ({inside})"
