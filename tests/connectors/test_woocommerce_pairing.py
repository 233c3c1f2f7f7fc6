"""The authorise flow: address, callback and return, against the local shop over TLS with a certificate of our own."""

from __future__ import annotations

import html
import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from connectors.errors import Rejected
from connectors.woocommerce import WooCommerce
from connectors.woocommerce.pairing import (
    Callback,
    authorize_url,
    begin,
    failure,
    new_state,
    no_keys,
    receive,
    returned,
)
from sandbox.server import serve
from sandbox.woocommerce import Options, RunningShop, start
from sandbox.woocommerce.options import Version
from tests.connectors.clocks import RunningClock, StandingClock
from tests.connectors.conftest import Authority
from tests.connectors.recordings import FOLDER

KEY, SECRET = "ck_" + "a" * 40, "cs_" + "b" * 40


class States:
    """States in memory, as the port `OneTimeStates` wants them."""

    def __init__(self, clock: StandingClock) -> None:
        self.clock = clock
        self.held: dict[str, tuple[Mapping[str, str], datetime]] = {}
        self.lock = threading.Lock()

    def put(self, state: str, data: Mapping[str, str], expires: datetime) -> None:
        self.held[state] = (data, expires)

    def take(self, state: str) -> Mapping[str, str] | None:
        with self.lock:
            found = self.held.pop(state, None)
        return found[0] if found and found[1] > self.clock.now() else None


def body(state: str, **changes: Any) -> bytes:
    told = {
        "key_id": 6,
        "user_id": state,
        "consumer_key": KEY,
        "consumer_secret": SECRET,
        "key_permissions": "read_write",
        **changes,
    }
    return json.dumps(told).encode()


@pytest.fixture
def states() -> States:
    return States(StandingClock())


@pytest.fixture
def state(states: States) -> str:
    made = new_state()
    states.put(made, {"tenant": "7"}, states.clock.now() + timedelta(minutes=5))
    return made


# -------------------------------------------------------------------------------------------------------- the address


def test_the_address_carries_all_five_parameters(states: States) -> None:
    url = begin(
        states,
        states.clock,
        "shop.example/store/",
        app_name="Cloud Cart & Connector",
        return_url="https://us.example/back?a=1",
        callback_url="https://us.example/callback",
        data={"tenant": "7"},
    )
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "shop.example", "/store/wc-auth/v1/authorize")
    asked = parse_qs(parts.query)
    (kept,) = states.held
    assert asked == {
        "app_name": ["Cloud Cart & Connector"],
        "scope": ["read_write"],
        "user_id": [kept],
        "return_url": ["https://us.example/back?a=1"],
        "callback_url": ["https://us.example/callback"],
    }
    assert states.held[kept][0] == {"tenant": "7", "shop": "https://shop.example/store"}


def test_plain_permalinks_get_the_other_form() -> None:
    url = authorize_url(
        "https://shop.example",
        state=new_state(),
        app_name="CCC",
        return_url="https://us.example/",
        callback_url="https://us.example/cb",
        pretty=False,
    )
    assert url.startswith("https://shop.example/?wc-auth-version=1&wc-auth-route=authorize&app_name=CCC&")


def test_states_are_long_never_the_same_and_without_a_number_sign() -> None:
    made = {new_state() for _ in range(200)}
    assert len(made) == 200
    assert all(len(state) >= 43 and re.fullmatch(r"[A-Za-z0-9_-]+", state) for state in made)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "short"},
        {"state": "x" * 40 + "#1"},
        {"callback_url": "http://us.example/cb"},
        {"callback_url": "us.example/cb"},
        {"callback_url": "https://user:pw@us.example/cb"},
        {"return_url": "https://us.example/#there"},
        {"app_name": " "},
    ],
)
def test_what_the_shop_would_refuse_is_not_sent(changes: dict[str, str]) -> None:
    told = {
        "state": new_state(),
        "app_name": "CCC",
        "return_url": "https://us.example/",
        "callback_url": "https://us.example/cb",
        **changes,
    }
    with pytest.raises(ValueError, match=r"."):
        authorize_url(
            "https://shop.example",
            state=told["state"],
            app_name=told["app_name"],
            return_url=told["return_url"],
            callback_url=told["callback_url"],
        )


def test_a_shop_without_encryption_is_not_paired(states: States) -> None:
    with pytest.raises(Rejected) as caught:
        begin(states, states.clock, "http://shop.example", app_name="C", return_url="", callback_url="", data={})
    assert caught.value.code == "https_required"
    assert states.held == {}


# ------------------------------------------------------------------------------------------------------- the callback


