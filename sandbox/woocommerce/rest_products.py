"""What wc/v3 does at /products and /products/<id>/variations; it decides no permission."""

from __future__ import annotations

from typing import Any

from . import products
from .asks import Answer, Ask, paged
from .errors import RestError, invalid_id
from .lists import cut, filter_dates, sorted_records
from .params import Params

Record = dict[str, Any]


def list_products(ask: Ask) -> Answer:
    params = Params(ask.query)
    make = cut(params, 0)
    found = products.matching(ask.shop, params)
    fields = {
        "date": "date_created_gmt",
        "id": "id",
        "title": "name",
        "slug": "slug",
        "price": "price",
        "popularity": "total_sales",
        "rating": "average_rating",
        "menu_order": "menu_order",
    }
    if ask.shop.options.version == "10.0":
        fields["modified"] = "date_modified_gmt"
    found = filter_dates(ask.shop, found, params)
    page = make(sorted_records(found, params, fields, "date"))
    return paged(ask, page, [_show_product(ask, one) for one in page.ids])


def _show_product(ask: Ask, product_id: int, *, edit: bool = False) -> Record:
    product = ask.shop.products.get(product_id)
    if product is not None:
        return ask.view.product(product, edit=edit)
    return ask.view.variation_as_product(ask.shop.variations.records[product_id])


def get_product(ask: Ask) -> Answer:
    if ask.shop.product_or_variation(ask.ids[0]) is None:
        raise invalid_id("product")
    return Answer(_show_product(ask, ask.ids[0]))


def create_product(ask: Ask) -> Answer:
    product = products.create(ask.shop, ask.given)
    location = f"{ask.view.api}/products/{product['id']}"
    return Answer(ask.view.product(product, edit=True), 201, {"Location": location})


def update_product(ask: Ask) -> Answer:
    return Answer(ask.view.product(products.update(ask.shop, ask.ids[0], ask.given), edit=True))


def delete_product(ask: Ask) -> Answer:
    product = ask.shop.products.get(ask.ids[0])
    if product is None:
        raise invalid_id("product")
    before = ask.view.product(product, edit=True)
    if ask.force:
        products.delete(ask.shop, product["id"])
    elif product["status"] == "trash":
        raise RestError(410, "woocommerce_rest_already_trashed", "The product has already been deleted.", allow=True)
    else:
        products.trash(ask.shop, product["id"])
    return Answer(before)


def _variation(ask: Ask, status: int = 404) -> Record:
    if ask.ids[0] not in ask.shop.products:
        raise RestError(404, "woocommerce_rest_product_invalid_id", "Invalid ID.", allow=True)
    variation = ask.shop.variations.get(ask.ids[1])
    if variation is None or variation["parent_id"] != ask.ids[0]:
        raise invalid_id("product_variation", status)
    return variation


def list_variations(ask: Ask) -> Answer:
    params = Params(ask.query)
    make = cut(params, 0)
    if ask.ids[0] not in ask.shop.products:
        raise invalid_id("product")
    skus = [one.lower() for one in params.listed("sku")]
    found = [
        one
        for one in ask.shop.variations
        if one["parent_id"] == ask.ids[0] and (not skus or ask.shop.own_sku(one).lower() in skus)
    ]
    fields = {"date": "date_created_gmt", "id": "id", "title": "name", "slug": "id", "menu_order": "menu_order"}
    page = make(sorted_records(filter_dates(ask.shop, found, params), params, fields, "date"))
    return paged(ask, page, [ask.view.variation(ask.shop.variations.records[one]) for one in page.ids])


def get_variation(ask: Ask) -> Answer:
    return Answer(ask.view.variation(_variation(ask)))


def create_variation(ask: Ask) -> Answer:
    if ask.ids[0] not in ask.shop.products:
        raise invalid_id("product")
    variation = products.create_variation(ask.shop, ask.ids[0], ask.given)
    location = f"{ask.view.api}/products/{ask.ids[0]}/variations/{variation['id']}"
    return Answer(ask.view.variation(variation), 201, {"Location": location})


def update_variation(ask: Ask) -> Answer:
    _variation(ask, 400)
    return Answer(ask.view.variation(products.update_variation(ask.shop, ask.ids[1], ask.given)))


def delete_variation(ask: Ask) -> Answer:
    variation = _variation(ask)
    before = ask.view.variation(variation)
    products.delete_variation(ask.shop, variation["id"])
    return Answer(before)
