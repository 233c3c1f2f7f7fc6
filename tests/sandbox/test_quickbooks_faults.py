"""sandbox/quickbooks/injection.py, oauth.py, app.py over real connections"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from sandbox.quickbooks import Injected, Options, RunningQuickBooks, start

INVOICE: Any = {
    "CustomerRef": {"value": "1"},
    "Line": [
        {
            "Amount": 35,
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {"ItemRef": {"value": "10"}, "Qty": 1, "UnitPrice": 35},
        }
    ],
}


@pytest.fixture
def running() -> Iterator[RunningQuickBooks]:
    with start(Options()) as books:
        yield books


def post(books: RunningQuickBooks, path: str, body: Any, timeout: float = 5, **parameters: str) -> requests.Response:
    return requests.post(
        f"{books.url}/v3/company/{books.realm_id}/{path}",
        data=json.dumps(body),
        params=parameters,
        headers={"Authorization": f"Bearer {books.ready()['access_token']}", "Accept": "application/json"},
        timeout=timeout,
    )


def invoices(books: RunningQuickBooks) -> int:
    return len(books.books("Invoice"))


# -- injected faults

OUTCOMES = [
    ("500", 500, 0),
    ("503", 503, 0),
    ("504", 504, 0),
    ("applied_then_504", 504, 1),
    ("fault_200", 200, 0),
    ("html_502", 502, 0),
    ("429", 429, 0),
    ("401", 401, 0),
    ("applied_then_500", 500, 1),
    ("applied_then_503", 503, 1),
    ("applied_then_html_502", 502, 1),
    ("slow", 200, 1),
    ("timeout", None, 0),
    ("reset", None, 0),
    ("applied_then_timeout", None, 1),
    ("applied_then_reset", None, 1),
    ("late_apply", None, 0),
    ("truncated", None, 1),
]


@pytest.mark.parametrize(("kind", "status", "made"), OUTCOMES)
def test_each_fault_answers_and_applies_as_it_says(
    running: RunningQuickBooks, kind: str, status: int | None, made: int
) -> None:
    before = invoices(running)
    running.inject(Injected(kind, entity="Invoice", late_by=60))
    if status is None:
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            post(running, "invoice", INVOICE)
    else:
        assert post(running, "invoice", INVOICE).status_code == status
    assert invoices(running) == before + made
    assert post(running, "invoice", INVOICE).status_code == 200


def test_every_kind_of_fault_has_a_test() -> None:
    from sandbox.quickbooks.injection import KINDS

    batches = {"batch_shuffled", "batch_missing_bid", "batch_lost_reply"}
    assert {kind for kind, _, _ in OUTCOMES} | batches == set(KINDS)


def test_a_late_call_is_carried_out_when_its_time_has_come(running: RunningQuickBooks) -> None:
    before = invoices(running)
    running.inject(Injected("late_apply", late_by=30))
    with pytest.raises(requests.ConnectionError):
        post(running, "invoice", INVOICE)
    running.pass_time(29)
    assert invoices(running) == before
    running.pass_time(2)
    assert invoices(running) == before + 1


def test_a_repeat_before_the_late_call_makes_one_document_by_its_request_id(running: RunningQuickBooks) -> None:
    before = invoices(running)
    running.inject(Injected("late_apply", late_by=30))
    with pytest.raises(requests.ConnectionError):
        post(running, "invoice", INVOICE, requestid="r1")
    assert post(running, "invoice", INVOICE, requestid="r1").status_code == 200
    running.pass_time(31)
    assert invoices(running) == before + 1


@pytest.mark.parametrize("kind", ["late_apply", "applied_then_timeout"])
def test_a_forgotten_request_id_doubles_on_repeat(running: RunningQuickBooks, kind: str) -> None:
    before = invoices(running)
    running.inject(Injected(kind, late_by=30, forget_request_id=True))
    with pytest.raises(requests.ConnectionError):
        post(running, "invoice", INVOICE, requestid="r1")
    post(running, "invoice", INVOICE, requestid="r1")
    running.pass_time(31)
    assert invoices(running) == before + 2


def test_an_applied_call_is_replayed_after_its_answer_was_lost(running: RunningQuickBooks) -> None:
    before = invoices(running)
    running.inject(Injected("applied_then_timeout"))
    with pytest.raises(requests.ConnectionError):
        post(running, "invoice", INVOICE, requestid="r1")
    assert post(running, "invoice", INVOICE, requestid="r1").status_code == 200
    assert invoices(running) == before + 1


def test_a_connection_hangs_until_the_caller_gives_up(running: RunningQuickBooks) -> None:
    running.inject(Injected("applied_then_timeout", hold=60))
    with pytest.raises(requests.Timeout):
        post(running, "invoice", INVOICE, timeout=0.2)


def test_a_throttled_call_may_say_when_to_come_back(running: RunningQuickBooks) -> None:
    running.inject(Injected("429", retry_after=3))
    answer = post(running, "invoice", INVOICE)
    assert answer.headers["Retry-After"] == "3"
    assert answer.json()["fault"]["error"][0]["code"] == "3001"
    running.inject(Injected("429"))
    assert "Retry-After" not in post(running, "invoice", INVOICE).headers


def batch(books: RunningQuickBooks, size: int = 6) -> list[Any]:
    items = [{"bId": str(number), "operation": "create", "Invoice": INVOICE} for number in range(size)]
    return list(post(books, "batch", {"BatchItemRequest": items}).json()["BatchItemResponse"])


def test_batch_answers_come_shuffled_without_ids_or_not_at_all(running: RunningQuickBooks) -> None:
    running.inject(Injected("batch_shuffled", operation="batch"))
    shuffled = [item["bId"] for item in batch(running)]
    assert shuffled != sorted(shuffled)
    assert sorted(shuffled) == [str(number) for number in range(6)]
    running.inject(Injected("batch_missing_bid", entity="Invoice", items=2))
    assert [("bId" in item) for item in batch(running, 3)] == [False, False, True]
    before = invoices(running)
    running.inject(Injected("batch_lost_reply", items=1))
    assert len(batch(running, 3)) == 2
    assert invoices(running) == before + 3


def test_faults_choose_their_calls(running: RunningQuickBooks) -> None:
    running.inject(Injected("500", entity="Customer", operation="create"))
    running.inject(Injected("503", path="*/invoice", method="POST", after=1, times=2))
    assert [post(running, "invoice", INVOICE).status_code for _ in range(5)] == [200, 503, 503, 200, 200]
    assert post(running, "customer", {"DisplayName": "x"}).status_code == 500
    assert post(running, "customer", {"DisplayName": "x"}).status_code == 200
    running.inject(Injected("500", operation="query", entity="Item", times=0))
    query = f"{running.url}/v3/company/{running.realm_id}/query"
    headers = {"Authorization": f"Bearer {running.ready()['access_token']}"}
    for entity, status in (("Item", 500), ("Customer", 200), ("Item", 500)):
        answer = requests.post(query, data=f"select * from {entity}", headers=headers, timeout=5)
        assert answer.status_code == status
    running.clear_faults()
    assert requests.post(query, data="select * from Item", headers=headers, timeout=5).ok


def test_chance_is_the_same_for_the_same_seed() -> None:
    def outcome() -> list[int]:
        with start(Options(seed=7)) as books:
            books.inject(Injected("503", probability=0.5, times=0))
            return [post(books, "invoice", INVOICE).status_code for _ in range(20)]

    first = outcome()
    assert first == outcome()
    assert set(first) == {200, 503}


def test_faults_are_set_over_http(running: RunningQuickBooks) -> None:
    address = f"{running.url}/__sandbox__/faults"
    listed = requests.post(address, json=[{"kind": "503", "entity": "Invoice"}, {"kind": "500"}], timeout=5).json()
    assert [(fault["kind"], fault["left"]) for fault in listed["faults"]] == [("503", 1), ("500", 1)]
    assert post(running, "invoice", INVOICE).status_code == 503
    assert len(requests.get(address, timeout=5).json()["faults"]) == 1
    assert requests.delete(address, timeout=5).json()["faults"] == []
    for wrong in ({"kind": "earthquake"}, {"kind": "500", "colour": "red"}, {}):
        assert requests.post(address, json=wrong, timeout=5).status_code == 400


# -- OAuth


def token(books: RunningQuickBooks, form: Any, **headers: str) -> requests.Response:
    credentials = books.ready()
    return requests.post(
        f"{books.url}/oauth2/v1/tokens/bearer",
        data=form,
        auth=(credentials["client_id"], credentials["client_secret"]),
        headers=headers,
        timeout=5,
    )


def company(books: RunningQuickBooks, access_token: str) -> int:
    address = f"{books.url}/v3/company/{books.realm_id}/companyinfo/{books.realm_id}"
    return requests.get(address, headers={"Authorization": f"Bearer {access_token}"}, timeout=5).status_code


def authorize(books: RunningQuickBooks, **changes: str) -> requests.Response:
    parameters = {
        "client_id": books.ready()["client_id"],
        "redirect_uri": "http://localhost:8000/callback",
        "response_type": "code",
        "scope": "com.intuit.quickbooks.accounting",
        "state": "s 1",
    } | changes
    return requests.get(f"{books.url}/connect/oauth2", params=parameters, allow_redirects=False, timeout=5)


def test_a_grant_from_authorize_to_the_first_call(running: RunningQuickBooks) -> None:
    found = requests.get(running.ready()["discovery_url"], timeout=5).json()
    assert found["token_endpoint"] == f"{running.url}/oauth2/v1/tokens/bearer"
    answer = authorize(running)
    assert answer.status_code == 302
    given = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert (given["state"], given["realmId"]) == (["s 1"], [running.realm_id])
    form = {
        "grant_type": "authorization_code",
        "code": given["code"][0],
        "redirect_uri": "http://localhost:8000/callback",
    }
    reply = token(running, form).json()
    assert (reply["token_type"], reply["expires_in"], reply["x_refresh_token_expires_in"]) == ("bearer", 3600, 8726400)
    assert company(running, reply["access_token"]) == 200
    assert token(running, form).json() == {"error": "invalid_grant", "error_description": "Invalid authorization code"}
    info = requests.get(
        found["userinfo_endpoint"], headers={"Authorization": f"Bearer {reply['access_token']}"}, timeout=5
    )
    assert info.json()["emailVerified"] is True


@pytest.mark.parametrize("changes", [{"client_id": "x"}, {"state": ""}, {"redirect_uri": "x"}, {"response_type": "x"}])
def test_authorize_refuses_what_is_not_right(running: RunningQuickBooks, changes: Any) -> None:
    assert authorize(running, **changes).status_code == 400


def test_the_redirect_must_be_the_same(running: RunningQuickBooks) -> None:
    code = parse_qs(urlsplit(authorize(running).headers["Location"]).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": "http://localhost:9/callback"}
    assert token(running, form).status_code == 400


def test_refresh_tokens_rotate_and_the_last_one_works_for_a_while(running: RunningQuickBooks) -> None:
    first = running.ready()["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": first}
    reply = token(running, form).json()
    assert reply["refresh_token"] != first
    assert company(running, reply["access_token"]) == 200
    grace = token(running, form).json()
    assert grace["refresh_token"] == reply["refresh_token"]
    running.pass_time(86401)
    late = token(running, form)
    assert late.status_code == 400
    assert late.json() == {"error": "invalid_grant", "error_description": "Incorrect or invalid refresh token"}
    assert token(running, {**form, "refresh_token": reply["refresh_token"]}).status_code == 200


def test_refresh_tokens_end_unless_they_are_used(running: RunningQuickBooks) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": running.ready()["refresh_token"]}
    running.pass_time(8726401)
    assert token(running, form).status_code == 400


def test_the_hard_end_is_told_to_those_who_ask(running: RunningQuickBooks) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": running.ready()["refresh_token"]}
    assert "x_refresh_token_hard_expires_in" not in token(running, form).json()
    asked = token(running, form, **{"x-include-refresh-token-hard-expires-in": "true"}).json()
    assert 157_000_000 < asked["x_refresh_token_hard_expires_in"] <= 157_680_000


def test_an_expired_access_token_is_refused_in_the_gateways_shape(running: RunningQuickBooks) -> None:
    access = running.ready()["access_token"]
    running.pass_time(3601)
    answer = requests.get(
        f"{running.url}/v3/company/{running.realm_id}/companyinfo/1",
        headers={"Authorization": f"Bearer {access}"},
        timeout=5,
    )
    body = answer.json()
    assert answer.status_code == 401
    assert body["fault"]["type"] == "AUTHENTICATION"
    error = body["fault"]["error"][0]
    assert error["message"] == "message=AuthenticationFailed; errorCode=003200; statusCode=401"
    assert error["detail"].startswith("Token expired: ")
    assert company(running, "nonsense") == 401


def test_client_and_grant_type_are_checked(running: RunningQuickBooks) -> None:
    address = f"{running.url}/oauth2/v1/tokens/bearer"
    form = {"grant_type": "refresh_token", "refresh_token": running.ready()["refresh_token"]}
    assert requests.post(address, data=form, auth=("x", "y"), timeout=5).status_code == 401
    assert requests.post(address, data=form, timeout=5).json()["error"] == "invalid_client"
    assert token(running, {"grant_type": "password"}).json()["error"] == "unsupported_grant_type"


def test_a_revoked_grant_is_dead(running: RunningQuickBooks) -> None:
    credentials = running.ready()
    address = f"{running.url}/v2/oauth2/tokens/revoke"
    auth = (credentials["client_id"], credentials["client_secret"])
    answer = requests.post(address, json={"token": credentials["refresh_token"]}, auth=auth, timeout=5)
    assert (answer.status_code, answer.content) == (200, b"")
    assert company(running, credentials["access_token"]) == 401
    form = {"grant_type": "refresh_token", "refresh_token": credentials["refresh_token"]}
    assert token(running, form).status_code == 400
    assert requests.post(address, json={"token": "x"}, auth=auth, timeout=5).status_code == 400


def test_the_token_call_can_go_wrong_too(running: RunningQuickBooks) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": running.ready()["refresh_token"]}
    running.inject(Injected("500", operation="token"))
    assert token(running, form).status_code == 500
    running.inject(Injected("applied_then_timeout", operation="token"))
    with pytest.raises(requests.ConnectionError):
        token(running, form)
    assert token(running, form).status_code == 200


def test_two_refreshes_at_once_get_the_same_refresh_token(running: RunningQuickBooks) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": running.ready()["refresh_token"]}
    replies: list[str] = []
    threads = [
        threading.Thread(target=lambda: replies.append(token(running, form).json()["refresh_token"])) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(replies)) == 1
