"""The error answers of WordPress' REST API and of the legacy API, as values to raise; it knows no requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class RestError(Exception):
    """Becomes {"code","message","data":{"status",…}}; `data` that is a number stands as it is (a WooCommerce bug)."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        extra: dict[str, Any] | None = None,
        *,
        bare_data: int | None = None,
        headers: dict[str, str] | None = None,
        allow: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.data: Any = {"status": status, **(extra or {})} if bare_data is None else bare_data
        self.headers = headers or {}
        self.allow = allow

    @property
    def body(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, "data": self.data}


class InvalidParam(RestError):
    """rest_invalid_param: one or more parameters with their reason."""

    def __init__(self, problems: Sequence[tuple[str, str, str, dict[str, Any] | None]]) -> None:
        names = ", ".join(name for name, _, _, _ in problems)
        super().__init__(
            400,
            "rest_invalid_param",
            f"Invalid parameter(s): {names}",
            {
                "params": {name: message for name, _, message, _ in problems},
                "details": {
                    name: {"code": code, "message": message, "data": data} for name, code, message, data in problems
                },
            },
            allow=True,
        )


def no_route() -> RestError:
    return RestError(404, "rest_no_route", "No route was found matching the URL and request method.")


def invalid_id(kind: str, status: int = 404) -> RestError:
    return RestError(status, f"woocommerce_rest_{kind}_invalid_id", "Invalid ID.", allow=True)


class LegacyError(Exception):
    """Becomes {"errors":[{"code","message"}]} of the legacy API."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = f"woocommerce_api_{code}"
        self.message = message

    @property
    def body(self) -> dict[str, Any]:
        return {"errors": [{"code": self.code, "message": self.message}]}


def enumeration(values: Sequence[str]) -> str:
    """'a, b, and c', as WordPress lists allowed values."""
    if len(values) < 2:
        return "".join(values)
    if len(values) == 2:
        return f"{values[0]} and {values[1]}"
    return f"{', '.join(values[:-1])}, and {values[-1]}"
