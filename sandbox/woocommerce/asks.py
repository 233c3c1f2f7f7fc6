"""A request to wc/v3, its answer, and how a list becomes one; it knows no address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .lists import Page
from .params import Params
from .shop import Shop
from .views import View

Record = dict[str, Any]


@dataclass(slots=True)
class Ask:
    """One request to wc/v3: `ids` are the numbers in the path, `body` the parsed JSON or form."""

    shop: Shop
    view: View
    method: str
    path: str
    query: dict[str, Any]
    body: dict[str, Any]
    ids: tuple[int, ...] = ()

    @property
    def given(self) -> dict[str, Any]:
        """What a write works with: the query's parameters and the body's, the body first."""
        return {**self.query, **self.body}

    @property
    def force(self) -> bool:
        return str(self.given.get("force", "")).lower() in ("true", "1")


@dataclass(slots=True)
class Answer:
    """Status, JSON value and the headers that the route adds."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[[Ask], Answer]


def paged(ask: Ask, page: Page, items: list[Record], extra: Record | None = None) -> Answer:
    query = dict(ask.query)
    if extra is not None:
        # Orders: the parsed status list moves behind, dp and context are set while items are rendered (recorded).
        listed = query.pop("status", None) or "any"
        names = list(listed.values()) if isinstance(listed, dict) else str(listed).split(",")
        query["status"] = names
        if str(query.get("dates_are_gmt")).lower() == "true":
            query["dates_are_gmt"] = "1"
        if items:
            for name, value in extra.items():
                query.setdefault(name, value)
    headers = page.headers(f"{ask.view.api}{ask.path}", query)
    return Answer(items, headers=headers)


def decimals(params: Params, shop: Shop) -> int | None:
    return params.integer("dp", shop.options.decimals)
