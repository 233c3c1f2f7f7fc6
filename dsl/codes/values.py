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
)
