"""Faults on request: which calls go wrong, how, and how often; it knows neither books nor HTTP."""

from __future__ import annotations

import fnmatch
import itertools
import random
import threading
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

Applied = Literal["now", "never", "late"]
Answered = Literal["ok", "fault_200", "500", "503", "504", "429", "401", "html_502", "truncated", "reset", "drop"]

# Names for what happens: whether the call is carried out, and what the caller gets.
KINDS: dict[str, tuple[Applied, Answered]] = {
    "late_apply": ("late", "drop"),
    "applied_then_timeout": ("now", "drop"),
    "applied_then_reset": ("now", "reset"),
    "applied_then_500": ("now", "500"),
    "applied_then_503": ("now", "503"),
    "applied_then_html_502": ("now", "html_502"),
    "truncated": ("now", "truncated"),
    "timeout": ("never", "drop"),
    "reset": ("never", "reset"),
    "500": ("never", "500"),
    "503": ("never", "503"),
    "504": ("never", "504"),
    "applied_then_504": ("now", "504"),
    "fault_200": ("never", "fault_200"),
    "html_502": ("never", "html_502"),
    "429": ("never", "429"),
    "401": ("never", "401"),
    "slow": ("now", "ok"),
    "batch_shuffled": ("now", "ok"),
    "batch_missing_bid": ("now", "ok"),
    "batch_lost_reply": ("now", "ok"),
}


@dataclass(frozen=True, slots=True)
class Injected:
    """One fault and the calls that it hits.

    - `kind`: a key of KINDS.
    - `path` (with * and ?), `method`, `operation` (create, update, delete, void, read, query, batch, cdc, send, upload,
      token …) and `entity` choose calls; a batch has the entities of its items. Absent means any.
    - `times`: how many calls are hit (0: all); `after`: how many pass before; `probability`: of each further one.
    - `late_by`: seconds after which a late call is carried out; `hold`: seconds that the connection hangs before it is
      cut, or that a slow answer takes; `retry_after`: header of a 429.
    - `forget_request_id`: the call is carried out as if it had come without requestid, so that a repeat doubles.
    - `items`: how many items of a batch answer lose their bId or get lost.
    """

    kind: str
    path: str | None = None
    method: str | None = None
    operation: str | None = None
    entity: str | None = None
    times: int = 1
    after: int = 0
    probability: float = 1.0
    late_by: float = 5.0
    hold: float = 0.0
    retry_after: int | None = None
    forget_request_id: bool = False
    items: int = 1

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"there is no fault '{self.kind}'; there are {', '.join(KINDS)}")

    @property
    def applied(self) -> Applied:
        return KINDS[self.kind][0]

    @property
    def answered(self) -> Answered:
        return KINDS[self.kind][1]


def from_json(body: dict[str, Any]) -> Injected:
    """A fault as the admin endpoint takes it; ValueError for a name that is none."""
    known = {field.name for field in fields(Injected)}
    for name in body:
        if name not in known:
            raise ValueError(f"a fault has no '{name}'; it has {', '.join(sorted(known))}")
    return Injected(**body)


class Injector:
    """The faults waiting for their calls; safe to use from many threads."""

    def __init__(self, seed: int) -> None:
        self._lock = threading.Lock()
        self._random = random.Random(seed)
        self._numbers = itertools.count(1)
        self._waiting: dict[int, tuple[Injected, int, int]] = {}

    def add(self, fault: Injected) -> int:
        with self._lock:
            number = next(self._numbers)
            self._waiting[number] = (fault, fault.after, fault.times)
            return number

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [
                {"id": number, **asdict(fault), "after": after, "left": left if fault.times else None}
                for number, (fault, after, left) in self._waiting.items()
            ]

    def shuffled(self, values: list[Any]) -> list[Any]:
        """The values in another order (where there is one)."""
        with self._lock:
            out = list(values)
            while len(values) > 1 and out == values:
                self._random.shuffle(out)
            return out

    def pick(self, method: str, path: str, operation: str, entities: frozenset[str]) -> Injected | None:
        """The first fault that hits a call; what is left of it goes down."""
        with self._lock:
            for number, (fault, after, left) in self._waiting.items():
                if not _chooses(fault, method, path, operation, entities):
                    continue
                if after > 0:
                    self._waiting[number] = (fault, after - 1, left)
                    continue
                if fault.probability < 1.0 and self._random.random() >= fault.probability:
                    continue
                if fault.times:
                    left -= 1
                if fault.times and left == 0:
                    del self._waiting[number]
                else:
                    self._waiting[number] = (fault, after, left)
                return fault
        return None


def _chooses(fault: Injected, method: str, path: str, operation: str, entities: frozenset[str]) -> bool:
    if fault.method is not None and fault.method.upper() != method:
        return False
    if fault.path is not None and not fnmatch.fnmatchcase(path, fault.path):
        return False
    if fault.operation is not None and fault.operation != operation:
        return False
    return fault.entity is None or fault.entity.casefold() in {entity.casefold() for entity in entities}
