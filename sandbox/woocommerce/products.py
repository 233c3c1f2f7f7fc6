"""Products, variations, stock and customers of the shop: found, created, changed, trashed; it knows no HTTP.

Stock rules as measured: a quantity on an unmanaged product is dropped without an error, 0 or less becomes outofstock
or onbackorder by `backorders`, and every save moves the product's date_modified.
"""

from __future__ import annotations

import copy
import re
import unicodedata
from typing import Any

from .errors import InvalidParam, RestError, invalid_id
from .params import Params
from .php import decimal_of, money
from .shop import Shop

Record = dict[str, Any]

TYPES = ("simple", "grouped", "external", "variable")
_TEXT_FIELDS = ("name", "slug", "description", "short_description", "sku", "regular_price", "sale_price", "weight")
_CHOICES = ("tax_status", "tax_class", "status", "catalog_visibility", "purchase_note")
_FLAGS = ("virtual", "downloadable", "featured", "sold_individually")


def by_sku(shop: Shop, sku: str) -> Record | None:
    """The product or variation whose own SKU this is, upper and lower case alike."""
    wanted = sku.lower()
    for product in shop.products:
        if product["sku"].lower() == wanted and product["status"] != "trash":
            return product
    for variation in shop.variations:
        if shop.own_sku(variation).lower() == wanted:
            return variation
    return None


def matching(shop: Shop, params: Params) -> list[Record]:
    """Products (and, for a SKU filter, variations) that fit a list's filters, dates apart."""
    status = params.choice("status", ["any", "future", "trash", "draft", "pending", "private", "publish"], "any")
    kind = params.text("type")
    skus = [one.lower() for one in params.listed("sku")]
    # 5.0 has no search by a part of the SKU and ignores the parameter.
    part = params.text("search_sku").lower() if shop.options.version == "10.0" else ""
    search, stock, slug = params.text("search").lower(), params.text("stock_status"), params.text("slug")
    parent = params.integers("parent")
    found = [
        one
        for one in shop.products
        if (one["status"] == status or (status == "any" and one["status"] != "trash"))
        and (not kind or one["type"] == kind)
        and (not skus or one["sku"].lower() in skus)
        and (not part or part in one["sku"].lower())
        and (not search or search in f"{one['name']} {one['description']} {one['short_description']}".lower())
        and (not stock or one["stock_status"] == stock)
        and (not slug or one["slug"] == slug)
        and (parent is None or one["parent_id"] in parent)
    ]
    if (skus or part) and not kind:
        for one in shop.variations:
            own = shop.own_sku(one).lower()
            if own and (not skus or own in skus) and (not part or part in own):
                found.append(one)
    return found


# products ---------------------------------------------------------------------------------------------------------


def create(shop: Shop, given: Record) -> Record:
    with shop.lock:
        _check(given)
        _check_sku(shop, given, 0)
        now = shop.clock.gmt()
        template = next(iter(shop.products), {})
        product = {**copy.deepcopy(template), **_BLANK, "id": shop.next_id("post")}
        product.update(date_created_gmt=now, date_modified_gmt=now, type=str(given.get("type") or "simple"))
        product["categories"] = [{"id": 15, "name": "Uncategorized", "slug": "uncategorized"}]
        _apply(shop, product, given)
        product["slug"] = product["slug"] or slug_of(product["name"])
        product["permalink"] = f"/product/{product['slug']}/"
        shop.products.put(product)
        shop.touched()
        shop.announce("product.created", product["id"], product)
        return product


def update(shop: Shop, product_id: int, given: Record) -> Record:
    """Changes a product; a variation's id is a 404 here and an unknown id a 400, as measured."""
    with shop.lock:
        _check(given)
        if product_id in shop.variations:
            raise RestError(
                404,
                "woocommerce_rest_invalid_product_id",
                "To manipulate product variations you should use the "
                "/products/&lt;product_id&gt;/variations/&lt;id&gt; endpoint.",
                allow=True,
            )
        held = shop.products.get(product_id)
        if held is None:
            raise invalid_id("product", 400)
        _check_sku(shop, given, product_id)
        product = copy.deepcopy(held)
        _apply(shop, product, given)
        product["date_modified_gmt"] = shop.clock.gmt()
        shop.products.put(product)
        shop.touched()
        shop.announce("product.updated", product_id, product)
        return product


