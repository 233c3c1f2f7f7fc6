"""Where names are declared and used, renaming, what is told of them, folding and colours."""

from pathlib import Path

import pytest

from dsl.service.colouring import KINDS, colours
from dsl.service.hovering import hover
from dsl.service.navigating import definition, folds, references, symbols
from dsl.service.occurrences import at, occurrences
from dsl.service.renaming import CannotRename, TextEdit, prepare, rename
from engine.rulesets import CannedRuleSets
from tests.service.service_kit import marked, view

TEXT = """// What it is for,
// in two lines
ruleset "Acme" language 1 end

use "orders/order_prefix" version "1.0" as std
  set order_prefix to "WC-"
  turn off "Order suffix"
end

setting hold_over is money default 5000.00 USD note "The most"
list stores is ["A", "B"]
table tax_code_for
  state -> code | class
  "MD"  -> "MD Tax" | "East"
  otherwise -> missing | missing
end

rule "Large orders" for order when order.total > hold_over and order.store is one of stores
  then hold "More than {hold_over} in {order.store}" end

rule "Tax" for order
  then set books.tax_code to lookup tax_code_for(ship_to.state).code
       set books.class to lookup tax_code_for(ship_to.state).class end

rule "Prefix" replaces "std: Order prefix" for order then set order.number to "{std.order_prefix}{upper(order.number)}" end

test "Large" with settings hold_over = 1.00 USD
  given order order.total = 2.00 USD order.store = "A"
  expect held fired "Large orders" not fired "Prefix"
end
"""


def words(places: tuple[object, ...]) -> list[str]:
    return [TEXT[place.start : place.end] for place in places]  # type: ignore[attr-defined]


REFERENCES = [
    ("setting hold‸_over", ["hold_over"] * 4),
    ("order.total > hold_over‸", ["hold_over"] * 4),
    ("More than {hold‸_over}", ["hold_over"] * 4),
    ("one of ‸stores", ["stores"] * 2),
    ("lookup tax_code‸_for", ["tax_code_for"] * 3),
    ("state).co‸de", ["code"] * 2),
    ('fired "Large‸ orders"', ['"Large orders"'] * 2),
    ("{std.order_‸prefix}", ["order_prefix"] * 2),
    ("ship_to.‸state", ["ship_to.state"] * 2),
    ("upp‸er(", ["upper"]),
    ("st‸d.order", ["std"] * 3),
]


@pytest.mark.parametrize(("place", "expected"), REFERENCES)
def test_every_place_that_names_something_is_found(place: str, expected: list[str]) -> None:
    before, _, after = place.partition("‸")
    offset = TEXT.index(before + after) + len(before)
    opened = view(TEXT)
    assert words(references([opened], opened, offset)) == expected


DEFINITIONS = [
    ("order.total > hold‸_over", "web.rules", "hold_over"),
    ("lookup tax_‸code_for", "web.rules", "tax_code_for"),
    ("state).cl‸ass", "web.rules", "class"),
    ('fired "Larg‸e orders"', "web.rules", '"Large orders"'),
    ('set order_‸prefix to "WC-"', "orders/order_prefix@1.0", "order_prefix"),
    ('off "Order su‸ffix"', "orders/order_prefix@1.0", '"Order suffix"'),
    ('"std: Order pre‸fix"', "orders/order_prefix@1.0", '"Order prefix"'),
    ('use "orders/‸order_prefix"', "orders/order_prefix@1.0", ""),
]


@pytest.mark.parametrize(("place", "file", "word"), DEFINITIONS)
def test_a_name_leads_to_where_it_is_declared(place: str, file: str, word: str) -> None:
    before, _, after = place.partition("‸")
    offset = TEXT.index(before + after) + len(before)
    found = definition(view(TEXT), offset)
    assert found is not None
    assert found.file == file
    text = TEXT if file == "web.rules" else CannedRuleSets().find(*file.split("@")) or ""
    assert text[found.start : found.end] == word


@pytest.mark.parametrize("place", ["order.‸total", "‸rule", "upp‸er("])
def test_what_no_file_declares_leads_nowhere(place: str) -> None:
    before, _, after = place.partition("‸")
    assert definition(view(TEXT), TEXT.index(before + after) + len(before)) is None


def applied(text: str, edits: tuple[TextEdit, ...]) -> str:
    for each in sorted(edits, key=lambda one: -one.start):
        text = text[: each.start] + each.text + text[each.end :]
    return text


RENAMES = [
    ("setting hold‸_over", "limit", TEXT.replace("hold_over", "limit")),
    ('fired "Large‸ orders"', 'Too "large"', TEXT.replace('"Large orders"', '"Too ""large"""')),
    ("state).co‸de", "rate", TEXT.replace("code | class", "rate | class").replace(").code", ").rate")),
    ("as st‸d", "wc", TEXT.replace("as std", "as wc").replace("std: ", "wc: ").replace("{std.", "{wc.")),
]


@pytest.mark.parametrize(("place", "new", "expected"), RENAMES)
def test_a_new_name_stands_everywhere_and_the_file_stays_right(place: str, new: str, expected: str) -> None:
    before, _, after = place.partition("‸")
    opened = view(TEXT)
    offset = TEXT.index(before + after) + len(before)
    assert prepare(opened, offset) is not None
    result = applied(TEXT, rename([opened], opened, offset, new))
    assert result == expected
    assert [each.code for each in view(result).checked.diagnostics] == [
        each.code for each in opened.checked.diagnostics
    ]


