"""Connecting a company: state, codes, companies, the loopback redirect, and letting go."""

from __future__ import annotations

import base64
import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors import errors
from connectors.ports import Tokens
from connectors.quickbooks import LoopbackRedirect, OAuth, Settings, new_state, read_callback
from tests.connectors.quickbooks_kit import Reply, Request, Server, serving

NOW = datetime(2026, 1, 15, tzinfo=UTC)
HELD = Tokens("access-1", "refresh-1", NOW)


@contextmanager
def signing_in(reply: Reply) -> Iterator[tuple[OAuth, Server]]:
    def respond(request: Request) -> Reply:
        if "openid" in request.path:
            base = f"http://{request.headers['Host']}"
            return Reply(
                {
                    "authorization_endpoint": f"{base}/connect/oauth2",
                    "token_endpoint": f"{base}/token",
                    "revocation_endpoint": f"{base}/revoke",
                }
            )
        return reply

    with serving(respond) as server:
        yield (
            OAuth(
                Settings(
                    client_id="client",
                    client_secret="hush",
                    redirect_uri="http://localhost:8/callback",
                    base_url=server.url,
                    environment="sandbox",
                )
            ),
            server,
        )


@pytest.mark.parametrize(
    "directory",
    [
        {},
        {"authorization_endpoint": "https://a.example", "revocation_endpoint": "https://c.example"},
        {
            "authorization_endpoint": "https://a.example",
            "token_endpoint": "http://b.example",
            "revocation_endpoint": "https://c.example",
        },
    ],
    ids=["nothing", "one is missing", "one is not encrypted"],
)
def test_tokens_go_nowhere_but_where_the_directory_safely_says(directory: dict[str, str]) -> None:
    with serving(lambda request: Reply(directory)) as server:
        oauth = OAuth(Settings(client_id="client", client_secret="hush", base_url=server.url))
        with pytest.raises(errors.Retry) as caught:
            oauth.refresh(HELD)
        assert len(server.requests) == 1
    assert (caught.value.code, caught.value.counts, caught.value.scope) == ("sign_in_unreadable", False, "connection")


PAIR = Reply(
    {
        "token_type": "bearer",
        "access_token": "a-2",
        "refresh_token": "r-2",
        "expires_in": 3600,
        "x_refresh_token_expires_in": 8726400,
        "x_refresh_token_hard_expires_in": 100,
    }
)


def test_the_authorisation_url_carries_scope_state_and_redirect() -> None:
    with signing_in(PAIR) as (oauth, server):
        parts = urlsplit(oauth.authorization_url("state-1"))
    assert f"{parts.scheme}://{parts.netloc}" == server.url
    assert parse_qs(parts.query) == {
        "client_id": ["client"],
        "response_type": ["code"],
        "scope": ["com.intuit.quickbooks.accounting"],
        "redirect_uri": ["http://localhost:8/callback"],
        "state": ["state-1"],
    }
    assert [request.path for request in server.requests] == ["/.well-known/openid_sandbox_configuration/"]


def test_a_code_becomes_tokens_that_know_when_they_end() -> None:
    before = datetime.now(UTC)
    with signing_in(PAIR) as (oauth, server):
        tokens = oauth.exchange("code-1")
    request = server.requests[-1]
    assert parse_qs(request.text) == {
        "grant_type": ["authorization_code"],
        "code": ["code-1"],
        "redirect_uri": ["http://localhost:8/callback"],
    }
    assert base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")) == b"client:hush"
    assert (tokens.access_token, tokens.refresh_token) == ("a-2", "r-2")
    assert timedelta(minutes=59) < tokens.expires - before < timedelta(minutes=61)
    assert tokens.refresh_expires is not None
    assert tokens.refresh_expires - before < timedelta(seconds=130)  # the hard end counts where it comes first


def test_a_refresh_sends_the_stored_token_and_keeps_it_where_no_new_one_comes() -> None:
    with signing_in(Reply({"access_token": "a-2", "expires_in": 3600})) as (oauth, server):
        tokens = oauth.refresh(HELD)
    assert parse_qs(server.requests[-1].text)["refresh_token"] == ["refresh-1"]
    assert (tokens.access_token, tokens.refresh_token) == ("a-2", "refresh-1")


