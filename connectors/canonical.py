"""The numbered canonical form of records and documents: what is stored, compared and hashed.

Defaults are left out, so that a new field with a default changes no hash and an upgrade of the program makes no
operation. Decimals are text without exponent and without trailing zeros, dates and moments ISO, mappings sorted by
key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Any, ClassVar, Protocol, Union, get_args, get_origin, get_type_hints

from connectors import documents, records


class Numbered(Protocol):
    """A form with a version number; every record and document that is stored is one."""

    FORM: ClassVar[int]


_FORMS: Mapping[str, type[Numbered]] = {
    kind.__name__: kind
    for kind in (
        records.Order,
        records.Refund,
        records.Customer,
        records.Product,
        records.StockLevel,
        records.Purchase,
        documents.SalesDocument,
        documents.PaymentDocument,
        documents.CustomerDocument,
        documents.ProductDocument,
        documents.ListDocument,
    )
}


def decimal_text(value: Decimal) -> str:
    """A decimal as plain digits: `41.98`, `-3`, never `4.198E+1`, never `-0`."""
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


_NO_DEFAULT = object()
_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@cache
def _plan(kind: type) -> tuple[tuple[str, object], ...]:
    """Each field of a form with its default. Defaults are immutable or empty, so one of each serves for comparing."""
    return tuple((item.name, _default(item)) for item in fields(kind))


def _default(item: Field[Any]) -> object:
    if item.default is not MISSING:
        return item.default
    return item.default_factory() if item.default_factory is not MISSING else _NO_DEFAULT


def _same(value: object) -> object:
    return value


def _moment(value: datetime | date) -> str:
    return value.isoformat()


def _list(value: tuple[object, ...]) -> list[object]:
    return [_plain(item) for item in value]


def _mapping(value: Mapping[str, object]) -> dict[str, object]:
    return {str(key): _plain(value[key]) for key in sorted(value)}


def _form(value: object) -> dict[str, object]:
    form = {}
    kind: Any = type(value)
    for name, default in _plan(kind):
        held = getattr(value, name)
        # Most fields hold their default itself; comparing dataclasses and decimals costs more than looking.
        if held is not default and held != default:
            form[name] = _plain(held)
    return form


_WRITERS: dict[type, Callable[[Any], Any]] = {
    NoneType: _same,
    str: _same,
    bool: _same,
    int: _same,
    Decimal: decimal_text,
    datetime: _moment,
    date: _moment,
    tuple: _list,
    list: _list,
    dict: _mapping,
    MappingProxyType: _mapping,
}


def _plain(value: object) -> Any:
    write = _WRITERS.get(type(value))
    if write is None:
        if is_dataclass(value) and not isinstance(value, type):
            write = _WRITERS.setdefault(type(value), _form)
        elif isinstance(value, Mapping):
            return _mapping(value)
        elif isinstance(value, str | int):
            return value
        else:
            raise TypeError(f"{type(value).__name__} has no canonical form")
    return write(value)


def to_canonical(value: object) -> dict[str, Any]:
    """`{"form": "Order", "v": 1, …}` of a record or document, without defaults."""
    kind = type(value)
    form = _FORMS.get(kind.__name__)
    if form is not kind:
        raise TypeError(f"{kind.__name__} is not a numbered form")
    return {"form": kind.__name__, "v": form.FORM, **_plain(value)}


def form_bytes(form: Mapping[str, Any]) -> bytes:
    """A canonical form as compact JSON, byte for byte the same for equal values."""
    return _JSON.encode(form).encode("utf-8", "surrogatepass")


def content_hash(value: object) -> str:
    """A SHA-256 (hex) over the canonical form."""
    return form_hash(to_canonical(value))


def form_hash(form: Mapping[str, Any]) -> str:
    """The content hash of the value whose canonical form this is."""
    return hashlib.sha256(form_bytes(form)).hexdigest()


@cache
def _reader(hint: Any) -> Callable[[Any], Any]:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        inner = [part for part in get_args(hint) if part is not NoneType]
        read = _reader(inner[0])
        return lambda held: None if held is None else read(held)
    if origin is tuple:
        read = _reader(get_args(hint)[0])
        return lambda held: tuple(read(item) for item in held)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        read = _reader(get_args(hint)[1])
        return lambda held: {key: read(item) for key, item in held.items()}
    if hint is Decimal:
        return Decimal
    if hint is datetime:
        return datetime.fromisoformat
    if hint is date:
        return date.fromisoformat
    if isinstance(hint, type) and is_dataclass(hint):
        return lambda held: _build(hint, held)
    return lambda held: held


@cache
def _readers(kind: Any) -> Mapping[str, Callable[[Any], Any]]:
    hints = get_type_hints(kind)
    return {name: _reader(hints[name]) for name in hints if name != "FORM"}


def _build(kind: Any, data: Mapping[str, Any]) -> Any:
    readers = _readers(kind)
    return kind(**{name: readers[name](held) for name, held in data.items() if name in readers})


def from_canonical(data: Mapping[str, Any]) -> Any:
    """The record or document that `to_canonical` wrote. Raises ValueError for a form or version it does not know."""
    kind = _FORMS.get(str(data.get("form")))
    if kind is None:
        raise ValueError(f"unknown form {data.get('form')!r}")
    if data.get("v") != kind.FORM:
        raise ValueError(f"{kind.__name__} form {data.get('v')} is not the form {kind.FORM} that this program reads")
    return _build(kind, {key: held for key, held in data.items() if key not in ("form", "v")})