@pytest.mark.parametrize(
    ("place", "new", "why"),
    [
        ("order.‸total", "sum", "the language gives it its name"),
        ("upp‸er(", "big", "the language gives it its name"),
        ("setting hold‸_over", "stores", "already is"),
        ("setting hold‸_over", "Limit", "small letters"),
        ("setting hold‸_over", "rule", "a word of the language"),
        ("setting hold‸_over", "order", "is a record"),
        ('fired "Large‸ orders"', "Tax", "already is"),
        ('fired "Large‸ orders"', "  ", "cannot be blank"),
        ("{std.order_‸prefix}", "start", "published"),
    ],
)
def test_a_name_that_cannot_be_is_refused_in_words(place: str, new: str, why: str) -> None:
    before, _, after = place.partition("‸")
    opened = view(TEXT)
    with pytest.raises(CannotRename, match=why):
        rename([opened], opened, TEXT.index(before + after) + len(before), new, is_published=lambda key: True)


def test_a_pack_that_is_open_and_not_published_is_renamed_with_the_files_that_use_it() -> None:
    pack = view(
        'setting ending is text default "x"\nrule "R" for order then log ending end\n', "packs/acme/own/1.0.rules"
    )

    class Own(CannedRuleSets):
        def find(self, name: str, version: str) -> str | None:
            return pack.text if (name, version) == ("acme/own", "1.0") else super().find(name, version)

    user = view(
        'use "acme/own" version "1.0" as own set ending to "y" end\nrule "U" for order then log "{own.ending}" end',
        library=Own(),
    )
    edits = rename([pack, user], pack, pack.text.index("ending"), "suffix", pack="acme/own@1.0")
    by_file = {each.file: tuple(one for one in edits if one.file == each.file) for each in edits}
    assert applied(pack.text, by_file[pack.file]) == pack.text.replace("ending", "suffix")
    assert applied(user.text, by_file[user.file]) == user.text.replace("ending", "suffix")


HOVERS = [
    ("order.to‸tal >", ["Order total", "money"]),
    ("books.cl‸ass", ["Class", "Names a class of the books"]),
    ("upp‸er(", ["upper(text)"]),
    ("> hold_‸over", ["a setting, money", "The most", "5000.00 USD", "Named 3 times"]),
    ("{std.order_‸prefix}", ["of the pack orders/order_prefix@1.0", 'Here it is `"WC-"`']),
    ("lookup tax_‸code_for", ["a table", "state → code | class", "2 rows"]),
    ("one of sto‸res", ["a list"]),
    ('fired "Large‸ orders"', ["a rule", "order.total > hold_over"]),
    ("repl‸aces", ["stands in for a rule of a pack"]),
]


@pytest.mark.parametrize(("place", "told"), HOVERS)
def test_what_is_known_of_a_word_is_told(place: str, told: list[str]) -> None:
    before, _, after = place.partition("‸")
    found = hover(view(TEXT), TEXT.index(before + after) + len(before))
    assert found is not None
    for each in told:
        assert each in found.text, found.text


def test_a_file_consists_of_its_blocks() -> None:
    assert [(each.kind, each.name) for each in symbols(view(TEXT))] == [
        ("ruleset", "Acme"),
        ("use", "orders/order_prefix"),
        ("setting", "hold_over"),
        ("list", "stores"),
        ("table", "tax_code_for"),
        ("rule", "Large orders"),
        ("rule", "Tax"),
        ("rule", "Prefix"),
        ("test", "Large"),
    ]


def test_blocks_and_remarks_of_several_lines_fold() -> None:
    found = [(each.first, each.last, each.comment) for each in folds(view(TEXT))]
    assert found[0] == (1, 2, True)
    assert (5, 8, False) in found
    assert all(last > first for first, last, _ in found)


FILES = [
    TEXT,
    *(path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parents[2].glob("rulesets/**/*.rules"))),
]


@pytest.mark.parametrize("text", FILES)
def test_colours_cover_every_letter_but_blanks_once_and_in_order(text: str) -> None:
    found = colours(view(text))
    end = 0
    for each in found:
        assert end <= each.start < each.end
        assert each.kind in KINDS
        assert not text[end : each.start].strip()
        assert "\n" not in text[each.start : each.end]
        end = each.end
    assert not text[end:].strip()


@pytest.mark.parametrize("text", FILES)
def test_every_field_and_every_declared_name_of_a_file_is_found(text: str) -> None:
    opened = view(text)
    for each in occurrences(opened):
        found = at(opened, each.start)
        assert found is not None
        assert opened.text[each.start : each.end]


def test_colours_tell_names_by_what_they_name_in_texts_too() -> None:
    found = {(TEXT[each.start : each.end], each.kind) for each in colours(view(TEXT))}
    assert {
        ("hold_over", "variable"),
        ("stores", "enum"),
        ("tax_code_for", "struct"),
        ("order.store", "property"),
    } <= found
    assert {("rule", "keyword"), ("upper", "function"), ('"Large orders"', "class"), ("std", "namespace")} <= found


def test_a_cursor_in_an_unfinished_text_still_has_its_names() -> None:
    text, offset = marked(
        'setting limit is money default 5.00 USD\nrule "A" for order when order.total > lim‸it then sett x end'
    )
    assert hover(view(text), offset) is not None


def test_a_text_that_begins_as_no_block_does_is_not_in_the_outline() -> None:
    assert [each.kind for each in symbols(view('((( \nrule "A" for order then tag tag end'))] == ["rule"]
