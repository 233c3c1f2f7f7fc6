"""The codes of style (R9xx): what works, but reads badly; changes when such a doubt gets a code of its own."""

from dsl.codes.code import WARNING, Code, rule

STYLE: tuple[Code, ...] = (
    Code(
        "R950",
        "`and` beside `or`",
        "Where both stand in one condition without parentheses, `and` binds first, which not every reader expects. An `or` "
        "that begins a line of its own says as much.",
        rule('skip "Not paid"', 'order.paid is no and order.total is more than 0 or order.status is "failed"'),
        rule('skip "Not paid"', '(order.paid is no and order.total is more than 0) or order.status is "failed"'),
        WARNING,
        why="Read the other way round, the same words skip other orders. Parentheses change nothing but the reading.",
    ),
)
