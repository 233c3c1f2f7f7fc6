"""How an order's refunds are fetched: orders name them in a line each, their lines and dates lie elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from connectors.errors import Rejected
from connectors.woocommerce.hello import version_of
from connectors.woocommerce.lists import Lists, Payload, listed
from connectors.woocommerce.refunds import is_detailed
from connectors.woocommerce.values import mapping, record_id

_ALL_REFUNDS_SINCE: Final = (9, 0)
_REFUNDABLE: Final = frozenset({"processing", "completed", "refunded", "on-hold"})


def with_details(lists: Lists, payloads: Sequence[Payload]) -> list[Payload]:
    """The same orders, each with the detail of its refunds in the payload."""
    details = _refunds(lists, payloads)
    return [_completed(payload, details) for payload in payloads]


def _refunds(lists: Lists, payloads: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Order id to the detail of its refunds, for the orders that have any."""
    if lists.client.legacy:
        # An order of the legacy API does not say that it was refunded in part, and there is no list of refunds:
        # each order that may have some is asked.
        asked = [
            one
            for payload in payloads
            if (one := record_id(payload.get("id"))) and payload.get("status") in _REFUNDABLE
        ]
        return {one: _refunds_of(lists, one) for one in asked}
    summaries: dict[str, list[str]] = {}
    for payload in payloads:
        one = record_id(payload.get("id"))
        listed = payload.get("refunds")
        if one and isinstance(listed, list) and listed:
            summaries[one] = [two for entry in listed if (two := record_id(mapping(entry).get("id")))]
    found = _refunds_at_once(lists, summaries)
    return {one: found[one] if one in found else _refunds_of(lists, one) for one in summaries}


def _refunds_at_once(lists: Lists, summaries: Mapping[str, list[str]]) -> dict[str, list[Mapping[str, Any]]]:
    """Refunds of several orders from one list (WooCommerce 9.0), where that saves calls; only whole answers count."""
    version = version_of(lists.version)
    wanted = [refund for refunds in summaries.values() for refund in refunds]
    if version < _ALL_REFUNDS_SINCE or len(summaries) < 2:
        return {}
    by_order: dict[str, list[Mapping[str, Any]]] = {}
    try:
        for chunk in lists.chunks("refunds", wanted, legacy_name="include"):
            got = lists.client.get("refunds", [("include", ",".join(chunk)), ("per_page", "100")], kind="refunds")
            for entry in listed(got, "refunds"):
                parent = record_id(entry.get("parent_id"))
                if parent and parent in summaries:
                    by_order.setdefault(parent, []).append(entry)
    except Rejected as error:
        if error.code in ("not_found", "api_missing", "parameter_refused"):
            return {}
        raise
    return {
        one: entries
        for one, entries in by_order.items()
        if set(summaries[one]) <= {record_id(entry.get("id")) for entry in entries}
    }


def _refunds_of(lists: Lists, order_id: str) -> list[Mapping[str, Any]]:
    params = [] if lists.client.legacy else [("per_page", "100")]
    try:
        got = lists.client.get(f"orders/{order_id}/refunds", params, kind="refunds")
    except Rejected as error:
        if error.code in ("not_found", "api_missing"):
            return []  # deleted a moment ago; the summary stays, with its finding
        raise
    return listed(got, "order_refunds")


def _completed(payload: Mapping[str, Any], details: Mapping[str, list[Mapping[str, Any]]]) -> Mapping[str, Any]:
    """The payload with each refund's detail in place of its summary, so that what is kept can be read again alone."""
    found = details.get(record_id(payload.get("id")) or "")
    if not found:
        return payload
    by_id = {record_id(entry.get("id")): entry for entry in found}
    listed = payload.get("refunds")
    summaries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    merged: list[Mapping[str, Any]] = []
    for summary in summaries:
        detail = by_id.pop(record_id(summary.get("id")), None)
        merged.append({**summary, **_lean(detail)} if detail and is_detailed(detail) else summary)
    merged += [_lean(entry) for entry in by_id.values()]
    return {**payload, "refunds": merged}


def _lean(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != "_links"}
