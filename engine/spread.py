"""Work on several cores, results in their order: changes when processes are better shared out. It knows nothing of the work.

Processes are forked, so that what was built before (programs, books) is there without being sent; only the pieces of work
and their results travel. At any moment only a few pieces are under way, whatever their number.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any, TypeVar

Piece = TypeVar("Piece")
Result = TypeVar("Result")

_AHEAD = 3
"""Pieces under way for each process: one that is worked on, and enough behind it that nobody waits."""

_work: Callable[[Any], Any] | None = None


def cores() -> int:
    """How many processes the machine has room for."""
    return max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def spread(work: Callable[[Piece], Result], pieces: Iterable[Piece], *, jobs: int) -> Iterator[Result]:
    """The results of `work` for all pieces, in the order of the pieces. With one job it is done here and now.

    `work` may be any function (it is inherited, not sent); pieces and results are pickled. An exception of the work is
    raised here. When the caller stops listening (Ctrl-C, an error), the processes end with what they are at.
    """
    if jobs <= 1 or "fork" not in multiprocessing.get_all_start_methods():
        yield from map(work, pieces)
        return
    context = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(work,))
    waiting: deque[Future[Result]] = deque()
    try:
        for piece in pieces:
            waiting.append(pool.submit(_do, piece))
            if len(waiting) >= jobs * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin(work: Callable[[Any], Any]) -> None:
    """What a process does first: Ctrl-C is the parent's to hear, who then lets this one end its piece. A parent that is
    killed takes its processes along (Linux: PR_SET_PDEATHSIG): they would wait for work for ever."""
    global _work
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _work = work
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, int(signal.SIGKILL), 0, 0, 0)


def _do(piece: Any) -> Any:
    if _work is None:
        raise RuntimeError("this process was given no work")
    return _work(piece)
