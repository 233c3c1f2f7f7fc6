"""A change of what stands: what a person did in QuickBooks is kept, what QuickBooks adds is nobody's change."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from connectors.quickbooks.body import dump, load
from connectors.quickbooks.decoding import posted
from connectors.quickbooks.encoding import encode
from connectors.quickbooks.updating import edited, three_way
from connectors.records import Address
from tests.connectors.quickbooks_kit import US, Names, line, receipt

Body = dict[str, Any]


def _sent(**changes: Any) -> Body:
    lines = changes.pop("lines", (line("20.00", quantity=Decimal(2), unit_price=Decimal(10), description="Pump"),))
    return encode(
        receipt(*lines, type="invoice", **{"shipping_total": Decimal(5), "tax_code": "Maryland", **changes}),
        Names(),
        US,
    )[1]


def _stored(sent: Body, **changes: Any) -> Body:
    """What QuickBooks makes of it: names in references, line ids, a subtotal line, computed tax, shipping last."""
    there = copy.deepcopy(json.loads(dump(sent), parse_float=Decimal))
    there |= {"Id": "77", "SyncToken": "3", "domain": "QBO", "sparse": False, "TotalAmt": Decimal("26.50")}
    there["CustomerRef"]["name"] = "Ann Lee"
    for index, item in enumerate(there["Line"], 1):
        item |= {"Id": str(index), "LineNum": index}
    there["Line"].insert(1, {"Amount": Decimal(20), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}})
    there["TxnTaxDetail"] |= {"TotalTax": Decimal("1.50"), "TaxLine": [{"Amount": Decimal("1.50")}]}
    there["DueDate"] = "2026-02-13"
    there["BillAddr"] = {"Id": "12", "Line1": "from the customer", "Lat": "1"}
    there["MetaData"] = {"CreateTime": "2026-01-14T10:00:00-08:00"}
    return {**there, **changes}


def _change(wanted: Body, sent: Body, there: Body) -> tuple[Body, tuple[str, ...]]:
    return three_way("Invoice", wanted, posted("Invoice", there), sent)


def test_nothing_wanted_anew_is_nothing_to_write() -> None:
    sent = _sent()
    assert _change(_sent(), sent, _stored(sent)) == ({}, ())


def test_an_edit_by_a_person_that_we_do_not_want_changed_is_left_and_is_no_news() -> None:
    sent = _sent(memo="ours")
    there = _stored(sent, PrivateNote="theirs\ncloudcart:ABCDEFGHIJKLMNOP", CustomerMemo={"value": "Hi"})
    assert _change(_sent(memo="ours"), sent, there) == ({}, ())


def test_only_what_changes_is_written() -> None:
    sent = _sent(po_number="1", message="Thanks")
    body, kept = _change(_sent(po_number="1", message="Thank you"), sent, _stored(sent))
    assert kept == ()
    assert body == {
        "Id": "77",
        "SyncToken": "3",
        "sparse": True,
        "CustomerRef": {"value": "customer:Ann Lee", "name": "Ann Lee"},
        "CustomerMemo": {"value": "Thank you"},
    }


def test_a_field_that_a_person_changed_is_kept_and_named() -> None:
    sent = _sent(message="Thanks")
    there = _stored(sent, CustomerMemo={"value": "Dear Ann, thanks"})
    assert _change(_sent(message="Thank you"), sent, there) == ({}, ("CustomerMemo",))


def test_a_person_who_made_the_very_change_leaves_nothing_to_do() -> None:
    sent = _sent(message="Thanks")
    there = _stored(sent, CustomerMemo={"value": "Thank you"})
    assert _change(_sent(message="Thank you"), sent, there) == ({}, ())


def test_what_a_person_put_where_we_sent_nothing_is_kept() -> None:
    sent = _sent()
    there = _stored(sent, DepartmentRef={"value": "department:Elsewhere", "name": "Elsewhere"})
    assert _change(_sent(location="Annapolis"), sent, there) == ({}, ("DepartmentRef",))


# what a person does to an invoice that stands -> the fields that are told
EDITS: dict[str, tuple[Body, tuple[str, ...]]] = {
    "nothing": ({}, ()),
    "what QuickBooks fills in by itself": ({"DueDate": "2026-03-31", "EmailStatus": "EmailSent"}, ()),
    "another note": ({"PrivateNote": "called her\ncloudcart:ABCDEFGHIJKLMNOP"}, ("PrivateNote",)),
    "what we left empty": ({"TrackingNum": "1Z999", "ShipDate": "2026-02-01"}, ("ShipDate", "TrackingNum")),
    "another line": ({"Line": []}, ("Line",)),
}


@pytest.mark.parametrize("case", EDITS)
def test_the_fields_that_a_person_changed_are_named(case: str) -> None:
    changes, fields = EDITS[case]
    sent = {**_sent(), "EmailStatus": "NeedToSend"}
    assert edited(posted("Invoice", _stored(sent, **changes)), sent) == fields


def test_what_quickbooks_filled_in_itself_gives_way() -> None:
    sent = _sent()
    body, kept = _change(_sent(message="Thanks"), sent, _stored(sent, CustomerMemo={"value": "the company's default"}))
    assert (body["CustomerMemo"], kept) == ({"value": "Thanks"}, ())


def test_new_lines_keep_the_ids_of_those_they_replace_and_tax_is_computed_anew() -> None:
    sent = _sent()
    wanted = _sent(
        lines=(line("30.00", quantity=Decimal(3), unit_price=Decimal(10), description="Pump"), line("1", item="Hose"))
    )
    body, kept = _change(wanted, sent, _stored(sent))
    assert kept == ()
    assert [(item.get("Id"), item["Amount"]) for item in body["Line"]] == [
        ("1", Decimal(30)),
        (None, Decimal(1)),
        ("2", Decimal(5)),
    ]
    assert body["TxnTaxDetail"] == {"TxnTaxCodeRef": {"value": "tax_code:Maryland"}}


@pytest.mark.parametrize(
    "edit",
    [
        lambda lines: lines[0].update(Amount=Decimal(18)),
        lambda lines: lines[0].update(Description="Pump, blue"),
        lambda lines: lines[0]["SalesItemLineDetail"]["ItemRef"].update(value="item:Other"),
        lambda lines: lines.append({"Amount": Decimal(1), "DetailType": "SalesItemLineDetail"}),
        lambda lines: lines.pop(0),
    ],
)
def test_lines_that_a_person_changed_are_kept(edit: Callable[[list[Body]], object]) -> None:
    sent = _sent()
    there = _stored(sent)
    edit(there["Line"])
    body, kept = _change(_sent(lines=(line("30.00", description="Pump"),)), sent, there)
    assert kept == ("Line",)
    assert body == {}


@pytest.mark.parametrize("answered", [{}, {"ItemAccountRef": {"value": "the item's own"}}])
def test_accounts_that_quickbooks_does_not_take_are_no_persons_change(answered: Body) -> None:
    def wanted(amount: str, receivable: str) -> Body:
        return _sent(lines=(line(amount, account="Web sales"),), receivable_account=receivable)

    sent = wanted("20.00", "A/R")
    there = _stored(sent)
    del there["ARAccountRef"], there["Line"][0]["SalesItemLineDetail"]["ItemAccountRef"]
    there["Line"][0]["SalesItemLineDetail"] |= answered
    assert edited(posted("Invoice", there), sent) == ()
    body, kept = _change(wanted("30.00", "A/R"), sent, there)
    assert kept == ()
    assert body["Line"][0]["SalesItemLineDetail"]["ItemAccountRef"] == {"value": "account:Web sales"}


def test_lines_in_another_order_are_the_same_lines() -> None:
    sent = _sent()
    there = _stored(sent)
    there["Line"].reverse()
    body, kept = _change(_sent(lines=(line("30.00", description="Pump"),)), sent, there)
    assert (kept, "Line" in body) == ((), True)


def test_a_whole_write_with_other_lines_leaves_the_tax_of_the_old_ones_out() -> None:
    """Where the company computes tax by itself: what it computed from the old lines would stand as if it were given."""
    sent = _sent(tax_code=None, location="Annapolis")
    there = _stored({**sent, "TxnTaxDetail": {}})
    body, kept = _change(_sent(tax_code=None, lines=(line("30.00"),)), sent, there)
    assert kept == ()
    assert "sparse" not in body
    assert "TxnTaxDetail" not in body


def test_a_changed_payment_names_its_total_and_its_invoice_again() -> None:
    """QuickBooks takes a payment's lines all or none: without them the money would come off the invoice."""
    there = {
        "Id": "9", "SyncToken": "1", "CustomerRef": {"value": "5"}, "TotalAmt": 40, "PaymentRefNum": "ch_1",
        "Line": [{"Amount": 40, "LinkedTxn": [{"TxnId": "77", "TxnType": "Invoice"}], "LineEx": {}}],
    }  # fmt: skip
    sent, wanted = {"PaymentRefNum": "ch_1"}, {"PaymentRefNum": "ch_2"}
    body, _ = three_way("Payment", wanted, posted("Payment", there), sent)
    assert body == {
        "Id": "9", "SyncToken": "1", "sparse": True, "CustomerRef": {"value": "5"}, "TotalAmt": 40,
        "Line": [{"Amount": 40, "LinkedTxn": [{"TxnId": "77", "TxnType": "Invoice"}]}], "PaymentRefNum": "ch_2",
    }  # fmt: skip


