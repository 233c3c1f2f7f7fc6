"""Fixtures for the local QuickBooks: `quickbooks()` starts a company and calls its API without sockets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.quickbooks import Options, create_app
from sandbox.quickbooks.api import Api
from sandbox.quickbooks.jsontext import dump, load


class Refused(Exception):
    """A fault: `code` and `detail` of its first error."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(str(body))
        error = body["Fault"]["Error"][0]
        self.status = status
        self.code = int(error["code"])
        self.detail: str = error["Detail"]
        self.message: str = error["Message"]


class Caller:
    """Calls one company's API; numbers come back as Decimal."""

    def __init__(self, options: Options) -> None:
        app = create_app(options)
        self.api: Api = app.extensions["quickbooks"]
        self.http: FlaskClient = app.test_client()
        self.token = list(self.api.tokens.grants[-1].access)[-1]
        self.root = f"/v3/company/{options.realm_id}"

    def send(self, method: str, path: str, body: Any = None, **parameters: Any) -> tuple[int, Any]:
        data = None if body is None else body if isinstance(body, (str, bytes)) else dump(body)
        answer = self.http.open(
            f"{self.root}/{path}",
            method=method,
            data=data,
            query_string=parameters,
            headers={"Authorization": f"Bearer {self.token}", "Accept": "application/json"},
        )
        text = answer.get_data()
        is_json = answer.content_type.startswith("application/json")
        return answer.status_code, load(text) if is_json else text

    def post(self, entity: str, body: Any, **parameters: Any) -> Any:
        """The document as it stands afterwards; raises Refused."""
        status, answer = self.send("POST", entity.lower(), body, **parameters)
        if "Fault" in answer:
            raise Refused(status, answer)
        assert status == 200
        return answer[entity]

    def code(self, entity: str, body: Any, **parameters: Any) -> int | None:
        """The fault code that a call gets, None if it is carried out."""
        try:
            self.post(entity, body, **parameters)
        except Refused as refused:
            return refused.code
        return None

    def get(self, entity: str, key: str, **parameters: Any) -> Any:
        status, answer = self.send("GET", f"{entity.lower()}/{key}", **parameters)
        if "Fault" in answer:
            raise Refused(status, answer)
        return answer[entity]

    def query(self, text: str) -> Any:
        status, answer = self.send("POST", "query", text)
        if "Fault" in answer:
            raise Refused(status, answer)
        return answer["QueryResponse"]

    def rows(self, text: str) -> list[Any]:
        found = self.query(text)
        return next((value for value in found.values() if isinstance(value, list)), [])

    def batch(self, *items: Any, **parameters: Any) -> Any:
        status, answer = self.send("POST", "batch", {"BatchItemRequest": list(items)}, **parameters)
        if "Fault" in answer:
            raise Refused(status, answer)
        return answer["BatchItemResponse"]

    def prefer(self, section: str, **values: Any) -> None:
        self.api.set_preferences({section: values})

    @staticmethod
    def line(item: str = "11", quantity: Any = 1, price: Any = 20, tax: str | None = None, **more: Any) -> Any:
        detail: Any = {"ItemRef": {"value": item}, "Qty": quantity, "UnitPrice": price}
        if tax is not None:
            detail["TaxCodeRef"] = {"value": tax}
        amount = more.pop("amount", None)
        return {
            "Amount": round(quantity * price, 2) if amount is None else amount,
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {**detail, **more},
        }

    def form(self, *lines: Any, customer: str = "1", **more: Any) -> Any:
        return {"CustomerRef": {"value": customer}, "Line": list(lines) or [self.line()], **more}

    def pay(self, amount: Any, *targets: tuple[Any, str, str], customer: str = "1", **more: Any) -> Any:
        lines = [{"Amount": part, "LinkedTxn": [{"TxnId": key, "TxnType": kind}]} for part, kind, key in targets]
        return {"CustomerRef": {"value": customer}, "TotalAmt": amount, "Line": lines, **more}


@pytest.fixture
def quickbooks() -> Callable[..., Caller]:
    """`quickbooks(country="GB", …)` starts a company with these options; `switches={…}` sets switches."""

    def begin(*, switches: dict[str, Any] | None = None, **options: Any) -> Caller:
        chosen = Options(**options)
        return Caller(chosen.with_switches(**switches) if switches else chosen)

    return begin


@pytest.fixture
def books(quickbooks: Callable[..., Caller]) -> Caller:
    """A company as Intuit's sandbox has it."""
    return quickbooks()


@pytest.fixture
def refused() -> type[Refused]:
    return Refused
