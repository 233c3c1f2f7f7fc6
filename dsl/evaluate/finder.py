"""Runs the rules of a large run that a record's texts lead to, in their order; it knows neither their code nor their tree.

What is found is only a candidate: each rule's function asks for its whole condition again. A rule that writes one of the
fields by which rules are found changes which of those behind it are candidates.
"""

from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any

from dsl.decision import Decision

Step = Callable[[Sequence[Any]], Decision | None]


class Steps(dict[int, Step]):
    """The functions of rules by their places, each made when it is first needed: of many rules few ever fire."""

    def __init__(self, make: Callable[[int], Step]) -> None:
        super().__init__()
        self._make = make
        self._lock = Lock()

    def __missing__(self, place: int) -> Step:
        with self._lock:
            if place not in self:
                self[place] = self._make(place)
        return self[place]


class Finder:
    """Finds and runs the rules of one run.

    `indexes` has, for each field, the places of rules by folded text; `writers` are the rules that write such a field;
    `read` gives the fields' folded texts from what every step is given.
    """

    def __init__(
        self,
        indexes: Sequence[Mapping[str, tuple[int, ...]]],
        writers: frozenset[int],
        steps: Steps,
        read: Callable[[Sequence[Any]], Sequence[str]],
    ) -> None:
        self.indexes = tuple(indexes)
        self.writers = writers
        self.steps = steps
        self.read = read

    def places(self, texts: Sequence[str]) -> Sequence[int]:
        """The places of the rules that such texts lead to, ascending."""
        found = [places for index, text in zip(self.indexes, texts, strict=True) if (places := index.get(text))]
        if len(found) < 2:
            return found[0] if found else ()
        return sorted(place for places in found for place in places)

    def run(self, places: Sequence[int], given: Sequence[Any]) -> Decision | None:
        """Run the rules at these places, and those that they bring in; the decision of one that ended the record."""
        if self.writers.isdisjoint(places):
            for place in places:
                ended = self.steps[place](given)
                if ended is not None:
                    return ended
            return None
        left = list(places)
        while left:
            place = left.pop(0)
            ended = self.steps[place](given)
            if ended is not None:
                return ended
            if place in self.writers:
                left = [each for each in self.places(self.read(given)) if each > place]
        return None
