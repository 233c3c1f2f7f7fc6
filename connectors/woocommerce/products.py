"""How products, variations and customers are read, and which of them share a SKU; pure functions of the payloads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from connectors.records import Customer, Fetched, Party, Product
from connectors.woocommerce.parts import NO_TEXTS, address, full_name, meta
from connectors.woocommerce.setting import ShopSetting
from connectors.woocommerce.values import (
    OPEN_IT,
    Notes,
    items,
    moment,
    number,
    opened,
    record_id,
    shown,
    text,
    without_tags,
)

_COST_KEYS = ("_wc_cog_cost", "_alg_wc_cog_cost", "_purchase_price", "_cogs_total_value")


def read_product(
    payload: object,
    shop: ShopSetting,
    *,
    currency: str | None = None,
    parent: Mapping[str, Any] | None = None,
    original: object = None,
) -> Fetched:
    """A product of `wc/v3`, or, with its parent's payload, one of its variations. Never raises for what is in it.

    `type` is what it would be in books: "service" (virtual), "inventory" (its stock is kept) or "non_inventory".
    """
    told, raw = opened(payload, original)
    notes = Notes()
    product_id = record_id(told.get("id")) if isinstance(told, dict) else None
    if product_id is None:
        notes.add(
            "product_without_id",
            f"Instead of a product the shop sent {shown(told)}.",
            severity="error",
            next_step=OPEN_IT,
        )
        return Fetched(kind="product", id="unreadable", raw=raw, record=None, findings=notes.all())
    record = _product(told, product_id, shop, currency, parent, notes)
    return Fetched(
        kind="product",
        id=product_id,
        raw=raw,
        record=record,
        modified=moment(told.get("date_modified_gmt"), told.get("date_modified"), shop.tz()),
    )


def _product(
    told: Mapping[str, Any],
    product_id: str,
    shop: ShopSetting,
    currency: str | None,
    parent: Mapping[str, Any] | None,
    notes: Notes,
) -> Product:
    chosen = _options(told, notes) if parent is not None else NO_TEXTS
    sku = text(told.get("sku"), "sku", notes, limit=255)
    name = text(told.get("name"), "name", notes, limit=1_000)
    parent_id = parent_sku = None
    own_sku = sku is not None
    if parent is not None:
        parent_id = record_id(parent.get("id"))
        parent_sku = text(parent.get("sku"), "parent.sku", notes, limit=255)
        # A variation without its own SKU shows its parent's.
        own_sku = sku is not None and sku != parent_sku
        title = text(parent.get("name"), "parent.name", notes, limit=800)
        # 5.0 sends no name, later versions only the options: this is how order lines spell it.
        words = ", ".join(chosen.values()) or name
        name = " - ".join(part for part in (title, words) if part) or None
    price = number(told.get("price"), "price", notes)
    if price is None:
        price = number(told.get("regular_price"), "regular_price", notes)
    custom = meta(told.get("meta_data"), "meta_data", notes)
    description = text(told.get("short_description") or told.get("description"), "description", notes)
    managed = told.get("manage_stock")
    kept_by_parent = managed == "parent"
    if kept_by_parent:
        notes.add("stock_at_parent", "The stock of this variation is kept with its parent product.", severity="info")
    virtual = told.get("virtual") is True or told.get("downloadable") is True
    return Product(
        id=product_id,
        sku=sku,
        name=name,
        description=(without_tags(description) or None) if description else None,
        type="service" if virtual else "inventory" if managed is True or kept_by_parent else "non_inventory",
        price=price,
        cost=_cost(told, custom, notes),
        currency=currency,
        barcode=text(told.get("global_unique_id"), "global_unique_id", notes, limit=255),
        active=told.get("status") in (None, "publish"),
        stock=number(told.get("stock_quantity"), "stock_quantity", notes) if managed is True else None,
        parent_id=parent_id,
        parent_sku=parent_sku,
        own_sku=own_sku,
        taxable=told.get("tax_status") not in ("none", "shipping"),
        options=chosen,
        meta=custom,
        findings=notes.all(),
    )


def _options(told: Mapping[str, Any], notes: Notes) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for entry in items(told.get("attributes"), "attributes", notes):
        name = text(entry.get("name"), "attributes.name", notes, limit=255)
        option = text(entry.get("option"), "attributes.option", notes, limit=255)
        if name and option:
            found[name] = option
    return found or NO_TEXTS


def _cost(told: Mapping[str, Any], custom: Mapping[str, str], notes: Notes) -> Decimal | None:
    goods = told.get("cost_of_goods_sold")
    if isinstance(goods, dict):
        cost = number(goods.get("total_value"), "cost_of_goods_sold.total_value", notes)
        if cost is not None:
            return cost
    quiet = Notes()  # a custom field that is no number is none of the shop's mistakes
    return next((cost for key in _COST_KEYS if (cost := number(custom.get(key), key, quiet)) is not None), None)


def is_variable(payload: Mapping[str, Any]) -> bool:
    return payload.get("type") == "variable" or bool(payload.get("variations"))


def read_customer(payload: object, shop: ShopSetting, *, original: object = None) -> Fetched:
    """A customer with an account in the shop. Never raises for what is in the payload."""
    told, raw = opened(payload, original)
    notes = Notes()
    customer_id = record_id(told.get("id")) if isinstance(told, dict) else None
    if customer_id is None:
        notes.add(
            "customer_without_id",
            f"Instead of a customer the shop sent {shown(told)}.",
            severity="error",
            next_step=OPEN_IT,
        )
        return Fetched(kind="customer", id="unreadable", raw=raw, record=None, findings=notes.all())
    bill_to = address(told.get("billing"), "billing", notes)
    first = text(told.get("first_name"), "first_name", notes, limit=500)
    last = text(told.get("last_name"), "last_name", notes, limit=500)
    record = Customer(
        id=customer_id,
        party=Party(
            id=customer_id,
            name=full_name(first, last) or bill_to.name or text(told.get("username"), "username", notes, limit=255),
            first_name=first,
            last_name=last,
            company=bill_to.company,
            email=text(told.get("email"), "email", notes, limit=500) or bill_to.email,
            phone=bill_to.phone,
            type=text(told.get("role"), "role", notes, limit=255),
        ),
        bill_to=bill_to,
        ship_to=address(told.get("shipping"), "shipping", notes),
        meta=meta(told.get("meta_data"), "meta_data", notes),
        findings=notes.all(),
    )
    modified = moment(told.get("date_modified_gmt"), told.get("date_modified"), shop.tz())
    return Fetched(kind="customer", id=customer_id, raw=raw, record=record, modified=modified)


# ------------------------------------------------------------------------------------------------- SKUs that are shared


@dataclass(frozen=True, slots=True)
class SharedSku:
    """One SKU on several things that are sold: `message` says so to a bookkeeper, `ids` are products or variations."""

    sku: str
    ids: tuple[str, ...]
    message: str


def shared_skus(products: Iterable[Product]) -> list[SharedSku]:
    """SKUs (in any spelling of capitals) that more than one product or variation has; to be shown before the first
    sync, since in books they would be one item.

    Products that only hold variations are not sold themselves: those that are a parent of another product here do not
    count.
    """
    everything = list(products)
    holders = {product.parent_id for product in everything if product.parent_id}
    by_sku: dict[str, list[Product]] = {}
    for product in everything:
        if product.sku and product.id not in holders:
            by_sku.setdefault(product.sku.strip().casefold(), []).append(product)
    found = []
    for group in by_sku.values():
        ids = tuple(dict.fromkeys(product.id for product in group))
        if len(ids) < 2:
            continue
        names = ", ".join(shown(product.name or product.id, 40) for product in group[:4])
        more = f" and {len(group) - 4} more" if len(group) > 4 else ""
        found.append(
            SharedSku(
                group[0].sku or "",
                ids,
                f"{len(ids)} products share the SKU {shown(group[0].sku or '')}: {names}{more}. Give each its own SKU in "
                "WooCommerce, or they are one item in the books.",
            )
        )
    return found


def with_shared_skus(products: Sequence[Product]) -> list[Product]:
    """The same products, each saying which others have its SKU."""
    together = {one_id: shared.ids for shared in shared_skus(products) for one_id in shared.ids}
    return [
        replace(product, shares_sku_with=tuple(other for other in together[product.id] if other != product.id))
        if product.id in together
        else product
        for product in products
    ]
