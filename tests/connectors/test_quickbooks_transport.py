"""What one call to QuickBooks does when the network, the gateway or the lease misbehaves, over real sockets."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors import errors
from connectors.ports import Member
from connectors.quickbooks import QuickBooksOnline, Settings
from tests.connectors.quickbooks_kit import (
    COMPANY,
    Clock,
    MemoryTokens,
    OpenBudget,
    Reply,
    Request,
    Server,
    bench,
    fault,
    gateway,
    serving,
)

_CREATED = {"Invoice": {"Id": "9", "SyncToken": "0", "TotalAmt": 41.98, "DocNumber": "1007"}}
_DISCOVERY = "openid"


def always(reply: Reply) -> Callable[[Request], Reply]:
    return lambda request: reply


def _post(books: QuickBooksOnline) -> Decimal | None:
    member = Member(key="a1", action="create", entity="Invoice", body={"DocNumber": "1007"})
    (result,) = books.send("req-1", books.freeze([member], "req-1"))
    if result.error is not None:
        raise result.error
    assert result.posted is not None
    return result.posted.total


def test_a_write_carries_request_id_minor_version_and_token() -> None:
    with bench(always(Reply(_CREATED))) as at:
        assert _post(at.books) == Decimal("41.98")
    (request,) = at.server.requests
    assert request.path == f"/v3/company/{COMPANY}/invoice"
    assert request.query == {"minorversion": "75", "requestid": "req-1"}
    assert request.headers["Authorization"] == "Bearer access-1"
    assert request.headers["Accept"] == "application/json"
    assert at.books.call_counts() == {"single": 1}
    assert at.budget.taken == ["call"]


def test_amounts_of_any_length_come_back_exactly() -> None:
    body = b'{"Invoice":{"Id":"9","SyncToken":"0","TotalAmt":12345678901234567.89}}'
    with bench(always(Reply(body))) as at:
        assert _post(at.books) == Decimal("12345678901234567.89")


def test_a_lost_lease_stops_the_write_before_the_first_byte() -> None:
    class LeaseGone(Exception):
        pass

    def gone() -> None:
        raise LeaseGone

    with bench(always(Reply(_CREATED)), before_write=gone) as at:
        with pytest.raises(LeaseGone):
            _post(at.books)
        assert at.server.requests == []


def test_the_lease_is_no_matter_to_a_read() -> None:
    def gone() -> None:
        raise AssertionError("asked")

    with bench(always(Reply(_CREATED)), before_write=gone) as at:
        found = at.books.read("Invoice", "9")
    assert found is not None
    assert found.number == "1007"


def test_a_server_that_is_not_there_was_surely_not_reached() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings = Settings(
            client_id="client", client_secret="secret", base_url=f"http://127.0.0.1:{taken.getsockname()[1]}"
        )
        clock = Clock()
        books = QuickBooksOnline(settings, COMPANY, MemoryTokens(clock), clock, OpenBudget())
        with pytest.raises(errors.Retry) as caught:
            _post(books)
        books.close()
    assert caught.value.code == "unreachable"
    assert caught.value.scope == "connection"
    assert not caught.value.counts


@pytest.mark.parametrize(
    ("reply", "limits"),
    [
        pytest.param(Reply(hold=True), {"read_timeout": 0.1}, id="no answer in time"),
        pytest.param(Reply(drip=True), {"total_timeout": 0.2}, id="headers that drip for ever"),
        pytest.param(Reply(drop=True), {}, id="line cut before the answer"),
        pytest.param(Reply(_CREATED, cut=True), {}, id="line cut in the answer"),
        pytest.param(Reply(b'{"Invoice":{"Id":"9"'), {}, id="truncated JSON"),
        pytest.param(Reply(b"<html>It works!</html>"), {}, id="HTML with 200"),
        pytest.param(Reply(b"<html>Bad gateway</html>", status=502), {}, id="HTML with 502"),
        pytest.param(Reply({}, status=503), {}, id="503"),
        pytest.param(Reply({}, status=408), {}, id="408"),
        pytest.param(Reply({"Customer": {}}), {}, id="an answer to something else"),
        pytest.param(Reply(b"[" * 100_000), {}, id="bottomless nesting"),
        pytest.param(Reply(fault("10000", "Application Error", "", "SystemFault"), status=500), {}, id="system fault"),
        pytest.param(Reply(fault("600", "Duplicate Request ID")), {}, id="the first request still at work"),
    ],
)
def test_a_write_without_a_clear_answer_is_unknown_and_a_read_is_tried_again(
    reply: Reply, limits: dict[str, Any]
) -> None:
    with bench(always(reply), **limits) as at:
        began = time.monotonic()
        with pytest.raises(errors.Unknown):
            _post(at.books)
        with pytest.raises(errors.Retry):
            at.books.read("Invoice", "9")
    assert time.monotonic() - began < 2


def _through_a_proxy(
    proxy: Server,
    monkeypatch: pytest.MonkeyPatch,
    base_url: str = "http://127.0.0.1:9",
    before_write: Callable[[], None] | None = None,
) -> QuickBooksOnline:
    """Books at an address that is reached through the machine's proxy only."""
    for name in ("no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", proxy.url)
    clock = Clock()
    settings = Settings(client_id="client", client_secret="secret", base_url=base_url, read_timeout=0.1)
    return QuickBooksOnline(settings, COMPANY, MemoryTokens(clock), clock, OpenBudget(), before_write)


