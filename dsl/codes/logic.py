"""The codes of logic (R4xx); changes when such a mistake gets a code of its own."""

from dsl.codes.code import RULE, WARNING, Code, rule

LOGIC = (
    Code(
        "R401",
        "Two rules write one field",
        "Both rules may act on one record, and the later one wins. "
        "Say so with `override`, or let their conditions exclude each other.",
        rule('set books.class to "Web"', "order.total is more than 5")
        + rule('set books.class to "Shop"', "order.paid is yes", title="B"),
        rule('set books.class to "Web"', "order.total is more than 5")
        + rule('override books.class with "Shop"', "order.paid is yes", title="B"),
        WARNING,
        why="The later rule wins, which surprises whoever reads only the earlier one. Said aloud, it is a decision.",
    ),
    Code(
        "R402",
        "An unused setting",
        "No rule, flow or pack of the file reads this setting.",
        'setting prefix is text default "A"\n' + RULE + "\n",
        RULE + "\n",
        WARNING,
        why="A setting that nothing reads can be changed in the form, and nothing happens.",
    ),
    Code(
        "R403",
        "An unused list",
        "No rule or flow of the file reads this list.",
        'list shops is ["A"]\n' + RULE + "\n",
        RULE + "\n",
        WARNING,
        why="A list that nothing reads looks as if its entries counted.",
    ),
    Code(
        "R404",
        "An unused table",
        "No rule or flow of the file looks anything up in this table.",
        'table class_for\n  state -> class\n  "MD" -> "East"\nend\n' + RULE + "\n",
        RULE + "\n",
        WARNING,
        why="A table that nothing reads looks as if its rows counted.",
    ),
    Code(
        "R405",
        "A statement that cannot stand here",
        "`skip line`, `skip payment` and the like leave out one item: they stand in a rule `for each` of these items.",
        rule('skip payment "Store credit"'),
        rule('skip payment "Store credit"', scope="for each payment in order.payments"),
        why="Which of the items is meant would be a guess.",
    ),
    Code(
        "R406",
        "A row that is never reached",
        "A row before it fits everything.",
        'table class_for\n  state -> class\n  any -> "East"\n  "CA" -> "West"\nend\n'
        + rule("set books.class to lookup class_for(ship_to.state)"),
        'table class_for\n  state -> class\n  "CA" -> "West"\n  any -> "East"\nend\n'
        + rule("set books.class to lookup class_for(ship_to.state)"),
        WARNING,
        why="The row looks as if it counted, and never does.",
    ),
    Code(
        "R407",
        "Flows that wait for each other",
        "Each flow of the ring waits for another one, so none of them ever runs.",
        'flow "A"\n  from woocommerce to quickbooks\n  sync orders\n  after "A"\nend\n',
        'flow "A"\n  from woocommerce to quickbooks\n  sync orders\nend\n',
        why="None of the flows would ever begin, and no error would be seen: each politely waits.",
    ),
    Code(
        "R408",
        "A statement that never runs",
        "`skip`, `hold` and `fail` end the record, so nothing that stands after them in the same rule is done.",
        rule('skip "Old"\n    tag "old"', "order.date is before 2022-01-01"),
        rule('tag "old"\n    skip "Old"', "order.date is before 2022-01-01"),
        WARNING,
        why="The statement looks as if it was done, and never is.",
    ),
    Code(
        "R409",
        "A condition that is never true",
        "No record fits this condition, so what depends on it never happens. Two parts of it exclude each other, "
        "or one comparison is impossible by itself.",
        rule('set books.class to "South"', 'ship_to.state is "TX" and ship_to.state is "FL"'),
        rule('set books.class to "South"', 'ship_to.state is "TX" or ship_to.state is "FL"'),
        WARNING,
        why="A rule that never acts looks like one that does: what it should do is missed only when the books are wrong.",
    ),
    Code(
        "R410",
        "A condition that is always true",
        "Every record fits this condition, so it decides nothing. The usual case is `is not … or … is not …`: whatever the "
        "value is, it is not one of the two.",
        rule('set books.class to "Far"', 'ship_to.state is not "TX" or ship_to.state is not "MA"'),
        rule('set books.class to "Far"', 'ship_to.state is not "TX" and ship_to.state is not "MA"'),
        WARNING,
        why="In speech `not Texas or Massachusetts` means neither of them; in a condition it lets every state through.",
    ),
    Code(
        "R412",
        "A comparison with an empty text",
        'A field that is blank is missing, so it never is an empty text: `is ""` is never true, `is not ""` always.',
        rule('set books.po_number to "none"', 'order.po_number is ""'),
        rule('set books.po_number to "none"', "order.po_number is missing"),
        WARNING,
        why='Spreadsheets tell an empty cell by `""`, and shops send blanks and nothing at all for the same thing.',
    ),
    Code(
        "R413",
        "Asking whether a total is there",
        "Shipping, tax, discount, fees and tips of an order, and every count and sum, are 0 where there are none. They are "
        "never missing.",
        rule('tag "no shipping"', "order.shipping_total is missing"),
        rule('tag "no shipping"', "order.shipping_total is 0"),
        WARNING,
        why="Asked so, the rule never acts, although many orders have no shipping.",
    ),
    Code(
        "R414",
        "A rule that is never reached",
        "An earlier rule always ends the record (`skip`, `fail`), or leaves the item out, where this one would act. The first "
        "of them decides, and nothing after it runs.",
        rule('skip "Cancelled"', 'order.status is one of ["cancelled", "failed"]')
        + rule('tag "cancelled"', 'order.status is "cancelled"', title="B"),
        rule('skip "Failed"', 'order.status is "failed"')
        + rule('tag "cancelled"', 'order.status is "cancelled"', title="B"),
        WARNING,
        why="What the rule should do is never done, and the log of a single order does not show why.",
    ),
    Code(
        "R461",
        "A rule that no flow runs",
        "The flows of this file move other records than the rule is for, or from elsewhere.",
        'flow "Orders"\n  from woocommerce to quickbooks\n  sync orders\nend\n'
        + rule('tag "received"', "purchase.status is present", scope="for purchase"),
        'flow "Bills"\n  from woocommerce to quickbooks\n  sync purchases\nend\n'
        + rule('tag "received"', "purchase.status is present", scope="for purchase"),
        WARNING,
        why="The rule is checked and tested, and never runs.",
    ),
    Code(
        "R462",
        "An added item without an amount",
        "`add` makes a payment, fee, discount or shipping line; without `amount` it is one of nothing.",
        rule('add payment method = "Cash"', 'order.store is "Till"'),
        rule('add payment method = "Cash" amount = order.total', 'order.store is "Till"'),
        WARNING,
        why="An empty line in the books says that something was forgotten.",
    ),
    Code(
        "R463",
        "A setting without a value",
        "Rules read the setting, and nothing gives it a value: it has no `default`, and a pack's setting is not set in its `use`.",
        'setting bank is account\nflow "Orders"\n  from woocommerce to quickbooks\n  sync orders\nend\n'
        + rule("set books.deposit_account to bank"),
        'setting bank is account default "Checking"\nflow "Orders"\n  from woocommerce to quickbooks\n  sync orders\nend\n'
        + rule("set books.deposit_account to bank"),
        WARNING,
        why="What is missing writes nothing: the rule would do nothing, in silence.",
    ),
    Code(
        "R411",
        "A part of a condition that makes no difference",
        "Another part of the same condition says the same, or more. Nothing changes when it is taken out, so most likely "
        "another value, or another field, was meant.",
        rule('hold "Large"', "order.total is more than 500 and order.total is more than 1000"),
        rule('hold "Large"', "order.total is more than 1000"),
        WARNING,
        why="What makes no difference was written for a reason: the value that was meant is missing.",
    ),
    Code(
        "R415",
        "A value that is lost",
        "What is written here is always written again before anything reads it: by the same rule, or by a later one that "
        "overrides it for every record.",
        rule('set books.class to "Web"\n    set books.class to "Shop"'),
        rule('set books.class to "Web"\n    set books.location to "Shop"'),
        WARNING,
        why="Somebody expects the first value, and it never reaches the books.",
    ),
    Code(
        "R416",
        "A fill that never fills",
        "`fill` writes only where nothing is. Here something always is: it was set just before, by this rule or by an earlier "
        "one that acts on every record.",
        rule('set books.class to "Web"') + rule('fill books.class with "Shop"', title="B"),
        rule('set books.class to "Web"', 'order.store is "Web"') + rule('fill books.class with "Shop"', title="B"),
        WARNING,
        why="The value that it should give never reaches the books.",
    ),
    Code(
        "R417",
        "Two rules that do the same",
        "Both rules have the same condition and the same statements, under two titles. The second one changes nothing.",
        rule('tag "Web"', 'order.store is "Web"') + rule('tag "Web"', 'order.store is "Web"', title="B"),
        rule('tag "Web"', 'order.store is "Web"') + rule('tag "Shop"', 'order.store is "Shop"', title="B"),
        WARNING,
        why="Whoever changes one of them expects that to be enough; and a copy most likely was to be changed.",
    ),
    Code(
        "R418",
        "A field that was cleared just before",
        "The same rule clears this field before it reads it, so what is read is always missing.",
        rule("clear order.note\n    set books.memo to order.note"),
        rule("set books.memo to order.note\n    clear order.note"),
        WARNING,
        why="Statements run in their order: the value is gone before it can be moved.",
    ),
    Code(
        "R419",
        "A statement that changes nothing",
        "A field is set to itself, or a text is replaced by the same text.",
        rule("set order.number to order.number"),
        rule("set order.number to order.id"),
        WARNING,
        why="It was written to change something: most likely another field was meant.",
    ),
)
