"""The codes of types and values (R3xx); changes when such a mistake gets a code of its own."""

from dsl.codes.code import Code, rule

TYPES = (
    Code(
        "R301",
        "Two kinds of value that cannot be compared",
        "The two sides are of different types, or the comparison does not suit their type.",
        rule('skip "No"', 'order.total is more than "5"'),
        rule('skip "No"', "order.total is more than 5.00 USD"),
        why="Values of two kinds are never equal, so the condition would never hold.",
    ),
    Code(
        "R302",
        "A value of the wrong type",
        "The field, setting or option takes another type of value.",
        rule('set order.shipping_total to "5"'),
        rule("set order.shipping_total to 5.00 USD"),
        why="The books would refuse the value, or a text would stand where an amount belongs.",
    ),
    Code(
        "R303",
        "A calculation that makes no sense",
        "These two types of value cannot be added, subtracted, multiplied or divided. Money plus percent is written "
        "as money plus money times percent.",
        rule("set order.shipping_total to order.shipping_total + 10%"),
        rule("set order.shipping_total to order.shipping_total + order.shipping_total * 10%"),
        why="What comes out would not be an amount that anybody could check.",
    ),
    Code(
        "R304",
        "Two currencies",
        "Amounts of two currencies cannot be added or compared.",
        rule('skip "No"', "5.00 USD is more than 5.00 EUR"),
        rule('skip "No"', "order.total is more than 5.00 EUR"),
        why="Five dollars and five euros are not ten of anything.",
    ),
    Code(
        "R305",
        "A value that this field never has",
        "The field has a closed set of values, and this is none of them: the condition would never hold, or the books refuse it.",
        rule('skip "No"', 'order.status is "procesing"'),
        rule('skip "No"', 'order.status is "processing"'),
        why="A condition with a value that never comes would never hold, in silence.",
    ),
    Code(
        "R306",
        "The wrong number of arguments",
        "The function or table takes another number of values between its parentheses.",
        rule("set order.number to upper(order.number, 5)"),
        rule("set order.number to upper(order.number)"),
        why="A value too many would be ignored, and for one too few a guess would be made.",
    ),
    Code(
        "R307",
        "An argument of the wrong type",
        "The function or table takes another type of value in this place.",
        rule('set order.number to left(order.number, "5")'),
        rule("set order.number to left(order.number, 5)"),
        why="The function would give nothing for any order.",
    ),
    Code(
        "R308",
        "An unknown currency",
        "Currencies are written with their three letters (ISO 4217): USD, EUR, GBP.",
        rule('skip "No"', "order.total is more than 5.00 XQZ"),
        rule('skip "No"', "order.total is more than 5.00 USD"),
        why="An amount in a currency that does not exist cannot be posted.",
    ),
    Code(
        "R309",
        "A field that cannot be changed",
        "The field comes from the source, or is worked out from others, and rules only read it.",
        rule('set order.id to "1"'),
        rule('set order.number to "1"'),
        why="What came from the shop stays as it came: totals are moved by moving their parts, so that the document still adds up.",
    ),
    Code(
        "R310",
        "Not a condition",
        "A condition is a comparison, or a yes/no field.",
        rule('skip "No"', "order.number"),
        rule('skip "No"', "order.number is present"),
        why="A text or an amount is neither true nor false, and other programs guess differently what it means.",
    ),
    Code(
        "R311",
        "A pattern that cannot be used",
        "`matches pattern` takes a regular expression of the RE2 kind; wildcards (`*`, `?`) belong to `matches`.",
        rule('skip "No"', 'order.number matches pattern "(abc"'),
        rule('skip "No"', 'order.number matches pattern "(abc)"'),
        why="A pattern that cannot be read finds nothing; one of another kind may need minutes for one order.",
    ),
    Code(
        "R312",
        "Which column?",
        "The table has several outputs: say which one, as in `lookup tax_for(ship_to.state).code`.",
        'table tax_for\n  state -> code | rate\n  "MD" -> "MD Tax" | "6"\n  otherwise -> "Non" | "0"\nend\n'
        + rule("set books.tax_code to lookup tax_for(ship_to.state)\n    tag lookup tax_for(ship_to.state).rate"),
        'table tax_for\n  state -> code | rate\n  "MD" -> "MD Tax" | "6"\n  otherwise -> "Non" | "0"\nend\n'
        + rule("set books.tax_code to lookup tax_for(ship_to.state).code\n    tag lookup tax_for(ship_to.state).rate"),
        why="Of several outputs the first one would be taken by chance.",
    ),
    Code(
        "R313",
        "A row that does not fit its table",
        "Each row has one cell per column, of the column's type.",
        'table class_for\n  state -> class\n  "MD" | "VA" -> "East"\nend\n'
        + rule("set books.class to lookup class_for(ship_to.state)"),
        'table class_for\n  state -> class\n  "MD" or "VA" -> "East"\nend\n'
        + rule("set books.class to lookup class_for(ship_to.state)"),
        why="A row with a cell too few moves every following cell into the wrong column.",
    ),
    Code(
        "R314",
        "Two rows with one key",
        "The second row is never found: the first fits the same values. Keys that differ only in capitals or spaces are one.",
        'table class_for\n  state -> class\n  "MD" -> "East"\n  "md" -> "West"\nend\n'
        + rule("set books.class to lookup class_for(ship_to.state)"),
        'table class_for\n  state -> class\n  "MD" -> "East"\n  "CA" -> "West"\nend\n'
        + rule("set books.class to lookup class_for(ship_to.state)"),
        why="The second row looks as if it counted, and never does.",
    ),
    Code(
        "R315",
        "A list of mixed values",
        "All elements of a list are constants of one type.",
        'list shops is ["A", 5]\n' + rule('skip "No"', "order.store is one of shops"),
        'list shops is ["A", "5"]\n' + rule('skip "No"', "order.store is one of shops"),
        why="A list of texts and numbers is a list with a slip in it: one of them would never be found.",
    ),
    Code(
        "R316",
        "Not a constant",
        "The value of a setting, a list or a test is fixed: it cannot be worked out from a record.",
        "setting prefix is text default order.store\n" + rule('set order.number to "{prefix}{order.number}"'),
        'setting prefix is text default "A"\n' + rule('set order.number to "{prefix}{order.number}"'),
        why="A setting is what a form shows and a person may change; what is worked out from an order belongs into a rule.",
    ),
    Code(
        "R317",
        "A CSV file that cannot be read as a table",
        "The file beside the rule set is missing, lacks a column, has a blank key, or a cell that is not of its column's type.",
        'table class_for from "class_fro.csv"\n  sku -> class\nend\n'
        + rule("set line.class to lookup class_for(line.sku)", scope="for each line in order.lines"),
        'table class_for from "class_for.csv"\n  sku -> class\nend\n'
        + rule("set line.class to lookup class_for(line.sku)", scope="for each line in order.lines"),
        why="A table that could only be read in part would leave out some orders, and nobody would know which.",
        tables={"class_for.csv": "sku,class\nHAT,Hats\nMUG,Kitchen\n"},
    ),
    Code(
        "R318",
        "`original` of something that was not received",
        "`original` gives the value that was received from the source; the books' fields and a row's own results were not.",
        rule('skip "No"', "original books.class is present"),
        rule('skip "No"', "books.class is present"),
        why="Nothing was received there, so the condition would never hold.",
    ),
    Code(
        "R319",
        "A field that is read by key",
        'Custom fields are read by their key, as in `order.meta["_po_number"]`; other fields have no key.',
        rule("set books.po_number to order.meta"),
        rule('set books.po_number to order.meta["_po_number"]'),
        why="A shop keeps any number of custom fields under one name; which one is meant has to be said.",
    ),
)
