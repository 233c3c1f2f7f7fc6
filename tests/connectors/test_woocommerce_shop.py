"""WooCommerce over real HTTP and TLS against the local shop: keys, versions, pages, refunds, products, trouble."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import ConnectorError, ReconnectNeeded, Rejected, Retry
from connectors.http import Limits
from connectors.records import Fetched, Order, Product
from connectors.woocommerce import WooCommerce
from connectors.woocommerce.discovery import identity, shop_url
from connectors.woocommerce.products import shared_skus, with_shared_skus
from sandbox.woocommerce import Fault, Options, RunningShop, start
from tests.connectors.clocks import RunningClock
from tests.connectors.conftest import Authority

WHOLE_SHOP = 201


def source(server: RunningShop, **options: Any) -> WooCommerce:
    changes = options.pop("keys", {})
    keys = {
        "url": server.url,
        "consumer_key": server.consumer_key,
        "consumer_secret": server.consumer_secret,
        **changes,
    }
    options.setdefault("clock", RunningClock())
    return WooCommerce(keys, allow_private=True, **options)


@contextmanager
def shop(**options: Any) -> Iterator[tuple[RunningShop, WooCommerce]]:
    made = {name: options.pop(name) for name in ("clock", "limits", "known", "parent_skus") if name in options}
    with start(Options(**options)) as server:
        client = source(server, **made)
        yield server, client
        client.close()


@contextmanager
def secure_shop(
    authority: Authority, log: Path | None = None, **options: Any
) -> Iterator[tuple[RunningShop, WooCommerce]]:
    with start(Options(**options), ssl_context=authority.server(), log=log) as server:
        client = source(server, ca_file=authority.file)
        yield server, client
        client.close()


def logged(log: Path) -> list[dict[str, Any]]:
    """What the server heard and said."""
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def every(client: WooCommerce, cursor: str | None = None) -> list[Fetched]:
    return [record for page in client.changed_orders(cursor) for record in page.records]


def order(fetched: Fetched) -> Order:
    assert isinstance(fetched.record, Order)
    return fetched.record


def failure(client: WooCommerce) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        client.profile()
    return caught.value


# --------------------------------------------------------------------------------------------------- keys and TLS


@pytest.mark.parametrize("version", ["10.0", "5.0", "2.4", "2.3"])
def test_over_tls_keys_go_in_the_header_and_addresses_stay_short(
    authority: Authority, tmp_path: Path, version: str
) -> None:
    log = tmp_path / "log.jsonl"
    with secure_shop(authority, log, version=version) as (server, client):
        profile = client.profile()
        found = every(client)
        list(client.orders([one.id for one in found][:60]))
        list(client.products(None))
        assert profile.details["auth"] == "header"
        assert len({one.id for one in found}) >= 198
        urls = [server.url + entry["path"] + "?" + entry["query"] for entry in logged(log)]
        assert len(urls) > 10
        assert max(map(len, urls)) < 255
        assert server.consumer_secret not in "".join(urls)


@pytest.mark.parametrize("version", ["10.0", "2.4"])
def test_where_the_host_strips_the_header_the_keys_go_in_the_address(
    authority: Authority, tmp_path: Path, version: str
) -> None:
    log = tmp_path / "log.jsonl"
    options: dict[str, Any] = {"version": version, "strip_authorization": True, "max_url_length": 255}
    with secure_shop(authority, log, **options) as (server, client):
        profile = client.profile()
        assert profile.details["auth"] == "query"
        assert "header_stripped" in [finding.code for finding in profile.findings]
        found = every(client)
        again = list(client.orders([one.id for one in found][:30]))
        assert len({one.id for one in found}) >= 198
        assert sum(len(page.records) for page in again) == 30
        assert max(len(f"{server.url}{entry['path']}?{entry['query']}") for entry in logged(log)) < 255
        known = source(server, ca_file=authority.file, known=profile)
        next(known.changed_orders(None))
        assert known.call_counts()["list"] == 1  # no second try: the profile says how
        known.close()


def test_a_shop_that_refuses_long_addresses_is_read(authority: Authority) -> None:
    with secure_shop(authority, max_url_length=255) as (_, client):
        assert len({one.id for one in every(client)}) == WHOLE_SHOP


def test_plain_http_works_with_signatures_where_it_is_allowed() -> None:
    with shop() as (server, client):
        assert client.profile().details["auth"].startswith("oauth")
        strict = WooCommerce(
            {"url": server.url, "consumer_key": server.consumer_key, "consumer_secret": server.consumer_secret},
            clock=RunningClock(),
        )
        assert failure(strict).code == "https_required"
        strict.close()


def test_a_certificate_that_nobody_vouches_for_is_explained(authority: Authority) -> None:
    with start(Options(), ssl_context=authority.server()) as server:
        client = source(server)
        error = failure(client)
        client.close()
    assert error.code == "certificate_unknown_issuer"
    assert "SSL certificate" in error.message


def test_a_certificate_for_another_name_is_explained(authority: Authority) -> None:
    with start(Options(), ssl_context=authority.server("shop.example")) as server:
        client = source(server, ca_file=authority.file)
        error = failure(client)
        client.close()
    assert error.code == "certificate_wrong_name"
    assert "www" in error.next_step


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"consumer_secret": "cs_" + "0" * 40}, "secret_wrong"),
        ({"consumer_key": "ck_" + "0" * 40}, "key_unknown"),
        ({"consumer_key": ""}, "key_missing"),
        ({"consumer_secret": "  "}, "key_missing"),
        ({"consumer_key": "ck ü"}, "key_malformed"),
        ({"consumer_key": "cs_1", "consumer_secret": "ck_1"}, "keys_swapped"),
    ],
)
def test_wrong_keys_are_told_apart(authority: Authority, changes: dict[str, str], code: str) -> None:
    with start(Options(), ssl_context=authority.server()) as server:
        client = source(server, ca_file=authority.file, keys=changes)
        error = failure(client)
        client.close()
    assert isinstance(error, Rejected)
    assert error.code == code
    assert error.next_step
    assert all(value.strip() not in str(vars(error)) for value in changes.values() if len(value) > 20)


@pytest.mark.parametrize(
    ("permissions", "role", "code"),
    [("write", "administrator", "key_write_only"), ("read", "customer", "key_without_rights")],
)
def test_keys_with_too_few_rights_are_told_apart(authority: Authority, permissions: str, role: str, code: str) -> None:
    with start(Options(), ssl_context=authority.server()) as server:
        key = server.add_key(permissions, role)
        changes = {"consumer_key": key.consumer_key, "consumer_secret": key.consumer_secret}
        client = source(server, ca_file=authority.file, keys=changes)
        error = failure(client)
        client.close()
    assert (type(error), error.code) == (ReconnectNeeded, code)


def test_a_key_revoked_later_asks_to_connect_again(authority: Authority) -> None:
    with secure_shop(authority) as (server, client):
        client.profile()
        server.shop.revoke_key(server.consumer_key)
        with pytest.raises(ReconnectNeeded):
            next(client.changed_orders(None))


# ------------------------------------------------------------------------------------------------- who the shop is


@pytest.mark.parametrize(
    ("version", "api"),
    [("10.0", "wc/v3"), ("5.0", "wc/v3"), ("2.4", "wc-api/v3"), ("2.3", "wc-api/v2")],
)
def test_the_version_chooses_the_api(version: str, api: str) -> None:
    with shop(version=version, zone="Europe/London", currency="GBP", prices_include_tax=True, name="Näh & Co") as (
        _,
        client,
    ):
        profile = client.profile()
    assert (profile.api, profile.zone, profile.currency, profile.prices_include_tax, profile.title) == (
        api,
        "Europe/London",
        "GBP",
        True,
        "Näh & Co",
    )
    assert profile.version.startswith(version)
    codes = {finding.code for finding in profile.findings}
    assert codes == {"10.0": set(), "5.0": {"changes_not_filtered"}}.get(version, {"legacy_api"})


def test_the_profile_knows_storage_and_rounding() -> None:
    with shop(storage="posts", tax_round_at_subtotal=True, decimals=3) as (_, client):
        profile = client.profile()
    assert (profile.details["storage"], profile.details["rounding"], profile.details["decimals"]) == (
        "posts",
        "subtotal",
        "3",
    )
    assert [finding.code for finding in profile.findings] == ["rounds_at_subtotal"]


def test_with_a_known_profile_nothing_is_found_out_again() -> None:
    with shop() as (server, client):
        profile = client.profile()
        second = source(server, known=profile)
        found = every(second)
        second.close()
    assert set(second.call_counts()) == {"list", "refunds"}
    assert {order(one).store for one in found} == {"Sandbox Shop"}
    assert {order(one).zone for one in found} == {"America/New_York"}


def test_connecting_again_by_another_spelling_is_the_same_shop() -> None:
    with shop(home_url="https://www.Shop.Example/store/") as (server, client):
        first = client.profile()
        second = source(server, keys={"url": server.url + "/wp-admin/index.php?x=1"})
        assert second.profile().identity == first.identity == "shop.example/store"
        second.close()


@pytest.mark.parametrize(
    ("home", "same"),
    [
        ("https://shop.example", "shop.example"),
        ("http://www.shop.example/", "shop.example"),
        ("SHOP.example:443", "shop.example"),
        ("https://shop.example:8443/", "shop.example:8443"),
        ("https://shop.example/eu/", "shop.example/eu"),
        ("https://eu.shop.example", "eu.shop.example"),
        ("https://müller.example", "xn--mller-kva.example"),
    ],
)
def test_the_identity_is_the_home_address_in_one_spelling(home: str, same: str) -> None:
    assert identity(home) == same


@pytest.mark.parametrize(
    "typed", ["", "ftp://x", "https://", "shop example", "https://u:p@shop.example", "https://x:99999", "<x>"]
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(Rejected) as caught:
        shop_url(typed)
    assert caught.value.code == "bad_address"


@pytest.mark.parametrize(
    "tail", ["/", "/wp-admin", "/wp-admin/admin.php?page=wc-settings", "/wp-login.php", "/wp-json/wc/v3/", "?x=1#y"]
)
def test_what_people_paste_is_cleaned(tail: str) -> None:
    assert shop_url(f" https://shop.example/store{tail} ") == "https://shop.example/store"


def test_plain_permalinks_are_explained() -> None:
    with shop(plain_permalinks=True) as (_, client):
        error = failure(client)
    assert error.code == "plain_permalinks"
    assert "Post name" in error.next_step


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("maintenance", times=99), "maintenance"),
        (Fault("ithemes", times=99), "blocked_by_ithemes"),
        (Fault("rate_limit", times=99, seconds=900), "too_many_requests"),
    ],
)
def test_a_shop_that_is_closed_or_blocks_us_is_not_tried_by_other_doors(fault: Fault, code: str) -> None:
    with shop() as (server, client):
        server.inject(fault)
        server.forget_calls()
        with pytest.raises(ConnectorError) as caught:
            client.profile()
        assert caught.value.code == code
        assert server.call_count() == 1


def test_a_site_that_moved_is_followed_without_keys_and_then_asked_there(authority: Authority, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    with start(Options(), ssl_context=authority.server()) as there:
        moved = Options(redirect_to=there.url.replace("127.0.0.1", "localhost"))
        with start(moved, ssl_context=authority.server(), log=log) as here:
            keys = {"consumer_key": there.consumer_key, "consumer_secret": there.consumer_secret}
            client = source(here, ca_file=authority.file, keys=keys)
            profile = client.profile()
            client.close()
    assert profile.details["root"].startswith(there.url.replace("127.0.0.1", "localhost"))
    assert logged(log)
    assert not any("authorization" in json.dumps(entry["request_headers"]).lower() for entry in logged(log))


def test_a_redirect_later_never_carries_keys(authority: Authority) -> None:
    with secure_shop(authority) as (server, client):
        client.profile()
        server.inject(Fault("redirect", path="/orders", location="https://elsewhere.example/x"))
        with pytest.raises(Rejected) as caught:
            next(client.changed_orders(None))
    assert caught.value.code == "shop_moved"
    assert "elsewhere.example" in caught.value.message


# -------------------------------------------------------------------------------------------------- lists and trouble


def test_a_generated_shop_is_read_whole_in_few_calls() -> None:
    with shop(generated=430) as (server, client):
        client.profile()
        server.forget_calls()
        ids = [one.id for one in every(client)]
    assert len(set(ids)) == 430
    assert client.call_counts()["list"] <= 6


def test_pages_that_shift_while_they_are_read_lose_nothing() -> None:
    with shop(shuffle_while_paging=True) as (_, client):
        assert len({one.id for one in every(client)}) == WHOLE_SHOP


@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        (Fault("rate_limit", path="/orders", seconds=3), True),
        (Fault("status", path="/orders", status=502, body="<h1>Bad Gateway</h1>"), True),
        (Fault("fatal", path="/orders"), True),
        (Fault("truncated", path="/orders"), True),
        (Fault("dropped", path="/orders"), True),
    ],
)
def test_short_trouble_is_waited_out(fault: Fault, waits: bool) -> None:
    clock = RunningClock()
    with shop(clock=clock) as (server, client):
        client.profile()
        server.inject(fault)
        assert len({one.id for one in every(client)}) == WHOLE_SHOP
    assert bool(clock.slept) is waits


@pytest.mark.parametrize(
    ("fault", "code", "kind"),
    [
        (Fault("maintenance", path="/orders", times=99), "maintenance", Retry),
        (Fault("maintenance", path="/orders", times=99, status=200), "maintenance", Retry),
        (Fault("ithemes", path="/orders", times=99), "blocked_by_ithemes", Rejected),
        (Fault("modsecurity", path="/orders", times=99), "blocked_by_modsecurity", Rejected),
        (Fault("rate_limit", path="/orders", times=99, seconds=900), "too_many_requests", Retry),
        (Fault("status", path="/orders", times=99, status=200, body="<html>Shop</html>"), "answered_html", Retry),
        (
            Fault("status", path="/orders", times=99, status=200, body='{"odd": 1, "answer": 2}'),
            "unexpected_answer",
            Retry,
        ),
        (Fault("fatal", path="/orders", times=99), "shop_error", Retry),
    ],
)
def test_lasting_trouble_is_said_after_few_calls(fault: Fault, code: str, kind: type[ConnectorError]) -> None:
    with shop() as (server, client):
        client.profile()
        server.inject(fault)
        server.forget_calls()
        with pytest.raises(kind) as caught:
            every(client)
        assert caught.value.code == code
        assert caught.value.scope == "connection"
        assert server.call_count() <= 9


def test_a_shop_without_memory_is_asked_for_smaller_pages() -> None:
    with shop(limits=Limits(size=120_000)) as (_, client):
        client.profile()
        pages = list(client.changed_orders(None))
    assert len({record.id for page in pages for record in page.records}) == WHOLE_SHOP
    assert max(len(page.records) for page in pages) <= 50


def test_php_warnings_before_the_data_are_cut_off_and_said() -> None:
    with shop(notices_before_json=True) as (_, client):
        profile = client.profile()
        pages = list(client.changed_orders(None))
    assert "answer_with_notices" in [finding.code for finding in profile.findings]
    assert "answer_with_notices" in [finding.code for finding in pages[0].findings]
    assert len({record.id for page in pages for record in page.records}) == WHOLE_SHOP


def test_nonsense_in_a_list_holds_only_itself() -> None:
    with shop() as (server, client):
        client.profile()
        good = every(client)[0].raw
        body = [good, 5, None, {"id": "x"}, {**good, "id": 7, "currency": "Bits"}]
        server.inject(Fault("status", path="/orders", status=200, body=body))
        found = every(client)
    assert [one.record is not None for one in found[:5]] == [True, False, False, False, True]
    assert all(one.findings for one in found[1:4])
    assert [finding.code for finding in order(found[4]).findings if finding.severity == "error"] == ["unknown_currency"]


def test_only_asked_statuses_come() -> None:
    with shop() as (_, client):
        found = [r for page in client.changed_orders(None, statuses=["refunded", "completed"]) for r in page.records]
    assert {order(one).status for one in found} == {"refunded", "completed"}


def test_since_and_until_bound_the_first_fetch() -> None:
    since, until = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
    with shop() as (_, client):
        found = [order(r) for page in client.changed_orders(None, since=since, until=until) for r in page.records]
    assert found
    assert all(one.created < until and (one.modified or one.created) >= since for one in found)


# ------------------------------------------------------------------------------------------------------------ by id


def test_a_trashed_order_is_read_by_id_and_a_deleted_one_is_gone() -> None:
    with shop() as (server, client):
        client.profile()
        server.trash_order(66)
        server.delete_order(73)
        found = {record.id: record for page in client.orders(["66", "73", "74", "x", ""]) for record in page.records}
    assert order(found["66"]).status == "trash"
    assert found["73"].record is None
    assert [finding.code for finding in found["73"].findings] == ["order_gone"]
    assert order(found["74"]).id == "74"
    assert set(found) == {"66", "73", "74"}


def test_an_order_in_no_list_is_found_alone_and_an_array_in_its_place_is_refused() -> None:
    with shop() as (server, client):
        client.profile()
        alone = every(client)[0]
        server.inject(Fault("status", path=r"/orders\?", times=2, status=200, body=[]))
        (found,) = [record for page in client.orders([alone.id]) for record in page.records]
        assert found.record == alone.record
        assert client.call_counts()["order"] == 1
        server.inject(Fault("status", path=r"/orders\?", times=2, status=200, body=[]))
        server.inject(Fault("status", path="/orders/", status=200, body=[alone.raw]))
        with pytest.raises(Retry) as caught:
            list(client.orders([alone.id]))
    assert caught.value.code == "unexpected_answer"


def test_many_ids_are_read_in_short_addresses_and_few_calls() -> None:
    with shop(generated=300) as (_, client):
        ids = [one.id for one in every(client)]
        before = client.call_counts().get("by_id", 0)
        found = [record for page in client.orders(ids) for record in page.records]
    assert {one.id for one in found if one.record} == set(ids)
    assert client.call_counts()["by_id"] - before <= 20


# --------------------------------------------------------------------------------------------------------- refunds


@pytest.mark.parametrize("version", ["10.0", "5.0", "2.4", "2.3"])
def test_a_partial_refund_comes_with_its_lines(version: str) -> None:
    with shop(version=version) as (server, client):
        client.profile()
        line = next(iter(server.shop.orders.copy(66)["line_items"]))
        server.refund_order(
            66,
            lines=[
                {
                    "id": line["id"],
                    "quantity": 1,
                    "refund_total": "100.00",
                    "refund_tax": [{"id": 1, "refund_total": "6.00"}],
                }
            ],
        )
        (fetched,) = [record for page in client.orders(["66"]) for record in page.records]
        (refund,) = order(fetched).refunds
        assert refund.amount == Decimal("106.00")
        assert [(one.sku, one.quantity, one.amount, one.tax_amount) for one in refund.lines] == [
            ("ANV-10", Decimal(1), Decimal(100), Decimal(6))
        ]
        assert refund.findings == ()
        replayed = next(client.read_orders([fetched.raw]))
        assert replayed.record == fetched.record


def test_refunds_of_many_orders_come_in_one_list_since_9_and_one_by_one_before() -> None:
    with shop() as (_, client):
        every(client)
        assert client.call_counts()["refunds"] <= 4
    with shop(version="5.0") as (_, client):
        every(client)
        assert client.call_counts()["refunds"] >= 30


def test_without_the_list_of_all_refunds_they_are_read_one_by_one() -> None:
    with shop() as (server, client):
        client.profile()
        server.inject(
            Fault(
                "status",
                path="/v3/refunds",
                times=99,
                status=404,
                body={"code": "rest_no_route", "message": "No route"},
            )
        )
        found = every(client)
    assert client.call_counts()["refunds"] >= 30
    assert not [
        f
        for one in found
        for refund in order(one).refunds
        for f in refund.findings
        if f.code == "refund_without_details"
    ]


def test_a_refund_that_moves_no_date_shows_when_the_order_is_read_by_id() -> None:
    with shop(version="5.0") as (server, client):
        cursor = list(client.changed_orders(None))[-1].cursor
        server.pass_time(3_600)
        server.refund_order(66, amount="10.00")
        assert "66" not in [one.id for one in every(client, cursor)]
        (fetched,) = [record for page in client.orders(["66"]) for record in page.records]
    assert [refund.amount for refund in order(fetched).refunds] == [Decimal(10)]


def test_an_order_paid_later_has_its_payment_in_the_next_fetch() -> None:
    with shop() as (server, client):
        pages = list(client.changed_orders(None))
        unpaid = next(
            one for page in pages for one in page.records if order(one).status == "pending" and order(one).total
        )
        server.pass_time(60)
        server.pay_order(int(unpaid.id), "ch_later")
        (paid,) = [one for one in every(client, pages[-1].cursor) if one.id == unpaid.id]
    assert order(unpaid).payments == ()
    assert [(one.id, one.amount, one.reference) for one in order(paid).payments] == [
        (unpaid.id, order(unpaid).total, "ch_later")
    ]


# ------------------------------------------------------------------------------------------- customers and products


def products(client: WooCommerce) -> list[Product]:
    found = [record.record for page in client.products(None) for record in page.records]
    assert all(isinstance(one, Product) for one in found)
    return [one for one in found if isinstance(one, Product)]


def test_products_come_with_their_variations() -> None:
    with shop() as (_, client):
        found = {one.id: one for one in products(client)}
    jacket, red, last = found["26"], found["31"], found["38"]
    assert (jacket.sku, jacket.name, jacket.parent_id) == ("5063-511", "Work Jacket", None)
    assert (red.name, red.sku, red.parent_id, red.parent_sku, red.own_sku, dict(red.options)) == (
        "Work Jacket - M, Blue",
        "5063-511-M-B",
        "26",
        "5063-511",
        True,
        {"Size": "M", "Colour": "Blue"},
    )
    assert (red.type, red.price, red.stock is not None) == ("inventory", Decimal("94.05"), True)
    assert (last.sku, last.own_sku, last.type, last.stock) == ("5063-511", False, "non_inventory", None)
    assert found["16"].type == "service"
    assert found["11"].name == 'Bolt & Nut  8" ×100'
    assert found["25"].active is False


@pytest.mark.parametrize("version", ["10.0", "5.0", "2.4"])
def test_variations_that_share_a_sku_are_listed_before_the_first_sync(version: str) -> None:
    with shop(version=version, variations_without_sku=True) as (_, client):
        found = products(client)
    jackets = [one for one in found if one.parent_id == "26"]
    assert len(jackets) == 12
    assert all(len(one.shares_sku_with) == 11 and one.id not in one.shares_sku_with for one in jackets)
    shared = {one.sku: one for one in shared_skus(found)}
    assert set(shared["5063-511"].ids) == {one.id for one in jackets}
    assert "12 products share the SKU" in shared["5063-511"].message
    assert "Work Jacket" in shared["5063-511"].message


def test_skus_that_differ_in_capitals_only_are_shared() -> None:
    one, two, three = (Product(id=str(n), sku=sku, name=f"P{n}") for n, sku in enumerate(["abc", "ABC ", "abd"]))
    assert [entry.ids for entry in shared_skus([one, two, three])] == [("0", "1")]
    assert [entry.shares_sku_with for entry in with_shared_skus([one, two, three])] == [("1",), ("0",), ()]


def test_parents_skus_reach_the_lines_of_orders() -> None:
    with shop(parent_skus={"26": "5063-511"}) as (_, client):
        (fetched,) = [record for page in client.orders(["66"]) for record in page.records]
    assert [line.parent_sku for line in order(fetched).lines] == [None, "5063-511"]


def test_customers_are_people_with_addresses() -> None:
    with shop() as (_, client):
        found = {record.id: record.record for page in client.customers(None) for record in page.records}
    customer: Any = found["7"]
    assert (customer.party.name, customer.party.company, customer.bill_to.country) == (
        "Łukasz Żółć",
        "Zakład Usługowy",
        "PL",
    )
    assert customer.meta == {"qb_list_id": "80000003-1588"}


def test_a_cursor_grows_with_nothing() -> None:
    with shop(generated=400) as (server, client):
        cursor = None
        for _ in range(5):
            pages = list(client.changed_orders(cursor))
            cursor = pages[-1].cursor
            assert cursor is not None
            assert all(len(page.cursor or "") < 300 for page in pages)
            server.pass_time(timedelta(hours=1).total_seconds())
            server.touch_order(int(pages[0].records[0].id))
