"""Which records a list of wc/v3 holds and in what order: filters, date semantics, paging headers; it renders nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .dates import Threshold, threshold
from .generated import Head
from .params import Params
from .php import build_query
from .shop import Shop

Record = dict[str, Any]

CORE_STATUSES = ("pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed")


def statuses(shop: Shop) -> tuple[str, ...]:
    """Order statuses that can be seen; drafts of the block checkout came after 5.0."""
    draft = ("checkout-draft",) if shop.options.version == "10.0" else ()
    return (*CORE_STATUSES, *draft, *shop.options.custom_statuses)


def listable_statuses(shop: Shop) -> list[str]:
    auto = ["auto-draft"] if shop.options.version == "10.0" else []
    return ["any", "trash", *auto, *statuses(shop)]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of ids and what the headers say; `total` is 0 past the end of an order list (measured)."""

    ids: list[int]
    total: int
    pages: int
    number: int

    def headers(self, url: str, query: dict[str, Any]) -> dict[str, str]:
        """X-WP-Total, X-WP-TotalPages and Link (prev and next only; absent on a single page)."""
        found = {"X-WP-Total": str(self.total), "X-WP-TotalPages": str(self.pages)}
        links = []
        if self.number > 1:
            links.append((min(self.number - 1, self.pages), "prev"))
        if self.number < self.pages:
            links.append((self.number + 1, "next"))
        if links:
            found["Link"] = ", ".join(
                f'<{url}?{build_query({**query, "page": page})}>; rel="{name}"' for page, name in links
            )
        return found


def cut(params: Params, total: int, *, count_past_end: bool = True) -> Callable[[list[int]], Page]:
    """Reads page, per_page and offset, and returns what makes a page of sorted ids."""
    page = params.integer("page", 1, low=1) or 1
    per_page = params.integer("per_page", 10, low=1, high=100) or 10
    offset = params.integer("offset", None)

    def make(ids: list[int]) -> Page:
        first = offset if offset is not None else (page - 1) * per_page
        part = ids[first : first + per_page]
        known = len(ids) if part or count_past_end else 0
        return Page(part, known, -(-known // per_page), page)

    return make


class OrderFilter:
    """The parameters of GET /orders, checked; `ids()` are all that fit, sorted."""

    def __init__(self, shop: Shop, params: Params) -> None:
        self.shop = shop
        options = shop.options
        old = options.version != "10.0"
        self.statuses = params.choices("status", listable_statuses(shop), ["any"])
        self.customer = params.integer("customer", None)
        self.product = params.integer("product", None)
        self.search = params.text("search").lower()
        self.include = params.integers("include")
        self.exclude = params.integers("exclude") or []
        self.parent = params.integers("parent")
        order_by = ["date", "id", "include", "title", "slug"] + ([] if old else ["modified"])
        self.order_by = params.choice("orderby", order_by, "date")
        self.descending = params.choice("order", ["asc", "desc"], "desc") == "desc"
        self.created_via = params.listed("created_via") if not old else []
        names = ["after", "before"] if old else ["after", "before", "modified_after", "modified_before"]
        dates = {name: params.date(name) for name in names}
        # 5.0 does not know the flag and ignores it, as it ignores modified_after and modified_before.
        flag = params.flag("dates_are_gmt") and not old
        params.done()
        self.dates: dict[str, Threshold] = {
            name: threshold(value, zone=options.zone, gmt_flag=flag, hpos=options.hpos)
            for name, value in dates.items()
            if value
        }

    def _wanted_statuses(self) -> set[str]:
        wanted = set(self.statuses)
        if "any" in wanted or not wanted:
            wanted = (wanted - {"any"}) | set(statuses(self.shop))
        return wanted

    def _dated(self, head: Head) -> bool:
        zone = self.shop.options.zone
        for name, limit in self.dates.items():
            value = limit.column(head.modified if name.startswith("modified") else head.created, zone)
            if name.endswith("after") and not value > limit.text:
                return False
            if name.endswith("before") and not value < limit.text:
                return False
        return True

    def ids(self) -> list[int]:
        heads = self.shop.orders.heads
        wanted = self._wanted_statuses()
        included = None if self.include is None else set(self.include)
        found = [
            one
            for one, head in heads.items()
            if head.status in wanted
            and (included is None or one in included)
            and one not in self.exclude
            and (self.customer is None or head.customer == self.customer)
            and (not self.dates or self._dated(head))
        ]
        if self.parent is not None and self.parent != [0]:
            found = []
        if self.product is not None:
            found = [one for one in found if self._has_product(one)]
        if self.search:
            found = [one for one in found if self._matches(one)]
        if self.created_via:
            found = [one for one in found if (self.shop.orders.get(one) or {})["created_via"] in self.created_via]
        if self.order_by == "include" and self.include:
            places = {one: place for place, one in enumerate(self.include)}
            return sorted(found, key=lambda one: places[one])
        keys: dict[str, Callable[[int], Any]] = {
            "date": lambda one: (heads[one].created, one),
            "modified": lambda one: (heads[one].modified, one),
        }
        return sorted(found, key=keys.get(self.order_by, lambda one: one), reverse=self.descending)

    def _has_product(self, order_id: int) -> bool:
        order = self.shop.orders.get(order_id)
        return order is not None and any(
            self.product in (line["product_id"], line["variation_id"]) for line in order["line_items"]
        )

    def _matches(self, order_id: int) -> bool:
        """Search looks at id, addresses and line names, not at a plugin's order number (measured)."""
        order = self.shop.orders.get(order_id)
        if order is None:
            return False
        words = [str(order_id), *order["billing"].values(), *order["shipping"].values()]
        words += [line["name"] for line in order["line_items"]]
        return self.search in " ".join(map(str, words)).lower()


def sorted_records(records: Iterable[Record], params: Params, fields: dict[str, str], default: str) -> list[int]:
    """Ids of records that are already filtered, sorted by `orderby`; equal dates fall back to the id."""
    order_by = params.choice("orderby", [*fields, *(["include"] if "include" not in fields else [])], default)
    descending = params.choice("order", ["asc", "desc"], "asc" if default in ("name", "order") else "desc") == "desc"
    include = params.integers("include")
    exclude = set(params.integers("exclude") or [])
    params.done()
    found = [one for one in records if one["id"] not in exclude and (include is None or one["id"] in include)]
    if order_by == "include" and include:
        return sorted((one["id"] for one in found), key=include.index)
    key = fields.get(order_by, "id")

    def place(record: Record) -> tuple[Any, int]:
        value = record.get(key)
        return (value.lower() if isinstance(value, str) else value if value is not None else 0, record["id"])

    return [one["id"] for one in sorted(found, key=place, reverse=descending)]


def filter_dates(shop: Shop, records: Iterable[Record], params: Params) -> list[Record]:
    """Products by after, before, modified_after, modified_before; products live in posts storage everywhere."""
    old = shop.options.version != "10.0"
    limits = {}
    for name in ("after", "before") if old else ("after", "before", "modified_after", "modified_before"):
        value = params.date(name)
        if value:
            flag = params.flag("dates_are_gmt") and not old
            limits[name] = threshold(value, zone=shop.options.zone, gmt_flag=flag, hpos=False)
    params.done()

    def fits(record: Record) -> bool:
        for name, limit in limits.items():
            stored = record["date_modified_gmt" if name.startswith("modified") else "date_created_gmt"] or ""
            value = limit.column(stored, shop.options.zone) if stored else ""
            if (name.endswith("after") and not value > limit.text) or (
                name.endswith("before") and not value < limit.text
            ):
                return False
        return True

    return [record for record in records if fits(record)]