def test_a_right_callback_brings_the_keys_once(states: States, state: str) -> None:
    first = receive(body(state), states)
    assert first.status == 200
    assert first.keys is not None
    assert (first.keys.consumer_key, first.keys.consumer_secret, first.keys.permissions) == (KEY, SECRET, "read_write")
    assert first.data == {"tenant": "7"}
    assert SECRET not in repr(first)
    assert receive(body(state), states) == Callback(
        403, code="state_unknown", message=receive(body(state), states).message
    )


def test_of_two_callbacks_at_once_one_is_answered(states: States, state: str) -> None:
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(receive(body(state), states).status)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200] + [403] * 7


def test_a_state_that_is_over_is_refused(states: States, state: str) -> None:
    states.clock.sleep(301)
    assert receive(body(state), states).status == 403


def test_a_state_that_nobody_made_is_refused(states: States, state: str) -> None:
    assert receive(body(new_state()), states).status == 403
    assert receive(body(state), states).status == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"key_id": "6"},
        {"key_id": True},
        {"key_id": 0},
        {"key_id": None},
        {"consumer_key": "cs_" + "a" * 40},
        {"consumer_key": "ck_" + "a" * 40 + "\n"},
        {"consumer_key": ["ck"]},
        {"consumer_secret": ""},
        {"consumer_secret": SECRET.upper()},
        {"key_permissions": "admin"},
        {"key_permissions": None},
        {"user_id": 5},
        {"user_id": ["x"]},
        {"user_id": "x' OR 1=1 --"},
    ],
)
def test_a_callback_of_other_types_is_refused_and_uses_nothing_up(
    states: States, state: str, changes: dict[str, Any]
) -> None:
    assert receive(body(state, **changes), states).status == 400
    assert receive(body(state), states).status == 200


@pytest.mark.parametrize("told", [b"", b"null", b"[]", b"x" * 20_000, b"[" * 9_000, b"\xff\xfe", b"user_id=1&key_id=2"])
def test_a_callback_that_is_no_such_body_is_refused(states: States, told: bytes) -> None:
    answer = receive(told, states)
    assert (answer.status, answer.keys) == (400, None)


def test_a_callback_larger_than_any_is_not_even_read(states: States, state: str) -> None:
    assert receive(body(state) + b" " * 20_000, states).status == 400


def test_a_key_that_may_not_read_is_given_back(states: States, state: str) -> None:
    answer = receive(body(state, key_permissions="write"), states)
    assert (answer.status, answer.keys, answer.code) == (403, None, "key_write_only")


def test_the_recorded_callbacks_have_the_form_that_is_read(states: States) -> None:
    for name in ("016.json", "017.json"):
        told = json.loads((FOLDER / "webhooks" / name).read_text(encoding="utf-8"))
        recorded = json.loads(told["body_raw"])
        state = new_state()
        states.put(state, {}, datetime(2100, 1, 1, tzinfo=UTC))
        assert set(recorded) == set(json.loads(body(state)))
        # The recording's keys are blotted out with x.
        keys = {"consumer_key": KEY, "consumer_secret": SECRET, "user_id": state}
        assert receive(json.dumps({**recorded, **keys}).encode(), states).status == 200


# ---------------------------------------------------------------------------------------------------------- the return


def test_the_return_says_how_it_went_and_what_to_do() -> None:
    state = new_state()
    assert returned({"success": "1", "user_id": state}).granted
    denied = returned({"success": "0", "user_id": state})
    assert (denied.granted, denied.state) == (False, state)
    for failed in (denied, returned({}), returned({"success": "1"}), returned({"success": "1", "user_id": "#"})):
        assert not failed.granted
        assert failed.message
        assert "WooCommerce 2.3 link" in failed.next_step
    assert "WooCommerce 2.3 link" in no_keys(returned({"success": "1", "user_id": state})).next_step


# ------------------------------------------------------------------------------------------------- with a real shop


class Receiver:
    """Our side of the callback, as the web will serve it: over TLS, with the answer that `receive` asks for."""

    def __init__(self, states: States) -> None:
        self.states = states
        self.got: list[Callback] = []
        self.status: int | None = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        told = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"] or 0))
        answer = receive(told, self.states)
        self.got.append(answer)
        start_response(f"{self.status or answer.status} Answer", [("Content-Type", "text/plain")])
        return [b"ok"]


