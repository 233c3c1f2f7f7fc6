"""What the local shop holds: records, ids, keys, its clock, and a file that keeps changes; it knows no HTTP.

Records are dicts in the form of the REST API 10.0 without hosts, links and local times (views add them); GMT times are
the stored ones. `lock` guards everything: requests and test methods take it. `revision` grows with every change.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from . import recorded
from .dates import Clock
from .generated import GeneratedShop, Head
from .options import Options
from .totals import Place

Record = dict[str, Any]


@dataclass(slots=True)
class Key:
    """An API key: permissions read, write or read_write; `role` customer has no rights on shop data (403)."""

    key_id: int
    consumer_key: str
    consumer_secret: str
    permissions: str = "read_write"
    role: str = "administrator"
    description: str = ""


def head_of(order: Record) -> Head:
    return Head(order["status"], order["date_created_gmt"], order["date_modified_gmt"], order["customer_id"])


class Orders:
    """All orders by id; generated ones are made when asked for, changed ones are held."""

    def __init__(self, held: dict[int, Record], generated: GeneratedShop | None) -> None:
        self._held = held
        self._generated = generated
        self.heads: dict[int, Head] = {}
        if generated is not None:
            self.heads.update((one, generated.head(one)) for one in generated.order_ids())
        self.heads.update((one, head_of(order)) for one, order in held.items())
        self.changed: dict[int, Record | None] = {}

    def __contains__(self, order_id: int) -> bool:
        return order_id in self.heads

    def get(self, order_id: int) -> Record | None:
        """The stored order (read only: change a `copy` and `put` it back), or None."""
        if order_id not in self.heads:
            return None
        held = self._held.get(order_id)
        if held is None and self._generated is not None:
            return self._generated.order(order_id)
        return held

    def copy(self, order_id: int) -> Record:
        order = self.get(order_id)
        if order is None:
            raise KeyError(f"the shop has no order {order_id}")
        return copy.deepcopy(order)

    def put(self, order: Record) -> None:
        self._held[order["id"]] = self.changed[order["id"]] = order
        self.heads[order["id"]] = head_of(order)

    def remove(self, order_id: int) -> None:
        self._held.pop(order_id, None)
        self.heads.pop(order_id, None)
        self.changed[order_id] = None


class Refunds:
    """All refunds by id, with their `parent_id`; generated ones are made when asked for."""

    def __init__(self, held: dict[int, Record], generated: GeneratedShop | None) -> None:
        self._held = held
        self._generated = generated
        self._made: dict[int, int] = dict(generated.refund_ids()) if generated is not None else {}
        self._of: dict[int, list[int]] = {}
        for refund_id, order_id in [*self._made.items(), *((one, record["parent_id"]) for one, record in held.items())]:
            self._of.setdefault(order_id, []).append(refund_id)
        self.changed: dict[int, Record | None] = {}

    def get(self, refund_id: int) -> Record | None:
        if refund_id in self._held:
            return self._held[refund_id]
        if refund_id in self._made and self._generated is not None:
            return self._generated.refund(refund_id)
        return None

    def of(self, order_id: int) -> list[Record]:
        """An order's refunds, oldest first."""
        return [record for one in self._of.get(order_id, []) if (record := self.get(one)) is not None]

    def __iter__(self) -> Iterator[int]:
        return iter(sorted({*self._made, *self._held}))

    def put(self, refund: Record) -> None:
        order_id, refund_id = refund["parent_id"], refund["id"]
        self._held[refund_id] = self.changed[refund_id] = refund
        if refund_id not in self._of.setdefault(order_id, []):
            self._of[order_id].append(refund_id)

    def remove(self, refund_id: int) -> None:
        record = self.get(refund_id)
        if record is not None:
            self._of[record["parent_id"]].remove(refund_id)
        self._held.pop(refund_id, None)
        self._made.pop(refund_id, None)
        self.changed[refund_id] = None


