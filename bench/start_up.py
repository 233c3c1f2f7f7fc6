"""How long a process takes to start: `cloudcart --help`, and from nothing to the first order that rules have decided.

    python -m bench.start_up

The first is beside a Python that does nothing (aim: under 150 ms). The second is CPU time of the process, beside a Python
that does no more than the same imports (goal: 1.5 times), and says where the rest goes.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from bench.rules import ours

ROUNDS = 11
AIM = 0.150  # seconds
GOAL = 1.5
_IMPORTS = "from dsl.check import check_text; from dsl.program import compile_ruleset; from engine.vocabulary import vocabulary"
_ORDER = (
    "{'order': {'id': '1', 'total': Decimal(5), 'currency': 'USD', 'lines': [], 'payments': []}, "
    "'customer': {}, 'bill_to': {}, 'ship_to': {}, 'books': {}}"
)
_FIRST = f"""
import sys, json
from time import process_time as now
marks = [now()]
{_IMPORTS}
from datetime import date
from decimal import Decimal
marks.append(now())
text = open(sys.argv[1], encoding="utf-8").read()
check_text('rule "A" for order then tag "a" end', file="a.rules", schema=vocabulary())
marks.append(now())
ruleset = check_text(text, file="b.rules", schema=vocabulary()).ruleset
marks.append(now())
program = compile_ruleset(ruleset)
order = {_ORDER}
program.evaluate(order, today=date(2026, 1, 31), trace="mask")
marks.append(now())
program.evaluate(order, today=date(2026, 1, 31), trace="mask")
marks.append(now())
json.dump(marks, sys.stdout)
"""
_PARTS = (
    "imports",
    "the parser and a first rule",
    "checking 20 rules and 250 rows",
    "their code and the first order",
    "the second",
)


def run() -> None:
    """Print the figures."""
    _help()
    _first_order()


def _help() -> None:
    bin_ = Path(sys.executable).parent
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "cloudcart --help": [str(bin_ / "cloudcart"), "--help"],
    }
    for name, command in commands.items():
        times = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            times.append(time.perf_counter() - started)
        median = statistics.median(times)
        verdict = "" if median <= AIM else f"  (over the aim of {AIM * 1000:.0f} ms)"
        print(f"  {name:18} median {median * 1000:5.0f} ms, best {min(times) * 1000:5.0f} ms{verdict}")


def _first_order() -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".rules", encoding="utf-8") as file:
        file.write(ours.rules())
        file.flush()
        bare: list[float] = []
        parts: list[list[float]] = []
        for _ in range(ROUNDS):
            bare.append(_marks("-c", f"{_IMPORTS}\nfrom time import process_time\nprint([process_time()])")[0])
            parts.append(_marks("-c", _FIRST, file.name))
    start = [marks[0] for marks in parts]
    spent = [[after - before for before, after in pairwise(marks)] for marks in parts]
    ratio = statistics.median(marks[4] / imports for marks, imports in zip(parts, bare, strict=True))
    print(f"  the same imports   median {statistics.median(bare) * 1000:5.0f} ms of CPU")
    print(f"  to the first order median {statistics.median(marks[4] for marks in parts) * 1000:5.0f} ms of CPU")
    told = [f"Python {statistics.median(start) * 1000:.0f}"]
    told += [
        f"{name} {statistics.median(each) * 1000:.1f}"
        for name, each in zip(_PARTS, zip(*spent, strict=True), strict=True)
    ]
    print(f"    of this, in ms: {', '.join(told)}")
    verdict = "" if ratio <= GOAL else "; MISSED"
    print(
        f"  process start to first order: {ratio:.2f} times a Python with the same imports (goal: at most {GOAL}{verdict})"
    )


def _marks(*arguments: str) -> list[float]:
    made = subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.PIPE, text=True)
    return [float(each) for each in json.loads(made.stdout)]


if __name__ == "__main__":
    run()
