"""What wc/v3 does at /customers, /coupons, /taxes and /webhooks; it decides no permission."""

from __future__ import annotations

from typing import Any

from . import products, webhooks
from .asks import Answer, Ask, paged
from .errors import RestError, invalid_id
from .lists import cut, filter_dates, sorted_records
from .params import Params

Record = dict[str, Any]


def list_customers(ask: Ask) -> Answer:
    params = Params(ask.query)
    make = cut(params, 0)
    role, email, search = params.text("role", "customer"), params.text("email").lower(), params.text("search").lower()
    found = [
        one
        for one in ask.shop.customers
        if role in ("all", one["role"])
        and (not email or one["email"].lower() == email)
        and (
            not search
            or any(search in str(one[key]).lower() for key in ("email", "username", "first_name", "last_name"))
        )
    ]
    fields = {"id": "id", "name": "username", "registered_date": "date_created_gmt"}
    page = make(sorted_records(found, params, fields, "name"))
    return paged(ask, page, [ask.view.customer(ask.shop.customers.records[one]) for one in page.ids])


def _customer(ask: Ask) -> Record:
    customer = ask.shop.customers.get(ask.ids[0])
    if customer is None:
        # The check of permission asks for the user first, so that no Allow header is sent (recorded).
        raise RestError(404, "wc_user_invalid_id", "Invalid user ID.")
    return customer


def get_customer(ask: Ask) -> Answer:
    return Answer(ask.view.customer(_customer(ask)))


def create_customer(ask: Ask) -> Answer:
    customer = products.create_customer(ask.shop, ask.given)
    return Answer(ask.view.customer(customer), 201, {"Location": f"{ask.view.api}/customers/{customer['id']}"})


def update_customer(ask: Ask) -> Answer:
    return Answer(ask.view.customer(products.update_customer(ask.shop, _customer(ask)["id"], ask.given)))


def delete_customer(ask: Ask) -> Answer:
    customer = _customer(ask)
    if not ask.force:
        words = "Customers do not support trashing."
        raise RestError(501, "woocommerce_rest_trash_not_supported", words, allow=True)
    ask.shop.customers.remove(customer["id"])
    ask.shop.touched()
    return Answer(ask.view.customer(customer))


def list_coupons(ask: Ask) -> Answer:
    params = Params(ask.query)
    make = cut(params, 0)
    code = params.text("code").lower()
    found = filter_dates(ask.shop, [one for one in ask.shop.coupons if not code or one["code"] == code], params)
    fields = {"date": "date_created_gmt", "id": "id", "title": "code", "slug": "code", "modified": "date_modified_gmt"}
    page = make(sorted_records(found, params, fields, "date"))
    return paged(ask, page, [ask.view.coupon(ask.shop.coupons.records[one]) for one in page.ids])


def get_coupon(ask: Ask) -> Answer:
    coupon = ask.shop.coupons.get(ask.ids[0])
    if coupon is None:
        raise invalid_id("shop_coupon")
    return Answer(ask.view.coupon(coupon))


def create_coupon(ask: Ask) -> Answer:
    coupon = products.create_coupon(ask.shop, ask.given)
    return Answer(ask.view.coupon(coupon), 201, {"Location": f"{ask.view.api}/coupons/{coupon['id']}"})


def create_tax(ask: Ask) -> Answer:
    tax = products.create_tax(ask.shop, ask.given)
    return Answer(ask.view.tax(tax), 201, {"Location": f"{ask.view.api}/taxes/{tax['id']}"})


def list_taxes(ask: Ask) -> Answer:
    params = Params(ask.query)
    make = cut(params, 0)
    wanted = params.text("class")
    found = [one for one in ask.shop.taxes if not wanted or one["class"] == wanted]
    fields = {"id": "id", "order": "order", "priority": "priority"}
    page = make(sorted_records(found, params, fields, "order"))
    return paged(ask, page, [ask.view.tax(ask.shop.taxes.records[one]) for one in page.ids])


def get_tax(ask: Ask) -> Answer:
    tax = ask.shop.taxes.get(ask.ids[0])
    if tax is None:
        raise RestError(404, "woocommerce_rest_invalid_id", "Invalid resource ID.", allow=True)
    return Answer(ask.view.tax(tax))


def list_webhooks(ask: Ask) -> Answer:
    params = Params(ask.query)
    make = cut(params, 0)
    status = params.choice("status", ["all", "active", "paused", "disabled"], "all")
    found = [one for one in ask.shop.webhooks if status in ("all", one["status"])]
    fields = {"date": "date_created_gmt", "id": "id", "title": "name"}
    page = make(sorted_records(found, params, fields, "date"))
    return paged(ask, page, [ask.view.webhook(ask.shop.webhooks.records[one]) for one in page.ids])


def _webhook(ask: Ask, status: int = 404) -> Record:
    webhook = ask.shop.webhooks.get(ask.ids[0])
    if webhook is None:
        raise invalid_id("shop_webhook", status)
    return webhook


def get_webhook(ask: Ask) -> Answer:
    return Answer(ask.view.webhook(_webhook(ask)))


def create_webhook(ask: Ask) -> Answer:
    webhook = webhooks.create(ask.shop, ask.given)
    return Answer(ask.view.webhook(webhook), 201, {"Location": f"{ask.view.api}/webhooks/{webhook['id']}"})


def update_webhook(ask: Ask) -> Answer:
    return Answer(ask.view.webhook(webhooks.update(ask.shop, _webhook(ask, 400)["id"], ask.given)))


def delete_webhook(ask: Ask) -> Answer:
    webhook = _webhook(ask)
    if not ask.force:
        words = "Webhooks do not support trashing."
        raise RestError(501, "woocommerce_rest_trash_not_supported", words, allow=True)
    ask.shop.webhooks.remove(webhook["id"])
    ask.shop.touched()
    return Answer(ask.view.webhook(webhook))
