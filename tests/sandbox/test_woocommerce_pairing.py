"""One-click pairing of sandbox/woocommerce over TLS: pages, callback, exactly 200, and what is refused."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from sandbox.server import RunningServer
from sandbox.woocommerce import Options, RunningShop, start
from tests.sandbox.receiver import Authority, Received, Receiver


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.make(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def callback(receiver: Receiver, authority: Authority) -> Iterator[RunningServer]:
    with receiver.serve(authority.server) as server:
        yield server


@pytest.fixture
def shop(authority: Authority) -> Iterator[RunningShop]:
    with start(Options(callback_ca_file=str(authority.ca_file)), ssl_context=authority.server) as server:
        yield server


def parameters(callback_url: str, **changes: str) -> dict[str, str]:
    return {
        "app_name": "Cloud Cart",
        "scope": "read_write",
        "user_id": "state-1 é",
        "return_url": "https://app.example.com/done?x=1",
        "callback_url": callback_url,
    } | changes


class Browser:
    """Follows what a shop owner sees and clicks."""

    def __init__(self, shop: RunningShop, authority: Authority) -> None:
        self.shop = shop
        self.session = requests.Session()
        self.session.trust_env = False  # else REQUESTS_CA_BUNDLE of the machine replaces the test's own authority
        self.session.verify = str(authority.ca_file)

    def get(self, url: str) -> requests.Response:
        full = url if url.startswith("http") else f"{self.shop.url}{url}"
        return self.session.get(full, allow_redirects=False, timeout=10)

    def log_in(self, given: dict[str, str], user: str = "admin") -> requests.Response:
        first = self.get(f"/wc-auth/v1/authorize?{urlencode(given)}")
        assert first.status_code == 302
        login = self.get(first.headers["Location"])
        assert urlsplit(first.headers["Location"]).path == "/wc-auth/v1/login"
        target = re.search(r'name="redirect_to" value="([^"]+)"', login.text)
        assert target is not None
        form = {"log": user, "pwd": "sandbox", "redirect_to": html.unescape(target[1])}
        sent = self.session.post(f"{self.shop.url}/wp-login.php", data=form, allow_redirects=False, timeout=10)
        assert sent.status_code == 302
        return self.get(sent.headers["Location"])

    def link(self, page: requests.Response, kind: str) -> str:
        found = re.search(rf'<a href="([^"]+)" class="[^"]*wc-auth-{kind}"', page.text)
        assert found is not None, page.text
        return html.unescape(found[1])


def test_an_approved_application_gets_keys_that_work(
    shop: RunningShop, authority: Authority, receiver: Receiver, callback: RunningServer
) -> None:
    browser = Browser(shop, authority)
    page = browser.log_in(parameters(f"{callback.url}/callback"))
    assert "Cloud Cart would like to connect to your store" in page.text
    done = browser.get(browser.link(page, "approve"))

    assert done.status_code == 302
    back = urlsplit(done.headers["Location"])
    assert (back.hostname, parse_qs(back.query)) == (
        "app.example.com",
        {"x": ["1"], "success": ["1"], "user_id": ["state-1 é"]},
    )
    (request,) = receiver.received
    assert request.headers["content-type"] == "application/json;charset=UTF-8"
    assert request.headers["user-agent"] == f"WordPress/6.8.3; {shop.url}"
    keys = json.loads(request.body)
    assert list(keys) == ["key_id", "user_id", "consumer_key", "consumer_secret", "key_permissions"]
    assert (keys["user_id"], keys["key_permissions"]) == ("state-1 é", "read_write")
    assert re.fullmatch(r"ck_[0-9a-f]{40}", keys["consumer_key"])
    assert re.fullmatch(r"cs_[0-9a-f]{40}", keys["consumer_secret"])
    answer = requests.get(
        f"{shop.url}/wp-json/wc/v3/orders",
        auth=(keys["consumer_key"], keys["consumer_secret"]),
        verify=str(authority.ca_file),
        timeout=10,
    )
    assert answer.status_code == 200


def test_the_callback_body_has_the_form_that_was_recorded(
    shop: RunningShop, authority: Authority, receiver: Receiver, callback: RunningServer
) -> None:
    recorded = json.loads(
        (Path(__file__).parents[1] / "fixtures" / "woocommerce" / "webhooks" / "016.json").read_text()
    )
    browser = Browser(shop, authority)
    browser.get(browser.link(browser.log_in(parameters(callback.url, user_id="merchant-42 é")), "approve"))
    body = receiver.received[0].body.decode()

    def without_keys(text: str) -> str:
        return re.sub(r'"key_id":\d+|c[ks]_\w+', "*", text)

    assert without_keys(body) == without_keys(recorded["body_raw"])


@pytest.mark.parametrize("status", [201, 204, 302, 404, 500])
def test_any_answer_but_200_takes_the_keys_back(
    shop: RunningShop, authority: Authority, receiver: Receiver, callback: RunningServer, status: int
) -> None:
    receiver.answer = lambda _request: status
    browser = Browser(shop, authority)
    failed = browser.get(browser.link(browser.log_in(parameters(callback.url)), "approve"))
    assert failed.status_code == 401
    assert "Error: An error occurred in the request and at the time were unable to send" in html.unescape(failed.text)
    keys = json.loads(receiver.received[0].body)
    assert keys["consumer_key"] not in shop.shop.keys


def test_keys_are_posted_before_the_browser_comes_back_and_work_at_once(
    shop: RunningShop, authority: Authority, receiver: Receiver, callback: RunningServer
) -> None:
    seen: list[int] = []

    def answer(request: Received) -> int:
        keys = json.loads(request.body)
        auth = (keys["consumer_key"], keys["consumer_secret"])
        url = f"{shop.url}/wp-json/wc/v3/orders"
        seen.append(requests.get(url, auth=auth, verify=str(authority.ca_file), timeout=10).status_code)
        return 200

    receiver.answer = answer
    browser = Browser(shop, authority)
    assert browser.get(browser.link(browser.log_in(parameters(callback.url)), "approve")).status_code == 302
    assert seen == [200]


def test_a_denied_application_gets_nothing(
    shop: RunningShop, authority: Authority, receiver: Receiver, callback: RunningServer
) -> None:
    browser = Browser(shop, authority)
    link = browser.link(browser.log_in(parameters(callback.url)), "deny")
    assert parse_qs(urlsplit(link).query)["success"] == ["0"]
    assert (receiver.received, len(shop.shop.keys)) == ([], 1)


def test_a_hash_in_user_id_is_lost_on_the_way_back(
    shop: RunningShop, authority: Authority, callback: RunningServer
) -> None:
    browser = Browser(shop, authority)
    done = browser.get(browser.link(browser.log_in(parameters(callback.url, user_id="a#b")), "approve"))
    assert "user_id" not in parse_qs(urlsplit(done.headers["Location"]).query)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"app_name": ""}, "Missing parameter app_name"),
        ({"user_id": ""}, "Missing parameter user_id"),
        ({"scope": "everything"}, "Invalid scope everything"),
        ({"return_url": "https://"}, "The return_url is not a valid URL"),
        ({"callback_url": "http://app.example.com/cb"}, "The callback_url needs to be over SSL"),
    ],
)
def test_a_wrong_request_is_a_page_that_says_so(
    shop: RunningShop, authority: Authority, changes: dict[str, str], words: str
) -> None:
    given = parameters("https://app.example.com/cb") | changes
    answer = Browser(shop, authority).get(f"/wc-auth/v1/authorize?{urlencode(given)}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "text/html; charset=UTF-8")
    assert f"Error: {words}." in answer.text
    assert "<title>Access denied</title>" in answer.text


def test_an_address_without_scheme_is_taken_for_https(shop: RunningShop, authority: Authority) -> None:
    given = parameters("app.example.com/cb", return_url="app.example.com/back")
    assert Browser(shop, authority).get(f"/wc-auth/v1/authorize?{urlencode(given)}").status_code == 302


def test_a_forged_nonce_and_a_user_without_rights_are_refused(shop: RunningShop, authority: Authority) -> None:
    given = parameters("https://app.example.com/cb")
    browser = Browser(shop, authority)
    browser.log_in(given)
    forged = browser.get(f"/wc-auth/v1/access_granted?{urlencode({**given, 'wc_auth_nonce': '0'})}")
    assert (forged.status_code, "Invalid nonce verification" in forged.text) == (401, True)
    page = Browser(shop, authority).log_in(given, user="customer")
    assert (page.status_code, "You do not have permission to access this page" in page.text) == (401, True)


def test_wordpress_refuses_loopback_callbacks_unless_the_switch_allows_them(
    authority: Authority, receiver: Receiver, callback: RunningServer
) -> None:
    options = Options(callback_ca_file=str(authority.ca_file), callback_loopback=False)
    with start(options, ssl_context=authority.server) as strict:
        browser = Browser(strict, authority)
        answer = browser.get(browser.link(browser.log_in(parameters(callback.url)), "approve"))
    assert (answer.status_code, "A valid URL was not provided" in answer.text) == (401, True)
    assert receiver.received == []


def test_a_callback_with_an_unknown_certificate_gets_no_keys(
    shop: RunningShop, authority: Authority, receiver: Receiver, tmp_path: Path
) -> None:
    stranger = Authority.make(tmp_path)
    with receiver.serve(stranger.server) as server:
        browser = Browser(shop, authority)
        answer = browser.get(browser.link(browser.log_in(parameters(server.url)), "approve"))
    assert (answer.status_code, receiver.received) == (401, [])
    assert len(shop.shop.keys) == 1


@pytest.mark.parametrize(("version", "status"), [("2.3", 404), ("2.4", 302), ("10.0", 302)])
def test_pairing_came_with_2_4(version: Any, status: int, authority: Authority) -> None:
    with start(Options(version=version), ssl_context=authority.server) as server:
        given = parameters("https://app.example.com/cb")
        assert Browser(server, authority).get(f"/wc-auth/v1/authorize?{urlencode(given)}").status_code == status
        plain = urlencode({"wc-auth-version": "1", "wc-auth-route": "authorize", **given})
        assert Browser(server, authority).get(f"/?{plain}").headers["Location"].startswith(f"{server.url}/wc-auth/v1/")