def trash(shop: Shop, product_id: int) -> None:
    """To the trash: gone from lists, its SKU still taken."""
    with shop.lock:
        product = copy.deepcopy(shop.products.records[product_id])
        stamp = str(int(shop.clock.now().timestamp()))
        for key, value in (
            ("_wp_trash_meta_status", product["status"]),
            ("_wp_trash_meta_time", stamp),
            ("_wp_desired_post_slug", product["slug"]),
        ):
            product["meta_data"].append({"id": shop.next_id("meta"), "key": key, "value": value})
        product.update(status="trash", slug=product["slug"] + "__trashed", date_modified_gmt=shop.clock.gmt())
        shop.products.put(product)
        shop.touched()
        shop.announce("product.deleted", product_id, product)


def delete(shop: Shop, product_id: int) -> None:
    """For good: lines of old orders show product_id 0 and sku null from now on."""
    with shop.lock:
        product = shop.products.records[product_id]
        for variation_id in product["variations"]:
            shop.variations.remove(variation_id)
            shop.deleted_products.add(variation_id)
        shop.products.remove(product_id)
        shop.deleted_products.add(product_id)
        shop.touched()
        shop.announce("product.deleted", product_id, product)


def move_stock(shop: Shop, record_id: int, by: int) -> bool:
    """A sale or a return: changes managed stock (of the parent where a variation says so) and date_modified."""
    variation = shop.variations.get(record_id)
    if variation is not None and variation["manage_stock"] == "parent":
        return move_stock(shop, variation["parent_id"], by)
    table = shop.variations if variation is not None else shop.products
    held = table.get(record_id)
    if held is None or held["manage_stock"] is not True:
        return False
    record = copy.deepcopy(held)
    record["stock_quantity"] = int(record["stock_quantity"] or 0) + by
    _stock_status(record)
    record["date_modified_gmt"] = shop.clock.gmt()
    table.put(record)
    shop.announce("product.updated", record_id, record)
    return True


def set_stock(shop: Shop, record_id: int, quantity: int) -> Record:
    """Sets the stock of a product or variation by hand, as in the shop's admin."""
    if record_id in shop.variations:
        return update_variation(shop, record_id, {"manage_stock": True, "stock_quantity": quantity})
    return update(shop, record_id, {"manage_stock": True, "stock_quantity": quantity})


# variations -------------------------------------------------------------------------------------------------------


def create_variation(shop: Shop, parent_id: int, given: Record) -> Record:
    with shop.lock:
        _check(given)
        _check_sku(shop, given, 0)
        now = shop.clock.gmt()
        template = next(iter(shop.variations), {})
        variation = {**copy.deepcopy(template), "sku": "", "manage_stock": False, "stock_quantity": None}
        variation.update(
            id=shop.next_id("post"),
            parent_id=parent_id,
            date_created_gmt=now,
            date_modified_gmt=now,
            attributes=given.get("attributes") or [],
            stock_status="instock",
            meta_data=[],
        )
        variation["name"] = ", ".join(str(one.get("option", "")) for one in variation["attributes"])
        _apply(shop, variation, given)
        shop.variations.put(variation)
        parent = copy.deepcopy(shop.products.records[parent_id])
        parent["variations"] = [*parent["variations"], variation["id"]]
        shop.products.put(parent)
        shop.touched()
        return variation


def update_variation(shop: Shop, variation_id: int, given: Record) -> Record:
    with shop.lock:
        _check(given)
        _check_sku(shop, given, variation_id)
        variation = copy.deepcopy(shop.variations.records[variation_id])
        _apply(shop, variation, given)
        if variation["tax_class"] == "":
            variation["tax_class"] = "parent"  # what a saved variation shows (recorded)
        variation["date_modified_gmt"] = shop.clock.gmt()
        shop.variations.put(variation)
        shop.touched()
        shop.announce("product.updated", variation_id, variation)
        return variation


def delete_variation(shop: Shop, variation_id: int) -> None:
    with shop.lock:
        variation = shop.variations.records[variation_id]
        parent = copy.deepcopy(shop.products.records[variation["parent_id"]])
        parent["variations"] = [one for one in parent["variations"] if one != variation_id]
        shop.products.put(parent)
        shop.variations.remove(variation_id)
        shop.deleted_products.add(variation_id)
        shop.touched()


# customers --------------------------------------------------------------------------------------------------------


