"""Which known word somebody may have meant; changes with how close is close enough (knows no word itself)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def distance(left: str, right: str, limit: int) -> int:
    """How many letters to add, drop, change or swap (neighbours) to get from one to the other; limit + 1 if more.

    Damerau's distance in the restricted form (optimal string alignment).
    """
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for row, letter in enumerate(left, 1):
        current = [row]
        for column, other in enumerate(right, 1):
            cost = 0 if letter == other else 1
            best = min(previous[column] + 1, current[column - 1] + 1, previous[column - 1] + cost)
            if row > 1 and column > 1 and letter == right[column - 2] and left[row - 2] == other:
                best = min(best, before[column - 2] + 1)
            current.append(best)
        if min(current) > limit:
            return limit + 1
        before, previous = previous, current
    return previous[-1]


def cut_off(word: str) -> int:
    """The most mistakes that still are a slip: none in two letters, one in up to five, two in up to ten, else three."""
    length = len(word)
    return 0 if length < 3 else 1 if length <= 5 else 2 if length <= 10 else 3


def closest(word: str, known: Iterable[str], aliases: Mapping[str, str] | None = None) -> str | None:
    """The known word that was most likely meant, or None where none is near: never a wild guess.

    Capitals, spaces, hyphens and underscores alone make no difference. `aliases` are what people say for a known word
    ("zip" for "postal_code"; of several, "tax_total tax_amount", the first that is known). Of two equally near words the
    first in the alphabet is taken, so answers do not change.
    """
    candidates = sorted(set(known))
    folded = _fold(word)
    for each in candidates:
        if _fold(each) == folded and each != word:
            return each
    for each in (aliases or {}).get(folded, "").split():
        if each in candidates:
            return each
    limit = cut_off(folded)
    best: tuple[int, str] | None = None
    for each in candidates:
        other = _fold(each)
        most = min(limit, cut_off(other))
        far = distance(folded, other, most)
        if 0 < far <= most and (best is None or far < best[0]):
            best = (far, each)
            limit = far
    return best[1] if best else None


def _fold(word: str) -> str:
    return "_".join(word.casefold().replace("-", " ").replace("_", " ").split())
