"""The codes of limits of the target and of the books (R5xx); changes when such a mistake gets a code of its own."""

from dsl.codes.code import Code, rule

LIMITS = (
    Code(
        "R501",
        "Longer than the books take",
        "The books refuse, or cut off, a value of this length in this field.",
        rule('set books.number to "ORDER-NUMBER-OF-THE-WEB-SHOP"'),
        rule('set books.number to "WEB-{order.number}"'),
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
)