def create_customer(shop: Shop, given: Record) -> Record:
    with shop.lock:
        email = str(given.get("email") or "")
        if not email:
            words = "Missing parameter(s): email"
            raise RestError(400, "rest_missing_callback_param", words, {"params": ["email"]}, allow=True)
        if any(one["email"].lower() == email.lower() for one in shop.customers):
            words = f"An account is already registered with {email}. Please log in or use a different email address."
            raise RestError(400, "registration-error-email-exists", words, allow=True)
        now = shop.clock.gmt()
        names = ("first_name", "last_name", "company", "address_1", "address_2", "city", "postcode", "country", "state")
        address = dict.fromkeys(names, "")
        customer: Record = {
            "id": shop.next_id("user"),
            "date_created": None,
            "date_created_gmt": now,
            "date_modified": None,
            "date_modified_gmt": None,
            "email": email,
            "first_name": "",
            "last_name": "",
            "role": "customer",
            "username": str(given.get("username") or email.split("@")[0]),
            "billing": {**address, "email": "", "phone": ""},
            "shipping": {**address, "phone": ""},
            "is_paying_customer": False,
            "avatar_url": "",
            "meta_data": [],
        }
        _apply_customer(shop, customer, given)
        customer["date_modified_gmt"] = now
        shop.customers.put(customer)
        shop.touched()
        shop.announce("customer.created", customer["id"], customer)
        return customer


def update_customer(shop: Shop, customer_id: int, given: Record) -> Record:
    with shop.lock:
        customer = copy.deepcopy(shop.customers.records[customer_id])
        email = str(given.get("email") or "").lower()
        if email and any(one["email"].lower() == email and one["id"] != customer_id for one in shop.customers):
            raise RestError(400, "woocommerce_rest_customer_invalid_email", "Email address is invalid.", allow=True)
        _apply_customer(shop, customer, given)
        customer["date_modified_gmt"] = shop.clock.gmt()
        shop.customers.put(customer)
        shop.touched()
        shop.announce("customer.updated", customer_id, customer)
        return customer


def _apply_customer(shop: Shop, customer: Record, given: Record) -> None:
    for name in ("email", "first_name", "last_name"):
        if given.get(name) is not None:
            customer[name] = str(given[name])
    for kind in ("billing", "shipping"):
        for name, value in (given.get(kind) or {}).items():
            if name in customer[kind]:
                customer[kind][name] = str(value)
    _apply_meta(shop, customer, given)


# coupons and tax rates --------------------------------------------------------------------------------------------


def create_coupon(shop: Shop, given: Record) -> Record:
    with shop.lock:
        code = str(given.get("code") or "").lower()
        if not code:
            words = "Missing parameter(s): code"
            raise RestError(400, "rest_missing_callback_param", words, {"params": ["code"]}, allow=True)
        if any(one["code"] == code for one in shop.coupons):
            words = "The coupon code already exists"
            raise RestError(400, "woocommerce_rest_coupon_code_already_exists", words, allow=True)
        now = shop.clock.gmt()
        template = next(iter(shop.coupons), {})
        coupon = {**copy.deepcopy(template), "id": shop.next_id("post"), "code": code, "amount": "0.00"}
        coupon.update(
            date_created_gmt=now, date_modified_gmt=now, usage_count=0, used_by=[], product_ids=[], meta_data=[]
        )
        coupon["discount_type"] = str(given.get("discount_type") or "fixed_cart")
        coupon["date_expires_gmt"] = given.get("date_expires_gmt")
        coupon["free_shipping"] = given.get("free_shipping") is True
        if given.get("amount") is not None:
            coupon["amount"] = money(given["amount"], shop.options.decimals)
        shop.coupons.put(coupon)
        shop.touched()
        shop.announce("coupon.created", coupon["id"], coupon)
        return coupon


def create_tax(shop: Shop, given: Record) -> Record:
    with shop.lock:
        tax = {
            "id": 1 + max((one["id"] for one in shop.taxes), default=0),
            "country": str(given.get("country") or "").upper(),
            "state": str(given.get("state") or "").upper(),
            "postcode": str(given.get("postcode") or ""),
            "city": str(given.get("city") or ""),
            "rate": money(given.get("rate") or "0", 4),
            "name": str(given.get("name") or "Tax"),
            "priority": int(given.get("priority") or 1),
            "compound": given.get("compound") is True,
            "shipping": given.get("shipping") is not False,
            "order": int(given.get("order") or 0),
            "class": str(given.get("class") or "standard"),
            "postcodes": given.get("postcodes") or [],
            "cities": given.get("cities") or [],
        }
        shop.taxes.put(tax)
        shop.touched()
        return tax


# shared -----------------------------------------------------------------------------------------------------------