def test_a_write_through_a_proxy_of_the_machine_may_have_arrived_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(always(Reply(hold=True))) as proxy:
        books = _through_a_proxy(proxy, monkeypatch)
        with pytest.raises(errors.Unknown):
            _post(books)
        books.close()
        assert len(proxy.requests) == 1


def test_a_lost_lease_stops_a_write_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    class LeaseGone(Exception):
        pass

    def gone() -> None:
        raise LeaseGone

    with serving(always(Reply(_CREATED))) as proxy:
        books = _through_a_proxy(proxy, monkeypatch, before_write=gone)
        with pytest.raises(LeaseGone):
            _post(books)
        books.close()
        assert proxy.requests == []


@pytest.mark.parametrize("proxy", ["http", "socks5"])
def test_a_proxy_that_opens_no_line_let_nothing_through(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the proxy is told to open the line is not the write yet."""
    with serving(always(Reply({}, status=502))) as server:
        books = _through_a_proxy(server, monkeypatch, base_url="https://quickbooks.example")
        monkeypatch.setenv("https_proxy", server.url.replace("http", proxy))
        with pytest.raises(errors.Retry):
            _post(books)
        books.close()


@pytest.mark.parametrize(
    ("reply", "pause"),
    [
        (Reply(gateway("3001", "message=ThrottleExceeded; errorCode=003001; statusCode=429"), status=429), 60.0),
        (Reply({}, status=429, headers={"Retry-After": "7"}), 7.0),
        (Reply(b"<html>slow down</html>", status=429, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}), 1.0),
        (Reply({}, status=429, headers={"Retry-After": "soon"}), 60.0),
        (Reply({}, status=429, headers={"Retry-After": "9999999999"}), 900.0),
        (
            Reply(
                b'<?xml version="1.0"?><IntuitResponse><Fault type="SERVICE"><Error code="003001">'
                b"<Message>message=ThrottleExceeded; errorCode=003001; statusCode=429</Message></Error></Fault>"
                b"</IntuitResponse>",
                status=400,
            ),
            60.0,
        ),
    ],
)
def test_a_throttle_pauses_the_whole_company_and_burns_no_attempt(reply: Reply, pause: float) -> None:
    with bench(always(reply)) as at, pytest.raises(errors.Retry) as caught:
        _post(at.books)
    assert (caught.value.code, caught.value.scope, caught.value.counts) == ("throttled", "connection", False)
    assert caught.value.after == pause
    assert at.budget.pauses == [pause]


def _with_tokens(accepted: set[str], grant: Callable[[int], Reply], status: int = 401) -> Callable[[Request], Reply]:
    calls = 0

    def respond(request: Request) -> Reply:
        nonlocal calls
        if _DISCOVERY in request.path:
            base = f"http://{request.headers['Host']}"
            return Reply(
                {
                    "authorization_endpoint": f"{base}/connect",
                    "token_endpoint": f"{base}/token",
                    "revocation_endpoint": f"{base}/revoke",
                }
            )
        if request.path == "/token":
            calls += 1
            return grant(calls)
        if request.headers["Authorization"].removeprefix("Bearer ") not in accepted:
            return Reply(
                gateway("3200", "message=AuthenticationFailed; errorCode=003200; statusCode=401", "Token expired"),
                status=status,
            )
        return Reply(_CREATED)

    return respond


def _pair(number: int) -> Reply:
    return Reply(
        {
            "token_type": "bearer",
            "access_token": f"access-{number + 1}",
            "refresh_token": f"refresh-{number + 1}",
            "expires_in": 3600,
            "x_refresh_token_expires_in": 8726400,
        }
    )


@pytest.mark.parametrize("status", [401, 400, 200])
def test_an_expired_token_is_renewed_once_and_the_same_bytes_go_again(status: int) -> None:
    with bench(_with_tokens({"access-2"}, _pair, status)) as at:
        assert _post(at.books) == Decimal("41.98")
    assert at.tokens.exchanges == 1
    assert at.tokens.tokens.refresh_token == "refresh-2"
    writes = [request for request in at.server.requests if request.path.endswith("/invoice")]
    assert len(writes) == 2
    assert writes[0].body == writes[1].body
    assert writes[0].query == writes[1].query
    assert at.books.call_counts() == {"single": 2, "token": 1}


def test_a_note_that_reads_like_an_error_is_no_error() -> None:
    created = {"Invoice": {**_CREATED["Invoice"], "PrivateNote": "message=AuthenticationFailed; errorCode=003200"}}
    with bench(always(Reply(created))) as at:
        assert _post(at.books) == Decimal("41.98")
        assert len(at.server.requests) == 1


def test_a_second_refusal_needs_a_person_and_is_not_tried_a_third_time() -> None:
    with bench(_with_tokens(set(), _pair)) as at, pytest.raises(errors.ReconnectNeeded):
        _post(at.books)
    assert len([request for request in at.server.requests if request.path.endswith("/invoice")]) == 2


def test_a_revoked_grant_needs_a_person() -> None:
    refused = Reply({"error": "invalid_grant", "error_description": "Incorrect or invalid refresh token"}, status=400)
    with bench(_with_tokens(set(), lambda number: refused)) as at, pytest.raises(errors.ReconnectNeeded) as caught:
        _post(at.books)
    assert caught.value.remote_code == "invalid_grant"
    assert caught.value.scope == "connection"


def test_a_lost_answer_to_a_refresh_is_tried_again_later_and_loses_no_token() -> None:
    with bench(_with_tokens({"access-2"}, lambda number: Reply(drop=True) if number == 1 else _pair(1))) as at:
        with pytest.raises(errors.Retry) as caught:
            _post(at.books)
        assert not caught.value.counts
        assert at.tokens.tokens.refresh_token == "refresh-1"
        assert _post(at.books) == Decimal("41.98")


def test_a_token_near_its_end_is_renewed_before_it_is_refused() -> None:
    with bench(_with_tokens({"access-2"}, _pair)) as at:
        at.clock.at = at.tokens.tokens.expires
        _post(at.books)
        assert at.books.call_counts() == {"token": 1, "single": 1}


def test_a_company_that_is_not_connected_says_so() -> None:
    reply = Reply(
        gateway("3100", "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403"), status=403
    )
    with bench(always(reply)) as at, pytest.raises(errors.ReconnectNeeded) as caught:
        _post(at.books)
    assert caught.value.trace_id == "tid-1"
    assert caught.value.code == "app_not_connected"


def test_no_secret_is_in_what_is_said() -> None:
    spilt = "token access-1 of refresh-1 with secret-of-the-app"
    reply = Reply(fault("6000", "Business Validation Error", spilt), status=400)
    with bench(always(reply)) as at, pytest.raises(errors.Rejected) as caught:
        _post(at.books)
    said = f"{caught.value.message} {caught.value.excerpt} {caught.value.next_step}"
    assert "token … of … with …" in said
    for secret in ("access-1", "refresh-1", "secret-of-the-app"):
        assert secret not in said


def test_nothing_of_the_machine_or_of_earlier_answers_is_sent_along(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with bench(always(Reply(_CREATED, headers={"Set-Cookie": "followed=1"}))) as at:
        _post(at.books)
        _post(at.books)
        assert [request.headers.get("Cookie") for request in at.server.requests] == [None, None]
        assert at.server.requests[1].headers["Authorization"] == "Bearer access-1"


def test_a_redirect_is_not_followed() -> None:
    with bench(always(Reply(b"", status=302, headers={"Location": "https://portal.example/"}))) as at:
        with pytest.raises(errors.Retry) as caught:
            _post(at.books)
        assert len(at.server.requests) == 1
    assert caught.value.code == "redirected"


def test_an_answer_without_end_is_given_up() -> None:
    with bench(always(Reply(b" " * 5000)), answer_limit=1000) as at, pytest.raises(errors.Unknown):
        _post(at.books)


def test_connections_are_kept_while_fresh_and_opened_anew_after_a_silence() -> None:
    with bench(always(Reply(_CREATED))) as at:
        for silence in (0.0, 1.0, 60.0):
            at.clock.ticks += silence
            _post(at.books)
        ports = [request.port for request in at.server.requests]
    assert ports[0] == ports[1] != ports[2]


def test_http_is_only_for_this_machine() -> None:
    with pytest.raises(ValueError, match="neither https"):
        Settings(client_id="c", client_secret="s", base_url="http://quickbooks.example")


def test_the_secret_is_not_in_the_settings_text() -> None:
    assert "hush" not in repr(Settings(client_id="c", client_secret="hush"))
