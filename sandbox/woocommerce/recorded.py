"""Reads the recorded shop that lies in sandbox/data/woocommerce; it knows no requests and keeps nothing."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

Record = dict[str, Any]


@cache
def _text(name: str) -> str:
    return resources.files("sandbox.data.woocommerce").joinpath(f"{name}.json").read_text(encoding="utf-8")


def load(name: str) -> Any:
    """A fresh copy of one recorded collection: orders, refunds, products, variations, customers, taxes …"""
    return json.loads(_text(name))
