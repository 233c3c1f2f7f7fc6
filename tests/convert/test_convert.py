"""engine/convert: every action and comparison of the old system, in both forms of its exports; results are checked and run"""

import csv
import io
import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from dsl.check import check_text
from dsl.format import format_text
from engine.convert import Conversion, Finding, Unreadable, convert
from engine.convert.actions import ACTIONS, Action
from engine.convert.words import COMPARISONS
from engine.rule_tests import never_fired, run_tests
from engine.rulesets import schema

CASES = Path(__file__).parent / "cases"
EXPORTS = sorted(path for path in CASES.iterdir() if path.suffix in (".csv", ".json"))
COLUMNS = ("Rule Name", "Action", "Field", "Map From", "Comparison", "Conjunction", "Map To")
TODAY = date(2026, 1, 31)


def table(*rows: Iterable[str], columns: Iterable[str] = COLUMNS) -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerows([columns, *rows])
    return stream.getvalue().encode()


def converted(*rows: Iterable[str]) -> Conversion:
    made = convert(table(*rows), source="rules.csv")
    sound(made)
    return made


def sound(made: Conversion) -> None:
    """A result has no error, is in canonical form, and its tests pass."""
    checked = check_text(made.text, file="rules.csv", schema=schema())
    assert checked.ruleset is not None, [each.message for each in checked.diagnostics]
    assert not format_text(made.text).changed
    results = list(run_tests(checked.ruleset, today=TODAY))
    assert [each.failures for each in results if not each.passed] == []
    assert len(results) == made.tests


def rule(made: Conversion, title: str = "R") -> str:
    """The rule of that title as it stands in the file, without its first and last line."""
    return " ".join(made.text.partition(f'\nrule "{title}"')[2].partition("\n")[2].partition("\nend")[0].split())


def kinds(made: Conversion) -> list[str]:
    return [each.kind for each in made.findings]


@pytest.mark.parametrize("path", EXPORTS, ids=lambda path: path.name)
def test_an_export_becomes_the_rule_set_that_stands_beside_it(path: Path) -> None:
    made = convert(path.read_bytes(), source=path.name)
    sound(made)
    assert made.text == path.with_name(f"{path.name}.expected").read_text(encoding="utf-8")


# --- actions ----------------------------------------------------------------------------------------------------------

VALUES = {
    "transaction type": "Sales Receipt",
    "order status": "completed",
    "state": "Maryland",
    "ship date": "01/31/2026",
    "surcharge": "1.50",
    "shipping": "$0.00",
    "quantity": "3",
}
NAMED = [(action, name) for action in ACTIONS for name in action.names]


