"""engine/log.py: how lines of the log read, for people who have to find out why an order is not in the books"""

from __future__ import annotations

import pytest

from engine.log import words


@pytest.mark.parametrize(
    ("code", "values", "said"),
    [
        ("skipped", {"order": "7", "message": "Its total is zero"}, "Order #7: left out: Its total is zero"),
        (
            "held_back",
            {"order": "7", "message": "No tax code for GB", "rule": "Tax code by place", "next_step": "Ask."},
            "Order #7: held: No tax code for GB (rule 'Tax code by place'). Ask.",
        ),
        (
            "failed",
            {"order": "7", "message": "No such store", "rule": "Stores"},
            "Order #7: failed: No such store (rule 'Stores')",
        ),
        (
            "reconnect_needed",
            {"message": "QuickBooks no longer accepts this connection", "next_step": "Connect it again."},
            "QuickBooks no longer accepts this connection. Connect it again.",
        ),
        (
            "retry",
            {"order": "7", "message": "It is busy!", "next_step": "Wait."},
            "Order #7: document is tried again later: It is busy! Wait.",
        ),
        ("shop_trouble", {"message": "The shop is away.", "next_step": "Wait."}, "The shop is away. Wait."),
        ("posted", {"order": "#7", "document": "invoice", "number": "7"}, "Order #7: invoice 7"),
        ("rule_log", {"order": "#7", "message": "Picked up"}, "Order #7: Picked up"),
    ],
)
def test_a_line_says_what_became_of_the_order_and_why(code: str, values: dict[str, str], said: str) -> None:
    assert words(code, values) == said
