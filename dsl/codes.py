"""The registry of diagnostic codes; changes when a mistake gets a code of its own (numbers are never used again).

R1xx form of the text, R2xx names, R3xx types and values, R4xx logic, R5xx limits of the target and of the books,
R6xx tests, R7xx packs. The pages in the docs are made from these entries: `wrong` is a file that triggers the code and
`right` the same file mended; both run as tests. An entry without them says in `meaning` why a sample cannot stand here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dsl.diagnostics import Severity


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of mistake: a title in a few words, what it means to a bookkeeper, and a sample of wrong and right."""

    number: str
    title: str
    meaning: str
    wrong: str = ""
    right: str = ""
    severity: Severity = Severity.ERROR

    @property
    def docs(self) -> str:
        """The page of this code, relative to the docs' root."""
        return f"errors/{self.number}.md"


_RULE = 'rule "A" for order when order.number is "1" then skip "No" end'


def _rule(then: str, when: str = "", scope: str = "for order", title: str = "A") -> str:
    return f'rule "{title}"\n  {scope}\n' + (f"  when {when}\n" if when else "") + f"  then {then}\nend\n"


_W = Severity.WARNING

_ALL: tuple[Code, ...] = (
    # --- R1xx: the form of the text
    Code(
        "R101",
        "Something else was expected here",
        "The text cannot be read on from this place. The message says which word or value belongs here.",
        'rule "A"\n  for order\n  when order.number is "1"\n  skip "No"\nend\n',
        'rule "A"\n  for order\n  when order.number is "1"\n  then skip "No"\nend\n',
    ),
    Code(
        "R102",
        "A mistyped word",
        "A word is almost one of the language's words, and with that word the text could be read.",
        _rule('skip "Big"', "order.total is mor than 5.00 USD"),
        _rule('skip "Big"', "order.total is more than 5.00 USD"),
    ),
    Code(
        "R103",
        "A text that is not closed",
        "A text begins with a double quote and has to end with one on the same line. A quote inside a text is written twice.",
        _rule('skip "Not paid'),
        _rule('skip "Not paid"'),
    ),
    Code(
        "R104",
        "A character that means nothing here",
        "The character belongs inside a text in double quotes, or it came from a word processor (curly quotes, long dashes). "
        "A comment begins with `//`, not with `#`.",
        _rule('replace # with "" in order.number'),
        _rule('replace "#" with "" in order.number'),
    ),
    Code(
        "R105",
        "`end` is missing",
        "Each block (rule, test, table, flow, …) ends with the word `end`; here the next block, or the file's end, comes first.",
        'rule "A"\n  for order\n  then skip "No"\n',
        'rule "A"\n  for order\n  then skip "No"\nend\n',
    ),
    Code(
        "R106",
        "Braces in a text that do not fit",
        "`{…}` in a text is filled in with a value. A single brace that is meant as a brace is written twice: `{{` or `}}`.",
        _rule('skip "No state {ship_to.state"'),
        _rule('skip "No state {ship_to.state}"'),
    ),
    Code(
        "R107",
        "A text that cannot be filled in",
        "Titles, notes, file names and the cells of tables are fixed texts; `{…}` is filled in only where a value may stand.",
        _rule('skip "No"', title="Skip {order.number}"),
        _rule('skip "No"', title="Skip orders"),
    ),
    Code(
        "R108",
        "A date or time that does not exist",
        "Dates are written 2026-01-31 or 01/31/2026 (month first), times 06:00 to 23:59.",
        _rule('skip "Old"', "order.date is before 2026-02-30"),
        _rule('skip "Old"', "order.date is before 2026-02-28"),
    ),
    Code(
        "R109",
        "Said twice",
        "A block says this once; the second time contradicts the first or adds nothing.",
        'ruleset "Shop"\n  language 1\n  language 1\nend\n',
        'ruleset "Shop"\n  language 1\nend\n',
    ),
    Code(
        "R110",
        "A part is missing",
        "The block cannot work without this part.",
        'flow "Orders"\n  from woocommerce to quickbooks\nend\n',
        'flow "Orders"\n  from woocommerce to quickbooks\n  sync orders\nend\n',
    ),
    Code(
        "R111",
        "A name that cannot be used",
        "Settings, lists and tables have names of small letters, digits and underscores, and no words of the language.",
        "setting Limit is number default 5\n" + _rule('skip "No"', "order.total is more than Limit"),
        "setting limit is number default 5\n" + _rule('skip "No"', "order.total is more than limit"),
    ),
    Code(
        "R112",
        "Another version of the language",
        "The file says that it is written in a version of the language that this program does not know.",
        'ruleset "Shop"\n  language 9\nend\n',
        'ruleset "Shop"\n  language 1\nend\n',
    ),
    Code(
        "R113",
        "Nested too deeply",
        "Conditions and values may be nested 32 deep. Split the rule in two, or keep a part of it in a field.",
        _rule('skip "No"', "(" * 33 + 'order.number is "1"' + ")" * 33),
        _rule('skip "No"', 'order.number is "1"'),
    ),
    Code(
        "R114",
        "The file is too large",
        "A rule-set file has at most 1 MiB; thousands of rows belong in a CSV file beside it. (Too large for a sample.)",
    ),
    Code(
        "R115",
        "Too many rules",
        "A rule set has at most 10,000 rules, with those of its packs. A table does the work of many. (Too large for a sample.)",
    ),
    Code(
        "R116",
        "Too many rows",
        "A table has at most 100,000 rows. (Too large for a sample.)",
    ),
    Code(
        "R117",
        "A number that is too long",
        "A number has at most 28 digits.",
        _rule('skip "No"', "order.total is more than 12345678901234567890123456789012345"),
        _rule('skip "No"', "order.total is more than 123456789"),
    ),
    Code(
        "R118",
        "A value with too many parts",
        "One value strings together too many parts. Work it out in several statements.",
        _rule("set line.quantity to " + " + ".join(["1"] * 200), scope="for each line in order.lines"),
        _rule("set line.quantity to 200", scope="for each line in order.lines"),
    ),
    Code(
        "R119",
        "The head does not come first",
        "`ruleset` opens the file, and there is one.",
        _RULE + '\nruleset "Shop"\n  language 1\nend\n',
        'ruleset "Shop"\n  language 1\nend\n' + _RULE + "\n",
    ),
    Code(
        "R120",
        "A title that says nothing",
        "Rules, flows and tests are called by their titles, in the log and in explanations: a blank one helps nobody.",
        _rule('skip "No"', title=" "),
        _rule('skip "No"', title="Skip orders"),
    ),
    # --- R2xx: names
    Code(
        "R201",
        "An unknown field",
        "No record has a field of that name. The reference lists the fields of each record.",
        _rule('set ship_to.stat to "MD"'),
        _rule('set ship_to.state to "MD"'),
    ),
    Code(
        "R202",
        "An unknown name",
        "There is no setting, list or function without arguments of that name. A fixed text needs double quotes.",
        'setting order_prefix is text default "WC-"\n' + _rule('set order.number to "{order_prefx}{order.number}"'),
        'setting order_prefix is text default "WC-"\n' + _rule('set order.number to "{order_prefix}{order.number}"'),
    ),
    Code(
        "R203",
        "An unknown table",
        "There is no table of that name in this file or in the packs that it uses.",
        'table class_for\n  state -> class\n  "MD" -> "East"\nend\n'
        + _rule("set books.class to lookup class_fr(ship_to.state)"),
        'table class_for\n  state -> class\n  "MD" -> "East"\nend\n'
        + _rule("set books.class to lookup class_for(ship_to.state)"),
    ),
    Code(
        "R204",
        "An unknown column",
        "The table has no output of that name.",
        'table tax_for\n  state -> code | rate\n  "MD" -> "MD Tax" | "6"\nend\n'
        + _rule("set books.tax_code to lookup tax_for(ship_to.state).cod"),
        'table tax_for\n  state -> code | rate\n  "MD" -> "MD Tax" | "6"\nend\n'
        + _rule("set books.tax_code to lookup tax_for(ship_to.state).code"),
    ),
    Code(
        "R205",
        "An unknown function",
        "There is no function of that name. The reference lists all functions.",
        _rule("set order.number to uper(order.number)"),
        _rule("set order.number to upper(order.number)"),
    ),
    Code(
        "R206",
        "An unknown kind of record",
        "Rules are for order, refund, customer, product, stock or purchase.",
        'rule "A"\n  for ordr\n  then skip "No"\nend\n',
        'rule "A"\n  for order\n  then skip "No"\nend\n',
    ),
    Code(
        "R207",
        "Items that this record does not have",
        "`for each`, `some`, `count` and `sum` go over a list of items, such as order.lines, by the word for one item.",
        _rule('tag "x"', scope="for each payment in order.lines"),
        _rule('tag "x"', scope="for each line in order.lines"),
    ),
    Code(
        "R208",
        "An unknown rule",
        "There is no rule with this title in the file; a pack's rule is written with the pack's short name before it.",
        _rule('skip "No"', 'order.number is "1"', title="Skip it")
        + 'test "T"\n  given order\n    order.number = "1"\n  expect fired "Skip if"\nend\n',
        _rule('skip "No"', 'order.number is "1"', title="Skip it")
        + 'test "T"\n  given order\n    order.number = "1"\n  expect fired "Skip it"\nend\n',
    ),
    Code(
        "R209",
        "An unknown flow",
        "There is no flow with this title in the file.",
        'flow "Web orders"\n  from woocommerce to quickbooks\n  sync orders\nend\n'
        + _rule('skip "No"', 'order.number is "1"', scope='for order in flow "Web order"'),
        'flow "Web orders"\n  from woocommerce to quickbooks\n  sync orders\nend\n'
        + _rule('skip "No"', 'order.number is "1"', scope='for order in flow "Web orders"'),
    ),
    Code(
        "R210",
        "An unknown option",
        "A flow has no option of that name.",
        'flow "Web orders"\n  from woocommerce to quickbooks\n  sync orders\n  with record_a = sales_receipt\nend\n',
        'flow "Web orders"\n  from woocommerce to quickbooks\n  sync orders\n  with record_as = sales_receipt\nend\n',
    ),
    Code(
        "R211",
        "An unknown system or kind of sync",
        "A flow goes from one kind of system (or connection, whose name stands in quotes) to another and moves one kind of record.",
        'flow "Web orders"\n  from woocomerce to quickbooks\n  sync orders\nend\n',
        'flow "Web orders"\n  from woocommerce to quickbooks\n  sync orders\nend\n',
    ),
    Code(
        "R212",
        "Two of one title",
        "Titles name rules, flows and tests in logs, so each is used once (capitals make no difference).",
        _rule('tag "a"', 'order.number is "1"') + _rule('tag "b"', 'order.number is "2"'),
        _rule('tag "a"', 'order.number is "1"') + _rule('tag "b"', 'order.number is "2"', title="B"),
    ),
    Code(
        "R213",
        "Two of one name",
        "A setting, list or table has a name of its own; a column too, within its table.",
        'list shops is ["A"]\nlist shops is ["B"]\n' + _rule('skip "No"', "order.store is one of shops"),
        'list shops is ["A", "B"]\n' + _rule('skip "No"', "order.store is one of shops"),
    ),
    Code(
        "R214",
        "A field that cannot be reached here",
        "The field belongs to another kind of record, or to one item of a list: use it in a rule `for each` of these items, "
        "or in `some`, `count` or `sum`.",
        _rule('skip "No"', 'line.sku is "HAT"'),
        _rule('skip "No"', 'some line in order.lines where (line.sku is "HAT")'),
    ),
    Code(
        "R215",
        "An unknown type",
        "A setting is text, number, money, percent, date, yes/no, duration, a list of these, or names something in the books: "
        "account, class, item, tax_code, terms, location, payment_method, customer, vendor.",
        'setting prefix is txt default "A"\n' + _rule('set order.number to "{prefix}{order.number}"'),
        'setting prefix is text default "A"\n' + _rule('set order.number to "{prefix}{order.number}"'),
    ),
    # --- R3xx: types and values
    Code(
        "R301",
        "Two kinds of value that cannot be compared",
        "The two sides are of different types, or the comparison does not suit their type.",
        _rule('skip "No"', 'order.total is more than "5"'),
        _rule('skip "No"', "order.total is more than 5.00 USD"),
    ),
    Code(
        "R302",
        "A value of the wrong type",
        "The field, setting or option takes another type of value.",
        _rule('set order.shipping_total to "5"'),
        _rule("set order.shipping_total to 5.00 USD"),
    ),
    Code(
        "R303",
        "A calculation that makes no sense",
        "These two types of value cannot be added, subtracted, multiplied or divided. Money plus percent is written "
        "as money plus money times percent.",
        _rule("set order.shipping_total to order.shipping_total + 10%"),
        _rule("set order.shipping_total to order.shipping_total + order.shipping_total * 10%"),
    ),
    Code(
        "R304",
        "Two currencies",
        "Amounts of two currencies cannot be added or compared.",
        _rule('skip "No"', "5.00 USD is more than 5.00 EUR"),
        _rule('skip "No"', "order.total is more than 5.00 EUR"),
    ),
    Code(
        "R305",
        "A value that this field never has",
        "The field has a closed set of values, and this is none of them: the condition would never hold, or the books refuse it.",
        _rule('skip "No"', 'order.status is "procesing"'),
        _rule('skip "No"', 'order.status is "processing"'),
    ),
    Code(
        "R306",
        "The wrong number of arguments",
        "The function or table takes another number of values between its parentheses.",
        _rule("set order.number to upper(order.number, 5)"),
        _rule("set order.number to upper(order.number)"),
    ),
    Code(
        "R307",
        "An argument of the wrong type",
        "The function or table takes another type of value in this place.",
        _rule('set order.number to left(order.number, "5")'),
        _rule("set order.number to left(order.number, 5)"),
    ),
    Code(
        "R308",
        "An unknown currency",
        "Currencies are written with their three letters (ISO 4217): USD, EUR, GBP.",
        _rule('skip "No"', "order.total is more than 5.00 XQZ"),
        _rule('skip "No"', "order.total is more than 5.00 USD"),
    ),
    Code(
        "R309",
        "A field that cannot be changed",
        "The field comes from the source, or is worked out from others, and rules only read it.",
        _rule('set order.id to "1"'),
        _rule('set order.number to "1"'),
    ),
    Code(
        "R310",
        "Not a condition",
        "A condition is a comparison, or a yes/no field.",
        _rule('skip "No"', "order.number"),
        _rule('skip "No"', "order.number is present"),
    ),
    Code(
        "R311",
        "A pattern that cannot be used",
        "`matches pattern` takes a regular expression of the RE2 kind; wildcards (`*`, `?`) belong to `matches`.",
        _rule('skip "No"', 'order.number matches pattern "(abc"'),
        _rule('skip "No"', 'order.number matches pattern "(abc)"'),
    ),
    Code(
        "R312",
        "Which column?",
        "The table has several outputs: say which one, as in `lookup tax_for(ship_to.state).code`.",
        'table tax_for\n  state -> code | rate\n  "MD" -> "MD Tax" | "6"\nend\n'
        + _rule("set books.tax_code to lookup tax_for(ship_to.state)"),
        'table tax_for\n  state -> code | rate\n  "MD" -> "MD Tax" | "6"\nend\n'
        + _rule("set books.tax_code to lookup tax_for(ship_to.state).code"),
    ),
    Code(
        "R313",
        "A row that does not fit its table",
        "Each row has one cell per column, of the column's type.",
        'table class_for\n  state -> class\n  "MD" | "VA" -> "East"\nend\n'
        + _rule("set books.class to lookup class_for(ship_to.state)"),
        'table class_for\n  state -> class\n  "MD" or "VA" -> "East"\nend\n'
        + _rule("set books.class to lookup class_for(ship_to.state)"),
    ),
    Code(
        "R314",
        "Two rows with one key",
        "The second row is never found: the first fits the same values. Keys that differ only in capitals or spaces are one.",
        'table class_for\n  state -> class\n  "MD" -> "East"\n  "md" -> "West"\nend\n'
        + _rule("set books.class to lookup class_for(ship_to.state)"),
        'table class_for\n  state -> class\n  "MD" -> "East"\n  "CA" -> "West"\nend\n'
        + _rule("set books.class to lookup class_for(ship_to.state)"),
    ),
    Code(
        "R315",
        "A list of mixed values",
        "All elements of a list are constants of one type.",
        'list shops is ["A", 5]\n' + _rule('skip "No"', "order.store is one of shops"),
        'list shops is ["A", "5"]\n' + _rule('skip "No"', "order.store is one of shops"),
    ),
    Code(
        "R316",
        "Not a constant",
        "The value of a setting, a list or a test is fixed: it cannot be worked out from a record.",
        "setting prefix is text default order.store\n" + _rule('set order.number to "{prefix}{order.number}"'),
        'setting prefix is text default "A"\n' + _rule('set order.number to "{prefix}{order.number}"'),
    ),
    Code(
        "R317",
        "A CSV file that cannot be read as a table",
        "The file beside the rule set is missing, lacks a column, has a blank key, or a cell that is not of its column's type. "
        "(A sample would need the file beside it.)",
    ),
    Code(
        "R318",
        "`original` of something that was not received",
        "`original` gives the value that was received from the source; the books' fields and a row's own results were not.",
        _rule('skip "No"', "original books.class is present"),
        _rule('skip "No"', "books.class is present"),
    ),
    Code(
        "R319",
        "A field that is read by key",
        'Custom fields are read by their key, as in `order.meta["_po_number"]`; other fields have no key.',
        _rule("set books.po_number to order.meta"),
        _rule('set books.po_number to order.meta["_po_number"]'),
    ),
    # --- R4xx: logic
    Code(
        "R401",
        "Two rules write one field",
        "Both rules may act on one record, and the later one wins. "
        "Say so with `override`, or let their conditions exclude each other.",
        _rule('set books.class to "Web"', "order.total is more than 5")
        + _rule('set books.class to "Shop"', "order.paid is yes", title="B"),
        _rule('set books.class to "Web"', "order.total is more than 5")
        + _rule('override books.class with "Shop"', "order.paid is yes", title="B"),
        _W,
    ),
    Code(
        "R402",
        "An unused setting",
        "No rule, flow or pack of the file reads this setting.",
        'setting prefix is text default "A"\n' + _RULE + "\n",
        _RULE + "\n",
        _W,
    ),
    Code(
        "R403",
        "An unused list",
        "No rule or flow of the file reads this list.",
        'list shops is ["A"]\n' + _RULE + "\n",
        _RULE + "\n",
        _W,
    ),
    Code(
        "R404",
        "An unused table",
        "No rule or flow of the file looks anything up in this table.",
        'table class_for\n  state -> class\n  "MD" -> "East"\nend\n' + _RULE + "\n",
        _RULE + "\n",
        _W,
    ),
    Code(
        "R405",
        "A statement that cannot stand here",
        "`skip line`, `skip payment` and the like leave out one item: they stand in a rule `for each` of these items.",
        _rule('skip payment "Store credit"'),
        _rule('skip payment "Store credit"', scope="for each payment in order.payments"),
    ),
    Code(
        "R406",
        "A row that is never reached",
        "A row before it fits everything.",
        'table class_for\n  state -> class\n  any -> "East"\n  "CA" -> "West"\nend\n'
        + _rule("set books.class to lookup class_for(ship_to.state)"),
        'table class_for\n  state -> class\n  "CA" -> "West"\n  any -> "East"\nend\n'
        + _rule("set books.class to lookup class_for(ship_to.state)"),
        _W,
    ),
    Code(
        "R407",
        "Flows that wait for each other",
        "Each flow of the ring waits for another one, so none of them ever runs.",
        'flow "A"\n  from woocommerce to quickbooks\n  sync orders\n  after "A"\nend\n',
        'flow "A"\n  from woocommerce to quickbooks\n  sync orders\nend\n',
    ),
    Code(
        "R408",
        "A statement that never runs",
        "`skip`, `hold` and `fail` end the record, so nothing that stands after them in the same rule is done.",
        _rule('skip "Old"\n    tag "old"', "order.date is before 2022-01-01"),
        _rule('tag "old"\n    skip "Old"', "order.date is before 2022-01-01"),
        _W,
    ),
    # --- R5xx: limits of the target and of the books
    Code(
        "R501",
        "Longer than the books take",
        "The books refuse, or cut off, a value of this length in this field.",
        _rule('set books.number to "ORDER-NUMBER-OF-THE-WEB-SHOP"'),
        _rule('set books.number to "WEB-{order.number}"'),
    ),
    Code(
        "R502",
        "Not in the books",
        "The books that this file was checked against have no account, class, item, tax code, terms, … of this name. "
        "(Seen only with a snapshot of the books, so no sample stands here.)",
    ),
    Code(
        "R503",
        "Switched off in the books",
        "The books have it, but it is inactive there, and cannot be used on new documents. "
        "(Seen only with a snapshot of the books, so no sample stands here.)",
    ),
    # --- R6xx: tests
    Code(
        "R601",
        "A test without a record",
        "`given` says which record the rules run on.",
        _RULE + '\ntest "T"\n  expect skipped\nend\n',
        _RULE + '\ntest "T"\n  given order\n    order.number = "1"\n  expect skipped\nend\n',
    ),
    Code(
        "R602",
        "A field outside of an item",
        "Fields without a record's name belong to an item: write the item's word before them, as in `line sku = \"HAT\"`.",
        _RULE + '\ntest "T"\n  given order\n    sku = "HAT"\n  expect not skipped\nend\n',
        _RULE + '\ntest "T"\n  given order\n    line sku = "HAT"\n  expect not skipped\nend\n',
    ),
    Code(
        "R603",
        "No item of that number",
        "Items are numbered from 1, in the order in which `given` names them.",
        _RULE + '\ntest "T"\n  given order\n    line sku = "HAT"\n  expect line 0 sku is "HAT"\nend\n',
        _RULE + '\ntest "T"\n  given order\n    line sku = "HAT"\n  expect line 1 sku is "HAT"\nend\n',
    ),
    # --- R7xx: packs
    Code(
        "R701",
        "An unknown pack",
        "There is no canned rule set of that name.",
        'use "woocommerce/standart" version "2.3" as std\nend\n',
        'use "woocommerce/standard" version "2.3" as std\nend\n',
    ),
    Code(
        "R702",
        "An unknown version of a pack",
        "The canned rule set exists, but not in this version.",
        'use "woocommerce/standard" version "9.9" as std\nend\n',
        'use "woocommerce/standard" version "2.3" as std\nend\n',
    ),
    Code(
        "R703",
        "A rule that the pack does not have",
        "`turn off` and `replaces` name a rule of a used pack by its title.",
        'use "woocommerce/standard" version "2.3" as std\n  turn off "Skip unpaid order"\nend\n',
        'use "woocommerce/standard" version "2.3" as std\n  turn off "Skip unpaid orders"\nend\n',
    ),
    Code(
        "R704",
        "A setting that the pack does not have",
        "`set` in `use` gives a value to one of the pack's settings.",
        'use "woocommerce/standard" version "2.3" as std\n  set order_prefx to "WC-"\nend\n',
        'use "woocommerce/standard" version "2.3" as std\n  set order_prefix to "WC-"\nend\n',
    ),
    Code(
        "R705",
        "A name of two packs",
        "Two used packs have a setting, list or table of this name: write it with the pack's short name, as in `std.order_prefix`. "
        "(A sample needs two packs.)",
    ),
    Code(
        "R706",
        "A mistake inside a pack",
        "The pack cannot be used because its own text does not check clean; whoever publishes it has to mend it. "
        "(The samples' packs are clean.)",
    ),
    Code(
        "R707",
        "Two rules replace one",
        "A pack's rule can be turned off or replaced once.",
        'use "woocommerce/standard" version "2.3" as std\n  turn off "Skip unpaid orders"\nend\n'
        + 'rule "Mine"\n  replaces "std: Skip unpaid orders"\n  for order\n  then tag "x"\nend\n',
        'use "woocommerce/standard" version "2.3" as std\nend\n'
        + 'rule "Mine"\n  replaces "std: Skip unpaid orders"\n  for order\n  then tag "x"\nend\n',
    ),
    Code(
        "R708",
        "Packs that use each other",
        "A pack uses itself, directly or through another pack. (A sample needs such packs.)",
    ),
    Code(
        "R709",
        "A rule that replaces one of another kind",
        "A rule that stands in for another is for the same kind of record.",
        'use "woocommerce/standard" version "2.3" as std\nend\n'
        + 'rule "Mine"\n  replaces "std: Skip unpaid orders"\n  for product\n  then tag "x"\nend\n',
        'use "woocommerce/standard" version "2.3" as std\nend\n'
        + 'rule "Mine"\n  replaces "std: Skip unpaid orders"\n  for order\n  then tag "x"\nend\n',
    ),
)

CODES: Mapping[str, Code] = MappingProxyType({each.number: each for each in _ALL})