@pytest.mark.parametrize(("action", "name"), NAMED, ids=[name for _, name in NAMED])
def test_every_action_by_each_of_its_names_becomes_a_rule_that_acts_or_says_why_not(action: Action, name: str) -> None:
    condition = (
        ("SKU", "A-1", "Contains") if action.how in ("take_out", "before") else ("Selling Channel", "Amazon", "Equals")
    )
    if action.scope.record == "purchase":
        condition = ("Vendor", "Acme", "Equals")
    if action.scope.record == "product":
        condition = ("SKU", "A-1", "Equals")
    if "number" in action.label and action.how in ("take_out", "before"):
        condition = ("Order Number", "-", "Contains")
    made = convert(table(("R", name, *condition, "", VALUES.get(action.label, "Value"))), source="rules.csv")
    sound(made)
    if action.how == "none":
        (finding,) = made.findings
        assert (finding.kind, finding.rows, finding.title) == ("not_converted", (2,), "R")
        assert action.reason in finding.words
        assert "// NOT CONVERTED, row 2" in made.text
        return
    assert made.complete, made.findings
    assert (made.rules, made.tests) == (1, 1)
    assert not [each for each in made.findings if each.kind == "warning"], made.findings
    ruleset = check_text(made.text, file="rules.csv", schema=schema()).ruleset
    assert ruleset is not None
    assert never_fired(ruleset, list(run_tests(ruleset, today=TODAY))) == ()


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (("ReplaceSku", "SKU", "abc", "Contains", ""), 'replace "abc" with "" in line.sku'),
        (("ReplaceSku", "SKU", "abc", "Starts with", ""), "set line.sku to right(line.sku, length(line.sku) - 3)"),
        (("ReplaceSku", "SKU", "-US", "Ends with", ""), "set line.sku to left(line.sku, length(line.sku) - 3)"),
        (("ReplaceSku", "SKU", "abc", "Contains", "x"), 'replace "abc" with "x" in line.sku'),
        (("SplitSku", "SKU", "-", "Contains", ""), 'set line.sku to text_before(line.sku, "-")'),
        (("Add Order Prefix", "Selling Channel", "Amazon", "Equals", "AZ"), 'set order.number to "AZ{order.number}"'),
        (("Add Shipping Surcharge", "Ship Via", "UPS", "Equals", "10%"),
         "set order.shipping_total to order.shipping_total + order.shipping_total * 10%"),
        (("Add Shipping Surcharge", "Ship Via", "UPS", "Equals", "1.50"),
         "set order.shipping_total to order.shipping_total + 1.50"),
        (("Map PO Number", "Custom Field: PO#", "", "Map All", ""), 'set books.po_number to order.meta["PO#"]'),
        (("Map Order Number", "PO Number", "*", "Map All", ""), "set order.number to order.po_number"),
        (("Map Memo", "Order Date", "", "Map All", ""), 'set books.memo to "{order.date}"'),
        (("Map Order Ship Date", "Custom Field: Ships", "", "Map All", ""), 'set books.ship_date to date(order.meta["Ships"])'),
        (("Map Order Class", "Selling Channel", "*", "WildCard", '5" {x}'), 'set books.class to "5"" {{x}}"'),
    ],
)  # fmt: skip
def test_what_an_action_does(row: tuple[str, str, str, str, str], expected: str) -> None:
    action, field, value, comparison, becomes = row
    made = converted(("R", action, field, value, comparison, "", becomes))
    assert expected in rule(made)
    assert "fired" in made.text


@pytest.mark.parametrize(
    ("kind", "action", "expected"),
    [
        ("OrderDetail", "ChangeOrderClass", "for each line in order.lines"),
        ("Order", "ChangeOrderDetailClass", "set books.class"),
        ("Product", "MultiplyQuantity", "for product"),
        ("Product", "ChangeSku", "set product.sku"),
        ("Payment", "DoNotImport", "skip payment"),
        ("Purchase", "Expense Account", "for each line in purchase.lines"),
    ],
)
def test_the_kind_of_object_says_what_a_rule_runs_for(kind: str, action: str, expected: str) -> None:
    field = ("PaymentMethod", "Visa") if kind == "Payment" else ("SKU", "A-1")
    entry = {"Set Name": "R", "ObjectType": kind, "Action": action, "ActionValue": "2"}
    condition = {"ItemField": field[0], "ItemValue": field[1], "ValueMatch": "Equals", "Enable": True}
    made = convert(json.dumps([{**entry, "MapFrom": [condition]}]).encode(), source="rules.json")
    sound(made)
    assert expected in made.text


# --- comparisons ------------------------------------------------------------------------------------------------------

