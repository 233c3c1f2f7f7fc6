"""What is said of texts that cannot be read: one finding, in words, at the place that is wrong."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from dsl.parse import parse_text
from grammar.keywords import KEYWORDS
from tests.dsl.edits import apply_edits

R = 'rule "A" for order '


@dataclass(frozen=True)
class Case:
    text: str
    code: str
    says: str
    fixed: str = ""


CASES = [
    # --- words of people who keep books
    Case(R + 'when order.date «is since» 2026-01-31 then skip "x" end', "R101", "is at least", "is at least"),
    Case(R + 'when order.date is before «30 days ago» then skip "x" end', "R101", "`today`", "today - 30 days"),
    Case(
        R + 'when order.date «is older than 30 days» then skip "x" end', "R101", "`today`", "is before today - 30 days"
    ),
    Case(R + 'when 5 < order.total «<» 10 then skip "x" end', "R101", "between"),
    Case(R + "then set order.tip_total to «10% of order.total» end", "R101", "multiplied", "order.total * 10%"),
    Case(R + "then set books.class to «order.store.upper()» end", "R101", "before its value", "upper(order.store)"),
    Case(R + "then set books.class to «Web Store» end", "R101", "double quotes", '"Web Store"'),
    Case(R + 'then «remove "#" from order.number» end', "R101", "`replace`", 'replace "#" with "" in order.number'),
    Case(R + 'then replace «"#"» in order.number end', "R101", "by what", '"#" with ""'),
    Case(R + "then «remove tax» end", "R101", "tax code"),
    Case(R + "then «do not sync» end", "R101", "`skip`"),
    Case(R + "then «hold» until order.paid is yes end", "R101", "says why"),
    Case(R + 'when order «has line with» sku "A" then skip "x" end', "R101", "`some`"),
    Case(R + 'when «any» line in order.lines where (line.sku is "A") then skip "x" end', "R101", "`some`", "some"),
    Case(R + 'when order.number starts with «"A", "B"» then skip "x" end', "R101", "one text"),
    Case(R + 'when order.meta[«po»] is "x" then skip "x" end', "R101", "a key stands in double quotes", '"po"'),
    Case(R + 'then set books.memo to "Order {«order number»}" end', "R101", "with a point", "order.number"),
    Case('rule "A" «when» order.paid is no then skip "x" end', "R101", "says first what it is for"),
    Case(R + 'then skip "x" «when» order.paid is no end', "R101", "before `then`"),
    Case(R + "when order.paid is no «end»", "R101", "say what to do"),
    Case(R + 'then set «class» to "Web" end', "R101", "`books.class`"),
    Case('flow "F" from woocommerce to quickbooks sync orders every day at «6am» end', "R101", "06:00", "06:00"),
    Case('test "T" given order order.paid «is» no expect skipped end', "R101", "with `=`", "="),
    Case('test "T" given order order.paid = no expect «order skipped» end', "R101", "one record", "skipped"),
    Case('test "T" given order order.paid = no expect «skip» end', "R101", "what happened", "skipped"),
    Case('table t state -> code "MD" «=» "x" end', "R101", "expected `->`", "->"),
    Case('table t state -> code "MD" -> "x" «else» -> "y" end', "R101", "`otherwise`", "otherwise"),
    Case(R + 'when order.total is «mor» than 5 then skip "x" end', "R102", "did you mean `more`?", "more"),
    Case(R + '«whn» order.total is more than 5 then skip "x" end', "R102", "did you mean `when`?", "when"),
    # As near to `then`, with which the text could not be read on.
    Case(R + '«hen» order.total is more than 5 then skip "x" end', "R102", "did you mean `when`?", "when"),
    Case(R + 'when order.total «iss» 5 then skip "x" end', "R102", "did you mean `is`?", "is"),
    Case(R + 'when order.total is 5 «thne» skip "x" end', "R102", "did you mean `then`?", "then"),
    Case(R + 'then «skipp» "x" end', "R102", "did you mean `skip`?", "skip"),
    Case(R + 'when order.state is one «off» ["a"] then skip "b" end', "R102", "did you mean `of`?", "of"),
    Case(R + 'when order.state «contans» "a" then skip "b" end', "R102", "did you mean `contains`?", "contains"),
    Case(R + 'then set order.number to order.x or «esle» "a" end', "R102", "did you mean `or else`?", "else"),
    Case(R + 'then set order.number to "a" or «hol» "b" end', "R102", "did you mean `or hold`?", "hold"),
    Case(
        'test "T" with «setings» a = 1 given order expect skipped end',
        "R102",
        "did you mean `with settings`?",
        "settings",
    ),
    Case('«rul» "A" for order then skip "x" end', "R102", "did you mean `rule`?", "rule"),
    Case('rule "A" for «eahc» line in order.lines then skip line "x" end', "R102", "did you mean `each`?", "each"),
    Case('rule "A" for each «lin» in order.lines then skip line "x" end', "R102", "did you mean `line`?", "line"),
    Case(R + 'when order.total is more than 5 «skip» "x" end', "R101", "expected `then`, found `skip`", "then skip"),
    Case(R + 'when order.number «"5"» then skip "x" end', "R101", "expected a comparison such as `is`"),
    Case(R + 'when (order.number is "5" «then» skip "x" end', "R101", "expected `)`", ")then"),
    Case(R + "then «end»", "R101", "expected a statement such as `set`"),
    Case(R + 'then set «number» to "5" end', "R101", "a field is written with its record: `order.number`"),
    Case(R + 'then set order.number «"5"» end', "R101", "expected `to`", 'to "5"'),
    Case('rule "A" for «line» then skip "x" end', "R101", "`for each line in order.lines`"),
    Case(R + 'when order.total > «5,000» then skip "x" end', "R101", "numbers have no commas", "5000"),
    Case(R + 'when line.tax_rate is «6,25»% then skip "x" end', "R101", "the decimal sign is a point", "6.25"),
    Case(R + 'when order.total > «5 dollars» then skip "x" end', "R101", "12.50 USD", "5 USD"),
    Case(R + 'when order.total > «5 €» then skip "x" end', "R104", "without `€`", "5 EUR"),
    Case(R + 'when order.total > «EUR 5» then skip "x" end', "R101", "behind the amount", "5 EUR"),
    Case(R + 'when order.date is after «31.1.2026» then skip "x" end', "R101", "2026-01-31", "2026-01-31"),
    Case(R + 'when order.date is after «Jan 31, 2026» then skip "x" end', "R101", "2026-01-31", "2026-01-31"),
    Case(R + 'when order.date is after «31 January 2026» then skip "x" end', "R101", "2026-01-31", "2026-01-31"),
    Case(R + 'when «order payment method» is "x" then skip "x" end', "R101", "with a point", "order.payment_method"),
    Case(R + 'when order.number «equals» "x" then skip "x" end', "R101", "write `is`", "is"),
    Case(R + 'when order.number «is equal to» "x" then skip "x" end', "R101", "write `is`", "is"),
    Case(R + 'when order.number «isn’t» "x" then skip "x" end', "R101", "write `is not`", "is not"),
    Case(R + 'when order.number «doesn\'t contain» "x" then skip "x" end', "R101", "in full", "does not contain"),
    Case(R + 'when order.number «not contains» "x" then skip "x" end', "R101", "behind `does`", "does not contain"),
    Case(R + 'when order.number «not is» "x" then skip "x" end', "R101", "write `is not`", "is not"),
    Case(R + 'when order.number «<>» "x" then skip "x" end', "R104", "write `is not`", "is not"),
    Case(R + 'when order.total «≥» 5 then skip "x" end', "R104", "`is at least`", ">="),
    Case(R + 'when order.total «more than» 5 then skip "x" end', "R101", "`is` is missing", "is more than"),
    Case(R + 'when order.total «is greater than or equal to» 5 then skip "x" end', "R101", "at least", "is at least"),
    Case(R + 'when order.number «begins with» "x" then skip "x" end', "R101", "starts with", "starts with"),
    Case(R + 'when order.number «is any of» ["a"] then skip "x" end', "R101", "`is one of`", "is one of"),
    Case(R + 'when order.number «is not in» ["a"] then skip "x" end', "R101", "`is not one of`", "is not one of"),
    Case(R + 'when order.number is «one of ("a", "b")» then skip "x" end', "R101", "brackets", 'one of ["a", "b"]'),
    Case(R + 'when order.number is «one of "a", "b"» then skip "x" end', "R101", "brackets", 'one of ["a", "b"]'),
    Case(R + 'when order.number «contains any of» ["a"] then skip "x" end', "R101", "ask for each"),
    Case(R + 'when order.number is "a" «&» order.paid then skip "x" end', "R104", "with `and`", "and"),
    Case(R + 'when order.number is "a" «||» order.paid then skip "x" end', "R101", "with `or`", "or"),
    Case(R + 'then set order.number to "a" «&» order.id end', "R104", "inside one text"),
    Case(R + "then set order.number to left(order.id«;» 3) end", "R104", "by commas", ","),
    Case(R + 'then set order.number «with» "x" end', "R101", "expected `to`", "to"),
    Case(R + 'then fill order.number «to» "x" end', "R101", "expected `with`", "with"),
    Case(R + 'then replace "a" «by» "x" in order.number end', "R101", "expected `with`", "with"),
    Case(R + 'then «skip order» "x" end', "R101", "about the whole record", "skip"),
    Case(R + "then «skip» end", "R101", 'say why, for the log: `skip "test order"`'),
    Case(R + 'then hold "x" for up to «30» end', "R101", "as in `30 days`"),
    Case(R + 'when order.paid then skip "x" «otherwise if» order.id is "1" then skip "y" end', "R101", "no condition"),
    Case('rule "A" «for each order» then skip "x" end', "R101", "every record by itself", "for order"),
    Case(
        'rule "A" «for each item in order.items» then skip line "x" end',
        "R101",
        "are its lines",
        "for each line in order.lines",
    ),
    Case('rule "A" for each line in «order» then skip line "x" end', "R101", "as in `line in order.lines`"),
    Case('setting «order prefix» is text default "x"', "R101", "a name is one word", "order_prefix"),
    Case(R + 'when count(«line») > 3 then skip "x" end', "R101", "as in `count(order.lines)`"),
    Case(R + 'when sum(order.lines«)» > 3 then skip "x" end', "R101", "as in `sum(line.amount in order.lines)`"),
    Case(R + "then add line «end»", "R101", "an item has fields"),
    Case('rule «" "» for order then skip "x" end', "R120", "this title is blank"),
    Case('flow "F" from a to b sync orders every «0 minutes» end', "R108", "is no time to wait"),
    Case(R + 'then hold "x" for up to «0 days» end', "R108", "is no time to wait"),
    Case('setting «prefix "x"» rule "A" for order then skip "x" end', "R101", "of which type", 'prefix is text default "x"'),
    Case('table t a«,» b -> c "x" | "y" -> 1 end', "R101", "separated by `|`", " |"),
    Case('table t a «=>» c "x" -> 1 end', "R104", "expected `->`", "->"),
    Case('table t a «→» c "x" -> 1 end', "R104", "expected `->`", "->"),
    Case('flow "F" every «hour» end', "R101", "as in `every 1 hour`", "1 hour"),
    Case('flow "F" with record_as«:» invoice end', "R104", "given with `=`", " ="),
    Case('rule «Remove the hash»\n  for order then skip "x" end', "R101", "in double quotes", '"Remove the hash"'),
    Case("«/* a remark */»", "R101", "begins with `//`", "// a remark"),
    Case(R + 'when «оrder.number» is "x" then skip "x" end', "R104", "Cyrillic letter", "order.number"),
    Case(R + '«thеn» skip "x" end', "R104", "Cyrillic letter", "then"),
    Case(R + 'when order.number is «"a\\"b" then skip "x" end»', "R101", "written twice"),
    Case(R + 'when order.total > 5.00 «usd» then skip "x" end', "R101", "a currency is written in capitals: 5.00 USD"),
    Case(R + 'when order.total «=» 5.00 then skip "x" end', "R101", "expected `is`", "is"),
    Case(R + '«if» order.total is 5.00 then skip "x" end', "R101", "a condition begins with `when`"),
    Case(R + 'when order.total is «greater» than 5 then skip "x" end', "R101", "write `is more than`", "more"),
    Case(
        R + 'then skip "x" «else» skip "y" end',
        "R101",
        "is written `otherwise`",
        "otherwise",
    ),
    Case(R + 'when order.total «==» 5.00 then skip "x" end', "R101", "expected `is`", "is"),
    Case(R + 'when order.store «in» ["a"] then skip "x" end', "R101", "with `is one of`", "is one of"),
    Case(R + 'then set order.number «=» "x" end', "R101", "expected `to`, found `=`", "to"),
    Case(R + 'then fill order.number «=» "x" end', "R101", "expected `with`, found `=`", "with"),
    Case(R + 'then «order.number» = "x" end', "R101", "`set order.number to …`"),
    Case(R + 'then hold "x" «for» 30 days end', "R101", "expected `for up to`", "for up to"),
    Case(R + 'when order.total is «over» 5 then skip "x" end', "R101", "write `is more than`"),
    Case(R + 'when every line «is» taxable then skip "x" end', "R101", "`line in order.lines`"),
    Case(R + 'when some line in order.lines where «line.sku» is "x" then skip "x" end', "R101", "in parentheses"),
    Case('rule «A» for order then skip "x" end', "R101", 'stand in double quotes: "A"'),
    Case('list a is "x"«,» "y"', "R101", "a list stands in brackets"),
    Case('setting a is text «"x"»', "R101", "expected `default`", 'default "x"'),
    Case("setting «note» is text", "R101", "`note` is a word of the language and cannot be a name"),
    Case("«x»", "R101", "expected a block"),
    Case("list a is [1, 2 «end»", "R101", "`]`"),
    Case('table t a -> b "x" «-» > 3 end', "R101", "`->`"),
    Case('flow "F" every «day» end', "R101", "a duration such as `30 days`"),
    Case('test "T" given order expect «end»', "R101", "expected what the test expects"),
    Case(R + 'then skip "x {order.number «is»}" end', "R101", "expected a value"),
    Case(R + 'then skip "x {order.total is «mor» than 5}" end', "R102", "did you mean `more`?", "more"),
    Case(R + 'when order.number contains «#» then skip "x" end', "R104", "a comment begins with `//`", '"#"'),
    Case("«#» a remark", "R104", "`#` means nothing outside of a text", "//"),
    Case(R + 'when order.total > «$5» then skip "a" end', "R104", "amounts are written without `$`", "5 USD"),
    Case(R + 'when order.total «!=» 5 then skip "a" end', "R104", "write `is not`", "is not"),
    Case(R + "then skip «{»order.number} end", "R104", "belongs inside a text"),
    Case(R + "then set line.quantity to 5 «–» 2 end", "R104", "minus sign of the keyboard", "-"),
    Case(R + 'then skip «"a» \nend', "R103", "no double quote at its end", '"a"'),
    Case(R + 'then skip «"x"»', "R105", 'the file ends before the `end` of rule "A"'),
    Case(R + 'then skip "x" «rule» "B" for order then skip "x" end', "R105", 'the `end` of rule "A" is missing'),
    Case('table t a -> b "x" -> "y" «list» l is ["a"]', "R105", "the `end` of table t is missing"),
    Case(R + 'then skip "a «{»order.number" end', "R106", "this `{` has no `}`"),
    Case(R + 'then skip "a «}»" end', "R106", "this `}` closes nothing"),
    Case(R + 'then skip "a «{}»" end', "R106", "nothing stands between these braces"),
    Case('rule «"{order.number}"» for order then skip "a" end', "R107", "a title is a fixed text"),
    Case(R + 'when order.date is after «2026-02-30» then skip "a" end', "R108", "there is no date 2026-02-30"),
    Case(R + 'when order.date is after «31/01/2026» then skip "a" end', "R108", "month first", "01/31/2026"),
    Case('flow "F" every day at «26:00» end', "R108", "there is no time 26:00"),
    Case('flow "F" from a «from b» end', "R109", "`from` is given twice"),
    Case('test "T" given order «sku» = "A" expect skipped end', "R602", "which item does `sku` belong to?"),
]


@pytest.mark.parametrize("case", CASES, ids=[each.text[:70] for each in CASES])
def test_one_finding_stands_where_the_mistake_is(case: Case) -> None:
    before, _, rest = case.text.partition("«")
    blamed, _, after = rest.partition("»")
    text = before + blamed + after
    parsed = parse_text(text, file="web.rules")
    assert len(parsed.diagnostics) == 1
    found = parsed.diagnostics[0]
    assert found.code == case.code
    assert text[found.start.offset : found.end.offset] == blamed
    assert case.says in f"{found.message} {found.label} {found.help}"
    if case.fixed:
        mended = apply_edits(text, found.fixes[0].edits)
        assert mended == before + case.fixed + after
    else:
        assert not found.fixes or case.code in ("R105", "R109")


@pytest.mark.parametrize(
    "case", [each for each in CASES if each.fixed], ids=[each.text[:70] for each in CASES if each.fixed]
)
def test_the_fix_leaves_no_finding_of_that_code_at_that_place(case: Case) -> None:
    before, _, rest = case.text.partition("«")
    _, _, after = rest.partition("»")
    again = parse_text(before + case.fixed + after, file="web.rules")
    assert not [each for each in again.diagnostics if each.start.offset == len(before) and each.code == case.code]


@pytest.mark.parametrize("sign", [";", ",", " and"])
def test_signs_between_statements_are_taken_out(sign: str) -> None:
    text = f'{R}then tag "a"{sign} tag "b" end'
    found = parse_text(text, file="f").diagnostics
    assert "not needed between statements" in found[0].message
    mended = apply_edits(text, found[0].fixes[0].edits)
    assert parse_text(mended, file="f").diagnostics == ()


def test_a_letter_that_cannot_be_seen_is_named_and_taken_out() -> None:
    text = f'{R}when order\u200b.number is "x" then skip "x" end'
    found = parse_text(text, file="f").diagnostics
    assert "zero width space" in found[0].message
    assert parse_text(apply_edits(text, found[0].fixes[0].edits), file="f").diagnostics == ()


@pytest.mark.parametrize("blank", ["\u00a0", "\u2009", "\u202f", "\t", "\r\n", "\r"])
def test_blanks_of_any_kind_are_blanks(blank: str) -> None:
    text = ['rule "A" for order when order.total is more than 5 USD', ' hold "x" for up to 30 days end']
    if blank.strip("\r\n"):
        text = [each.replace(" ", blank) for each in text]
    assert parse_text(f"{blank}then".join(text), file="f").diagnostics == ()


@pytest.mark.parametrize("written", ["“a b”", "'a b'", "„a b“", "«a b»", "`a b`"])
def test_other_quotes_are_explained_and_changed_on_both_sides(written: str) -> None:
    text = f"{R}then skip {written} end"
    found = parse_text(text, file="f").diagnostics
    assert [each.code for each in found] == ["R104"]
    assert 'straight double quotes: "like this"' in found[0].help
    assert apply_edits(text, found[0].fixes[0].edits) == f'{R}then skip "a b" end'


def test_no_message_names_a_terminal_of_the_grammar() -> None:
    """Cuts a file after every word and puts a wrong one there: whatever comes out is in people's words."""
    text = (
        'rule "A" off note "n" for each line in order.lines where line.sku is "a" when not (line.quantity > 5) then '
        'set line.item to left(line.sku, 3) or hold "h" otherwise skip line "s" end table t a | b -> c "x" | any -> 1 end '
        'flow "F" from a to b sync orders every 30 minutes notify "n" on hold, failure with record_as = invoice end '
        'test "T" given order from "f" order.number = "1" line sku = "A" on 2026-01-31 expect line 1 sku is "a" end '
        'use "p" version "1" as s set a to 1 turn off "t" end setting s is list of text default ["a"] list l is [1]'
    )
    words = text.split(" ")
    terminals = {
        "NAME",
        "STRING",
        "PATH",
        "ITEM",
        "NUMBER",
        "COLUMN",
        "OR_STOP",
        "UP_TO",
        "$END",
        "JUNK",
        "OPEN",
        "CLOSE",
    }
    for at in range(len(words)):
        for wrong in ("", "zzz" if at % 2 else '"text"', "]" if at % 2 else "5"):
            parsed = parse_text(" ".join([*words[:at], wrong, *words[at + 1 :]]), file="f")
            for found in parsed.diagnostics:
                said = f"{found.message} {found.label} {found.help}"
                assert not terminals & set(said.replace("`", " ").replace(",", " ").split()), said
                assert "expected ," not in said
                assert found.message


@pytest.mark.parametrize("word", sorted(KEYWORDS))
def test_no_word_of_the_language_can_be_the_name_of_a_setting(word: str) -> None:
    parsed = parse_text(f"setting {word} is text", file="f")
    assert [each.code for each in parsed.diagnostics] in (["R101"], ["R102"])
    assert not parsed.whole


@pytest.mark.parametrize("start", ["rule ", R + "when ", "setting ", "flow "])
def test_no_message_is_longer_than_people_read(start: str) -> None:
    for piece in ("xyz", "x y ", "1,", "оr", '"a", ', "- "):
        found = parse_text(start + piece * 20_000, file="f").diagnostics[0]
        said = [found.message, found.label, found.help, *(fix.title for fix in found.fixes)]
        assert max(map(len, said)) < 300, said[0][:80]
