"""What QuickBooks says when it refuses: fault codes with their texts, in the service's and the gateway's shape.

Sources: Intuit's error table, published issues that quote whole answers; texts marked [G] are guesses in their style.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

MESSAGES: dict[int, str] = {
    500: "Unsupported Operation",
    600: "Duplicate Request ID",
    610: "Object Not Found",
    620: "Transaction cannot be linked",
    1040: "Batch size exceeds allowed limit",
    2000: "Invalid object name",
    2010: "Request has invalid or unsupported property",
    2020: "Required param missing, need to supply the required value for the API",
    2030: "Invalid ID",
    2040: "Invalid characters",
    2050: "String length is either shorter or longer than supported by specification",
    2070: "Invalid date value",
    2090: "Invalid Number",
    2120: "Invalid type",
    2130: "Invalid request id",
    2150: "Invalid percent",
    2170: "Invalid Enumeration",
    2180: "Value out of range",
    2200: "Invalid URL",
    2210: "Invalid Email Address format",
    2220: "Invalid currency",
    2230: "Invalid boolean value",
    2250: "Missing lines",
    2290: "Transaction amount must be 0 or greater",
    2300: "Debits and credits do not balance",
    2500: "Invalid Reference Id",
    3000: "Invalid custom field",
    4000: "Error parsing query",
    4001: "Invalid query",
    5010: "Stale Object Error",
    5020: "Permission Denied Error",
    5030: "Feature Not Supported Error",
    6000: "A business validation error has occurred while processing your request",
    6010: "Account type or subtype error",
    6070: "Amount calculation incorrect in the request",
    6080: "No name provided",
    6090: "Discount information missing",
    6100: "Invalid Line TaxCode in the request",
    6140: "Duplicate Document Number Error",
    6150: "Invalid ParentRef",
    6160: "CustomSalesTax is not allowed in the request",
    6170: "TxnTaxDetail is not allowed in the request",
    6180: "Too many levels",
    6190: "Invalid Company Status",
    6200: "Account Period Closed",
    6210: "Account Period Closed, password required",
    6220: "Balance is not zero",
    6240: "Duplicate Name Exists Error",
    6270: "Transaction date is prior to the start date of an inventory item",
    6310: "Missing customer",
    6420: "Email address required",
    6430: "Invalid account type used",
    6440: "Line needs an item or an account",
    6520: "Quantity is required",
    6540: "Deposited Transaction cannot be changed",
    10000: "An application error has occurred while processing your request",
}

MADE_INACTIVE = (
    "Object Not Found : Something you're trying to use has been made inactive. Check the fields with accounts, "
    "customers, items, vendors or employees."
)
STALE = (
    "Stale Object Error : You and root were working on this at the same time. root finished before you did, so your "
    "work was not saved."
)


class Fault(Exception):
    """A refusal by the service: HTTP 400 (500 for a SystemFault), and nothing of the call was carried out."""

    def __init__(self, code: int, detail: str, *, element: str = "", status: int = 400) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.element = element
        self.status = status

    @property
    def kind(self) -> str:
        return "SystemFault" if self.status >= 500 else "ValidationFault"

    def body(self) -> Json:
        error = {
            "Message": MESSAGES.get(self.code, "An error has occurred"),
            "Detail": self.detail,
            "code": str(self.code),
            "element": self.element,
        }
        return {"Error": [error], "type": self.kind}


def missing(parameter: str) -> Fault:
    return Fault(2020, f"Required parameter {parameter} is missing in the request", element=parameter)


def business(text: str) -> Fault:
    """6000, the code for every rule that has none of its own."""
    return Fault(6000, f"Business Validation Error: {text}")


def not_found() -> Fault:
    return Fault(610, MADE_INACTIVE)


def gateway_body(status: int, code: int, name: str, detail: str | None, kind: str, now_ms: int) -> Json:
    """The lower-case shape of the gateway in front of the service (401, 403, 429)."""
    return {
        "warnings": None,
        "intuitObject": None,
        "fault": {
            "error": [
                {
                    "message": f"message={name}; errorCode={code:06d}; statusCode={status}",
                    "detail": detail,
                    "code": str(code),
                    "element": None,
                }
            ],
            "type": kind,
        },
        "report": None,
        "queryResponse": None,
        "batchItemResponse": [],
        "attachableResponse": [],
        "syncErrorResponse": None,
        "requestId": None,
        "time": now_ms,
        "status": None,
        "cdcresponse": [],
    }


def gateway_xml(status: int, code: int, name: str, detail: str, kind: str, now: str) -> str:
    """The gateway's answer as XML, which it sometimes gives whatever was asked for."""
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<IntuitResponse time="{now}" xmlns="http://schema.intuit.com/finance/v3"><Fault type="{kind}">'
        f'<Error code="{code}"><Message>message={name}; errorCode={code:06d}; statusCode={status}</Message>'
        f"<Detail>{detail}</Detail></Error></Fault></IntuitResponse>"
    )
