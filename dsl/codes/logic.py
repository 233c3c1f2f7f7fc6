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
        "An earlier rule always ends the record (`skip`, `fail`) where this one would act. The first of them decides, and "
        "nothing after it runs.",
        rule('skip "Cancelled"', 'order.status is one of ["cancelled", "failed"]')
        + rule('tag "cancelled"', 'order.status is "cancelled"', title="B"),
        rule('skip "Failed"', 'order.status is "failed"')
        + rule('tag "cancelled"', 'order.status is "cancelled"', title="B"),
        WARNING,
        why="What the rule should do is never done, and the log of a single order does not show why.",
    ),
)
