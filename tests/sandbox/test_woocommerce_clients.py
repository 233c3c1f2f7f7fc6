"""The PyPI client WooCommerce 3.0.0, which is not ours, against sandbox/woocommerce over TLS and plain http."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import certifi
import pytest
import requests
import trustme
from woocommerce import API
from woocommerce.oauth import OAuth

from sandbox.woocommerce import Options, RunningShop, start


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


@pytest.fixture(scope="module")
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def secure(tls: ssl.SSLContext) -> Iterator[RunningShop]:
    with start(Options(), ssl_context=tls) as server:
        yield server


@pytest.fixture(scope="module")
def plain() -> Iterator[RunningShop]:
    with start(Options()) as server:
        yield server


def client(server: RunningShop, **changes: Any) -> API:
    key, secret = changes.pop("key", server.consumer_key), changes.pop("secret", server.consumer_secret)
    return API(server.url, key, secret, timeout=10, **changes)


@pytest.mark.parametrize("query_string_auth", [False, True])
def test_keys_work_over_tls_in_header_and_query(secure: RunningShop, ca_file: Path, query_string_auth: bool) -> None:
    api = client(secure, verify_ssl=str(ca_file), query_string_auth=query_string_auth)
    answer = api.get("orders", params={"per_page": 2, "status": "completed"})
    assert answer.status_code == 200
    assert [one["status"] for one in answer.json()] == ["completed", "completed"]
    assert int(answer.headers["X-WP-Total"]) == 23


def test_oauth_signs_reads_with_filters_over_plain_http(plain: RunningShop) -> None:
    params = {"per_page": 3, "search": "Łukasz Ż", "after": "2026-01-01T00:00:00Z", "status": "any"}
    answer = client(plain).get("orders", params=params)
    assert answer.status_code == 200
    assert client(plain).get("products", params={"sku": '8"-BOLT NUT&CO,ANV-10'}).status_code == 200


def test_oauth_signs_writes_over_plain_http(plain: RunningShop) -> None:
    api = client(plain)
    made = api.post("orders", {"line_items": [{"sku": "ANV-10", "quantity": 2}], "set_paid": True})
    assert made.status_code == 201
    assert made.json()["status"] == "processing"
    assert api.put(f"orders/{made.json()['id']}", {"status": "completed"}).json()["date_completed"] is not None
    assert api.delete(f"orders/{made.json()['id']}", params={"force": True}).status_code == 200
    assert api.get(f"orders/{made.json()['id']}").status_code == 404
    assert api.options("orders").status_code == 200


def test_a_wrong_secret_is_told_apart_from_an_unknown_key(plain: RunningShop) -> None:
    wrong = client(plain, secret="cs_wrong").get("orders")
    assert (wrong.status_code, wrong.json()["message"]) == (
        401,
        "Invalid signature - provided signature does not match.",
    )
    unknown = client(plain, key="ck_none").get("orders")
    assert (unknown.status_code, unknown.json()["message"]) == (401, "Consumer key is invalid.")


def signed(server: RunningShop, url: str, **changes: Any) -> requests.Response:
    oauth = OAuth(
        url=f"{server.url}{url}", consumer_key=server.consumer_key, consumer_secret=server.consumer_secret, **changes
    )
    return requests.get(oauth.get_oauth_url(), timeout=10)


def test_an_old_timestamp_is_refused(plain: RunningShop) -> None:
    now = int(time.time())
    assert signed(plain, "/wp-json/wc/v3/orders", version="wc/v3", oauth_timestamp=now - 800).status_code == 200
    old = signed(plain, "/wp-json/wc/v3/orders", version="wc/v3", oauth_timestamp=now - 1000)
    assert (old.status_code, old.json()["message"]) == (401, "Invalid timestamp.")


def test_after_time_has_passed_in_the_shop_a_client_may_live_in_either_time() -> None:
    with start(Options(generated=3)) as server:
        server.pass_time(86_400)
        now = int(time.time())
        for stamp, status in ((now, 200), (now + 86_400, 200), (now + 43_200, 401)):
            answer = signed(server, "/wp-json/wc/v3/orders", version="wc/v3", oauth_timestamp=stamp)
            assert answer.status_code == status


def test_a_used_nonce_is_refused(plain: RunningShop) -> None:
    first = signed(plain, "/wp-json/wc/v3/orders?per_page=1", version="wc/v3")
    again = requests.get(str(first.request.url), timeout=10)
    assert (first.status_code, again.status_code) == (200, 401)
    assert again.json()["message"] == "Invalid nonce - nonce has already been used."


def test_a_missing_oauth_parameter_is_named(plain: RunningShop) -> None:
    url = f"{plain.url}/wp-json/wc/v3/orders?oauth_consumer_key={plain.consumer_key}&oauth_nonce=1"
    assert requests.get(url, timeout=10).json() == {
        "code": "woocommerce_rest_authentication_missing_parameter",
        "message": "Missing OAuth parameters oauth_timestamp, oauth_signature, oauth_signature_method",
        "data": {"status": 401},
    }


def test_behind_a_proxy_the_signature_is_over_the_address_that_the_shop_believes_to_have() -> None:
    with start(Options(home_url="http://shop.example.com")) as server:
        answer = client(server).get("orders")
        assert (answer.status_code, answer.json()["code"]) == (401, "woocommerce_rest_authentication_error")


@pytest.mark.parametrize(
    ("permissions", "role", "status"),
    [("read", "administrator", 401), ("write", "administrator", 201), ("read_write", "customer", 403)],
)
def test_permissions_of_a_key_decide_what_it_may_write(
    plain: RunningShop, permissions: str, role: str, status: int
) -> None:
    key = plain.add_key(permissions, role)
    api = client(plain, key=key.consumer_key, secret=key.consumer_secret)
    assert api.post("orders", {"line_items": [{"product_id": 10}]}).status_code == status


@pytest.mark.parametrize(("version", "api"), [("2.4", "v3"), ("2.4", "v2"), ("2.3", "v2")])
def test_the_legacy_api_pages_and_wraps_its_lists(version: Any, api: str) -> None:
    with start(Options(version=version, hash_numbers=True)) as server:
        old = client(server, wp_api=False, version=api)
        first = old.get("orders", params={"filter[limit]": 50, "filter[order]": "ASC", "filter[orderby]": "ID"})
        assert first.status_code == 200
        assert (first.headers["X-WC-Total"], first.headers["X-WC-TotalPages"]) == ("198", "4")
        assert [one["order_number"][0] for one in first.json()["orders"]] == ["#"] * 50
        second = old.get(
            "orders", params={"filter[limit]": 50, "filter[order]": "ASC", "filter[orderby]": "ID", "page": 2}
        )
        assert second.json()["orders"][0]["id"] > first.json()["orders"][-1]["id"]
        assert {link["rel"] for link in second.links.values()} == {"first", "prev", "next", "last"}


@pytest.mark.parametrize(("api", "other"), [("v2", "v3"), ("v3", "v2")])
def test_the_legacy_signatures_differ_by_api_version(api: str, other: str) -> None:
    with start(Options(version="2.4")) as server:
        assert signed(server, f"/wc-api/{api}/orders/66", version=api).json()["order"]["id"] == 66
        crossed = signed(server, f"/wc-api/{api}/orders/66", version=other)
        assert crossed.status_code == 401
        assert crossed.json()["errors"][0]["message"] == "Invalid Signature - provided signature does not match"


def test_a_legacy_request_without_signature_says_what_is_missing() -> None:
    with start(Options(version="2.4")) as server:
        answer = requests.get(f"{server.url}/wc-api/v3/orders", timeout=10)
        assert answer.status_code == 404
        assert answer.json()["errors"] == [
            {
                "code": "woocommerce_api_authentication_error",
                "message": "oauth_consumer_key parameter is missing",
            }
        ]
        index = requests.get(f"{server.url}/wc-api/v3/", timeout=10).json()["store"]
        assert (index["wc_version"], index["meta"]["timezone"]) == ("2.4.7", "America/New_York")


def test_the_legacy_api_over_tls_takes_basic_and_query_keys(tls: ssl.SSLContext, ca_file: Path) -> None:
    with start(Options(version="2.4"), ssl_context=tls) as server:
        for in_query in (False, True):
            api = client(server, wp_api=False, version="v3", verify_ssl=str(ca_file), query_string_auth=in_query)
            assert api.get("orders/count").json() == {"count": 198}


def test_a_shop_can_bring_its_own_throw_away_authority() -> None:
    with start(Options(tls=True, generated=3)) as server:
        ca_file = server.ready()["ca_file"]
        assert client(server, verify_ssl=ca_file).get("orders").status_code == 200
        with pytest.raises(requests.exceptions.SSLError):
            requests.Session().get(server.url, verify=certifi.where(), timeout=10)
    assert not Path(ca_file).exists()
