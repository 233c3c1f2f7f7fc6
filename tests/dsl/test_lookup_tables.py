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
PLAIN = WORDS.map(lambda word: f'"{word}"')
OTHER = st.one_of(
    st.lists(WORDS, min_size=2, max_size=3, unique=True).map(lambda words: " or ".join(f'"{word}"' for word in words)),
    st.sampled_from(["any", "missing", 'starts with "a"', 'matches "*b"']),
)
# Most rows of most tables are plain: they are what the index is made of, and the others have to fit in between.
CELLS = st.one_of(PLAIN, PLAIN, OTHER)
FLAGS = st.sampled_from(["yes", "no", "yes", "no", "any", "missing"])
AMOUNTS = st.sampled_from(["10", "12.50 USD", "5", "10", "up to 10", "between 5 and 20", "any"])


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


def lookup_of(text: str, key: str = "order.number") -> LookupTable:
    checked = check_text(
        f'{text}\nrule "A" for order then log "{{lookup t({key})}}" end', file="t.rules", schema=SCHEMA
    )
    assert checked.ruleset is not None
    return lookup_table(checked.ruleset.tables["t"])


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(
    st.lists(st.tuples(CELLS, FLAGS, AMOUNTS), min_size=1, max_size=8),
    st.booleans(),
    st.lists(
        st.tuples(
            st.sampled_from(["A", "a", " b ", "AB", None, "abb", "zz", "e\u0301"]),
            st.sampled_from([True, False, None]),
            st.sampled_from([*(Money(Decimal(each), "USD") for each in ("5", "10.00", "12.5", "99")), None]),
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


def test_a_row_before_the_one_in_the_index_goes_first_and_one_behind_it_does_not() -> None:
    table = lookup_of(
        'table t\n letters -> out\n starts with "a" -> "before"\n "ab" -> "plain"\n "b" -> "plain"\n any -> "behind"\nend'
    )
    assert [table.find([key]) for key in ("ab", "b", "c")] == [("before",), ("plain",), ("behind",)]


def test_an_amount_is_found_though_no_index_knows_its_currency() -> None:
    table = lookup_of('table t\n total -> out\n 10 -> "ten"\n otherwise -> "none"\nend', key="order.total")
    assert table.find([Money(Decimal("10.00"), "USD")]) == ("ten",)
    assert table.find([None]) == ("none",)


def test_a_large_table_is_found_by_one_step() -> None:
    names = [f"{a}{b}{c}" for a in string.ascii_lowercase for b in string.ascii_lowercase for c in "c"]
    rows = "\n".join(f'  "{name}" -> "row {place}"' for place, name in enumerate(names))
    table = lookup_of(f"table t\n  letters -> out\n{rows}\nend")
    assert table.others == ()
    assert table.find(["ZZC"]) == (f"row {len(names) - 1}",)
    quick = table.column(0)
    assert quick is not None
    assert quick["zzc"] == f"row {len(names) - 1}"
