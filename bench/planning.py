"""How long a plan of many orders takes: both versions over made-up orders in the shape of the recorded ones.

    python -m bench.planning [ORDERS] [JOBS]

The recorded orders of the play shop are repeated under other ids; the new version differs from the old one in a table row
and a limit, so that some hundred documents change. The goal is 10,000 orders in 10 seconds on two cores.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from engine.plan import running
from engine.plan.running import Case, Plan, Question, Version
from engine.raw_records import stream
from engine.rulesets import compile_file, compile_text
from engine.spread import cores

ROOT = Path(__file__).parent.parent
RULES = ROOT / "rulesets" / "demo" / "web_orders.rules"
ORDERS = ROOT / "sandbox" / "data" / "woocommerce" / "orders.json"


def write_orders(file: Path, count: int) -> None:
    """So many orders as JSON lines, under ids of their own."""
    recorded = json.loads(ORDERS.read_bytes())
    with file.open("w", encoding="utf-8") as out:
        for number in range(count):
            order = {**recorded[number % len(recorded)], "id": 100_000 + number, "number": str(100_000 + number)}
            out.write(json.dumps(order) + "\n")


def question() -> Question:
    """The demo's rule set, and one with another row and another limit."""
    text = RULES.read_text(encoding="utf-8")
    changed = text.replace('"US"    | "NY"  | any               -> "New York City"', '"US" | "NY" | any -> "New York"')
    changed = changed.replace("is more than 5000", "is more than 500")
    old = compile_file(RULES).program
    new = compile_text(changed, file="new.rules").program
    return Question(
        old=Version(name="old", program=old, flows=old.flows),
        new=Version(name="new", program=new, flows=new.flows),
        source="woocommerce",
        today=date(2026, 11, 20),
    )


def measured(file: Path, asked: Question, jobs: int) -> tuple[float, Plan]:
    """(seconds, the plan)."""
    began = time.perf_counter()
    plan = Plan()
    for part in running.run(asked, ((Case(text), place) for text, place in stream(file)), jobs=jobs):
        plan.merge(part)
    return time.perf_counter() - began, plan


def run(orders: int = 10_000, jobs: int = 0) -> None:
    """Measure and say so."""
    jobs = jobs or cores()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "orders.jsonl"
        write_orders(file, orders)
        asked = question()
        seconds, plan = measured(file, asked, jobs)
    peak = max(
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    )
    print(
        f"plan: {plan.orders:,} orders, {plan.differing:,} differ; {seconds:.1f} s on {jobs} cores, "
        f"{plan.orders / seconds:,.0f} orders a second, {peak / 1024:.0f} MB in the largest process"
    )


if __name__ == "__main__":
    run(*map(int, sys.argv[1:3]))
