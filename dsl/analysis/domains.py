"""Sets of values that a field may have, and what is left where such sets meet; changes with the kinds of values.

Knows values and comparisons, no tree and no record. A set may say "empty" only where no value at all is in it, so what
is built on it ("never", "always", "cannot both hold") holds for every record; some sets that are empty are not seen to
be (a wildcard that excludes another one). Sets are absolute: that a field of a record is never a blank text is for
those to say who know that it is one (`dsl.analysis.terms`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any, Protocol

from dsl import types
from dsl.evaluate.operations import wildcards
from dsl.tree import Operator
from dsl.types import Type
from dsl.values import Money, Percent, fold, has_word, needle

MOST_PIECES = 48
"""A set of texts is kept as at most this many pieces; what would take more is not worked out (`TooComplex`)."""


class TooComplex(Exception):
    """A set that would take more pieces than it is worth."""


class Kind(StrEnum):
    """What the values of a set are. Money and percentages are numbers; a moment is the day that it falls on."""

    TEXT = "text"
    NUMBER = "number"
    WHOLE = "whole number"
    DAY = "day"
    YES_NO = "yes/no"
    LIST = "list"


def kind_of(type: Type) -> Kind | None:
    """The kind of set that the values of a type make, None where they are not modelled (durations)."""
    if type.element is not None:
        return Kind.LIST if type.element == types.TEXT else None
    return _KINDS.get(type)


_KINDS: dict[Type, Kind] = {
    types.TEXT: Kind.TEXT,
    types.NUMBER: Kind.NUMBER,
    types.MONEY: Kind.NUMBER,
    types.PERCENT: Kind.NUMBER,
    types.DATE: Kind.DAY,
    types.MOMENT: Kind.DAY,
    types.YES_NO: Kind.YES_NO,
}


class Folded(str):
    """A text as it compares, which remembers how somebody wrote it: that is how an example shows it."""

    __slots__ = ("written",)
    written: str


def folded(text: str) -> Folded:
    """A text as it compares; "" only for a blank one."""
    result = Folded(fold(text))
    result.written = text.strip()
    return result


def _as_it_stands(text: str) -> Folded:
    result = Folded(text)
    result.written = text
    return result


class Values(Protocol):
    """A set of present values of one kind. Texts are folded, days are ordinals, money and percentages bare numbers."""

    def intersect(self, other: Any) -> Values: ...

    def union(self, other: Any) -> Values: ...

    def complement(self) -> Values: ...

    @property
    def is_empty(self) -> bool: ...

    @property
    def single(self) -> Iterable[Any] | None:
        """The values, where they can be counted; None otherwise."""
        ...

    def has(self, value: Any) -> bool: ...

    def examples(self, likely: Sequence[Any]) -> Iterable[Any]:
        """Some values of the set, those of `likely` first; may be none although the set has some."""
        ...


# --- numbers and days -------------------------------------------------------------------------------------------------

Cut = tuple[Any, int]
"""A place between values: (5, 0) lies just before 5, (5, 1) just after it."""

_LOWEST: Cut = (Decimal("-Infinity"), 0)
_HIGHEST: Cut = (Decimal("Infinity"), 0)


@dataclass(frozen=True, slots=True)
class Ranges:
    """Numbers in stretches that do not touch, in order; each goes from one cut to another. `whole`: integers only."""

    stretches: tuple[tuple[Cut, Cut], ...]
    whole: bool = False

    @classmethod
    def between(cls, low: Cut, high: Cut, whole: bool) -> Ranges:
        """The numbers from one cut to another; none where they are the wrong way round."""
        if whole:
            low, high = _whole(low), _whole(high)
        return cls(((low, high),) if low < high else (), whole)

    def intersect(self, other: Ranges) -> Ranges:
        found = []
        for low, high in self.stretches:
            for other_low, other_high in other.stretches:
                first, last = max(low, other_low), min(high, other_high)
                if first < last:
                    found.append((first, last))
        return Ranges(tuple(found), self.whole)

    def union(self, other: Ranges) -> Ranges:
        merged: list[tuple[Cut, Cut]] = []
        for low, high in sorted((*self.stretches, *other.stretches)):
            if merged and low <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
            else:
                merged.append((low, high))
        return Ranges(tuple(merged), self.whole)

    def complement(self) -> Ranges:
        found = []
        at = _LOWEST
        for low, high in self.stretches:
            if at < low:
                found.append((at, low))
            at = high
        if at < _HIGHEST:
            found.append((at, _HIGHEST))
        return Ranges(tuple(found), self.whole)

    @property
    def is_empty(self) -> bool:
        return not self.stretches

    def has(self, value: Any) -> bool:
        return any(low <= (value, 0) < high for low, high in self.stretches)

    @property
    def single(self) -> tuple[Any, ...] | None:
        """The values, where the set is some single ones; None where it has a stretch."""
        if self.whole:
            if any(high[0] - low[0] != 1 for low, high in self.stretches):
                return None
        elif any(low != (high[0], 0) or high[1] != 1 for low, high in self.stretches):
            return None
        return tuple(low[0] for low, _ in self.stretches)

    def examples(self, likely: Sequence[Any]) -> Iterable[Any]:
        for value in likely:
            if self.has(value):
                yield value
        step: Any = 1 if self.whole else Decimal(1)
        for low, high in self.stretches:
            near = [] if low == _LOWEST else [low[0], low[0] + step]
            near += [] if high == _HIGHEST else [high[0], high[0] - step]
            if not self.whole:
                near += [each + Decimal("0.01") for each in near[:1]]
                if low != _LOWEST and high != _HIGHEST:
                    near.append((low[0] + high[0]) / 2)
            for value in near or [0 if self.whole else Decimal(0)]:
                if self.has(value):
                    yield value


def _whole(cut: Cut) -> Cut:
    """The same place for integers, told one way only: before an integer."""
    value, side = cut
    if isinstance(value, Decimal):
        if value.is_infinite():
            return cut
        above = int(value.to_integral_value(ROUND_CEILING))
        return (above + side, 0) if above == value else (above, 0)
    return (value + side, 0)


# --- texts ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TextTest:
    """One question about a folded text: `how` is starts, ends, contains, word or matches."""

    how: Operator
    wanted: str
    written: str = field(default="", compare=False)

    def fits(self, text: str) -> bool:
        return bool(_TESTS[self.how](text, self.wanted))

    def implies(self, other: TextTest) -> bool:
        """Whether every text that fits this surely fits the other one."""
        if self == other:
            return True
        match other.how:
            case Operator.CONTAINS:
                return any(other.wanted in piece for piece in self._pieces())
            case Operator.STARTS:
                return self._start().startswith(other.wanted)
            case Operator.ENDS:
                return self._end().endswith(other.wanted)
            case Operator.WORD:
                return self.how is Operator.WORD and has_word(self.wanted, other.wanted)
        return False

    def excludes(self, other: TextTest) -> bool:
        """Whether no text fits both; False where that is not known."""
        for one, two in ((self._start(), other._start()), (other._start(), self._start())):
            if one and two and len(one) <= len(two) and not two.startswith(one):
                return True
        for one, two in ((self._end(), other._end()), (other._end(), self._end())):
            if one and two and len(one) <= len(two) and not two.endswith(one):
                return True
        return False

    @property
    def fits_nothing(self) -> bool:
        """Whether no text fits: texts are trimmed, so none starts or ends with a space."""
        return self._start()[:1].isspace() or self._end()[-1:].isspace()

    def _pieces(self) -> list[str]:
        return self.wanted.replace("?", "*").split("*") if self.how is Operator.MATCHES else [self.wanted]

    def _start(self) -> str:
        if self.how is Operator.STARTS:
            return self.wanted
        return self._pieces()[0] if self.how is Operator.MATCHES else ""

    def _end(self) -> str:
        if self.how is Operator.ENDS:
            return self.wanted
        return self._pieces()[-1] if self.how is Operator.MATCHES else ""


_TESTS: dict[Operator, Callable[[str, str], bool]] = {
    Operator.STARTS: str.startswith,
    Operator.ENDS: str.endswith,
    Operator.CONTAINS: lambda text, wanted: wanted in text,
    Operator.WORD: has_word,
    Operator.MATCHES: lambda text, wanted: wildcards(wanted)(text),
}

_NOTHING: frozenset[Any] = frozenset()


@dataclass(frozen=True, slots=True)
class TextPiece:
    """Texts for which all of this holds: one of `among` (None: any), none of `without`, fits `needs`, fits no `bans`."""

    among: frozenset[str] | None = None
    without: frozenset[str] = _NOTHING
    needs: frozenset[TextTest] = _NOTHING
    bans: frozenset[TextTest] = _NOTHING

    def intersect(self, other: TextPiece) -> TextPiece:
        if self.among is None and other.among is None:
            return TextPiece(
                None, self.without | other.without, self.needs | other.needs, self.bans | other.bans
            )._without_the_needless()
        few, rest = (self, other) if self.among is not None else (other, self)
        return TextPiece(frozenset(each for each in few.among or () if rest.has(each)))

    def _without_the_needless(self) -> TextPiece:
        """Fewer excluded texts where the tests exclude them anyway."""
        if not self.without or not (self.needs or self.bans):
            return self
        kept = frozenset(each for each in self.without if self._fits(each))
        return self if len(kept) == len(self.without) else TextPiece(None, kept, self.needs, self.bans)

    def _fits(self, text: str) -> bool:
        return all(each.fits(text) for each in self.needs) and not any(each.fits(text) for each in self.bans)

    def has(self, text: str) -> bool:
        return (self.among is None or text in self.among) and text not in self.without and self._fits(text)

    @property
    def is_empty(self) -> bool:
        if self.among is not None:
            return not self.among
        needs = tuple(self.needs)
        for place, need in enumerate(needs):
            if need.fits_nothing or any(need.implies(ban) for ban in self.bans):
                return True
            if any(need.excludes(other) for other in needs[place + 1 :]):
                return True
        return False

    def complement(self) -> tuple[TextPiece, ...]:
        pieces = [] if self.among is None else [TextPiece(without=self.among)]
        if self.without:
            pieces.append(TextPiece(self.without))
        pieces += [TextPiece(bans=frozenset((each,))) for each in self.needs]
        pieces += [TextPiece(needs=frozenset((each,))) for each in self.bans]
        return tuple(pieces)

    def examples(self, likely: Sequence[str]) -> Iterable[str]:
        """Texts as they would be written."""
        for text in likely:
            if self.has(folded(text)):
                yield text
        if self.among is not None:
            # What an author wrote in full reads better than its folded form; the order must not depend on hashes.
            yield from (getattr(each, "written", each) for each in sorted(self.among))
            return
        by_kind = {how: [each for each in self.needs if each.how is how] for how in _TESTS}
        starts = max((each.written for each in by_kind[Operator.STARTS]), key=len, default="")
        ends = max((each.written for each in by_kind[Operator.ENDS]), key=len, default="")
        inner = sorted(each.written for how in (Operator.CONTAINS, Operator.WORD) for each in by_kind[how])
        matched = sorted(each.written.replace("*", "").replace("?", "1") for each in by_kind[Operator.MATCHES])
        whole = " ".join(each for each in (starts, *matched, *inner, ends) if each)
        guesses = [whole, "".join((starts, *matched, *inner, ends))]
        guesses += [f"{starts}{filler}{' '.join(inner)}{ends}" for filler in ("1", "42", "x ", " x ")]
        guesses += [f"{' '.join(inner)} {filler}".strip() for filler in ("1", "other", "x")]
        for guess in dict.fromkeys(guesses):
            if guess.strip() and self.has(folded(guess)):
                yield guess


@dataclass(frozen=True, slots=True)
class Texts:
    """Folded texts: those of any of the pieces."""

    pieces: tuple[TextPiece, ...]

    def intersect(self, other: Texts) -> Texts:
        found = [one.intersect(two) for one in self.pieces for two in other.pieces]
        return Texts(_tidy(each for each in found if not each.is_empty))

    def union(self, other: Texts) -> Texts:
        return Texts(_tidy((*self.pieces, *other.pieces)))

    def complement(self) -> Texts:
        result = Texts((TextPiece(),))
        for piece in self.pieces:
            result = result.intersect(Texts(piece.complement()))
        return result

    @property
    def is_empty(self) -> bool:
        return all(each.is_empty for each in self.pieces)

    def has(self, value: str) -> bool:
        return any(each.has(value) for each in self.pieces)

    @property
    def single(self) -> frozenset[str] | None:
        """The texts, where they can be counted; None otherwise."""
        found: frozenset[str] = _NOTHING
        for each in self.pieces:
            if each.among is None:
                return None
            found |= each.among
        return found

    def examples(self, likely: Sequence[str]) -> Iterable[str]:
        for piece in self.pieces:
            yield from piece.examples(likely)


def _tidy(pieces: Iterable[TextPiece]) -> tuple[TextPiece, ...]:
    """Pieces with those that list their texts made one, and repeated ones once. Raises TooComplex."""
    listed: frozenset[str] = _NOTHING
    others: dict[TextPiece, None] = {}
    for each in pieces:
        if each.among is not None:
            listed = listed | each.among
        else:
            others[each] = None
    if len(others) > MOST_PIECES:
        raise TooComplex
    kept = tuple(others)
    if listed and kept:
        listed = frozenset(text for text in listed if not any(each.has(text) for each in kept))
    return (TextPiece(listed), *kept) if listed else kept


# --- yes and no, lists ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Flags:
    """Yes, no, both or neither."""

    among: frozenset[bool]

    def intersect(self, other: Flags) -> Flags:
        return Flags(self.among & other.among)

    def union(self, other: Flags) -> Flags:
        return Flags(self.among | other.among)

    def complement(self) -> Flags:
        return Flags(frozenset((True, False)) - self.among)

    @property
    def is_empty(self) -> bool:
        return not self.among

    def has(self, value: bool) -> bool:
        return value in self.among

    @property
    def single(self) -> frozenset[bool]:
        return self.among

    def examples(self, likely: Sequence[bool]) -> Iterable[bool]:
        yield from (each for each in (*likely, True, False) if each in self.among)


@dataclass(frozen=True, slots=True)
class Lists:
    """Lists of texts by the elements that they have and have not: those of any of the pieces (needs, bans)."""

    pieces: tuple[tuple[frozenset[str], frozenset[str]], ...]

    def intersect(self, other: Lists) -> Lists:
        found = [(one[0] | two[0], one[1] | two[1]) for one in self.pieces for two in other.pieces]
        return Lists(_possible(found))

    def union(self, other: Lists) -> Lists:
        return Lists(_possible((*self.pieces, *other.pieces)))

    def complement(self) -> Lists:
        result = Lists(((_NOTHING, _NOTHING),))
        for needs, bans in self.pieces:
            parts = [(_NOTHING, frozenset((one_text,))) for one_text in needs]
            parts += [(frozenset((one_text,)), _NOTHING) for one_text in bans]
            result = result.intersect(Lists(tuple(parts)))
        return result

    @property
    def is_empty(self) -> bool:
        return not self.pieces

    def has(self, value: Sequence[str]) -> bool:
        present = {fold(each) for each in value}
        return any(needs <= present and not bans & present for needs, bans in self.pieces)

    @property
    def single(self) -> None:
        return None

    def examples(self, likely: Sequence[Any]) -> Iterable[list[str]]:
        yield from (each for each in likely if self.has(each))
        for needs, bans in self.pieces:
            filler = next(each for each in ("other", "another", "none of them") if each not in bans)
            yield [getattr(each, "written", each) for each in sorted(needs)] or [filler]


def _possible(
    pieces: Iterable[tuple[frozenset[str], frozenset[str]]],
) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    found = tuple(dict.fromkeys(each for each in pieces if not each[0] & each[1]))
    if len(found) > MOST_PIECES:
        raise TooComplex
    return found


# --- a field: values, or missing --------------------------------------------------------------------------------------

_EVERY: dict[Kind, Values] = {
    Kind.TEXT: Texts((TextPiece(),)),
    Kind.NUMBER: Ranges(((_LOWEST, _HIGHEST),)),
    Kind.WHOLE: Ranges(((_LOWEST, _HIGHEST),), whole=True),
    Kind.DAY: Ranges(((_LOWEST, _HIGHEST),), whole=True),
    Kind.YES_NO: Flags(frozenset((True, False))),
    Kind.LIST: Lists(((_NOTHING, _NOTHING),)),
}
_NO_VALUES: dict[Kind, Values] = {
    Kind.TEXT: Texts(()),
    Kind.NUMBER: Ranges(()),
    Kind.WHOLE: Ranges((), whole=True),
    Kind.DAY: Ranges((), whole=True),
    Kind.YES_NO: Flags(_NOTHING),
    Kind.LIST: Lists(()),
}


@dataclass(frozen=True, slots=True)
class Domain:
    """What a field may be: missing or not, and which values. All operations may raise TooComplex."""

    missing: bool
    values: Values

    def intersect(self, other: Domain) -> Domain:
        return Domain(self.missing and other.missing, self.values.intersect(other.values))

    def union(self, other: Domain) -> Domain:
        return Domain(self.missing or other.missing, self.values.union(other.values))

    def complement(self) -> Domain:
        return Domain(not self.missing, self.values.complement())

    def excludes(self, other: Domain) -> bool:
        """Whether surely nothing is in both."""
        if self.missing and other.missing:
            return False
        one, two = self.values, other.values
        for few, rest in ((one, two), (two, one)):
            if isinstance(few, Texts) and len(few.pieces) == 1 and few.pieces[0].among is not None:
                return not any(rest.has(each) for each in few.pieces[0].among)
        return one.intersect(two).is_empty

    @property
    def is_empty(self) -> bool:
        """Whether surely nothing is in it."""
        return not self.missing and self.values.is_empty

    def covers(self, other: Domain) -> bool:
        """Whether surely everything of the other one is in this one."""
        if other.missing and not self.missing:
            return False
        return other.values.intersect(self.values.complement()).is_empty

    @property
    def single(self) -> frozenset[Any] | None:
        """The present values, where they can be counted; None otherwise."""
        found = self.values.single
        return None if found is None else frozenset(found)

    def has(self, value: Any) -> bool:
        """Whether a value (folded text, bare number, ordinal of a day, yes/no, list; None: missing) is in it."""
        return self.missing if value is None else self.values.has(value)

    def examples(self, likely: Sequence[Any] = ()) -> Iterable[Any]:
        """Some values, likely ones first, texts as people write them, None for missing last."""
        yield from self.values.examples(likely)
        if self.missing:
            yield None


@lru_cache(maxsize=64)
def everything(kind: Kind, missing: bool = True) -> Domain:
    """All values of a kind, and missing."""
    return Domain(missing, _EVERY[kind])


@lru_cache(maxsize=64)
def nothing(kind: Kind, missing: bool = False) -> Domain:
    """No value; with `missing` only missing."""
    return Domain(missing, _NO_VALUES[kind])


NOT_BLANK = Domain(True, Texts((TextPiece(without=frozenset(("",))),)))
"""What a text field of a record may be: missing, or a text that is not blank."""


def not_blank(domain: Domain) -> Domain:
    """What is left of a domain of texts where the text is one of a field."""
    values = domain.values
    if isinstance(values, Texts) and len(values.pieces) == 1:
        piece = values.pieces[0]
        if piece.among is not None and "" not in piece.among:
            return domain
    return domain.intersect(NOT_BLANK)


def bare(value: Any, kind: Kind) -> Any:
    """A constant (see dsl.evaluate.operations.constant) as sets of this kind hold it; None where it does not fit them."""
    match kind:
        case Kind.TEXT | Kind.LIST:
            return folded(value) if isinstance(value, str) else None
        case Kind.NUMBER | Kind.WHOLE:
            if isinstance(value, Money):
                return value.amount
            if isinstance(value, Percent):
                return value.value
            return value if isinstance(value, Decimal) else None
        case Kind.DAY:
            return value.toordinal() if isinstance(value, date) else None
    return value if isinstance(value, bool) else None


def listed(kind: Kind, values: Iterable[Any]) -> Domain | None:
    """One of some constants; None where one of them does not fit the kind. Missing ones (None) fit nothing."""
    found = []
    for each in values:
        if each is not None:
            plain = bare(each, kind)
            if plain is None:
                return None
            found.append(plain)
    match kind:
        case Kind.TEXT:
            return Domain(False, Texts((TextPiece(frozenset(found)),) if found else ()))
        case Kind.YES_NO:
            return Domain(False, Flags(frozenset(found)))
        case Kind.LIST:
            return None
    result = nothing(kind).values
    for each in found:
        result = result.union(Ranges.between((each, 0), (each, 1), kind is not Kind.NUMBER))
    return Domain(False, result)


def exactly(text: str) -> Domain:
    """One text as it stands: a set of texts that are not folded, for `is exactly`."""
    return Domain(False, Texts((TextPiece(frozenset((_as_it_stands(text),))),)))


def compared(kind: Kind, operator: Operator, value: Any, high: Any = None) -> Domain | None:
    """The present values for which `is more than 5`, `contains "a"` … holds; None where that is not modelled.

    `value` is a constant, of `is one of` a sequence of them. `is exactly` is taken as `is`: for texts that is too much.
    """
    if operator is Operator.ONE_OF:
        return listed(kind, value)
    if kind is Kind.LIST:
        if operator is not Operator.CONTAINS or not isinstance(value, str):
            return None
        return Domain(False, Lists(((frozenset((folded(value),)), _NOTHING),)))
    if operator in (Operator.IS, Operator.EXACTLY):
        return listed(kind, (value,))
    if kind is Kind.TEXT:
        return _text_test(operator, value) if isinstance(value, str) else None
    low = bare(value, kind)
    top = None if high is None else bare(high, kind)
    if low is None or kind is Kind.YES_NO or (operator is Operator.BETWEEN and top is None):
        return None
    match operator:
        case Operator.MORE | Operator.AFTER:
            cuts = (low, 1), _HIGHEST
        case Operator.AT_LEAST:
            cuts = (low, 0), _HIGHEST
        case Operator.LESS | Operator.BEFORE:
            cuts = _LOWEST, (low, 0)
        case Operator.AT_MOST:
            cuts = _LOWEST, (low, 1)
        case Operator.BETWEEN:
            cuts = (low, 0), (top, 1)
        case _:
            return None
    return Domain(False, Ranges.between(*cuts, kind is not Kind.NUMBER))


def _text_test(operator: Operator, text: str) -> Domain | None:
    """The texts for which `starts with`, `contains`, `matches` … holds."""
    if operator not in _TESTS:
        return None
    wanted = fold(text) if operator in (Operator.WORD, Operator.MATCHES) else needle(text)
    written = text.strip() or text
    if operator is Operator.MATCHES and "?" not in wanted:
        inner = wanted.strip("*")
        stars = (wanted.startswith("*"), wanted.endswith("*"))
        if "*" not in inner:
            if stars == (False, False):
                return listed(Kind.TEXT, (text,))
            operator = {
                (False, True): Operator.STARTS,
                (True, False): Operator.ENDS,
                (True, True): Operator.CONTAINS,
            }[stars]
            wanted, written = inner, written.strip("*")
    if not wanted and operator in (Operator.CONTAINS, Operator.STARTS, Operator.ENDS):
        return everything(Kind.TEXT, missing=False)
    if not wanted and operator is Operator.WORD:
        return nothing(Kind.TEXT)
    return Domain(False, Texts((TextPiece(needs=frozenset((TextTest(operator, wanted, written),))),)))
