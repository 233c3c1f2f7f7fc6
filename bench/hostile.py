"""Texts that mean harm: each has to come to an end at once, with the code of the limit that it meets.

`./dev bench hostile` prints how long the check of each takes; tests/fuzz holds what is said of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from dsl.check import check_text
from engine.rulesets import schema

_RULE = 'rule "A" for order when {} then skip "x" end'


def _table(rows: int) -> str:
    body = "\n".join(f'"{number}" -> "{number}"' for number in range(rows))
    return f'table t a -> b\n{body}\nend\nrule "A" for order then set books.class to lookup t(order.store) end'


def _laughs(depth: int) -> str:
    """Lists that name the list before ten times over: a billion, were they put in one another."""
    lines = ['list l0 is ["lol"]']
    lines += [f"list l{at} is [{', '.join([f'l{at - 1}'] * 10)}]" for at in range(1, depth)]
    return "\n".join(lines)


def _templates(depth: int) -> str:
    """Texts in texts: the quotes double with every step in."""
    inner = "order.number"
    for _ in range(depth):
        inner = '"{' + inner.replace('"', '""') + '}"'
    return f'rule "A" for order then log {inner} end'


HOSTILE: dict[str, tuple[Callable[[], str], str]] = {
    "brackets, 500 deep": (lambda: _RULE.format("(" * 500 + "order.paid is yes" + ")" * 500), "R113"),
    "brackets, 50,000 open": (lambda: _RULE.format("(" * 50_000), ""),
    "not, 5,000 times": (lambda: _RULE.format("not " * 5_000 + "order.paid is yes"), "R113"),
    "or, 5,000 times": (lambda: _RULE.format(" or ".join(['order.store is "A"'] * 5_000)), "R411"),
    "or, 2,000 values": (lambda: _RULE.format(" or ".join(f'order.store is "{at}"' for at in range(2_000))), ""),
    "and, 2,000 values": (lambda: _RULE.format(" and ".join(f'order.store is not "{at}"' for at in range(2_000))), ""),
    "plus, 5,000 times": (lambda: _RULE.format("order.total is " + " + ".join(["1"] * 5_000)), "R118"),
    "texts in texts, 12 deep": (lambda: _templates(12), ""),
    "a number of 100,000 digits": (lambda: _RULE.format("order.total > " + "9" * 100_000), "R117"),
    "a text of 500,000 letters": (lambda: _RULE.format(f'order.store is "{"a" * 500_000}"'), ""),
    "a name of 500,000 letters": (lambda: _RULE.format("order." + "a" * 500_000 + " is 1"), "R201"),
    "1 MiB of quotes": (lambda: '"' * (1024 * 1024 - 10), ""),
    "1 MiB of signs": (lambda: "#" * (1024 * 1024 - 10), ""),
    "more than 1 MiB": (lambda: "// " + "x" * (1024 * 1024), "R114"),
    "rule, 2,000 times": (lambda: "rule " * 2_000, ""),
    "end, 20,000 times": (lambda: "end " * 20_000, ""),
    "2,000 open rules": (lambda: "\n".join(f'rule "R{at}" for order when' for at in range(2_000)), ""),
    "a pattern that repeats repetitions": (
        lambda: _RULE.format('order.store matches pattern "((a{1,99}){1,99}){1,99}"'),
        "R311",
    ),
    "a pattern with 5,000 brackets": (
        lambda: _RULE.format(f'order.store matches pattern "{"(" * 5000}{")" * 5000}"'),
        "",
    ),
    "lists in lists": (lambda: _laughs(12), ""),
    "a table of 5,000 rows": (lambda: _table(5_000), ""),
    "settings that need each other": (lambda: "setting a is number default b\nsetting b is number default a", ""),
    "blanks, 1 MiB": (lambda: " \n" * (512 * 1024 - 10), ""),
    "remarks, 1 MiB": (lambda: "//\n" * (340 * 1024), ""),
}
"""Each with the code that its check has to give ("": any)."""


def run() -> None:
    check_text("", file="warm.rules", schema=schema())
    print(f"{'what':<42} {'bytes':>9} {'ms':>8}  {'said'}")
    for name, (make, code) in HOSTILE.items():
        text = make()
        started = time.perf_counter()
        found = check_text(text, file="hostile.rules", schema=schema()).diagnostics
        took = (time.perf_counter() - started) * 1000
        codes = sorted({each.code for each in found})
        note = "" if not code or code in codes else f"  expected {code}"
        print(f"{name:<42} {len(text):>9,} {took:>8,.1f}  {len(found)} × {' '.join(codes)[:60]}{note}", flush=True)


if __name__ == "__main__":
    run()
