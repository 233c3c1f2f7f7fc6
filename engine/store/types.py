"""Column types that mean the same on SQLite and PostgreSQL: money, moments, JSON. They know no table.

SQLAlchemy's Numeric goes through float on SQLite and loses money in silence, and its DateTime comes back without a
zone; so money is stored as canonical decimal text and every moment is UTC.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

from connectors.canonical import decimal_text

#: SQLite counts up by itself only in a column declared INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")


class Money(TypeDecorator[Decimal]):
    """An exact decimal as canonical text (`41.98`); its currency stands in a column beside it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if not isinstance(value, Decimal):
            raise TypeError(f"money is Decimal, not {type(value).__name__}")
        if not value.is_finite():
            raise ValueError("money is finite")
        return decimal_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


def storable(text: str) -> str:
    """The text without what no database takes: halves of characters (a shop that cuts an emoji in two) and NUL."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "replace").decode().replace("\0", "")


class Words(TypeDecorator[str]):
    """Text as people wrote it somewhere; what cannot be stored of it is replaced (`storable`)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept as UTC; on SQLite as text whose order is the order of time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_DECIMAL = "$decimal"


def _default(value: object) -> Any:
    if isinstance(value, Decimal):
        return {_DECIMAL: str(value)}
    if isinstance(value, tuple | frozenset | set):
        return list(value)
    if hasattr(value, "items"):
        return dict(value.items())
    raise TypeError(f"{type(value).__name__} cannot be stored as JSON")


def _object(found: dict[str, Any]) -> Any:
    return Decimal(found[_DECIMAL]) if len(found) == 1 and _DECIMAL in found else found


def to_json(value: object) -> str:
    """Compact JSON text with sorted keys. Decimals survive exactly; what is not ASCII is escaped, so that lone
    surrogates and NUL, which PostgreSQL refuses in text, survive as well."""
    return json.dumps(value, default=_default, sort_keys=True, separators=(",", ":"))


def from_json(text: str) -> Any:
    """What `to_json` wrote."""
    return json.loads(text, object_hook=_object) if _DECIMAL in text else json.loads(text)


class Json(TypeDecorator[Any]):
    """Plain data (mappings, lists, text, numbers, Decimal) as JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else to_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else from_json(value)
