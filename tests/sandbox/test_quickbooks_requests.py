"""sandbox/quickbooks/api.py: batches, changes, request ids, uploads; app.py: error shapes, limits, administration"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.quickbooks import Limits

# -- batches


def test_a_batch_does_each_item_by_itself(books: Any) -> None:
    first, second, third, fourth, fifth = books.batch(
        {"bId": "a", "operation": "create", "Customer": {"DisplayName": "New one"}},
        {"bId": "b", "operation": "create", "Customer": {"DisplayName": "Cool Cars"}},
        {"bId": "c", "Query": "select * from Item where Name = 'Pump'"},
        {"bId": "d", "operation": "update", "Customer": {"Id": "2", "SyncToken": "9", "sparse": True, "Notes": "x"}},
        {"bId": "e", "Query": "select * from"},
    )
    assert (first["bId"], first["Customer"]["DisplayName"]) == ("a", "New one")
    assert second["Fault"]["type"] == "ValidationFault"
    assert second["Fault"]["Error"][0]["code"] == "6240"
    assert third["QueryResponse"]["Item"][0]["Id"] == "11"
    assert fourth["Fault"]["Error"][0]["code"] == "5010"
    assert fifth["Fault"]["Error"][0]["code"] == "4000"


def test_a_refused_item_leaves_nothing_behind(books: Any) -> None:
    stock = books.get("Item", "11")["QtyOnHand"]
    body = books.form(books.line(quantity=1), DocNumber="1001")
    books.batch({"bId": "a", "operation": "create", "Invoice": body})
    assert books.get("Item", "11")["QtyOnHand"] == stock


def test_batches_void_delete_and_allow_duplicates(books: Any) -> None:
    made = books.post("Invoice", books.form(DocNumber="7"))
    key = {"Id": made["Id"], "SyncToken": "0"}
    duplicate, void = books.batch(
        {
            "bId": "1",
            "operation": "create",
            "optionsData": "allowduplicatedocnum",
            "Invoice": books.form(DocNumber="7"),
        },
        {"bId": "2", "operation": "update", "optionsData": "void", "Invoice": {**key, "sparse": True}},
    )
    assert duplicate["Invoice"]["DocNumber"] == "7"
    assert (void["Invoice"]["TotalAmt"], void["Invoice"]["PrivateNote"]) == (0, "Voided")
    (deleted,) = books.batch({"bId": "3", "operation": "delete", "Invoice": {"Id": made["Id"], "SyncToken": "1"}})
    assert deleted["Invoice"]["status"] == "Deleted"


def test_at_most_thirty_items(books: Any, refused: Any) -> None:
    items = [{"bId": str(n), "Query": "select count(*) from Item"} for n in range(31)]
    assert len(books.batch(*items[:30])) == 30
    with pytest.raises(refused) as caught:
        books.batch(*items)
    assert (caught.value.status, caught.value.code, caught.value.message) == (
        400,
        1040,
        "Batch size exceeds allowed limit",
    )


def test_request_id_and_item_id_share_fifty_characters(books: Any, refused: Any) -> None:
    def item(key: str) -> Any:
        return {"bId": key, "operation": "create", "Customer": {"DisplayName": key}}

    assert "Customer" in books.batch(item("k" * 14), requestid="r" * 36)[0]
    with pytest.raises(refused, match="You cannot enter more than 50 characters in the request_id field"):
        books.batch(item("k" * 15), requestid="s" * 36)


BAD_ITEMS = [
    ({"operation": "create", "Customer": {"DisplayName": "x"}}, "2020"),
    ({"bId": "1", "operation": "create", "Widget": {}}, "2010"),
    ({"bId": "1", "operation": "create", "SalesOrder": {}}, "500"),
    ({"bId": "1", "operation": "burn", "Customer": {}}, "500"),
    ({"bId": "1", "operation": "create"}, "2020"),
]


@pytest.mark.parametrize(("item", "code"), BAD_ITEMS)
def test_items_that_are_none_get_their_fault(books: Any, item: Any, code: str) -> None:
    assert books.batch(item)[0]["Fault"]["Error"][0]["code"] == code


def test_a_batch_with_a_request_id_is_done_once(books: Any) -> None:
    item = {"bId": "1", "operation": "create", "SalesReceipt": books.form()}
    first = books.batch(item, requestid="batch-1")
    second = books.batch(item, requestid="batch-1")
    assert first == second
    assert books.query("select count(*) from SalesReceipt") == {"totalCount": 2}


# -- request ids


def test_a_repeated_request_id_gives_the_first_answer(books: Any) -> None:
    first = books.post("Invoice", books.form(), requestid="once")
    second = books.post("Invoice", books.form(), requestid="once")
    other_body = books.post("Invoice", books.form(PrivateNote="other"), requestid="once")
    assert first["Id"] == second["Id"] == other_body["Id"]
    assert books.post("Invoice", books.form(), requestid="twice")["Id"] != first["Id"]
    assert books.api.counts["replays"] == 2


def test_deletes_and_voids_are_replayed_too(books: Any) -> None:
    made = books.post("Invoice", books.form())
    key = {"Id": made["Id"], "SyncToken": "0"}
    first = books.post("Invoice", key, operation="void", requestid="v")
    assert books.post("Invoice", key, operation="void", requestid="v") == first
    gone = {"Id": made["Id"], "SyncToken": "1"}
    assert books.post("Invoice", gone, operation="delete", requestid="d")["status"] == "Deleted"
    assert books.post("Invoice", gone, operation="delete", requestid="d")["status"] == "Deleted"


def test_a_faulted_request_id_is_tried_anew(books: Any) -> None:
    assert books.code("Customer", {"DisplayName": "Cool Cars"}, requestid="f") == 6240
    assert books.post("Customer", {"DisplayName": "Cooler Cars"}, requestid="f")["DisplayName"] == "Cooler Cars"


def test_a_request_id_of_51_characters_is_refused(books: Any) -> None:
    assert books.code("Customer", {"DisplayName": "x"}, requestid="x" * 51) == 2130


def test_the_same_request_id_from_many_threads_makes_one_document(books: Any) -> None:
    keys: list[str] = []

    def go() -> None:
        keys.append(books.post("Invoice", books.form(), requestid="race")["Id"])

    threads = [threading.Thread(target=go) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1


def test_many_threads_make_as_many_documents_and_lose_no_stock(books: Any) -> None:
    stock = books.get("Item", "11")["QtyOnHand"]

    def go() -> None:
        for _ in range(5):
            books.post("Invoice", books.form(books.line(quantity=1)))

    threads = [threading.Thread(target=go) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert books.get("Item", "11")["QtyOnHand"] == stock - 30
    numbers = [row["DocNumber"] for row in books.rows("select * from Invoice maxresults 1000")]
    assert len(numbers) == len(set(numbers))


# -- changes


def changes(books: Any, entities: str, minutes: int = 5) -> Any:
    since = (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()
    _, answer = books.send("GET", "cdc", entities=entities, changedSince=since)
    return answer["CDCResponse"][0]["QueryResponse"]


def test_changes_list_what_is_new_and_what_is_gone(books: Any) -> None:
    made = books.post("Invoice", books.form())
    books.post("Invoice", {"Id": made["Id"], "SyncToken": "0"}, operation="delete")
    invoices, customers = changes(books, "Invoice,Customer")
    gone = invoices["Invoice"][-1]
    assert (gone["status"], gone["Id"]) == ("Deleted", made["Id"])
    assert "LastUpdatedTime" in gone["MetaData"]
    assert customers["maxResults"] == 18
    assert changes(books, "Customer,Invoice", minutes=-5) == [{}, {}]


def test_applying_a_payment_changes_the_invoice_and_selling_the_item(books: Any) -> None:
    invoice = books.post("Invoice", books.form())["Id"]
    books.api.company.clock.shift = 600
    books.post("Payment", books.pay(20, (20, "Invoice", invoice)))
    books.post("SalesReceipt", books.form())
    invoices, items = changes(books, "Invoice,Item", minutes=-5)
    assert [row["Id"] for row in invoices["Invoice"]] == [invoice]
    assert [row["Id"] for row in items["Item"]] == ["11"]


def test_changes_have_their_limits(books: Any) -> None:
    old = (datetime.now(UTC) - timedelta(days=31)).isoformat()
    _, answer = books.send("GET", "cdc", entities="Invoice", changedSince=old)
    assert answer["Fault"]["Error"][0]["Detail"] == (
        f"Operation cdc with changedSince date {old} which is older than fixed days is not supported."
    )
    now = datetime.now(UTC).isoformat()
    for entities in ("TaxCode", "TaxRate", "TaxAgency", "TimeActivity", "JournalCode"):
        _, answer = books.send("GET", "cdc", entities=entities, changedSince=now)
        assert answer["Fault"]["Error"][0]["code"] == "500"
    with books.api.company.books.lock:
        for number in range(1005):
            books.api.company.books.insert("Class", {"Name": f"c{number}", "FullyQualifiedName": f"c{number}"})
        books.api.company.books.commit()
    assert len(changes(books, "Class")[0]["Class"]) == 1000


# -- shapes


def test_the_fault_shape_and_its_header(books: Any) -> None:
    answer = books.http.post(f"{books.root}/customer", data="{}", headers={"Authorization": f"Bearer {books.token}"})
    body = answer.get_json()
    assert (answer.status_code, set(body)) == (400, {"Fault", "time"})
    assert set(body["Fault"]["Error"][0]) == {"Message", "Detail", "code", "element"}
    assert answer.headers["intuit_tid"]


def test_bodies_that_are_no_json_object(books: Any) -> None:
    for body in ("", "{", "[]", '{"DisplayName": NaN}', "<Customer/>"):
        assert books.code("Customer", body) == 2010


def test_unknown_addresses_are_unsupported(books: Any) -> None:
    for method, path in [("POST", "widget"), ("PUT", "customer"), ("GET", "customer/1/paint")]:
        status, answer = books.send(method, path)
        assert (status, answer["Fault"]["Error"][0]["code"]) == (400, "500")


@pytest.mark.parametrize(("key", "deleted"), [("999", False), ("x", False), ("23", True)])
def test_what_is_not_there_cannot_be_read(books: Any, refused: Any, key: str, deleted: bool) -> None:
    if deleted:
        key = books.post("Invoice", books.form())["Id"]
        books.post("Invoice", {"Id": key, "SyncToken": "0"}, operation="delete")
    with pytest.raises(refused) as caught:
        books.get("Invoice", key)
    assert (caught.value.code, caught.value.message) == (610, "Object Not Found")
    assert caught.value.detail.startswith("Object Not Found : Something you're trying to use has been made inactive.")


def test_another_realm_is_forbidden_in_the_gateways_shape(books: Any) -> None:
    answer = books.http.get("/v3/company/1/companyinfo/1", headers={"Authorization": f"Bearer {books.token}"})
    error = answer.get_json()["fault"]["error"][0]
    assert answer.status_code == 403
    assert error["message"] == "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403"
    assert error["code"] == "3100"


def test_an_ended_subscription_refuses_everything(quickbooks: Callable[..., Any]) -> None:
    assert quickbooks(subscription_ended=True).code("Customer", {"DisplayName": "x"}) == 6190


def test_amounts_are_numbers_with_their_own_digits(books: Any) -> None:
    answer = books.http.post(
        f"{books.root}/invoice",
        data='{"CustomerRef":{"value":"1"},"Line":[{"Amount":0.1,"DetailType":"SalesItemLineDetail",'
        '"SalesItemLineDetail":{"ItemRef":{"value":"10"},"Qty":1,"UnitPrice":0.1000001}},'
        '{"Amount":1234567890123.45,"DetailType":"SalesItemLineDetail",'
        '"SalesItemLineDetail":{"ItemRef":{"value":"10"}}},'
        '{"Amount":"0.20","DetailType":"SalesItemLineDetail","SalesItemLineDetail":{"ItemRef":{"value":"10"}}}]}',
        headers={"Authorization": f"Bearer {books.token}"},
    )
    assert b'"TotalAmt":1234567890123.75' in answer.get_data()
    assert b'"UnitPrice":0.1000001' in answer.get_data()


def test_text_of_every_kind_comes_back_as_it_went_in(books: Any) -> None:
    note = "quotes \" ' \\ <b>&amp; tab\t emoji 🎁 עברית \u0001 end"
    assert books.post("Invoice", books.form(PrivateNote=note))["PrivateNote"] == note


def test_every_minor_version_is_taken(books: Any) -> None:
    for version in (1, 53, 75, 99):
        assert books.get("Customer", "1", minorversion=version)["Id"] == "1"


# -- limits


def test_limits_answer_in_the_gateways_shape_and_pass_with_time(quickbooks: Callable[..., Any]) -> None:
    books = quickbooks(limits=Limits(enabled=True, per_minute=5, per_second=100))
    codes = [books.send("GET", "companyinfo/1")[0] for _ in range(6)]
    assert codes == [200] * 5 + [429]
    answer = books.http.get(f"{books.root}/companyinfo/1", headers={"Authorization": f"Bearer {books.token}"})
    error = answer.get_json()["fault"]["error"][0]
    assert error["message"] == "message=ThrottleExceeded; errorCode=003001; statusCode=429"
    assert error["detail"] == "The request limit was reached.  Try again later"
    assert "Retry-After" not in answer.headers
    books.api.company.clock.shift = 61
    assert books.send("GET", "companyinfo/1")[0] == 200


def test_calls_a_second_and_batches_a_minute_have_limits_of_their_own(quickbooks: Callable[..., Any]) -> None:
    books = quickbooks(limits=Limits(enabled=True, per_second=3, batches_per_minute=2))
    statuses = []
    for _ in range(3):
        item = {"bId": "1", "Query": "select count(*) from Item"}
        statuses.append(books.send("POST", "batch", {"BatchItemRequest": [item]})[0])
        books.api.company.clock.shift += 2
    assert statuses == [200, 200, 429]
    assert [books.send("GET", "companyinfo/1")[0] for _ in range(4)] == [200, 200, 200, 429]


# -- files


def test_an_upload_is_stored_and_can_be_fetched(books: Any) -> None:
    metadata = {"FileName": "a.txt", "ContentType": "text/plain", "Note": "see file"}
    content = base64.b64encode(b"hello").decode()
    for line_end in ("\n", "\r\n"):
        body = line_end.join(
            [
                "",
                "--XX",
                'Content-Disposition: form-data; name="file_metadata_01"',
                "Content-Type: application/json",
                "",
                json.dumps(metadata),
                "--XX",
                'Content-Disposition: form-data; name="file_content_01"; filename="b.txt"',
                "Content-Type: text/plain",
                "Content-Transfer-Encoding: base64",
                "",
                content,
                "--XX--",
                "",
            ]
        )
        answer = books.http.post(
            f"{books.root}/upload",
            data=body,
            headers={"Authorization": f"Bearer {books.token}"},
            content_type="multipart/form-data; boundary=XX",
        )
        stored = answer.get_json()["AttachableResponse"][0]["Attachable"]
        assert (stored["FileName"], stored["Size"], stored["Note"]) == ("a.txt", 5, "see file")
        status, link = books.send("GET", f"download/{stored['Id']}")
        assert status == 200
        assert books.http.get("/files/" + link.decode().rpartition("/")[2]).get_data() == b"hello"


def test_an_upload_that_is_none(books: Any) -> None:
    status, answer = books.send("POST", "upload", "x")
    assert (status, answer["Fault"]["Error"][0]["code"]) == (400, "1050")


# -- administration


def admin(books: Any, method: str, path: str, body: Any = None) -> Any:
    answer = books.http.open(f"/__sandbox__/{path}", method=method, json=body)
    return answer.get_json()


def test_the_books_and_the_counts_can_be_looked_at(books: Any) -> None:
    books.post("Customer", {"DisplayName": "x"})
    books.query("select * from Item")
    books.batch({"bId": "1", "Query": "select * from Item"})
    found = admin(books, "GET", "calls")["calls"]
    assert (found["total"], found["single"], found["query"], found["batch"], found["create:Customer"]) == (
        3,
        1,
        1,
        1,
        1,
    )
    assert len(admin(books, "GET", "books")["Customer"]) == 19
    assert set(admin(books, "GET", "books?entity=customer")) == {"Customer"}
    admin(books, "DELETE", "calls")
    assert admin(books, "GET", "calls")["calls"] == {}


def test_a_person_edits_the_books(books: Any) -> None:
    key = books.post("Invoice", books.form())["Id"]
    edit = {"entity": "Invoice", "id": key, "action": "change", "values": {"PrivateNote": "by hand"}}
    assert admin(books, "POST", "edit", edit)["Invoice"]["SyncToken"] == "1"
    assert admin(books, "POST", "edit", {**edit, "action": "void"})["Invoice"]["TotalAmt"] == 0
    assert admin(books, "POST", "edit", {**edit, "action": "delete"})["Invoice"]["status"] == "Deleted"
    assert admin(books, "POST", "edit", {**edit, "action": "delete"})["code"] == 610
    made = admin(books, "POST", "edit", {"entity": "Customer", "action": "create", "values": {"DisplayName": "Hand"}})
    assert made["Customer"]["DisplayName"] == "Hand"
    assert "error" in admin(books, "POST", "edit", {"entity": "Customer", "action": "paint"})


def test_reset_brings_the_first_books_back(books: Any) -> None:
    books.post("Customer", {"DisplayName": "x"})
    admin(books, "POST", "reset")
    assert books.query("select count(*) from Customer") == {"totalCount": 18}


def test_preferences_switches_limits_and_clock_are_set_from_outside(books: Any) -> None:
    admin(books, "POST", "preferences", {"SalesFormsPrefs": {"AllowShipping": True}})
    assert books.get("Preferences", "1")["SalesFormsPrefs"]["AllowShipping"] is True
    assert admin(books, "POST", "switches", {"retry_after": 7})["retry_after"] == 7
    assert "error" in admin(books, "POST", "switches", {"no_such_switch": 7})
    admin(books, "POST", "limits", {"enabled": True, "per_minute": 0})
    assert books.send("GET", "companyinfo/1")[0] == 429
    admin(books, "POST", "limits", {"enabled": False})
    assert admin(books, "POST", "clock", {"forward": 4000})["shift"] == 4000
    assert books.send("GET", "companyinfo/1")[0] == 401
