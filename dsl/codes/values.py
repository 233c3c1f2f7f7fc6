"""The codes of values, tables and totals (R320-R339, R430-R459, R504-R529); changes when such a doubt gets a code of its own."""

from dsl.codes.code import WARNING, Code, rule

_CLASS = rule("set books.class to lookup class_for(ship_to.state)")

VALUES = (
    Code(
        "R430",
        "Keys without a row",
        "Some records fit no row of the table, and there is no `otherwise`: the look-up is missing there, and nothing is written. "
        "Add the row, or `otherwise -> missing` where nothing is meant.",
        "table rate_for\n  total -> rate\n  up to 100.00 USD -> 5%\n  more than 200.00 USD -> 7%\nend\n"
        + rule("set books.memo to text(lookup rate_for(order.total))"),
        "table rate_for\n  total -> rate\n  up to 100.00 USD -> 5%\n  more than 100.00 USD -> 7%\nend\n"
        + rule("set books.memo to text(lookup rate_for(order.total))"),
        WARNING,
    ),
    Code(
        "R431",
        "Two rows fit the same keys",
        "Where both rows fit, the upper one always counts. "
        "If that is meant, a row of its own above both says so; if not, make one of them narrower.",
        "table code_for\n  state | taxable -> code\n"
        + '  "MD" | any -> "MD Tax"\n  any | no -> "Non"\n  otherwise -> missing\nend\n'
        + rule("set books.tax_code to lookup code_for(ship_to.state, order.taxable)"),
        "table code_for\n  state | taxable -> code\n"
        + '  "MD" | yes -> "MD Tax"\n  any | no -> "Non"\n  otherwise -> missing\nend\n'
        + rule("set books.tax_code to lookup code_for(ship_to.state, order.taxable)"),
        WARNING,
    ),
    Code(
        "R432",
        "A cell that nothing fits",
        "No record ever has this key, so the row is never found by it: a word that the field never holds, an empty text "
        "(blank is missing), or a range from the larger to the smaller number.",
        'table class_for\n  state -> class\n  "Maryland" -> "East"\nend\n' + _CLASS,
        'table class_for\n  state -> class\n  "MD" -> "East"\nend\n' + _CLASS,
        WARNING,
    ),
    Code(
        "R433",
        "A column that makes no difference",
        "Whatever the key in this column is, the table gives the same.",
        'table class_for\n  state | taxable -> class\n  "MD" | any -> "East"\n  "CA" | any -> "West"\nend\n'
        + rule("set books.class to lookup class_for(ship_to.state, order.taxable)"),
        'table class_for\n  state -> class\n  "MD" -> "East"\n  "CA" -> "West"\nend\n' + _CLASS,
        WARNING,
    ),
    Code(
        "R434",
        "A column that nothing reads",
        "Rules look this table up, and none of them takes this output.",
        'table class_for\n  state -> class | manager\n  "MD" -> "East" | "Ann"\nend\n'
        + rule("set books.class to lookup class_for(ship_to.state).class"),
        'table class_for\n  state -> class\n  "MD" -> "East"\nend\n'
        + rule("set books.class to lookup class_for(ship_to.state).class"),
        WARNING,
    ),
    Code(
        "R436",
        "A comparison that a missing value passes",
        "`is not`, `is not one of`, `does not contain` and the like also hold where the field is missing. This rule then skips, "
        "or decides about tax or money, without anything to go by. Say which of the two is meant.",
        rule('set books.tax_code to "Non"', 'ship_to.state is not "TX"'),
        rule('set books.tax_code to "Non"', 'ship_to.state is present and ship_to.state is not "TX"'),
        WARNING,
    ),
    Code(
        "R437",
        "A tag of something missing",
        "`tag` always adds its tag: where the value in it is missing, the words `(not set)` stand in its place.",
        rule('tag "Till {order.register_id}"'),
        rule('tag "Till {order.register_id}"', "order.register_id is present"),
        WARNING,
    ),
    Code(
        "R440",
        "The document's total changes",
        "The document's total is what was received plus what rules changed. This rule changes one part and no other, so that the "
        "document says more or less than the customer paid. Move the amount, or say in the rule's note (with the word `total`) "
        "that it is meant.",
        rule('skip line "Wrapped"', scope='for each line in order.lines where line.sku is "WRAP"'),
        rule(
            'set order.shipping_total to order.shipping_total + line.amount\n       skip line "Wrapped"',
            scope='for each line in order.lines where line.sku is "WRAP"',
        ),
        WARNING,
    ),
    Code(
        "R442",
        "A total that no document is made of",
        "The fees and discounts of a document are the order's own, one by one; this field only says what they came to.",
        rule("set order.fee_total to 3.00 USD", 'order.payment_method is "PayPal"'),
        'rule "A"\n  note "The total rises by the handling fee."\n  for order\n  when order.payment_method is "PayPal"\n'
        '  then add fee name = "Handling" amount = 3.00 USD\nend\n',
        WARNING,
    ),
    Code(
        "R504",
        "May get longer than the books take",
        "Put together, the parts of this text can be longer than the field takes: the books would refuse or cut it.",
        'setting prefix is text default "ONLINE-STORE-"\n' + rule('set books.number to "{prefix}{order.number}"'),
        'setting prefix is text default "WEB-"\n' + rule('set books.number to "{prefix}{order.number}"'),
        WARNING,
    ),
    Code(
        "R506",
        "A field that the books need",
        "No document can be made without this field, and every record has it.",
        rule("clear order.date", 'order.store is "Test"'),
        rule("set order.date to today", 'order.store is "Test"'),
        WARNING,
    ),
)
