"""sandbox/quickbooks/webhooks.py"""

from __future__ import annotations

import json
import queue
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from flask import Flask, Response, request
from quickbooks.client import QuickBooks

from sandbox.quickbooks import Options, Receiver, RunningQuickBooks, start
from sandbox.server import serve

Inbox = queue.Queue[tuple[str, str, bytes]]


@pytest.fixture
def inbox() -> Inbox:
    return queue.Queue()


@pytest.fixture
def address(inbox: Inbox) -> Iterator[str]:
    app = Flask(__name__)
    refusals = [500]

    @app.post("/hook")
    def hook() -> Response:
        if refusals:
            return Response(status=refusals.pop())  # the first attempt fails; it must come again
        inbox.put((request.headers["intuit-signature"], request.headers["Content-Type"], request.get_data()))
        return Response(status=200)

    with serve(app) as server:
        yield f"{server.url}/hook"


@pytest.fixture
def running() -> Iterator[RunningQuickBooks]:
    with start(Options()) as books:
        yield books


def post(books: RunningQuickBooks, path: str, body: Any, **parameters: str) -> Any:
    return requests.post(
        f"{books.url}/v3/company/{books.realm_id}/{path}",
        data=json.dumps(body),
        params=parameters,
        headers={"Authorization": f"Bearer {books.ready()['access_token']}"},
        timeout=5,
    ).json()


def invoice() -> Any:
    detail = {"ItemRef": {"value": "10"}}
    line = {"Amount": 35, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
    return {"CustomerRef": {"value": "1"}, "Line": [line]}


def test_changes_are_told_as_signed_cloud_events(running: RunningQuickBooks, inbox: Inbox, address: str) -> None:
    running.tell(Receiver(address, verifier_token="secret"))
    key = post(running, "invoice", invoice())["Invoice"]["Id"]
    signature, content_type, body = inbox.get(timeout=10)
    (event,) = json.loads(body)
    assert content_type == "application/cloudevents+json"
    assert (event["type"], event["intuitentityid"]) == ("qbo.invoice.created.v1", key)
    assert event["intuitaccountid"] == running.realm_id
    assert QuickBooks.validate_webhook_signature(None, body.decode(), signature, "secret") is True


def test_the_older_form_and_every_operation(running: RunningQuickBooks, inbox: Inbox, address: str) -> None:
    asked = {"url": address, "form": "legacy"}
    requests.post(f"{running.url}/__sandbox__/webhooks", json=asked, timeout=5)

    def told() -> list[tuple[str, str]]:
        note = json.loads(inbox.get(timeout=10)[2])["eventNotifications"][0]
        assert note["realmId"] == running.realm_id
        return [(each["name"], each["operation"]) for each in note["dataChangeEvent"]["entities"]]

    key = post(running, "invoice", invoice())["Invoice"]["Id"]
    assert told() == [("Invoice", "Create")]
    payment = {
        "CustomerRef": {"value": "1"},
        "TotalAmt": 35,
        "Line": [{"Amount": 35, "LinkedTxn": [{"TxnId": key, "TxnType": "Invoice"}]}],
    }
    post(running, "payment", payment)
    assert told() == [("Payment", "Create"), ("Invoice", "Update")]
    running.edit("Invoice", key, "void")
    assert ("Invoice", "Void") in told()
    running.edit("Invoice", key, "delete")
    assert told() == [("Invoice", "Delete")]


def test_what_intuit_tells_nobody_about_is_not_told(running: RunningQuickBooks, inbox: Inbox, address: str) -> None:
    running.tell(Receiver(address))
    rates = [{"TaxRateName": "Six", "RateValue": "6", "TaxAgencyId": "1", "TaxApplicableOn": "Sales"}]
    assert "TaxCode" in post(running, "taxservice/taxcode", {"TaxCode": "Maryland", "TaxRateDetails": rates})
    post(running, "customer", {"DisplayName": "Cooler Cars"})
    (event,) = json.loads(inbox.get(timeout=10)[2])
    assert event["type"] == "qbo.customer.created.v1"


def test_a_message_may_come_twice_and_a_fault_tells_nothing(
    running: RunningQuickBooks, inbox: Inbox, address: str
) -> None:
    running.tell(Receiver(address, copies=2))
    post(running, "customer", {"DisplayName": "Cool Cars"})
    post(running, "customer", {"DisplayName": "Cooler Cars"})
    first, second = (inbox.get(timeout=10)[2] for _ in range(2))
    assert first == second
    assert json.loads(first)[0]["type"] == "qbo.customer.created.v1"