ASKED: dict[tuple[str, str], dict[str, str | None]] = {
    ("Selling Channel", "A"): {
        "is": 'order.store is "A"', "contains": 'order.store contains "A"', "starts": 'order.store starts with "A"',
        "ends": 'order.store ends with "A"', "contains_not": 'order.store does not contain "A"',
        "is_not": 'order.store is not "A"', "more": None, "at_least": None, "less": None, "at_most": None,
        "wildcard": 'order.store matches "A"',
    },
    ("Order Total", "$1,300.00"): {
        "is": "order.total is 1300.00", "is_not": "order.total is not 1300.00", "more": "order.total is more than 1300.00",
        "at_least": "order.total is at least 1300.00", "less": "order.total is less than 1300.00",
        "at_most": "order.total is at most 1300.00", "contains": None, "starts": None, "ends": None, "contains_not": None,
        "wildcard": None,
    },
    ("Order Date", "1/2/2022"): {
        "is": "order.date is 2022-01-02", "is_not": "order.date is not 2022-01-02", "more": "order.date is after 2022-01-02",
        "at_least": "order.date is not before 2022-01-02", "less": "order.date is before 2022-01-02",
        "at_most": "order.date is not after 2022-01-02", "contains": None, "starts": None, "ends": None, "contains_not": None,
        "wildcard": None,
    },
    ("Order Tag", "vip"): {
        "is": 'order.tags contains "vip"', "contains": 'order.tags contains "vip"',
        "is_not": 'order.tags does not contain "vip"', "contains_not": 'order.tags does not contain "vip"',
        "starts": None, "ends": None, "more": None, "at_least": None, "less": None, "at_most": None, "wildcard": None,
    },
    ("Order Number", "1000"): {
        "is": 'order.number is "1000"', "is_not": 'order.number is not "1000"', "contains": 'order.number contains "1000"',
        "contains_not": 'order.number does not contain "1000"', "starts": 'order.number starts with "1000"',
        "ends": 'order.number ends with "1000"', "wildcard": 'order.number matches "1000"',
        "more": "number(order.number) is more than 1000", "at_least": "number(order.number) is at least 1000",
        "less": "number(order.number) is less than 1000", "at_most": "number(order.number) is at most 1000",
    },
}  # fmt: skip
COMPARED = [
    (field, value, kind, word, expected)
    for (field, value), by_kind in ASKED.items()
    for kind, expected in by_kind.items()
    for word in COMPARISONS[kind][:2]
]


@pytest.mark.parametrize(("field", "value", "kind", "word", "expected"), COMPARED)
def test_every_comparison_on_every_type_is_asked_or_told(
    field: str, value: str, kind: str, word: str, expected: str | None
) -> None:
    made = converted(("R", "Map Memo", field, value, word, "", "seen"))
    if expected is None:
        assert kinds(made) == ["not_converted"]
    else:
        assert f"when {expected} then" in rule(made)
        assert made.tests == 1


def test_no_kind_of_comparison_is_forgotten_above() -> None:
    assert all(set(by_kind) | {"copy"} == set(COMPARISONS) for by_kind in ASKED.values())


@pytest.mark.parametrize(
    ("word", "value", "expected", "findings"),
    [
        ("Equals", "*", "when order.payment_method is present", []),
        ("WildCard", "*", "when order.payment_method is present", []),
        ("Is Not", "*", "when order.payment_method is missing", []),
        ("Equals", "", "when order.payment_method is missing", []),
        ("Is Not", "", "", ["look"]),
        ("Contains", "", "", ["look"]),
        ("Does not contain", "", "", ["off"]),
        ("Equals", "Pay*", 'when order.payment_method matches "Pay*"', ["look"]),
    ],
)
def test_stars_and_blanks(word: str, value: str, expected: str, findings: list[str]) -> None:
    made = converted(("R", "Map Memo", "Payment Method", value, word, "", "seen"))
    assert rule(made).startswith(f"for order {expected}".rstrip() + " then" if expected else "for order then")
    assert kinds(made) == findings


def test_more_than_nothing_is_told() -> None:
    assert kinds(converted(("R", "Map Memo", "Order Total", "", "More than", "", "seen"))) == ["not_converted"]


# --- conditions together ----------------------------------------------------------------------------------------------


def conditions(*rows: tuple[str, str, str, str], action: str = "Map Memo") -> Conversion:
    return converted(*(("R", action, field, value, word, joined, "seen") for field, word, value, joined in rows))


