"""The store: what is remembered between runs, on SQLite or PostgreSQL. SQL is the truth; everything else is a signal."""

from engine.store.engine import Session, Store, open_store
from engine.store.scope import TenantScope

__all__ = ["Session", "Store", "TenantScope", "open_store"]
