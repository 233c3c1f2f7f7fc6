"""A local WooCommerce shop over HTTP, for demo and tests: `start(Options(...))`; it shares no code with connectors.

with start(Options(version="10.0", generated=500)) as server:
    server.url, server.consumer_key, server.consumer_secret
    server.pay_order(10009); server.pass_time(3600); server.inject(Fault("maintenance", times=2))
"""

from __future__ import annotations

from .faults import Fault
from .options import Options
from .running import RunningShop, create_app, start
from .shop import Key, Shop

__all__ = ["Fault", "Key", "Options", "RunningShop", "Shop", "create_app", "start"]
