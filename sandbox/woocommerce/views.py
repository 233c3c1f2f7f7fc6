"""How stored records look in the answers of wc/v3, per version and number of decimals; it changes nothing."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from .dates import local_text
from .php import money
from .shop import Shop

Record = dict[str, Any]

ALL_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_ORDER_MONEY = ("discount_total", "discount_tax", "shipping_total", "shipping_tax", "cart_tax", "total", "total_tax")
_LINE_MONEY = ("subtotal", "subtotal_tax", "total", "total_tax")
# What 5.0.0 did not yet have in an order, a line, a shipping line and a product (seen on shop C).
_ORDER_SINCE = ("payment_url", "is_editable", "needs_payment", "needs_processing")
_LINE_SINCE = ("image",)
_PRODUCT_SINCE = ("brands", "global_unique_id", "post_password", "has_options")
_VARIATION_SINCE = ("type", "parent_id", "name", "global_unique_id")
# Meta that plugins of number sequences write; the number itself is `order["number"]`.
NUMBER_META = "_order_number"


class View:
    """Presents records as this shop would: home address, zone, version, switches."""

    def __init__(self, shop: Shop, home: str) -> None:
        self.shop = shop
        self.options = shop.options
        self.home = home
        self.api = f"{home}/wp-json/wc/v3"
        self.old = shop.options.version != "10.0"

    def links(self, path: str, *, up: str = "", allow: list[str] | None = None) -> Record:
        collection = path.rsplit("/", 1)[0]
        me: Record = {"href": f"{self.api}/{path}"}
        if not self.old:
            me["targetHints"] = {"allow": allow or ALL_METHODS}
        found: Record = {"self": [me], "collection": [{"href": f"{self.api}/{collection}"}]}
        if up:
            found["up"] = [{"href": f"{self.api}/{up}"}]
        return found

    def local(self, record: Record, *names: str) -> None:
        for name in names:
            gmt = record.get(f"{name}_gmt")
            record[name] = None if gmt is None else local_text(gmt, self.options.zone)

    # orders -------------------------------------------------------------------------------------------------------

    def number(self, order: Record) -> str:
        """The order number as people see it: by the switches '#' in front, or a plugin's own sequence."""
        stored = str(order["number"])
        if self.options.sequential_numbers and stored == str(order["id"]):
            stored = str(10_000 + order["id"])
        return f"#{stored}" if self.options.hash_numbers and not stored.startswith("#") else stored

    def order(self, stored: Record, dp: int | None = None, *, single: bool = False) -> Record:
        """An order as in lists; `single`: as at its own address, where meta stands sorted by key (measured)."""
        decimals = self.options.decimals if dp is None else dp
        order = dict(stored)
        precise = order.pop("_precise", False)
        order.pop("_stock_reduced", None)
        self.local(order, "date_created", "date_modified", "date_completed", "date_paid")
        order["number"] = self.number(stored)
        order["version"] = order["version"] if self.options.version == "10.0" else self.options.full_version
        meta = list(order["meta_data"])
        if self.options.sequential_numbers:
            # An order numbered by hand then has two entries of this key (seen on shop B: 36 and #10400).
            own = order["number"] if stored["number"] == str(order["id"]) else str(order["id"])
            meta.append({"id": 90_000_000 + order["id"], "key": NUMBER_META, "value": own})
        order["meta_data"] = sorted(meta, key=lambda one: str(one["key"]).lower()) if single else meta
        if self.shop.deleted_products or self.options.variations_without_sku or self.old:
            order["line_items"] = [self._line(line) for line in order["line_items"]]
        if precise or decimals != 2:
            _round_order(order, decimals)
        order["payment_url"] = (
            f"{self.home}/checkout/order-pay/{order['id']}/?pay_for_order=true&key={order['order_key']}"
        )
        if self.old:
            for name in _ORDER_SINCE:
                order.pop(name, None)
            for kind in ("billing", "shipping"):
                order[kind] = {key: value for key, value in order[kind].items() if kind == "billing" or key != "phone"}
            order["shipping_lines"] = [
                {key: value for key, value in line.items() if key != "tax_status"} for line in order["shipping_lines"]
            ]
        links = self.links(f"orders/{order['id']}")
        if not self.old:
            path = f"{self.api}/orders/{order['id']}/actions/email_templates"
            links["email_templates"] = [{"embeddable": True, "href": path}]
        if order["customer_id"]:
            links["customer"] = [{"href": f"{self.api}/customers/{order['customer_id']}"}]
        order["_links"] = links
        return order

    def _line(self, line: Record) -> Record:
        line = dict(line)
        if {line["product_id"], line["variation_id"]} & self.shop.deleted_products:
            line.update(product_id=0, variation_id=0, sku=None)
        elif self.options.variations_without_sku and line["variation_id"]:
            parent = self.shop.products.get(line["product_id"])
            line["sku"] = parent["sku"] if parent else line["sku"]
        if self.old:
            for name in _LINE_SINCE:
                line.pop(name, None)
        return line

    def refund(self, stored: Record, dp: int | None = None, *, of_all: bool = False) -> Record:
        """A refund as at /orders/<id>/refunds, or (`of_all`) as at /refunds, which names the order as parent_id."""
        decimals = self.options.decimals if dp is None else dp
        refund = dict(stored)
        order_id = refund["parent_id"]
        if not of_all:
            refund.pop("parent_id")
        precise = refund.pop("_precise", False)
        self.local(refund, "date_created")
        if self.shop.deleted_products or self.options.variations_without_sku or self.old:
            refund["line_items"] = [self._line(line) for line in refund["line_items"]]
        if precise or decimals != 2:
            _round_order(refund, decimals)
            refund["amount"] = money(refund["amount"], decimals)
        path = f"orders/{order_id}/refunds/{refund['id']}"
        refund["_links"] = self.links(path, up=f"orders/{order_id}", allow=["GET", "DELETE"])
        return refund

    def note(self, stored: Record) -> Record:
        note = dict(stored)
        order_id = note.pop("order_id")
        self.local(note, "date_created")
        path = f"orders/{order_id}/notes/{note['id']}"
        note["_links"] = self.links(path, up=f"orders/{order_id}", allow=["GET", "DELETE"])
        return note

    # products -----------------------------------------------------------------------------------------------------

    def product(self, stored: Record, *, edit: bool = False) -> Record:
        product = dict(stored)
        self.local(product, "date_created", "date_modified", "date_on_sale_from", "date_on_sale_to")
        product["permalink"] = self._permalink(product)
        if not edit:
            product["description"] = _paragraph(product["description"])
            product["short_description"] = _paragraph(product["short_description"])
        else:
            product["average_rating"] = "0" if float(product["average_rating"]) == 0 else product["average_rating"]
            product["permalink_template"] = f"{self.home}/product/%pagename%/"
            product["generated_slug"] = product["slug"].removesuffix("__trashed")
        if self.old:
            for name in _PRODUCT_SINCE:
                product.pop(name, None)
        product["_links"] = self.links(f"products/{product['id']}")
        return product

    def _permalink(self, product: Record) -> str:
        path = str(product["permalink"])
        if product["status"] == "trash":
            path = f"/?post_type=product&p={product['id']}"
        return f"{self.home}{path}" if path.startswith("/") else path

    def variation(self, stored: Record) -> Record:
        """A variation as at /products/<parent>/variations; unmanaged stock of its own shows the parent's."""
        variation = dict(stored)
        self.local(variation, "date_created", "date_modified", "date_on_sale_from", "date_on_sale_to")
        variation["sku"] = self.shop.sku_of({**stored, "type": "variation"})
        parent = self.shop.products.get(stored["parent_id"])
        if variation["manage_stock"] == "parent" and parent is not None:
            variation["stock_quantity"] = parent["stock_quantity"]
        variation["permalink"] = self._permalink(variation)
        path = f"products/{stored['parent_id']}/variations/{stored['id']}"
        variation["_links"] = self.links(path, up=f"products/{stored['parent_id']}")
        if self.old:
            for name in _VARIATION_SINCE:
                variation.pop(name, None)
        return variation

    def variation_as_product(self, stored: Record) -> Record:
        """The same record in the form of /products/<id> and of lists by SKU: a product of type variation."""
        variation = self.variation(stored)
        parent = self.shop.products.get(stored["parent_id"]) or {}
        template = {**parent, **{key: [] for key in ("categories", "brands", "tags", "images", "variations")}}
        product = {key: variation.get(key, template.get(key)) for key in template}
        short = str(stored["name"])
        product.update(
            name=f"{parent.get('name', '')} - {short}",
            slug=quote(_slug(f"{parent.get('name', '')} {short}"), safe="-%").lower(),
            type="variation",
            parent_id=stored["parent_id"],
            attributes=variation["attributes"],
            default_attributes=[],
            price_html=_price_html(str(variation["price"]), self.shop.options.currency),
            related_ids=[],
            total_sales="0",
            has_options=False,
            short_description="",
            # What a variation cannot have is shown with the defaults of a product (recorded).
            catalog_visibility="visible",
            reviews_allowed=False,
            average_rating="0.00",
            featured=False,
            shipping_required=not variation["virtual"],
            shipping_taxable=not variation["virtual"],
        )
        if self.old:
            for name in (*_PRODUCT_SINCE, "parent_id"):
                product.pop(name, None)
        product["_links"] = {
            **self.links(f"products/{stored['id']}"),
            "up": [{"href": f"{self.api}/products/{stored['parent_id']}"}],
        }
        return product

    # the rest -----------------------------------------------------------------------------------------------------

    def customer(self, stored: Record) -> Record:
        customer = dict(stored)
        self.local(customer, "date_created", "date_modified")
        if self.old:
            customer["shipping"] = {key: value for key, value in customer["shipping"].items() if key != "phone"}
        # Only users with the role of a customer may be deleted by the API (recorded).
        allow = ALL_METHODS if customer["role"] == "customer" else ALL_METHODS[:-1]
        customer["_links"] = self.links(f"customers/{customer['id']}", allow=allow)
        return customer

    def coupon(self, stored: Record) -> Record:
        coupon = dict(stored)
        self.local(coupon, "date_created", "date_modified", "date_expires")
        if self.old:
            coupon.pop("status", None)
        coupon["_links"] = self.links(f"coupons/{coupon['id']}")
        return coupon

    def tax(self, stored: Record) -> Record:
        tax = dict(stored)
        if self.old:
            tax.pop("postcodes"), tax.pop("cities")
        tax["_links"] = self.links(f"taxes/{tax['id']}")
        return tax

    def webhook(self, stored: Record) -> Record:
        webhook = {key: value for key, value in stored.items() if key not in ("secret", "failures", "pinged")}
        self.local(webhook, "date_created", "date_modified")
        webhook["_links"] = self.links(f"webhooks/{webhook['id']}")
        return webhook