def test_values_of_one_field_become_a_list() -> None:
    made = conditions(*(("Selling Channel", "Equals", store, "OR") for store in ("A", "B", "a", "C")))
    assert 'when order.store is one of ["A", "B", "C"] then' in rule(made)


def test_very_many_values_get_a_list_of_their_own() -> None:
    made = conditions(*(("Selling Channel", "Equals", f"S{number}", "OR") for number in range(20)))
    assert "list store_of_r is [" in made.text
    assert "when order.store is one of store_of_r then" in rule(made)


def test_and_and_or_are_joined_by_what_the_row_before_says() -> None:
    made = conditions(
        ("Selling Channel", "Equals", "A", "AND"),
        ("Payment Method", "Equals", "Visa", "OR"),
        ("Order Total", "More than", "5", ""),
    )
    assert 'when (order.store is "A" and order.payment_method is "Visa") or order.total is more than 5 then' in rule(
        made
    )
    assert kinds(made) == ["look"]
    made = conditions(("Selling Channel", "Equals", "A", ""), ("Payment Method", "Equals", "Visa", "AND"))
    assert 'when order.store is "A" and order.payment_method is "Visa" then' in rule(made)


def test_is_not_joined_by_and_becomes_a_list_that_a_missing_value_passes() -> None:
    made = conditions(
        ("Shipping State", "Is Not", "TX", "AND"),
        ("Shipping State", "Is Not", "Massachusetts", ""),
        action="Remove Tax on Order",
    )
    assert 'when ship_to.state is missing or ship_to.state is not one of ["TX", "MA"] then' in rule(made)
    assert kinds(made) == []


def test_is_not_joined_by_or_always_held_so_the_rule_is_off_as_it_was_meant() -> None:
    made = conditions(("Shipping State", "Is Not", "TX", "OR"), ("Shipping State", "Is Not", "MA", ""))
    assert 'rule "R" off' in made.text
    assert 'is not one of ["TX", "MA"]' in rule(made)
    assert kinds(made) == ["off"]
    assert made.tests == 0


def test_one_field_cannot_be_two_values_so_the_rule_is_off() -> None:
    made = conditions(("Selling Channel", "Equals", "A", "AND"), ("Selling Channel", "Equals", "B", ""))
    assert kinds(made) == ["off"]
    assert 'is one of ["A", "B"]' in rule(made)


def test_a_rule_for_the_order_asks_for_some_line() -> None:
    made = conditions(
        ("SKU", "Starts with", "EBOOK", "AND"), ("Quantity", "More than", "1", ""), action="Do Not Import"
    )
    assert (
        'when some line in order.lines where (line.sku starts with "EBOOK" and line.quantity is more than 1) then'
        in rule(made)
    )
    made = conditions(("SKU", "Does not contain", "EBOOK", ""), action="Do Not Import")
    assert 'when no line in order.lines where (line.sku contains "EBOOK") then' in rule(made)


# --- rules together ---------------------------------------------------------------------------------------------------


def classes(*pairs: tuple[str, str]) -> list[tuple[str, ...]]:
    return [(f"Class {sku}", "Map Class on Line Items", "SKU", sku, "Equals", "", becomes) for sku, becomes in pairs]


def test_many_values_of_one_kind_become_a_table() -> None:
    made = converted(*classes(("A", "X"), ("B", "Y"), ("C", "X"), ("b", "Z")))
    assert made.rules == 1
    assert '"B"       -> ' not in made.text
    assert '"b"       -> "Z"  // row 5, "Class b"' in made.text
    assert "set line.class to lookup class_by_sku(line.sku)" in made.text
    assert "(row 5) and, without effect" in made.findings[0].words


def test_two_values_stay_rules_with_their_titles() -> None:
    made = converted(*classes(("A", "X"), ("B", "Y")))
    assert 'rule "Class A"' in made.text
    assert 'rule "Class B"' in made.text


