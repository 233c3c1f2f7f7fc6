"""How the time for one order grows with the number of rules: 10 to 10,000 rules that ask for a constant; changes with that.

    python -m bench.many_rules [--most 10000] [--rounds 15]

Three kinds of sets, none of which looks like another's best case: `is "constant"` on a field of the order (7 of 100 ask
for an amount as well, 2 of 100 rewrite the field that others ask for), `is one of` on two fields, and rules for each line
by its SKU. The same orders go through every size of a set, so that 6 to 9 rules fire for an order whatever its size.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from statistics import median
from typing import Any

from bench.rules.compare import timed
from dsl.check import check_text
from dsl.program import Program, compile_ruleset
from engine.vocabulary import vocabulary

TODAY = date(2026, 1, 31)
SIZES = (10, 100, 1_000, 10_000)
AIM = 4.0  # times the time of 100 rules that 10,000 may take
_FIRING = 7


def by_method(count: int) -> Iterator[str]:
    """Rules that ask for the payment method."""
    values = max(1, count // _FIRING)
    for number in range(count):
        method = number % values
        more = " and order.total is at least 20.00" if number % 14 == 0 else ""
        then = f'set order.payment_method to "M{(method + 1) % values}"' if number % 50 == 0 else ""
        then = then or f'set books.{("class", "memo", "terms")[number % 3]} to "V{number % 9}"'
        yield f'rule "R{number}" for order when order.payment_method is "M{method}"{more} then {then} end'


def by_lists(count: int) -> Iterator[str]:
    """Rules that ask for one of several states or stores."""
    values = max(1, count // _FIRING)
    for number in range(count):
        field = "ship_to.state" if number % 2 else "order.store"
        texts = f'["M{number % values}", "N{number % values}"]'
        yield f'rule "{number}" for order when {field} is one of {texts} then set books.class to "V{number % 9}" end'


def by_sku(count: int) -> Iterator[str]:
    """Rules for each line that ask for its SKU."""
    values = max(1, count // 2)
    for number in range(count):
        then = f'set line.{("class", "account")[number % 2]} to "V{number % 9}"'
        yield f'rule "{number}" for each line in order.lines where line.sku is "M{number % values}" then {then} end'


KINDS: dict[str, Callable[[int], Iterator[str]]] = {
    'is "…", payment method': by_method,
    "is one of …, two fields": by_lists,
    "each line, by SKU": by_sku,
}


def orders(values: int, count: int = 200) -> list[dict[str, Any]]:
    """Orders whose texts are among those that rules ask for."""
    pick = random.Random(7).randrange
    return [
        {
            "order": {
                "id": str(number),
                "number": str(number),
                "currency": "USD",
                "total": Decimal(pick(1, 60)),
                "payment_method": f"M{pick(values)}",
                "store": f"M{pick(values)}",
                "lines": [
                    {"id": str(line), "sku": f"M{pick(values)}", "quantity": Decimal(1), "class": None, "account": None}
                    for line in range(3)
                ],
                "payments": [],
            },
            "customer": {},
            "bill_to": {},
            "ship_to": {"state": f"N{pick(values)}"},
            "books": {"custom": {}},
        }
        for number in range(count)
    ]


def program(kind: str, count: int) -> Program:
    """A set of that many rules, compiled."""
    checked = check_text("\n".join(KINDS[kind](count)), file="bench.rules", schema=vocabulary())
    if checked.ruleset is None:
        raise SystemExit("\n".join(f"{each.code} {each.message}" for each in checked.diagnostics))
    return compile_ruleset(checked.ruleset)


def run(most: int = SIZES[-1], rounds: int = 15) -> None:
    """Print the figures."""
    sizes = [size for size in SIZES if size <= most]
    out = sys.stdout
    for kind in KINDS:
        works: list[tuple[Callable[[dict[str, Any]], Any], list[dict[str, Any]]]] = []
        made: list[str] = []
        for size in sizes:
            rule_set = program(kind, size)
            records = orders(max(1, size // (2 if "SKU" in kind else _FIRING)))
            started = time.process_time()
            rule_set.run_generated(records[0], today=TODAY, trace="mask")
            made.append(f"{(time.process_time() - started) * 1000:.0f} ms")
            for record in records[:5]:
                if rule_set.run_generated(record, today=TODAY) != rule_set.walk(record, today=TODAY):
                    raise SystemExit(f"{kind}: {size} rules decide otherwise than the tree walker")
            works.append((partial(rule_set.evaluate, today=TODAY, trace="mask"), records))
        for work, records in works:
            timed(work, records)
        spent = [[timed(work, records) for work, records in works] for _ in range(rounds)]
        by_size = [median(times) for times in zip(*spent, strict=True)]
        shown = "   ".join(f"{size:,}: {us:.2f} us" for size, us in zip(sizes, by_size, strict=True))
        out.write(f"{kind:26} {shown}")
        if len(sizes) > 2:
            ratio = median(times[-1] / times[1] for times in spent)
            verdict = "" if ratio <= AIM else f"  (over the aim of {AIM:.0f})"
            out.write(f"   {sizes[-1]:,} take {ratio:.2f} x the time of {sizes[1]}{verdict}")
        out.write(f"   code made in {', '.join(made)}\n")
        out.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=SIZES[-1])
    parser.add_argument("--rounds", type=int, default=15)
    asked = parser.parse_args()
    run(asked.most, asked.rounds)