_BLANK: Record = {
    "name": "Product",
    "slug": "",
    "status": "publish",
    "description": "",
    "short_description": "",
    "sku": "",
    "price": "",
    "regular_price": "",
    "sale_price": "",
    "total_sales": 0,
    "virtual": False,
    "downloadable": False,
    "tax_status": "taxable",
    "tax_class": "",
    "manage_stock": False,
    "stock_quantity": None,
    "backorders": "no",
    "backorders_allowed": False,
    "backordered": False,
    "stock_status": "instock",
    "weight": "",
    "dimensions": {"length": "", "width": "", "height": ""},
    "average_rating": "0",
    "rating_count": 0,
    "attributes": [],
    "variations": [],
    "related_ids": [],
    "meta_data": [],
    "price_html": "",
    "parent_id": 0,
}


def slug_of(name: str) -> str:
    """A WordPress slug: accents off, quotes and signs dropped, words joined by '-'."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))


def _check(given: Record) -> None:
    problems: list[tuple[str, str, str, dict[str, Any] | None]] = []
    if given.get("type") is not None and given["type"] not in TYPES:
        words = "type is not one of simple, grouped, external, and variable."
        problems.append(("type", "rest_not_in_enum", words, None))
    problems += [
        (name, "rest_invalid_type", f"{name} is not of type string.", {"param": name})
        for name in ("regular_price", "sale_price", "sku", "name")
        if name in given and not isinstance(given[name], str)
    ]
    stock = given.get("stock_quantity")
    if stock is not None and (isinstance(stock, bool) or not re.fullmatch(r"\s*[+-]?\d+(\.0+)?\s*", str(stock))):
        words = "stock_quantity is not of type integer."
        problems.append(("stock_quantity", "rest_invalid_type", words, {"param": "stock_quantity"}))
    if problems:
        raise InvalidParam(problems)


def _check_sku(shop: Shop, given: Record, own_id: int) -> None:
    sku = str(given.get("sku") or "").lower()
    if not sku:
        return
    for one in [*shop.products, *shop.variations]:
        if one["sku"].lower() != sku or one["id"] == own_id:
            continue
        if one.get("status") == "trash":
            # The lookup table still holds the SKU of a trashed product (measured).
            words = (
                f"The product with SKU ({given['sku']}) you are trying to insert is already present in the lookup table"
            )
            raise RestError(400, "woocommerce_rest_product_not_created", words, allow=True)
        free = f"{given['sku']}-1"
        extra = {"resource_id": one["id"], "unique_sku": free}
        raise RestError(400, "product_invalid_sku", "Invalid or duplicated SKU.", extra, allow=True)


def _apply(shop: Shop, record: Record, given: Record) -> None:
    for name in (*_TEXT_FIELDS, *_CHOICES):
        if given.get(name) is not None and name in record:
            record[name] = str(given[name])
    for name in _FLAGS:
        if given.get(name) is not None and name in record:
            record[name] = given[name] in (True, "true", "1", 1)
    if "regular_price" in given or "sale_price" in given:
        record["price"] = record["sale_price"] or record["regular_price"]
        record["on_sale"] = bool(record["sale_price"])
    if given.get("backorders") in ("no", "notify", "yes"):
        record["backorders"] = given["backorders"]
        record["backorders_allowed"] = given["backorders"] != "no"
    if given.get("manage_stock") is not None and record.get("type") != "variable":
        record["manage_stock"] = given["manage_stock"] in (True, "true", "1", 1)
        if not record["manage_stock"]:
            record.update(stock_quantity=None, backorders="no", backorders_allowed=False)
    if record["manage_stock"] is True:
        if given.get("stock_quantity") is not None:
            record["stock_quantity"] = int(float(given["stock_quantity"]))
        elif given.get("inventory_delta") is not None:
            record["stock_quantity"] = int(record["stock_quantity"] or 0) + int(given["inventory_delta"])
        record["stock_quantity"] = int(record["stock_quantity"] or 0)
        _stock_status(record)
    elif given.get("stock_status") in ("instock", "outofstock", "onbackorder"):
        record["stock_status"] = given["stock_status"]
    _apply_meta(shop, record, given)


def _stock_status(record: Record) -> None:
    quantity = decimal_of(record["stock_quantity"])
    if quantity > 0:
        record["stock_status"] = "instock"
    else:
        record["stock_status"] = "outofstock" if record["backorders"] == "no" else "onbackorder"
    record["backordered"] = quantity < 0 and record["backorders"] != "no"


def _apply_meta(shop: Shop, record: Record, given: Record) -> None:
    for one in given.get("meta_data") or []:
        meta = record["meta_data"]
        place = next((index for index, held in enumerate(meta) if held["key"] == one.get("key")), None)
        if place is None:
            meta.append({"id": shop.next_id("meta"), "key": one.get("key"), "value": one.get("value")})
        elif one.get("value") is None:
            del meta[place]
        else:
            meta[place] = {**meta[place], "value": one["value"]}