def test_a_rule_between_that_minds_keeps_the_table_apart() -> None:
    between = ("Other", "Map Class on Line Items", "Name", "Gift", "Contains", "", "Gifts")
    made = converted(
        *classes(("A", "X"), ("B", "Y"), ("C", "Z")), between, *classes(("D", "X"), ("E", "Y"), ("F", "Z"))
    )
    assert made.text.count("\ntable ") == 2
    assert made.text.index('"C" ') < made.text.index('rule "Other"') < made.text.index('"D" ')


def test_a_rule_between_that_does_not_mind_lets_the_table_be_one() -> None:
    between = ("No tests", "Do Not Import", "Selling Channel", "Test", "Contains", "", "")
    made = converted(*classes(("A", "X"), ("B", "Y")), between, *classes(("C", "Z")))
    assert made.text.count("\ntable ") == 1


def test_a_later_rule_that_writes_the_same_field_says_so() -> None:
    made = converted(
        ("A", "Map Order Class", "Selling Channel", "A", "Equals", "", "X"),
        ("B", "Map Order Class", "Order Total", "100", "More than", "", "Y"),
    )
    assert 'override books.class with "Y"' in made.text
    assert kinds(made) == []


def test_one_name_and_condition_with_two_actions_is_one_rule() -> None:
    made = converted(
        ("A", "Map Order Class", "Selling Channel", "A", "Equals", "", "X"),
        ("A", "Map Order Terms", "Selling Channel", "A", "Equals", "", "Net 30"),
    )
    assert made.rules == 1
    assert 'set books.terms to "Net 30"' in made.text


def test_titles_are_used_once_and_a_rule_without_gets_one() -> None:
    made = converted(
        ("A", "Map Order Class", "Selling Channel", "A", "Equals", "", "X"),
        ("A", "Map Order Class", "Selling Channel", "B", "Equals", "", "Y"),
        ("", "Map Memo", "Selling Channel", "B", "Equals", "", "Y"),
    )
    assert [f'rule "{title}"' in made.text for title in ("A", "A (2)", "Memo of row 4")] == [True] * 3


def test_rules_stay_in_their_order_and_what_cannot_be_converted_in_its_place() -> None:
    made = converted(
        ("First", "Map Memo", "Selling Channel", "A", "Equals", "", "1"),
        ("Second", "Fly away", "Selling Channel", "A", "Equals", "", "1"),
        ("Third", "Map Memo", "Nonsense", "A", "Equals", "", "1"),
        ("Fourth", "Map Order Class", "Shipping Country", "Narnia", "Equals", "", "1"),
        ("Fifth", "Map Order Class", "Selling Channel", "B", "Equals", "", "2"),
    )
    places = [made.text.index(f'"{title}"') for title in ("First", "Second", "Third", "Fourth", "Fifth")]
    assert places == sorted(places)
    assert [each.title for each in made.findings] == ["Second", "Third", "Fourth"]
    assert [each.rows for each in made.findings] == [(3,), (4,), (5,)]
    assert not made.complete


def test_what_an_earlier_rule_stops_is_told_and_its_test_passes_or_goes() -> None:
    made = converted(
        ("Stop", "Do Not Import", "Selling Channel", "Amazon", "Contains", "", ""),
        ("Never", "Map Memo", "Selling Channel", "Amazon", "Equals", "", "1"),
    )
    assert "Shown: Never" not in made.text
    assert any("no test" in each.words for each in made.findings)


def test_disabled_values_and_rules() -> None:
    columns = (*COLUMNS, "Enable")
    made = convert(
        table(
            ("A", "Map Memo", "Selling Channel", "A", "Equals", "OR", "1", "TRUE"),
            ("A", "Map Memo", "Selling Channel", "B", "Equals", "OR", "1", "FALSE"),
            ("B", "Map Memo", "Selling Channel", "C", "Equals", "OR", "2", "0"),
            ("C", "Map Memo", "Selling Channel", "D", "Equals", "OR", "3", "perhaps"),
            columns=columns,
        ),
        source="rules.csv",
    )
    sound(made)
    assert 'when order.store is "A"' in rule(made, "A")
    assert "// switched off there, row 3: Selling Channel Equals B" in made.text
    assert 'rule "B" off' in made.text
    assert [(each.kind, each.rows) for each in made.findings if each.kind != "warning"] == [
        ("off", (4,)),
        ("look", (5,)),
    ]


