"""The codes of names (R2xx); changes when such a mistake gets a code of its own."""

from dsl.codes.code import Code, rule

NAMES = (
    Code(
        "R201",
        "An unknown field",
        "No record has a field of that name. The reference lists the fields of each record.",
        rule('set ship_to.stat to "MD"'),
        rule('set ship_to.state to "MD"'),
        why="A misspelt field would be missing in every record: the rule would never act, in silence.",
    ),
    Code(
        "R202",
        "An unknown name",
        "There is no setting, list or function without arguments of that name. A fixed text needs double quotes.",
        'setting order_prefix is text default "WC-"\n' + rule('set order.number to "{order_prefx}{order.number}"'),
        'setting order_prefix is text default "WC-"\n' + rule('set order.number to "{order_prefix}{order.number}"'),
        why="A misspelt setting would be missing, and the text that it is part of would be written without it.",
    ),
    Code(
        "R203",
        "An unknown table",
        "There is no table of that name in this file or in the packs that it uses.",
        'table class_for\n  state -> class\n  "MD" -> "East"\nend\n'
        + rule("set books.class to lookup class_fr(ship_to.state)"),
        'table class_for\n  state -> class\n  "MD" -> "East"\nend\n'
        + rule("set books.class to lookup class_for(ship_to.state)"),
        why="A look-up in a table that is not there would find nothing for any order.",
    ),
    Code(
        "R204",
        "An unknown column",
        "The table has no output of that name.",
        'table tax_for\n  state -> code | rate\n  "MD" -> "MD Tax" | "6"\n  otherwise -> "Non" | "0"\nend\n'
        + rule("set books.tax_code to lookup tax_for(ship_to.state).cod\n    tag lookup tax_for(ship_to.state).rate"),
        'table tax_for\n  state -> code | rate\n  "MD" -> "MD Tax" | "6"\n  otherwise -> "Non" | "0"\nend\n'
        + rule("set books.tax_code to lookup tax_for(ship_to.state).code\n    tag lookup tax_for(ship_to.state).rate"),
        why="A column that is not there would give nothing for any row.",
    ),
    Code(
        "R205",
        "An unknown function",
        "There is no function of that name. The reference lists all functions.",
        rule("set order.number to uper(order.number)"),
        rule("set order.number to upper(order.number)"),
        why="A function that is not there would give nothing for any order.",
    ),
    Code(
        "R206",
        "An unknown kind of record",
        "Rules are for order, refund, customer, product, stock or purchase.",
        'rule "A"\n  for ordr\n  then skip "No"\nend\n',
        'rule "A"\n  for order\n  then skip "No"\nend\n',
        why="A rule for a kind of record that does not exist would never run.",
    ),
    Code(
        "R207",
        "Items that this record does not have",
        "`for each`, `some`, `count` and `sum` go over a list of items, such as order.lines, by the word for one item.",
        rule('tag "x"', scope="for each payment in order.lines"),
        rule('tag "x"', scope="for each line in order.lines"),
        why="A loop over items that are not there would do nothing, in silence.",
    ),
    Code(
        "R208",
        "An unknown rule",
        "There is no rule with this title in the file; a pack's rule is written with the pack's short name before it.",
        rule('skip "No"', 'order.number is "1"', title="Skip it")
        + 'test "T"\n  given order\n    order.number = "1"\n  expect fired "Skip if"\nend\n',
        rule('skip "No"', 'order.number is "1"', title="Skip it")
        + 'test "T"\n  given order\n    order.number = "1"\n  expect fired "Skip it"\nend\n',
        why="A test about a rule that is not there can only say that it did not fire, which looks like a success.",
    ),
    Code(
        "R209",
        "An unknown flow",
        "There is no flow with this title in the file.",
        'flow "Web orders"\n  from woocommerce to quickbooks\n  sync orders\nend\n'
        + rule('skip "No"', 'order.number is "1"', scope='for order in flow "Web order"'),
        'flow "Web orders"\n  from woocommerce to quickbooks\n  sync orders\nend\n'
        + rule('skip "No"', 'order.number is "1"', scope='for order in flow "Web orders"'),
        why="A rule or flow that waits for a flow that is not there would never run.",
    ),
    Code(
        "R210",
        "An unknown option",
        "A flow has no option of that name.",
        'flow "Web orders"\n  from woocommerce to quickbooks\n  sync orders\n  with record_a = sales_receipt\nend\n',
        'flow "Web orders"\n  from woocommerce to quickbooks\n  sync orders\n  with record_as = sales_receipt\nend\n',
        why="An option that nobody knows would be ignored, and the books would get what the default says.",
    ),
    Code(
        "R211",
        "An unknown system or kind of sync",
        "A flow goes from one kind of system (or connection, whose name stands in quotes) to another and moves one kind of record.",
        'flow "Web orders"\n  from woocomerce to quickbooks\n  sync orders\nend\n',
        'flow "Web orders"\n  from woocommerce to quickbooks\n  sync orders\nend\n',
        why="A flow from a system that is not there moves nothing.",
    ),
    Code(
        "R212",
        "Two of one title",
        "Titles name rules, flows and tests in logs, so each is used once (capitals make no difference).",
        rule('tag "a"', 'order.number is "1"') + rule('tag "b"', 'order.number is "2"'),
        rule('tag "a"', 'order.number is "1"') + rule('tag "b"', 'order.number is "2"', title="B"),
        why='The log says "Skip tests" was the reason: it has to be clear which rule that is.',
    ),
    Code(
        "R213",
        "Two of one name",
        "A setting, list or table has a name of its own; a column too, within its table.",
        'list shops is ["A"]\nlist shops is ["B"]\n' + rule('skip "No"', "order.store is one of shops"),
        'list shops is ["A", "B"]\n' + rule('skip "No"', "order.store is one of shops"),
        why="Of two things with one name each rule could mean another.",
    ),
    Code(
        "R214",
        "A field that cannot be reached here",
        "The field belongs to another kind of record, or to one item of a list: use it in a rule `for each` of these items, "
        "or in `some`, `count` or `sum`.",
        rule('skip "No"', 'line.sku is "HAT"'),
        rule('skip "No"', 'some line in order.lines where (line.sku is "HAT")'),
        why='An order has many lines: a condition about "the" SKU does not say of which.',
    ),
    Code(
        "R215",
        "An unknown type",
        "A setting is text, number, money, percent, date, yes/no, duration, a list of these, or names something in the books: "
        "account, class, item, tax_code, terms, location, payment_method, customer, vendor.",
        'setting prefix is txt default "A"\n' + rule('set order.number to "{prefix}{order.number}"'),
        'setting prefix is text default "A"\n' + rule('set order.number to "{prefix}{order.number}"'),
        why="The type says which values a setting may have, and where it can be used.",
    ),
    Code(
        "R216",
        "A name that hides a function",
        "A setting, list or table has the name of a function that is written without parentheses.",
        "setting today is date default 2026-01-01\n" + rule('skip "Old"', "order.date is before today"),
        "setting first_day is date default 2026-01-01\n" + rule('skip "Old"', "order.date is before first_day"),
        why="Whoever reads the rule takes it for the function: `today` would always be the same day.",
    ),
)
