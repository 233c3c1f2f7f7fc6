"""Refunds of many orders come from one list where that can be trusted, else from each order."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.answers import Answer
from connectors.woocommerce.client import Got, Params, ShopClient
from connectors.woocommerce.lists import Lists
from connectors.woocommerce.refund_details import with_details
from tests.connectors.clocks import StandingClock

REFUNDS = {
    1: [{"id": 11, "parent_id": 1, "amount": "5.00"}, {"id": 12, "parent_id": 1, "amount": "6.00"}],
    2: [{"id": 21, "parent_id": 2, "amount": "7.00"}],
}
ORDERS = [
    {"id": one, "refunds": [{"id": each["id"], "total": f"-{each['amount']}"} for each in refunds]}
    for one, refunds in REFUNDS.items()
]


class Refunding(ShopClient):
    """A shop whose list of all refunds holds only those ids."""

    legacy = 0

    def __init__(self, listed: set[int]) -> None:
        self.listed = listed
        self.paths: list[str] = []

    def get(self, path: str, params: Params = (), *, kind: str = "list") -> Got:
        self.paths.append(path)
        if path == "refunds":
            wanted = dict(params)["include"].split(",")
            found = [each for some in REFUNDS.values() for each in some if str(each["id"]) in wanted]
            told = [each for each in found if each["id"] in self.listed]
        else:
            told = REFUNDS[int(path.split("/")[1])]
        return Got(told, Answer(status=200, headers={}, body=b"", url=""))

    def room_for(self, path: str, params: Params) -> int:
        return 150


@pytest.mark.parametrize(
    ("listed", "paths"),
    [
        ({11, 12, 21}, ["refunds"]),
        ({11, 21}, ["refunds", "orders/1/refunds"]),
        (set(), ["refunds", "orders/1/refunds", "orders/2/refunds"]),
    ],
    ids=["whole", "one is missing", "nothing"],
)
def test_an_order_of_which_the_list_lacks_a_refund_is_asked_for_itself(listed: set[int], paths: list[str]) -> None:
    client = Refunding(listed)
    found = with_details(Lists(client, StandingClock(), None, "10.0.2"), ORDERS)
    told: dict[int, list[Any]] = {each["id"]: [refund["amount"] for refund in each["refunds"]] for each in found}
    assert told == {1: ["5.00", "6.00"], 2: ["7.00"]}
    assert client.paths == paths
