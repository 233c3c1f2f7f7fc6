"""Whatever a text is: it is read the same way every time, nothing is raised, and nothing is said of places outside of it."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

import pytest
from lark import Tree
from lark.exceptions import UnexpectedToken

from bench.large import text as large_text
from dsl.automaton import Raw, Stuck, read, scan
from dsl.check import check_text
from dsl.cutting import cut
from dsl.grammar_tables import tables
from dsl.lark_tables import shared_parser
from dsl.parse import parse_expression, parse_text
from dsl.program import content_hash
from engine.vocabulary import vocabulary
from grammar.keywords import KEYWORDS
from tests.reading.conftest import CLEAN, HEAD, seeded

SCHEMA = vocabulary()
HASHED = Path(__file__).parent / "hashed"
WORDS = (
    *KEYWORDS,
    "order.number",
    "line",
    '"x"',
    "5",
    "5.00 USD",
    "2026-01-31",
    "(",
    ")",
    "[",
    "]",
    ",",
    "=",
    "->",
    "|",
    "#",
)
LETTERS = 'aA1 \n\t"“{}()[]#/.,|=->!\u00a0\u200b\ufeff\udc80é'


def damaged(text: str, random_: random.Random) -> str:
    for _ in range(random_.randrange(1, 6)):
        start = random_.randrange(len(text) + 1)
        end = min(len(text), start + random_.choice((0, 0, 1, 3, 20, 200)))
        new = random_.choice(
            ("", random_.choice(LETTERS), " " + random_.choice(WORDS) + " ", text[end : end + 50], "\nrule ", "\nend\n")
        )
        text = text[:start] + new + text[end:]
    return text


def whole_story(text: str) -> list[tuple[str, int, int]]:
    checked = check_text(text, file="any.rules", schema=SCHEMA)
    found = checked.diagnostics
    for each in found:
        places = [each.start, each.end, *(place for one in each.related for place in (one.start, one.end))]
        places += [place for fix in each.fixes for edit in fix.edits for place in (edit.start, edit.end)]
        assert all(0 <= place.offset <= len(text) for place in places)
        assert each.start.offset <= each.end.offset
        assert each.message
    return [(each.code, each.start.offset, each.end.offset) for each in found]


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_file_is_told_of_the_same_way_every_time(seed: int) -> None:
    random_ = random.Random(seed)
    text = damaged(seeded(seed).text if seed % 2 else large_text(30)[-6000:], random_)
    first = whole_story(text)
    parse_text(damaged(text, random_), file="between.rules")
    assert whole_story(text) == first


@pytest.mark.parametrize("seed", range(40))
def test_any_words_in_any_order_are_read_without_harm(seed: int) -> None:
    random_ = random.Random(seed)
    text = " ".join(random_.choice(WORDS) for _ in range(random_.randrange(1, 120)))
    if seed % 3 == 0:
        text = "".join(random_.choice(LETTERS) for _ in range(random_.randrange(1, 400)))
    if seed % 3 == 1:
        text = text.replace(" rule ", "\nrule ").replace(" end ", " end\n")
    whole_story(text)
    parse_expression(text)


@pytest.mark.parametrize("seed", range(30))
def test_tokens_and_trees_are_those_of_lark(seed: int) -> None:
    """Our own tables run over the text, so what Lark itself makes of it is the oracle."""
    random_ = random.Random(seed)
    text = HEAD + CLEAN[seed % len(CLEAN)].format(n=1) if seed % 2 else large_text(5)
    if seed % 3:
        text = damaged(text, random_)
    tokens = scan(tables(), text)
    kinds = [tables().terminals[each] for each in tokens.types]
    theirs = list(shared_parser().lex(text))
    assert [*((each.type, str(each), each.start_pos) for each in theirs), ("$END", "", len(text))] == [
        (kind, value, start) for kind, value, start in zip(kinds, tokens.values, tokens.starts, strict=True)
    ]
    try:
        ours: Raw | None = read(tables(), tokens.types, "file")
    except Stuck:
        ours = None
    try:
        tree = shared_parser().parse(text, start="file")
    except UnexpectedToken:
        tree = None
    assert (ours is None) == (tree is None)
    if ours is not None and tree is not None:
        assert shape(ours) == lark_shape(tree, iter(range(len(theirs))))


def shape(raw: Raw | int) -> object:
    return raw if isinstance(raw, int) else (raw.data, [shape(each) for each in raw.children])


def lark_shape(node: object, numbers: object) -> object:
    if isinstance(node, Tree):
        return (str(node.data), [lark_shape(each, numbers) for each in node.children])
    return next(numbers)  # type: ignore[call-overload]


@pytest.mark.parametrize("seed", range(6))
def test_pieces_joined_are_the_file_and_say_the_same(seed: int) -> None:
    text = damaged(large_text(20), random.Random(seed)) if seed else large_text(20)
    pieces = cut(text)
    assert "".join(each.text for each in pieces) == text
    assert [each.start for each in pieces] == [sum(len(one.text) for one in pieces[:at]) for at in range(len(pieces))]


def test_words_that_begin_blocks_also_mean_other_things() -> None:
    rule = 'setting a is\nlist of text\nrule "A" for order\nin // this\nflow "F" then skip "x" end\nflow "F" from woocommerce end'
    assert [each.text.split()[0] for each in cut(rule)] == ["setting", "rule", "flow"]
    one_line = rule.replace("// this", "").replace("\n", " ")
    assert parse_text(rule, file="f").file == parse_text(one_line, file="f").file


EVIL = {
    "brackets": 'rule "A" for order when ' + "(" * 1_000_000,
    "closed brackets": 'rule "A" for order when ' + "(" * 500_000 + "order.paid is yes" + ")" * 500_000,
    "minus": 'rule "A" for order when order.total is ' + "-" * 1_000_000,
    "not": 'rule "A" for order when ' + "not " * 250_000,
    "a sum": 'rule "A" for order when 1' + "+1" * 500_000 + " is 2",
    "rules": 'rule "A" for order then skip "" end\n' * 28_000,
    "rules in one line": 'rule "A" for order then skip "" end ' * 28_000,
    "bytes": "x" * (1024 * 1024 + 1),
}
CODES = {"bytes": "R114", "rules": "R115", "rules in one line": "R115", "a sum": "R118"}


@pytest.mark.parametrize("name", EVIL)
def test_a_text_made_to_cost_time_hits_its_limit_at_once(name: str) -> None:
    parse_text("rule", file="first.rules")
    begun = time.process_time()
    found = check_text(EVIL[name], file="evil.rules", schema=SCHEMA).diagnostics
    took = time.process_time() - begun
    assert [each.code for each in found] == [CODES.get(name, "R113")]
    assert took < 0.5  # a tenth of a second on a machine that does nothing else


@pytest.mark.parametrize("letter", ["#", "\0", "a ", "end ", '"', "{", "\u00e9", "rule\n", "set ", ","])
def test_a_megabyte_of_anything_is_read_to_its_end(letter: str) -> None:
    text = letter * (200_000 // len(letter))
    assert check_text(text, file="evil.rules", schema=SCHEMA).diagnostics


def test_the_identity_of_what_was_published_stays() -> None:
    """Versions and ledgers know a rule set by its hash: however it is read, that stays what it was."""
    known = json.loads((HASHED / "hashes.json").read_text(encoding="utf-8"))
    assert len(known) == 14
    for name, wanted in known.items():
        text = (HASHED / name).read_text(encoding="utf-8")
        ruleset = check_text(text, file="kept.rules", schema=SCHEMA).ruleset
        assert ruleset is not None
        assert content_hash(ruleset) == wanted
