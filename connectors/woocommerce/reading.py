"""Raw payloads as canonical records, whatever API they came from: pure, so that files of recorded orders read the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from connectors.records import Fetched
from connectors.woocommerce import legacy
from connectors.woocommerce.orders import read_order
from connectors.woocommerce.products import read_customer
from connectors.woocommerce.setting import ShopSetting


def read_orders(payloads: Iterable[Any], shop: ShopSetting) -> Iterator[Fetched]:
    """Orders of `wc/v3` or the legacy API, alone or wrapped as `{"order": …}` and `{"orders": […]}`."""
    for payload in payloads:
        if isinstance(payload, dict) and isinstance(payload.get("orders"), list) and "id" not in payload:
            yield from read_orders(payload["orders"], shop)
        elif isinstance(payload, dict) and isinstance(payload.get("order"), dict) and "id" not in payload:
            yield read_any_order(payload["order"], shop)
        else:
            yield read_any_order(payload, shop)


def read_any_order(payload: Any, shop: ShopSetting) -> Fetched:
    """One order of either API."""
    if legacy.is_legacy_order(payload):
        modern = legacy.modern_order(payload, prices_include_tax=shop.prices_include_tax)
        return read_order(modern, shop, original=payload)
    return read_order(payload, shop)


def read_any_customer(payload: Mapping[str, Any], shop: ShopSetting) -> Fetched:
    """One customer of either API."""
    if "billing_address" in payload:
        return read_customer(legacy.modern_customer(payload), shop, original=payload)
    return read_customer(payload, shop)
