"""The forms that a rule-set file is made of, each with what it does and an example; changes when the grammar's forms do.

The reference page takes them from here. A test reads every example with the grammar, and misses a form that has none.
"""

# ruff: noqa: E501  # a table: one form a line
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Form:
    """One form. `example` is a whole part of a file: what stands before and behind it is in `FRAMES`."""

    form: str
    help: str
    example: str


#: What makes a file of an example, by the group that it belongs to.
FRAMES: dict[str, str] = {
    "Writing": "{}",
    "Blocks": "{}",
    "Flows": 'flow "F" {} end',
    "Rules": '{} then tag "x" end',
    "Conditions": 'rule "A" for order when {} then tag "x" end',
    "Values": 'rule "A" for order then log "x" set books.memo to {} end',
    "Statements": 'rule "A" for order then {} end',
    "Rows of tables": "table t state -> code {} end",
    "Tests": 'test "T" {}',
    "What a test expects": 'test "T" given order expect {} end',
}

FORMS: dict[str, tuple[Form, ...]] = {
    "Writing": (
        Form("`// …`", "a remark, to the end of the line; `#` is none", "// ask the bookkeeper first"),
        Form('`"…"`', 'a text, on one line; `""` is a quote in it; `{…}` is filled in; `{{` and `}}` are braces', 'list a is ["a ""b"""]'),
        Form("`12` `7.5%` `12.50 USD`", "a number, a percentage, an amount with its currency (ISO 4217)", "list a is [12, 7.5%, 12.50 USD]"),
        Form("`2026-01-31` `01/31/2026`", "a date; with slashes the month stands first", "list a is [2026-01-31, 01/31/2026]"),
        Form("`30 minutes` `1 hour` `30 days`", "how long", "setting wait is duration default 30 days"),
        Form("`yes` `no` `missing`", "yes, no, and no value", "list a is [yes, no]"),
        Form('`["…", …]`', "a list", 'list a is ["MD", "CA"]'),
        Form("`name`", "a setting, list or table: small letters, digits and `_`", "setting order_prefix is text"),
    ),
    "Blocks": (
        Form('`ruleset "title" language 1 … end`', "the head of a file: title, language, `version`, `note`", 'ruleset "Acme" language 1 version "1.0" note "n" end'),
        Form('`use "pack" version "…" as name … end`', "takes in a canned rule set; inside: `set setting to value`, `turn off \"rule\"`", 'use "orders/order_prefix" version "1.0" as std set order_prefix to "W-" turn off "Order suffix" end'),
        Form("`setting name is type default … note …`", "a value that people change without touching rules", 'setting order_prefix is text default "" note "Put before numbers"'),
        Form("`list name is […]`", "a list of values with a name", 'list store_credit is ["Credit Account"]'),
        Form("`table name keys -> values … end`", "rows that `lookup` finds values in; keys and values are separated by a bar", 'table t state | taxable -> code "MD" | yes -> "MD Tax" end'),
        Form('`table name from "file.csv" … end`', "the rows stand in a CSV file beside the rule set", 'table t from "t.csv" sku -> class end'),
        Form('`flow "title" [off] … end`', "what moves, from where, to where, when and as what", 'flow "F" off from woocommerce to quickbooks sync orders end'),
        Form('`rule "title" [off] … end`', "when something holds, do something", 'rule "A" off note "n" for order then tag "x" end'),
        Form('`test "title" … end`', "a record, and what must come out", 'test "T" given order expect skipped end'),
    ),
    "Flows": (
        Form("`from system` `to system`", 'a kind of system, or one connection by its name in quotes', 'from woocommerce to "Acme books"'),
        Form("`sync orders`", "orders (with refunds), customers, products, stock, purchases, payouts", "sync orders"),
        Form("`every 30 minutes`", "how often", "every 30 minutes"),
        Form("`every day at 06:00`", "once a day", "every day at 06:00"),
        Form('`after "flow"`', "waits until that flow's run has ended well", 'after "Products"'),
        Form("`when condition`", "which records enter", 'when order.status is "processing"'),
        Form("`starting date`", "nothing older moves; without it: the day on which the flow was first published", "starting 11/01/2026"),
        Form('`notify "address" on event, …`', "whom to write, on `hold`, `failure`, …: kept with the flow; mail is not sent yet, `cloudcart holds` shows the same", 'notify "books@acme.example" on hold, failure'),
        Form("`with option = value …`", "how records become documents: see the options below", "with record_as = invoice unpaid_orders = hold"),
        Form('`note "…"`', "a remark that people see", 'note "n"'),
    ),
    "Rules": (
        Form("`for order`", "once for each order (refund, customer, product, stock, purchase)", 'rule "A" for order'),
        Form("`for order from system`, `… in flow \"title\"`", "only for records of that system or flow", 'rule "A" for order from lightspeed in flow "F"'),
        Form("`for each line in order.lines [where …]`", "once for each item: line, payment, tax, fee, discount, shipping", 'rule "A" for each line in order.lines where line.quantity > 1'),
        Form("`when condition`", "the statements behind `then` run where it holds, those behind `otherwise` where not", 'rule "A" for order when order.paid is yes'),
        Form('`replaces "pack: rule"`', "runs in the place of a rule of a pack", 'rule "A" replaces "std: Order prefix" for order'),
        Form('`note "…"`', "a remark that people see", 'rule "A" note "n" for order'),
    ),
    "Statements": (
        Form("`set X to E`", "writes; with `or hold \"…\"`, `or skip \"…\"`, `or fail \"…\"` behind it the record stops where E is missing", 'set books.tax_code to order.note or hold "no code"'),
        Form("`fill X with E`", "writes only where X is missing; 0 is not missing", 'fill ship_to.state with "MD"'),
        Form("`override X with E`", "writes, and says that it means to overrule an earlier rule", 'override ship_to.state with "MD"'),
        Form("`clear X`", "makes X missing", "clear order.note"),
        Form("`replace A with B in X`", "replaces every A in the text X", 'replace "#" with "" in order.number'),
        Form("`add line name = E …`", "adds an item (line, payment, fee, discount); a second run adds no second one", 'add line sku = "WRAP" amount = 2.00 USD'),
        Form('`skip "why"`', "this record is not synced; `skip line \"why\"` leaves out the item, inside `for each`", 'skip "a test order"'),
        Form('`hold "why" [until condition] [for up to 30 days]`', "parks the record until it changes, falls due or a person releases it", 'hold "Not paid yet" until order.paid is yes for up to 30 days'),
        Form('`fail "why"`', "an error: not tried again until something changes", 'fail "No such store"'),
        Form('`tag "…"`', "adds a tag to the record (`order.tags`)", 'tag "large"'),
        Form('`log "…"`', "adds a line to the log", 'log "Picked up"'),
    ),
    "Conditions": (
        Form("`is` `is not`", "the same, without regard to capitals and to blanks at the ends", 'ship_to.state is not "MD"'),
        Form("`is exactly`", "the same letter by letter", 'order.number is exactly "A1"'),
        Form("`is missing` `is present`", "has no value, or has one", "order.note is missing and order.number is present"),
        Form("`is one of` `is not one of`", "in a list", 'ship_to.state is one of ["MD", "CA"]'),
        Form("`is between A and B`", "both ends included", "order.total is between 5 and 10"),
        Form("`is more than` `>`", "numbers, amounts, dates", "order.total is more than 5 or order.total > 5"),
        Form("`is less than` `<`", "", "order.total is less than 5 or order.total < 5"),
        Form("`is at least` `>=`", "", "order.total is at least 5 or order.total >= 5"),
        Form("`is at most` `<=`", "", "order.total is at most 5 or order.total <= 5"),
        Form("`is before` `is after`", "dates", "order.date is before 2026-01-31 or order.date is after 2026-01-01"),
        Form("`contains` `does not contain`", "a piece of a text, an element of a list", 'order.number does not contain "#"'),
        Form("`has the word`", "whole words only", 'order.note has the word "UPS"'),
        Form("`starts with` `ends with`", "also `does not start with`, `does not end with`", 'order.number starts with "W" or order.number ends with "1"'),
        Form('`matches "AB*-?"`', "the whole text; `*` is any text, `?` one character", 'order.number matches "AB*-?"'),
        Form('`matches pattern "…"`', "a regular expression (RE2), compared as it stands", 'order.number matches pattern "[0-9]+"'),
        Form("`and` `or` `not` `( )`", "`and` binds closer than `or`", 'not (order.paid is yes and order.total > 5) or order.id is "1"'),
        Form("`some line in order.lines where (…)`", "also `every` and `no`; `every` over no items is yes", 'some line in order.lines where (line.sku is "A")'),
    ),
    "Values": (
        Form("`order.number`", "a field", "order.number"),
        Form('`order.meta["…"]`', "a custom field by its key", 'order.meta["_po_number"]'),
        Form("`original order.number`", "as it was received, before any rule", "original order.number"),
        Form("`E or else E`", "the second where the first is missing", 'order.note or else "none"'),
        Form("`+ - * /`", "money times a percentage is money; texts are put together in one text", "order.total * 6% + 1 - 2 / -3"),
        Form("`lookup table(key, …)`", "what the first row that fits says; `.column` where the table has several", "lookup tax_code_for(ship_to.state, order.taxable).code"),
        Form("`count(items [where …])`", "how many", "count(order.lines where line.quantity > 1)"),
        Form("`sum(E in items [where …])`", "added up; of nothing it is 0", "sum(line.amount in order.lines)"),
        Form("`function(…)`", "see the functions below", "upper(left(order.number, 3))"),
    ),
    "Rows of tables": (
        Form('`"MD" -> "MD Tax"`', "a row; the first that fits counts", '"MD" -> "MD Tax"'),
        Form('`"CA" or "NV"`', "one of several", '"CA" or "NV" -> "x"'),
        Form("`any` `missing`", "every value, also none; only no value", 'missing -> "y" any -> "x"'),
        Form("`up to 5` `at most 5` `at least 5` `more than 5` `less than 5` `between 1 and 5`", "numbers, amounts, dates", 'up to 5 or at least 50 or more than 9 or less than 3 or between 1 and 2 or at most 5 -> "x"'),
        Form('`starts with "…"` `ends with "…"` `contains "…"` `matches "…"`', "texts", 'starts with "9" or ends with "1" or contains "x" or matches "A*" -> "x"'),
        Form("`otherwise`", "the row for all that fits no other; `missing` behind `->` gives no value", "otherwise -> missing"),
    ),
    "Tests": (
        Form("`given order …`", "the record: fields and items; also refund, customer, product, stock, purchase", 'given order order.number = "1" order.meta["k"] = "v" line sku = "A" quantity = 2 expect skipped end'),
        Form('`given order from "file.json"`', "a recorded record beside the rule set", 'given order from "orders/1042.json" expect skipped end'),
        Form("`with settings name = value …`", "settings that differ from their defaults", 'with settings order_prefix = "W" std.order_prefix = "X" given order expect skipped end'),
        Form("`on 2026-01-31`", "the day that `today()` is", "given order on 2026-01-31 expect skipped end"),
    ),
    "What a test expects": (
        Form("`order.number is \"1\"`", "any comparison that begins with a field", 'order.number is "1"'),
        Form('`skipped` `held` `failed` [`"why"`]', "how the record ended; `not` before it turns it round", 'not skipped held "why" failed'),
        Form('`fired "rule"` `not fired "rule"`', "whether a rule's statements ran", 'fired "A" not fired "B"'),
        Form("`line 2 sku is \"X\"`", "a field of the second line", 'line 2 sku is "X"'),
        Form("`line count is 3`", "how many are left", "line count is 3"),
        Form('`payment skipped` `line 2 skipped "why"`', "an item was left out", 'payment skipped line 2 skipped "why"'),
        Form("`document is invoice`", "the document that would stand in the books", "document is not invoice"),
        Form("`document total is 41.98 USD`", "a field of the document", "document total is 41.98 USD"),
        Form("`no document`", "nothing would stand in the books", "no document"),
    ),
}  # fmt: skip
