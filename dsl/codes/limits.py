"""The codes of limits of the target and of the books (R5xx); changes when such a mistake gets a code of its own."""

from dsl.codes.code import Code, rule

LIMITS = (
    Code(
        "R501",
        "Longer than the books take",
        "The books refuse, or cut off, a value of this length in this field.",
        rule('set books.number to "ORDER-NUMBER-OF-THE-WEB-SHOP"'),
        rule('set books.number to "WEB-{order.number}"'),
        why="A cut-off order number may be the number of another order; a refused document is noticed only when it is posted.",
    ),
    Code(
        "R502",
        "Not in the books",
        "The books that this file was checked against have no account, class, item, tax code, terms, … of this name.",
        rule('set books.class to "Wholesle"', "order.store is present"),
        rule('set books.class to "Wholesale"', "order.store is present"),
        why="The books refuse a document that names what they do not have, for each order again.",
        books={"class": ("Retail", "Wholesale")},
    ),
    Code(
        "R503",
        "Switched off in the books",
        "The books have it, but it is inactive there, and cannot be used on new documents.",
        rule('set books.class to "Market stall"', "order.store is present"),
        rule('set books.class to "Retail"', "order.store is present"),
        why="The books refuse a document that names what is switched off, for each order again.",
        books={"class": ("Retail", "-Market stall")},
    ),
)