def test_what_is_wanted_no_more_is_taken_out_by_writing_the_whole() -> None:
    """A sparse write cannot empty a field."""
    sent = _sent(message="Thanks", location="Annapolis")
    there = _stored(sent, TrackingNum="by hand")
    body, kept = _change(_sent(message="Thanks"), sent, there)
    assert kept == ()
    assert "sparse" not in body
    assert "DepartmentRef" not in body
    assert "TotalAmt" not in body
    assert "MetaData" not in body
    assert body["TrackingNum"] == "by hand"
    assert body["CustomerMemo"] == {"value": "Thanks"}
    assert body["BillAddr"]["Line1"] == "from the customer"


def test_what_is_gone_already_needs_no_write() -> None:
    sent = _sent(location="Annapolis")
    there = _stored(sent)
    del there["DepartmentRef"]
    assert _change(_sent(), sent, there) == ({}, ())


def test_an_address_with_a_line_more_is_a_persons() -> None:
    sent = _sent(ship_to=Address(line_1="1 Main St"))
    wanted = _sent(ship_to=Address(line_1="2 Main St"))
    same = _stored(sent, ShipAddr={"Id": "5", "Line1": "1 Main St", "Lat": "38", "Long": "-76"})
    assert _change(wanted, sent, same)[0]["ShipAddr"] == {"Line1": "2 Main St"}
    edited = _stored(sent, ShipAddr={"Id": "5", "Line1": "1 Main St", "Line2": "Apt 4"})
    assert _change(wanted, sent, edited) == ({}, ("ShipAddr",))


def test_what_was_last_sent_may_come_back_from_any_store() -> None:
    sent = _sent()
    as_text = json.loads(json.dumps(sent, default=str))
    assert _change(_sent(), as_text, _stored(sent)) == ({}, ())
    assert _change(_sent(), load(dump(sent)), _stored(sent)) == ({}, ())


def test_a_number_is_text_and_007_is_not_7() -> None:
    sent = _sent(number="7")
    body, _ = _change(_sent(number="007"), sent, _stored(sent))
    assert body["DocNumber"] == "007"


def test_an_items_stock_is_never_written_again() -> None:
    sent = {"Name": "Pump", "Type": "Inventory", "QtyOnHand": Decimal(5), "InvStartDate": "2025-01-01"}
    there = {**sent, "Id": "1", "SyncToken": "0", "QtyOnHand": Decimal(3), "Active": True, "Description": "by hand"}
    wanted = {**sent, "QtyOnHand": Decimal(9), "InvStartDate": "2024-01-01", "Sku": "P-1"}
    body, kept = three_way("Item", wanted, posted("Item", there), sent)
    assert kept == ()
    assert body == {**there, "Sku": "P-1"}