class Browser:
    """Somebody who owns the shop, in front of its pages."""

    def __init__(self, ca_file: str) -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = ca_file

    def open(self, url: str) -> requests.Response:
        return self.session.get(url, timeout=10, allow_redirects=False)

    def grant_page(self, url: str, user: str = "admin") -> requests.Response:
        page = self.open(url)
        assert page.status_code == 302
        assert "/wc-auth/v1/login" in page.headers["Location"]
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        form = {"log": user, "pwd": "sandbox", "redirect_to": url}
        self.session.post(f"{origin}/wp-login.php", data=form, timeout=10, allow_redirects=False)
        return self.open(url)

    def click(self, page: requests.Response, button: str) -> requests.Response:
        found = re.search(rf'<a href="([^"]+)"[^>]*wc-auth-{button}', page.text)
        assert found
        return self.open(html.unescape(found[1]))

    def link(self, page: requests.Response, button: str) -> str:
        found = re.search(rf'<a href="([^"]+)"[^>]*wc-auth-{button}', page.text)
        assert found
        return html.unescape(found[1])


@contextmanager
def pairing(
    authority: Authority, version: Version = "10.0"
) -> Iterator[tuple[RunningShop, Receiver, Browser, str, str]]:
    states = States(RunningClock())
    receiver = Receiver(states)
    options = Options(version=version, callback_ca_file=authority.file)
    with (
        start(options, ssl_context=authority.server()) as shop,
        serve(receiver, ssl_context=authority.server()) as ours,
    ):
        url = begin(
            states,
            states.clock,
            shop.url,
            app_name="Cloud Cart Connector",
            return_url=f"{ours.url}/back",
            callback_url=f"{ours.url}/callback",
            data={"tenant": "7"},
        )
        yield shop, receiver, Browser(authority.file), url, next(iter(states.held))


@pytest.mark.parametrize("version", ["10.0", "5.0", "2.4"])
def test_approving_in_the_shop_brings_keys_that_work(authority: Authority, version: Version) -> None:
    with pairing(authority, version) as (shop, receiver, browser, url, state):
        back = browser.click(browser.grant_page(url), "approve")
        assert back.status_code == 302
        came = returned(
            {name: values[0] for name, values in parse_qs(urlsplit(back.headers["Location"]).query).items()}
        )
        assert (came.granted, came.state) == (True, state)
        (answer,) = receiver.got
        assert answer.keys is not None
        assert answer.data == {"tenant": "7", "shop": shop.url}
        source = WooCommerce(
            {
                "url": answer.data["shop"],
                "consumer_key": answer.keys.consumer_key,
                "consumer_secret": answer.keys.consumer_secret,
            },
            clock=RunningClock(),
            allow_private=True,
            ca_file=authority.file,
        )
        assert source.profile().details["auth"] == "header"
        source.close()


def test_denying_in_the_shop_brings_none(authority: Authority) -> None:
    with pairing(authority) as (_, receiver, browser, url, state):
        target = browser.link(browser.grant_page(url), "deny")
        came = returned({name: values[0] for name, values in parse_qs(urlsplit(target).query).items()})
        assert (came.granted, came.state) == (False, state)
        assert receiver.got == []


def test_an_answer_other_than_200_makes_the_shop_take_the_key_back(authority: Authority) -> None:
    with pairing(authority) as (shop, receiver, browser, url, _):
        before = set(shop.shop.keys)
        receiver.status = 201
        page = browser.click(browser.grant_page(url), "approve")
        assert page.status_code == 401
        assert set(shop.shop.keys) == before
        words, step = failure(page.text, page.status_code)
        assert "could not reach us" in words
        assert "WooCommerce 2.3 link" in step


def test_a_replayed_pairing_gets_no_second_key(authority: Authority) -> None:
    with pairing(authority) as (shop, receiver, browser, url, _):
        page = browser.grant_page(url)
        assert browser.click(page, "approve").status_code == 302
        count = len(shop.shop.keys)
        assert browser.click(page, "approve").status_code == 401
        assert [answer.status for answer in receiver.got] == [200, 403]
        assert len(shop.shop.keys) == count


def test_somebody_without_rights_is_told_so(authority: Authority) -> None:
    with pairing(authority) as (_, receiver, browser, url, _):
        page = browser.grant_page(url, user="customer")
        assert page.status_code == 401
        words, step = failure(page.text, page.status_code)
        assert "may not give out keys" in words
        assert "administrator" in step
        assert receiver.got == []


def test_a_shop_before_24_has_no_pairing_and_the_words_say_what_to_do(authority: Authority) -> None:
    with pairing(authority, "2.3") as (_, receiver, browser, url, _):
        page = browser.open(url)
        assert page.status_code == 404
        words, step = failure(page.text, page.status_code)
        assert "before 2.4" in words
        assert step.startswith("Click the WooCommerce 2.3 link")
        assert receiver.got == []