@pytest.mark.parametrize(
    ("reply", "kind", "code"),
    [
        (Reply({"error": "invalid_grant"}, status=400), errors.ReconnectNeeded, "reconnect_needed"),
        (Reply({"error": "invalid_client"}, status=401), errors.Rejected, "app_keys"),
        (Reply({"error": "unauthorized_client"}, status=400), errors.Rejected, "app_keys"),
        (Reply(b"<html>", status=502), errors.Retry, "sign_in_out_of_order"),
        (Reply(b"<html>"), errors.Retry, "sign_in_out_of_order"),
        (Reply({}), errors.Retry, "no_tokens"),
        (Reply(drop=True), errors.Retry, "sign_in_unreachable"),
    ],
)
def test_a_refresh_that_fails_says_whether_a_person_must_act(
    reply: Reply, kind: type[errors.ConnectorError], code: str
) -> None:
    with signing_in(reply) as (oauth, _), pytest.raises(errors.ConnectorError) as caught:
        oauth.refresh(HELD)
    assert type(caught.value) is kind
    assert (caught.value.code, caught.value.scope) == (code, "connection")
    assert "refresh-1" not in str(caught.value)


@pytest.mark.parametrize("reply", [Reply(b""), Reply({"error": "invalid_token"}, status=400)])
def test_disconnecting_revokes_the_grant_even_where_it_is_dead(reply: Reply) -> None:
    with signing_in(reply) as (oauth, server):
        oauth.revoke(HELD)
    assert json.loads(server.requests[-1].body) == {"token": "refresh-1"}
    assert server.requests[-1].path == "/revoke"


def test_states_are_unguessable_and_differ() -> None:
    assert len({new_state() for _ in range(50)}) == 50
    assert len(new_state()) >= 32


@pytest.mark.parametrize(
    ("query", "state", "company", "code"),
    [
        ("code=c&state=s&realmId=123", "other", None, "state_mismatch"),
        ("code=c&realmId=123", "s", None, "state_mismatch"),
        ("code=c&state=&realmId=123", "", None, "state_mismatch"),
        ("error=access_denied&state=s", "s", None, "declined"),
        ("error=server_error&state=s", "s", None, "not_connected"),
        ("code=c&state=s", "s", None, "no_company"),
        ("code=c&state=s&realmId=../../x", "s", None, "no_company"),
        ("state=s&realmId=123", "s", None, "no_company"),
        ("code=c&state=s&realmId=124", "s", "123", "different_company"),
    ],
)
def test_an_answer_that_is_not_ours_connects_nothing(query: str, state: str, company: str | None, code: str) -> None:
    with pytest.raises(errors.Rejected) as caught:
        read_callback(query, state, company_id=company)
    assert caught.value.code == code
    assert caught.value.next_step


@pytest.mark.parametrize("query", ["code=c&state=s&realmId=123", {"code": "c", "state": "s", "realmId": "123"}])
def test_an_answer_that_is_ours_names_code_and_company(query: str | dict[str, str]) -> None:
    found = read_callback(query, "s", company_id="123")
    assert (found.code, found.company_id) == ("c", "123")
    assert "code=" not in repr(found)


def test_the_loopback_takes_one_callback_and_no_favicon() -> None:
    with LoopbackRedirect() as redirect:

        def browse() -> None:
            base = redirect.redirect_uri.removesuffix("/callback").replace("localhost", "127.0.0.1")
            with pytest.raises(urllib.request.HTTPError):
                urllib.request.urlopen(f"{base}/favicon.ico", timeout=5)
            with urllib.request.urlopen(f"{base}/callback?code=c&state=s&realmId=1", timeout=5) as answer:
                assert b"close this window" in answer.read()

        browser = threading.Thread(target=browse)
        browser.start()
        query = redirect.wait(5)
        browser.join()
    assert query == "code=c&state=s&realmId=1"


def test_the_loopback_gives_up_when_nobody_comes() -> None:
    with LoopbackRedirect() as redirect, pytest.raises(errors.Rejected) as caught:
        redirect.wait(0.05)
    assert caught.value.code == "no_callback"