class Table:
    """A small collection of records by id (products, customers, webhooks …) that remembers what changed."""

    def __init__(self, records: dict[int, Record]) -> None:
        self.records = records
        self.changed: dict[int, Record | None] = {}

    def __contains__(self, record_id: int) -> bool:
        return record_id in self.records

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records.values())

    def get(self, record_id: int) -> Record | None:
        return self.records.get(record_id)

    def put(self, record: Record) -> None:
        self.records[record["id"]] = self.changed[record["id"]] = record

    def remove(self, record_id: int) -> None:
        self.records.pop(record_id, None)
        self.changed[record_id] = None


@dataclass(slots=True)
class Counters:
    """The next ids, as MySQL's auto-increments: posts (orders, refunds, products), items, meta, notes, users …"""

    post: int = 100_000_001
    item: int = 100_000_001
    meta: int = 100_000_001
    note: int = 100_000_001
    user: int = 100_001
    webhook: int = 1
    key: int = 2


@dataclass(slots=True)
class Calls:
    """How often the API was called: all, and by 'METHOD /path'."""

    total: int = 0
    by_path: Counter[str] = field(default_factory=Counter)


class Shop:
    """One shop: recorded or generated contents, changed by requests and by `sandbox.woocommerce.orders` and others."""

    def __init__(self, options: Options, data: Path | str | None = None) -> None:
        self.lock = threading.RLock()
        self.options = options
        self.revision = 0
        self.home = options.home_url.rstrip("/")
        self._file = None if data is None else Path(data)
        self.calls = Calls()
        self.nonces: dict[str, int] = {}
        self.sessions: set[str] = set()
        self.listed: dict[tuple[int, str], list[int]] = {}
        self.listeners: list[Callable[[str, int, Record], None]] = []
        generated = GeneratedShop(options) if options.generated else None
        self._fill(generated)
        self.catalog: dict[str, Any] = recorded.load("catalog")
        self.deleted_products: set[int] = set(options.deleted_products)
        self.deliveries: list[Record] = []
        self._load()
        last = max((head.modified for head in self.orders.heads.values()), default="2026-01-01T00:00:00")
        self.clock = Clock(options.now, last, self._ahead)

    def _fill(self, generated: GeneratedShop | None) -> None:
        products, variations = recorded.load("products"), recorded.load("variations")
        if generated is not None:
            self.orders = Orders({}, generated)
            self.refunds = Refunds({}, generated)
            self.products = Table(generated.products(products[0]))
            self.variations = Table(generated.variations(variations[0]))
            self.customers = Table(generated.customers())
            self.taxes = Table({rate["id"]: rate for rate in generated.taxes()})
            self.notes = Table({})
            self.counters = Counters()
        else:
            self.orders = Orders({order["id"]: order for order in recorded.load("orders")}, None)
            self.refunds = Refunds({refund["id"]: refund for refund in recorded.load("refunds")}, None)
            self.products = Table({product["id"]: product for product in products})
            self.variations = Table({variation["id"]: variation for variation in variations})
            self.customers = Table({customer["id"]: customer for customer in recorded.load("customers")})
            self.taxes = Table({rate["id"]: rate for rate in recorded.load("taxes")})
            notes = recorded.load("notes")
            self.notes = Table(
                {note["id"]: {**note, "order_id": int(one)} for one, listed in notes.items() for note in listed}
            )
            self.counters = Counters(post=312, item=1268, meta=10_400, note=514, user=18, webhook=7)
        self.coupons = Table({coupon["id"]: coupon for coupon in recorded.load("coupons")})
        self.webhooks = Table({})
        digest = hashlib.sha256(f"sandbox-{self.options.seed}".encode()).hexdigest()
        length = 32 if self.options.version == "2.3" else 40
        self.keys = {"ck_" + digest[:length]: Key(1, "ck_" + digest[:length], "cs_" + digest[-length:])}
        self._ahead = 0.0

    # ids, keys, products ------------------------------------------------------------------------------------------

    def next_id(self, kind: str) -> int:
        value: int = getattr(self.counters, kind)
        setattr(self.counters, kind, value + 1)
        return value

    @property
    def main_key(self) -> Key:
        return next(iter(self.keys.values()))

    def add_key(self, permissions: str = "read_write", role: str = "administrator", description: str = "") -> Key:
        """A new key with random secrets; it works at once."""
        length = 16 if self.options.version == "2.3" else 20
        with self.lock:
            key = Key(
                self.next_id("key"),
                "ck_" + os.urandom(length).hex(),
                "cs_" + os.urandom(length).hex(),
                permissions,
                role,
                description,
            )
            self.keys[key.consumer_key] = key
            self.touched()
            return key

    def revoke_key(self, consumer_key: str) -> None:
        with self.lock:
            self.keys.pop(consumer_key, None)
            self.touched()

    @property
    def base(self) -> Place:
        country, _, state = self.options.country.partition(":")
        return Place(country, state)

    def own_sku(self, variation: Record) -> str:
        return "" if self.options.variations_without_sku else str(variation["sku"])

    def sku_of(self, record: Record) -> str:
        """A product's SKU as shown: a variation without its own shows its parent's."""
        if "attributes" in record and record.get("type") == "variation":
            parent = self.products.get(record["parent_id"])
            return self.own_sku(record) or (str(parent["sku"]) if parent else "")
        return str(record["sku"])

    def product_or_variation(self, record_id: int) -> Record | None:
        return self.products.get(record_id) or self.variations.get(record_id)

    def configure(self, **switches: Any) -> None:
        """Changes switches while the shop runs; contents (generated, seed, version) stay as they were."""
        with self.lock:
            self.options = self.options.changed(switches)
            self.deleted_products |= set(self.options.deleted_products)
            self.revision += 1

    def pass_time(self, seconds: float) -> None:
        """Moves the shop's clock on."""
        with self.lock:
            self.clock.pass_time(seconds)
            self.touched()

    def announce(self, topic: str, record_id: int, record: Record) -> None:
        """Tells the webhooks that something happened, for example ('order.updated', 66, order)."""
        for listener in self.listeners:
            listener(topic, record_id, record)

    # keeping ------------------------------------------------------------------------------------------------------

    _TABLES = ("orders", "refunds", "products", "variations", "customers", "coupons", "taxes", "notes", "webhooks")

    def touched(self) -> None:
        """Every change ends here: lists are made anew, and the data file, if any, is replaced in one step."""
        self.revision += 1
        if self._file is None:
            return
        state: dict[str, Any] = {
            "v": 1,
            "shop": {"generated": self.options.generated, "seed": self.options.seed},
            "counters": asdict(self.counters),
            "keys": [asdict(key) for key in self.keys.values()],
            "ahead": self.clock.ahead,
            "deleted_products": sorted(self.deleted_products),
        }
        for name in self._TABLES:
            state[name] = {str(one): record for one, record in getattr(self, name).changed.items()}
        unfinished = self._file.with_name(self._file.name + ".new")
        with unfinished.open("w", encoding="utf-8") as file:
            json.dump(state, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self._file)

    def _load(self) -> None:
        if self._file is None or not self._file.exists():
            return
        state = json.loads(self._file.read_text(encoding="utf-8"))
        shop = {"generated": self.options.generated, "seed": self.options.seed}
        if state.get("v") != 1 or state["shop"] != shop:
            raise ValueError(f"{self._file} keeps another shop ({state.get('shop')}); this one is {shop}")
        self.counters = Counters(**state["counters"])
        self.keys = {key["consumer_key"]: Key(**key) for key in state["keys"]}
        self._ahead = float(state["ahead"])
        self.deleted_products |= set(state["deleted_products"])
        for name in self._TABLES:
            table = getattr(self, name)
            for one, record in state[name].items():
                if record is None:
                    table.remove(int(one))
                else:
                    table.put(record)
