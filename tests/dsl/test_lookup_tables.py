"""Look-ups: the quick way gives what reading the rows from top to bottom gives."""

import string
from decimal import Decimal
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dsl.check import check_text
from dsl.evaluate.tables import LookupTable, lookup_table
from dsl.values import Money
from engine.vocabulary import vocabulary

SCHEMA = vocabulary()
WORDS = st.sampled_from(["a", "B", "ab", "x y", "É", "10"])
CELLS = st.one_of(
    WORDS.map(lambda word: f'"{word}"'),
    st.lists(WORDS, min_size=2, max_size=3, unique=True).map(lambda words: " or ".join(f'"{word}"' for word in words)),
    st.sampled_from(["any", "missing", 'starts with "a"', 'matches "*b"']),
)
FLAGS = st.sampled_from(["yes", "no", "any", "missing"])
AMOUNTS = st.sampled_from(["up to 10", "between 5 and 20", "more than 7", "10", "any", "12.50 USD"])


def table_of(rows: list[tuple[str, str, str]], otherwise: bool) -> LookupTable:
    lines = [f'  {word} | {flag} | {amount} -> "row {number}"' for number, (word, flag, amount) in enumerate(rows)]
    if otherwise:
        lines.append('  otherwise -> "none"')
    text = "table t\n  letters | flag | total -> out\n" + "\n".join(lines) + "\nend\n"
    text += 'rule "A" for order then log "{lookup t(order.number, order.paid, order.total)}" end'
    checked = check_text(text, file="t.rules", schema=SCHEMA)
    # Two rows with one key are refused: there is nothing to look up then.
    assume(all(each.code == "R314" for each in checked.diagnostics if each.is_error))
    assume(checked.ruleset is not None)
    assert checked.ruleset is not None
    return lookup_table(checked.ruleset.tables["t"])


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(
    st.lists(st.tuples(CELLS, FLAGS, AMOUNTS), min_size=1, max_size=8),
    st.booleans(),
    st.lists(
        st.tuples(
            st.sampled_from([None, "A", " b ", "AB", "abb", "zz", "e\u0301"]),
            st.sampled_from([None, True, False]),
            st.sampled_from([None, *(Money(Decimal(each), "USD") for each in ("5", "10.00", "12.5", "99"))]),
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_finding_a_row_is_scanning_for_it(
    rows: list[tuple[str, str, str]], otherwise: bool, keys: list[tuple[Any, Any, Any]]
) -> None:
    table = table_of(rows, otherwise)
    for key in keys:
        assert table.find(key) == table.scan(key)


def test_a_large_table_is_found_by_one_step() -> None:
    names = [f"{a}{b}{c}" for a in string.ascii_lowercase for b in string.ascii_lowercase for c in "c"]
    rows = "\n".join(f'  "{name}" -> "row {place}"' for place, name in enumerate(names))
    text = f'table t\n  letters -> out\n{rows}\nend\nrule "A" for order then log "{{lookup t(order.number)}}" end'
    checked = check_text(text, file="t.rules", schema=SCHEMA)
    assert checked.ruleset is not None
    table = lookup_table(checked.ruleset.tables["t"])
    assert table.others == ()
    assert table.find(["ZZC"]) == (f"row {len(names) - 1}",)
    quick = table.column(0)
    assert quick is not None
    assert quick["zzc"] == f"row {len(names) - 1}"