def _round_order(order: Record, decimals: int) -> None:
    """Rounds every amount that WooCommerce formats with dp; coupon discounts, fee amounts and prices are not."""
    for name in _ORDER_MONEY:
        if name in order:
            order[name] = money(order[name], decimals)
    for kind in ("line_items", "shipping_lines", "fee_lines"):
        order[kind] = [_round_line(line, decimals) for line in order[kind]]
    order["tax_lines"] = [
        {
            **line,
            "tax_total": money(line["tax_total"], decimals),
            "shipping_tax_total": money(line["shipping_tax_total"], decimals),
        }
        for line in order["tax_lines"]
    ]
    if "refunds" in order:
        order["refunds"] = [{**one, "total": money(one["total"], decimals)} for one in order["refunds"]]


def _round_line(line: Record, decimals: int) -> Record:
    rounded = {key: value for key, value in line.items() if not key.startswith("_")}
    for name in _LINE_MONEY:
        if name in rounded:
            rounded[name] = money(rounded[name], decimals)
    rounded["taxes"] = [
        {"id": tax["id"], "total": money(tax["total"], decimals), "subtotal": money(tax["subtotal"], decimals)}
        for tax in line["taxes"]
    ]
    return rounded


def _paragraph(text: str) -> str:
    """Text as WordPress shows it (wpautop); edit answers give it as it was typed."""
    return f"<p>{text}</p>\n" if text and not text.startswith("<") else text


def _slug(text: str) -> str:
    return re.sub(r"[\s,]+", "-", re.sub(r"[\"'&;:/()<>#+]", "", text.strip().lower()))


def _price_html(price: str, currency: str) -> str:
    symbol = "&#36;" if currency == "USD" else currency
    return (
        '<span class="woocommerce-Price-amount amount"><bdi><span class="woocommerce-Price-currencySymbol">'
        f"{symbol}</span>{price}</bdi></span>"
    )


def only_fields(record: Any, fields: list[str]) -> Any:
    """WordPress' _fields: the named top-level fields, or nested ones with dots; the record's own order stays."""
    if not isinstance(record, dict):
        return record
    nested: dict[str, list[str]] = {}
    for name in fields:
        first, _, rest = name.partition(".")
        nested.setdefault(first, [])
        if rest:
            nested[first].append(rest)
    whole = {name for name in fields if "." not in name}
    return {
        key: value if key in whole else only_fields(value, nested[key])
        for key, value in record.items()
        if key in nested
    }