# --- exports ----------------------------------------------------------------------------------------------------------

ROW = ("R", "Map Memo", "Selling Channel", "Café", "Equals", "", "é")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_letters_and_separators(encoding: str, separator: str) -> None:
    text = "\r\n".join(separator.join(f'"{cell}"' for cell in row) for row in (COLUMNS, ROW))
    made = convert(text.encode(encoding), source="rules.csv")
    assert 'when order.store is "Café"' in rule(made)


def test_columns_by_other_names_in_another_order_with_blank_rows() -> None:
    made = convert(
        b"\n,,\nMap_To,ACTION,item field,Item Value,Value Match\n\nx,map memo,sellingchannel,A,=\n,,,,\n",
        source="r.csv",
    )
    sound(made)
    assert 'set books.memo to "x"' in made.text
    assert "// row 5:" in made.text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04rest", "workbook"),
        (b"", "no rule"),
        (b"\n\n", "no rule"),
        (b"a,b,c\n1,2,3\n", "no column for action and field"),
        (b"[{]", "no JSON"),
        (b"[]", "no rule"),
        (b'{"a": {"b": 5}}', "no rule"),
        (b"[" * 100_000, "no JSON"),
    ],
)
def test_what_cannot_be_read_is_told(content: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        convert(content, source="rules.csv")


def test_json_may_be_flat_nested_or_one_object() -> None:
    flat = {"SetName": "R", "ObjectType": "Order", "Action": "MapMemo", "ActionValue": 5}
    condition = {"ItemField": "OrderStoreName", "ItemValue": "A", "ValueMatch": "Equals", "Enable": True}
    for content in (
        [{**flat, **condition}],
        {**flat, "Rules": [condition]},
        {"data": {"sets": [{**flat, "items": [condition]}]}},
    ):
        made = convert(json.dumps(content).encode(), source="rules.json")
        assert 'when order.store is "A" then set books.memo to "5"' in rule(made)


@pytest.mark.parametrize(
    ("field", "values", "words"),
    [
        ("SKU", ["00123", "00456", "789", "00999"], '"789" may have been "00789"'),
        ("Shipping Zip", ["2138"], '"2138" may have been "02138"'),
        ("SKU", ["1.23E+11"], "digits are lost"),
        ("SKU", ["1-Mar"], "took for a date"),
    ],
)
def test_what_a_spreadsheet_has_probably_changed_is_told(field: str, values: list[str], words: str) -> None:
    made = converted(*(("R", "Map Memo", field, value, "Equals", "OR", "x") for value in values))
    assert any(each.kind == "look" and words in each.words for each in made.findings), made.findings


def test_zeros_at_the_front_of_an_amount_say_nothing() -> None:
    made = converted(
        *(("R", "Map Memo", "Order Total", value, "Equals", "OR", "x") for value in ("100", "100", "250", "0"))
    )
    assert not [each for each in made.findings if "spreadsheet" in each.words]


def test_evil_letters_stay_letters() -> None:
    evil = 'a"b {order.number} // x\nend'
    made = converted((evil, "Do Not Import", "Selling Channel", evil, "Contains", "", evil))
    assert made.rules == 1
    assert Finding("x", (), "", "") not in made.findings


def test_a_thousand_rules_become_one_table() -> None:
    made = convert(
        table(*classes(*((f"SKU-{number}", f"C{number % 7}") for number in range(1000)))), source="rules.csv"
    )
    assert (made.rules, made.old_rules) == (1, 1000)
