"""How stored records look in the legacy API (wc-api v2 and v3 of WooCommerce 2.3 and 2.4); it changes nothing.

Field by field as WooCommerce 2.4.7 class-wc-api-orders.php, -products.php and -customers.php build them.
"""

from __future__ import annotations

from typing import Any

from .php import decimal_of, money
from .shop import Shop
from .views import View

Record = dict[str, Any]

_ADDRESS = ("first_name", "last_name", "company", "address_1", "address_2", "city", "state", "postcode", "country")


class LegacyView:
    """Presents records for one request; `api` is v2 or v3."""

    def __init__(self, shop: Shop, home: str, api: str) -> None:
        self.shop = shop
        self.home = home
        self.api = api
        self._view = View(shop, home)

    def order(self, stored: Record, dp: int, *, meta: bool = False) -> Record:
        billing, shipping = stored["billing"], stored["shipping"]
        lines = stored["line_items"]
        order: Record = {
            "id": stored["id"],
            "order_number": self._view.number(stored),
            "created_at": _time(stored["date_created_gmt"]),
            "updated_at": _time(stored["date_modified_gmt"]),
            "completed_at": _time(stored["date_completed_gmt"] or stored["date_created_gmt"]),
            "status": stored["status"],
            "currency": stored["currency"],
            "total": money(stored["total"], dp),
            "subtotal": money(sum(decimal_of(line["subtotal"]) for line in lines), dp),
            "total_line_items_quantity": sum(line["quantity"] for line in lines),
            "total_tax": money(stored["total_tax"], dp),
            "total_shipping": money(stored["shipping_total"], dp),
            "cart_tax": money(stored["cart_tax"], dp),
            "shipping_tax": money(stored["shipping_tax"], dp),
            "total_discount": money(stored["discount_total"], dp),
            "shipping_methods": ", ".join(line["method_title"] for line in stored["shipping_lines"]),
            "payment_details": {
                "method_id": stored["payment_method"],
                "method_title": stored["payment_method_title"],
                "paid": stored["date_paid_gmt"] is not None,
            },
            "billing_address": {name: billing[name] for name in (*_ADDRESS, "email", "phone")},
            "shipping_address": {name: shipping[name] for name in _ADDRESS},
            "note": stored["customer_note"],
            "customer_ip": stored["customer_ip_address"],
            "customer_user_agent": stored["customer_user_agent"],
            "customer_id": stored["customer_id"],
            "view_order_url": f"{self.home}/my-account/view-order/{stored['id']}",
            "line_items": [self.line(line, dp) for line in lines],
            "shipping_lines": [
                {
                    "id": line["id"],
                    "method_id": line["method_id"],
                    "method_title": line["method_title"],
                    "total": money(line["total"], dp),
                }
                for line in stored["shipping_lines"]
            ],
            "tax_lines": [
                {
                    "id": line["id"],
                    "rate_id": str(line["rate_id"]),
                    "code": line["rate_code"],
                    "title": line["label"],
                    "total": money(line["tax_total"], dp),
                    "compound": line["compound"],
                }
                for line in stored["tax_lines"]
            ],
            "fee_lines": [
                {
                    "id": line["id"],
                    "title": line["name"],
                    "tax_class": line["tax_class"] or None,
                    "total": money(line["total"], dp),
                    "total_tax": money(line["total_tax"], dp),
                }
                for line in stored["fee_lines"]
            ],
            "coupon_lines": [
                {"id": line["id"], "code": line["code"], "amount": money(line["discount"], dp)}
                for line in stored["coupon_lines"]
            ],
            "customer": self._order_customer(stored),
        }
        if meta:
            order["order_meta"] = {
                one["key"]: one["value"] for one in stored["meta_data"] if not str(one["key"]).startswith("_")
            }
        return order

    def _order_customer(self, stored: Record) -> Record:
        customer = self.shop.customers.get(stored["customer_id"])
        if customer is not None:
            return self.customer(customer)
        billing = stored["billing"]
        return {
            "id": 0,
            "email": billing["email"],
            "first_name": billing["first_name"],
            "last_name": billing["last_name"],
            "billing_address": {name: billing[name] for name in (*_ADDRESS, "email", "phone")},
            "shipping_address": {name: stored["shipping"][name] for name in _ADDRESS},
        }

    def line(self, line: Record, dp: int) -> Record:
        gone = bool({line["product_id"], line["variation_id"]} & self.shop.deleted_products)
        sku = line["sku"]
        if self.shop.options.variations_without_sku and line["variation_id"]:
            parent = self.shop.products.get(line["product_id"])
            sku = parent["sku"] if parent else sku
        return {
            "id": line["id"],
            "subtotal": money(line["subtotal"], dp),
            "subtotal_tax": money(line["subtotal_tax"], dp),
            "total": money(line["total"], dp),
            "total_tax": money(line["total_tax"], dp),
            "price": money(line["price"], dp),
            "quantity": line["quantity"],
            "tax_class": line["tax_class"] or None,
            "name": line["name"],
            # The variation's id stands here where there is one.
            "product_id": 0 if gone else line["variation_id"] or line["product_id"],
            "sku": None if gone else sku,
            "meta": [
                {"key": one["key"], "label": one["display_key"], "value": one["display_value"]}
                for one in line["meta_data"]
                if not str(one["key"]).startswith("_")
            ],
        }

    def refund(self, stored: Record, dp: int) -> Record:
        lines = []
        for line in stored["line_items"]:
            shown = self.line(line, dp)
            shown.pop("meta")
            held = [one["value"] for one in line["meta_data"] if one["key"] == "_refunded_item_id"]
            if self.api == "v3":
                shown["refunded_item_id"] = int(held[0]) if held else 0
            lines.append(shown)
        return {
            "id": stored["id"],
            "created_at": _time(stored["date_created_gmt"]),
            "amount": money(stored["amount"], dp),
            "reason": stored["reason"],
            "line_items": lines,
        }

    def note(self, stored: Record) -> Record:
        return {
            "id": str(stored["id"]),
            "created_at": _time(stored["date_created_gmt"]),
            "note": stored["note"],
            "customer_note": stored["customer_note"],
        }

    def product(self, stored: Record, *, meta: bool = False) -> Record:
        product = {
            "title": stored["name"],
            "id": stored["id"],
            "created_at": _time(stored["date_created_gmt"]),
            "updated_at": _time(stored["date_modified_gmt"]),
            "type": stored["type"],
            "status": stored["status"],
            **self._stock_and_price(stored),
            "permalink": f"{self.home}{stored['permalink']}",
            "description": stored["description"],
            "short_description": stored["short_description"],
            "sold_individually": stored["sold_individually"],
            "featured": stored["featured"],
            "catalog_visibility": stored["catalog_visibility"],
            "average_rating": stored["average_rating"],
            "rating_count": stored["rating_count"],
            "related_ids": stored["related_ids"],
            "parent_id": stored["parent_id"],
            "categories": [one["name"] for one in stored["categories"]],
            "tags": [],
            "images": [],
            "attributes": stored["attributes"],
            "total_sales": int(stored["total_sales"]),
            "variations": [self._variation(one) for one in self.shop.variations if one["parent_id"] == stored["id"]],
            "parent": [],
        }
        if meta:
            product["product_meta"] = {
                one["key"]: one["value"] for one in stored["meta_data"] if not str(one["key"]).startswith("_")
            }
        return product

    def variation_as_product(self, stored: Record) -> Record:
        parent = self.shop.products.records[stored["parent_id"]]
        product = self.product(parent)
        shown = {key: value for key, value in self._variation(stored).items() if key in product}
        return {**product, **shown, "type": "variation", "variations": [], "parent": product}

    def _variation(self, stored: Record) -> Record:
        parent = self.shop.products.get(stored["parent_id"])
        with_sku = {**stored, "sku": self.shop.sku_of({**stored, "type": "variation"})}
        if stored["manage_stock"] == "parent" and parent is not None:
            with_sku |= {"manage_stock": False, "stock_quantity": parent["stock_quantity"]}
        return {
            "id": stored["id"],
            "created_at": _time(stored["date_created_gmt"]),
            "updated_at": _time(stored["date_modified_gmt"]),
            **self._stock_and_price(with_sku),
            "permalink": f"{self.home}{stored['permalink']}",
            "attributes": [
                {"name": one["name"], "slug": one.get("slug", one["name"]), "option": one["option"]}
                for one in stored["attributes"]
            ],
        }

    def _stock_and_price(self, stored: Record) -> Record:
        return {
            "sku": stored["sku"],
            "price": stored["price"],
            "regular_price": stored["regular_price"],
            "sale_price": stored["sale_price"] or None,
            "taxable": stored["tax_status"] == "taxable",
            "tax_status": stored["tax_status"],
            "tax_class": stored["tax_class"].replace("parent", ""),
            "managing_stock": stored["manage_stock"] is True,
            # Unmanaged stock is 0 here, as PHP casts '' to int.
            "stock_quantity": int(stored["stock_quantity"] or 0),
            "in_stock": stored["stock_status"] != "outofstock",
            "backorders_allowed": stored["backorders_allowed"],
            "backordered": stored["backordered"],
            "purchaseable": stored["purchasable"],
            "on_sale": stored["on_sale"],
            "downloadable": stored["downloadable"],
            "virtual": stored["virtual"],
            "weight": stored["weight"] or None,
            "dimensions": {**stored["dimensions"], "unit": "cm"},
        }

    def customer(self, stored: Record) -> Record:
        own = (
            [(head.created, one) for one, head in self.shop.orders.heads.items() if head.customer == stored["id"]]
            if stored["id"]
            else []
        )
        last = max(own, default=None)
        billing, shipping = stored["billing"], stored["shipping"]
        return {
            "id": stored["id"],
            "created_at": _time(stored["date_created_gmt"]),
            "email": stored["email"],
            "first_name": stored["first_name"],
            "last_name": stored["last_name"],
            "username": stored["username"],
            "last_order_id": last[1] if last else None,
            "last_order_date": _time(last[0]) if last else None,
            "orders_count": len(own),
            "billing_address": {name: billing[name] for name in (*_ADDRESS, "email", "phone")},
            "shipping_address": {name: shipping[name] for name in _ADDRESS},
        }


def _time(gmt: str | None) -> str | None:
    return None if gmt is None else f"{gmt}Z"
