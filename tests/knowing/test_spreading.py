"""engine/spread.py: work on several cores gives its results in order, and ends when nobody listens any more"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from engine.spread import cores, spread


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_results_come_in_the_order_of_the_pieces(jobs: int) -> None:
    base = 10  # inherited by the processes, never sent
    assert list(spread(lambda piece: (piece + base, [piece] * piece), range(25), jobs=jobs)) == [
        (piece + base, [piece] * piece) for piece in range(25)
    ]


def test_other_processes_do_it() -> None:
    assert os.getpid() not in set(spread(lambda _: os.getpid(), range(6), jobs=2))
    assert set(spread(lambda _: os.getpid(), range(6), jobs=1)) == {os.getpid()}
    assert cores() >= 1


def test_only_a_few_pieces_are_taken_ahead() -> None:
    taken = []

    def pieces() -> Iterator[int]:
        for number in range(1000):
            taken.append(number)
            yield number

    results = spread(lambda piece: piece, pieces(), jobs=2)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    assert len(taken) < 20
    results.close()  # type: ignore[attr-defined]


def test_an_error_of_the_work_is_raised_here() -> None:
    def work(piece: int) -> int:
        if piece == 3:
            raise ValueError("piece 3")
        return piece

    with pytest.raises(ValueError, match="piece 3"):
        list(spread(work, range(9), jobs=2))


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's promise is Linux's")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_its_parent(how: signal.Signals) -> None:
    program = (
        "import os, time\nfrom engine.spread import spread\n"
        "for pid in spread(lambda n: (time.sleep(0.02), os.getpid())[1], range(10**6), jobs=2):\n    print(pid, flush=True)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert parent.stdout is not None
    workers = {int(parent.stdout.readline()) for _ in range(8)}
    parent.send_signal(how)
    parent.wait(10)
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while any(_lives(pid) for pid in workers) and time.monotonic() < deadline:
        os.sched_yield()
    assert [pid for pid in workers if _lives(pid)] == []


def _lives(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
