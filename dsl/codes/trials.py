"""The codes of tests in rule-set files (R6xx); changes when such a mistake gets a code of its own."""

from dsl.codes.code import RULE, Code

TESTS = (
    Code(
        "R601",
        "A test without a record",
        "`given` says which record the rules run on.",
        RULE + '\ntest "T"\n  expect skipped\nend\n',
        RULE + '\ntest "T"\n  given order\n    order.number = "1"\n  expect skipped\nend\n',
        why="Rules run on a record; without one the test could only fail, or succeed for nothing.",
    ),
    Code(
        "R602",
        "A field outside of an item",
        "Fields without a record's name belong to an item: write the item's word before them, as in `line sku = \"HAT\"`.",
        RULE + '\ntest "T"\n  given order\n    sku = "HAT"\n  expect not skipped\nend\n',
        RULE + '\ntest "T"\n  given order\n    line sku = "HAT"\n  expect not skipped\nend\n',
        why="It has to be clear which record or which item the value belongs to.",
    ),
    Code(
        "R603",
        "No item of that number",
        "Items are numbered from 1, in the order in which `given` names them.",
        RULE + '\ntest "T"\n  given order\n    line sku = "HAT"\n  expect line 0 sku is "HAT"\nend\n',
        RULE + '\ntest "T"\n  given order\n    line sku = "HAT"\n  expect line 1 sku is "HAT"\nend\n',
        why="An expectation about an item that is not there can never be met.",
    ),
)
