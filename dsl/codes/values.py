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
        why="A look-up that finds nothing says nothing; what it should have written is simply not there.",
        by_hand=True,
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
        why="Whoever reads the lower row takes it that it holds.",
        by_hand=True,
    ),
    Code(
        "R432",
        "A cell that nothing fits",
        "No record ever has this key, so the row is never found by it: a word that the field never holds, an empty text "
        "(blank is missing), or a range from the larger to the smaller number.",
        'table class_for\n  state -> class\n  "Maryland" -> "East"\nend\n' + _CLASS,
        'table class_for\n  state -> class\n  "MD" -> "East"\nend\n' + _CLASS,
        WARNING,
        why="The row looks as if it were at work.",
    ),
    Code(
        "R433",
        "A column that makes no difference",
        "Whatever the key in this column is, the table gives the same.",
        'table class_for\n  state | taxable -> class\n  "MD" | any -> "East"\n  "CA" | any -> "West"\nend\n'
        + rule("set books.class to lookup class_for(ship_to.state, order.taxable)"),
        'table class_for\n  state -> class\n  "MD" -> "East"\n  "CA" -> "West"\nend\n' + _CLASS,
        WARNING,
        why="Every row has to be kept up for it.",
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
        why="Somebody keeps it up, and nothing comes of it.",
    ),
    Code(
        "R436",
        "A comparison that a missing value passes",
        "`is not`, `is not one of`, `does not contain` and the like also hold where the field is missing. This rule then skips, "
        "or decides about tax or money, without anything to go by. Say which of the two is meant.",
        rule('set books.tax_code to "Non"', 'ship_to.state is not "TX"'),
        rule('set books.tax_code to "Non"', 'ship_to.state is present and ship_to.state is not "TX"'),
        WARNING,
        why="An order without an address is not an order from another state.",
        by_hand=True,
    ),
    Code(
        "R437",
        "A tag of something missing",
        "`tag` always adds its tag: where the value in it is missing, the words `(not set)` stand in its place.",
        rule('tag "Till {order.register_id}"'),
        rule('tag "Till {order.register_id}"', "order.register_id is present"),
        WARNING,
        why="A tag that reads (not set) is found by nobody who looks for orders without one.",
        by_hand=True,
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
        why="A payment that is larger or smaller than its invoice leaves something open that somebody has to explain.",
        by_hand=True,
    ),
    Code(
        "R442",
        "A total that no document is made of",
        "The fees and discounts of a document are the order's own, one by one; this field only says what they came to.",
        rule("set order.fee_total to 3.00 USD", 'order.payment_method is "PayPal"'),
        'rule "A"\n  note "The total rises by the handling fee."\n  for order\n  when order.payment_method is "PayPal"\n'
        '  then add fee name = "Handling" amount = 3.00 USD\nend\n',
        WARNING,
        why="The rule seems to change what the books get, and changes nothing.",
    ),
    Code(
        "R443",
        "A rule of a flow that is off",
        "The rule runs in one flow only, and that flow is switched off.",
        'flow "Web orders" off\n  from woocommerce to quickbooks\n  sync orders\nend\n'
        + rule('tag "web"', 'order.store is "Web"', scope='for order in flow "Web orders"'),
        'flow "Web orders"\n  from woocommerce to quickbooks\n  sync orders\nend\n'
        + rule('tag "web"', 'order.store is "Web"', scope='for order in flow "Web orders"'),
        WARNING,
        why="A flow that was switched off for a week is easily forgotten, and its rules look as if they worked.",
    ),
    Code(
        "R444",
        "A pack that does nothing",
        "Every rule of the pack is turned off, and nothing else of it is read.",
        'use "shop/web" version "1" as web\n  turn off "Web orders"\nend\n',
        'use "shop/web" version "1" as web\nend\n',
        WARNING,
        why="Who reads the file takes it that the pack is at work.",
        packs={"shop/web@1": 'rule "Web orders"\n  for order\n  when order.store is "Web"\n  then tag "web"\nend\n'},
    ),
    Code(
        "R446",
        "A pattern that is a plain text",
        "Nothing in this pattern has a special meaning, so one of the plain comparisons says the same, without regard to capitals.",
        rule('tag "gift"', 'order.note matches pattern "gift"'),
        rule('tag "gift"', 'order.note contains "gift"'),
        WARNING,
        why="`matches pattern` is the one comparison that tells `Gift` from `gift`, which hardly anybody wants.",
        by_hand=True,
    ),
    Code(
        "R447",
        "Wildcards without a wildcard",
        "`matches` compares the whole text; without `*` or `?` it is `is`.",
        rule('tag "hat"', 'order.store matches "Hats"'),
        rule('tag "hat"', 'order.store is "Hats"'),
        WARNING,
        why="Mostly a star was forgotten, and the rule fits far less than was meant.",
    ),
    Code(
        "R448",
        "Slashes around a pattern",
        "Other languages write patterns between slashes, with letters such as `i` behind them. Here the pattern is what stands "
        "between the quotes, and `(?i)` at its start takes capitals and small letters alike.",
        rule('tag "gift"', 'order.note matches pattern "/gift|wrap/i"'),
        rule('tag "gift"', 'order.note matches pattern "(?i)gift|wrap"'),
        WARNING,
        why="Hardly a note has slashes in it, so the rule never acts.",
        by_hand=True,
    ),
    Code(
        "R449",
        "A pattern where wildcards stand",
        "`matches` knows `*` (any letters) and `?` (one letter) and nothing else. `matches pattern` takes patterns.",
        rule('tag "hat"', 'order.store matches "Hats [0-9]+"'),
        rule('tag "hat"', 'order.store matches pattern "Hats [0-9]+"'),
        WARNING,
        why="The brackets are looked for as they stand, and nobody's store has them.",
        by_hand=True,
    ),
    Code(
        "R450",
        "A prefix that is put twice",
        "An earlier rule has put this text there already, and this one puts it there again.",
        rule('set order.number to "WC-{order.number}"') + rule('set books.number to "WC-{order.number}"', title="B"),
        rule('set order.number to "WC-{order.number}"') + rule("set books.number to order.number", title="B"),
        WARNING,
        why="A rule reads what the rules above it left, so the number would read WC-WC-1042.",
    ),
    Code(
        "R320",
        "A division by zero",
        "Its result is always missing, so whatever is done with it is not done.",
        rule("set books.memo to text(order.total / 0)"),
        rule("set books.memo to text(order.total / 2)"),
        WARNING,
        why="Nothing fails, and nothing is written: the rule is dead without a word.",
    ),
    Code(
        "R321",
        "Exactly what it never is",
        "`is exactly` tells capitals from small letters, and this field is never written so.",
        rule('tag "dollars"', 'order.currency is exactly "usd"'),
        rule('tag "dollars"', 'order.currency is exactly "USD"'),
        WARNING,
        why="The condition reads well and never holds.",
    ),
    Code(
        "R322",
        "A rate that is no percentage",
        "Seven and a half percent is 7.5%. As a plain number it makes the tax seven and a half times the amount; as 0.075% next "
        "to nothing.",
        rule("set line.tax_amount to line.amount * 7.5", scope="for each line in order.lines"),
        rule("set line.tax_amount to line.amount * 7.5%", scope="for each line in order.lines"),
        WARNING,
        why="A tax a hundred times too high or too low is found when the return is filed.",
        by_hand=True,
    ),
    Code(
        "R324",
        "A start in another century",
        "The flow starts in a year in which nobody keeps books with this program.",
        'flow "Web orders"\n  from woocommerce to quickbooks\n  sync orders\n  starting 01/31/0226\nend\n',
        'flow "Web orders"\n  from woocommerce to quickbooks\n  sync orders\n  starting 01/31/2026\nend\n',
        WARNING,
        why="A start that lies too far back brings in every order there ever was, one too far ahead none.",
    ),
    Code(
        "R325",
        "A value that is compared in vain",
        "A list or setting holds a value that the field, with which it is compared, never has.",
        'list east is ["Maryland", "VA"]\n' + rule('set books.class to "East"', "ship_to.state is one of east"),
        'list east is ["MD", "VA"]\n' + rule('set books.class to "East"', "ship_to.state is one of east"),
        WARNING,
        why="States and countries are codes in every shop; the long word fits no order.",
    ),
    Code(
        "R326",
        "A discount below zero",
        "Discounts are positive amounts that are taken off; a negative one would be put on top.",
        'rule "A"\n  note "The total falls by what loyal customers get."\n  for order\n  when order.store is "Web"\n'
        '  then add discount name = "Loyal" amount = -5.00 USD\nend\n',
        'rule "A"\n  note "The total falls by what loyal customers get."\n  for order\n  when order.store is "Web"\n'
        '  then add discount name = "Loyal" amount = 5.00 USD\nend\n',
        WARNING,
        why="The customer would be charged what was promised as a reduction.",
    ),
    Code(
        "R504",
        "May get longer than the books take",
        "Put together, the parts of this text can be longer than the field takes: the books would refuse or cut it.",
        'setting prefix is text default "ONLINE-STORE-"\n' + rule('set books.number to "{prefix}{order.number}"'),
        'setting prefix is text default "WEB-"\n' + rule('set books.number to "{prefix}{order.number}"'),
        WARNING,
        why="Most numbers are short enough, so it is the odd order that stops, months later.",
        by_hand=True,
    ),
    Code(
        "R506",
        "A field that the books need",
        "No document can be made without this field, and every record has it.",
        rule("clear order.date", 'order.store is "Test"'),
        rule("set order.date to today", 'order.store is "Test"'),
        WARNING,
        why="An order that cannot become a document waits for a person, each one of them.",
        by_hand=True,
    ),
    Code(
        "R510",
        "An account of the wrong type",
        "The books take accounts of certain types in this place: deposits go to a bank account or another current asset, for "
        "example, and never to an income account.",
        rule('set books.deposit_account to "Web Sales"', 'order.payment_method is "PayPal"'),
        rule('set books.deposit_account to "PayPal"', 'order.payment_method is "PayPal"'),
        WARNING,
        why="The books refuse the document, with an error that names no field.",
        books={"account": ("PayPal = Bank", "Web Sales = Income")},
        by_hand=True,
    ),
    Code(
        "R511",
        "An account in another currency",
        "The account is kept in a currency other than that of the books.",
        rule('set books.deposit_account to "Euro account"', 'order.payment_method is "PayPal"'),
        rule('set books.deposit_account to "PayPal"', 'order.payment_method is "PayPal"'),
        WARNING,
        why="A document in one currency cannot be paid into an account of another one.",
        books={"account": ("PayPal = Bank, USD", "Euro account = Bank, EUR")},
    ),
    Code(
        "R512",
        "A category where an item belongs",
        "Categories only hold items together: a line of a document names an item.",
        rule('set line.item to "Hats"', scope='for each line in order.lines where line.sku starts with "HAT"'),
        rule('set line.item to "Red hat"', scope='for each line in order.lines where line.sku starts with "HAT"'),
        WARNING,
        why="The books refuse a line that names a category.",
        books={"item": ("Hats = category", "Hats:Red hat = inventory")},
    ),
)
