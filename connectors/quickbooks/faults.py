"""What an answer of QuickBooks means: one table from its error codes to try again, rejected or unknown.

The words are for a bookkeeper, the next step names the clicks. Codes and both error shapes: Intuit's "Error codes"
table and the gateway's answers as reported by users (lower-case `fault`, XML on throttling, HTML on 5xx). It reads
answers and knows no socket.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from connectors import errors
from connectors.answers import Answer, retry_after
from connectors.quickbooks import body as json_body

Kind = Literal["retry", "rejected", "unknown", "reconnect"]

# Intuit documents no Retry-After on 429 and says to wait a minute.
THROTTLE_PAUSE = 60.0
_LONGEST_PAUSE = 900.0

_GEAR = "In QuickBooks: gear icon > Account and settings"
CLICKS: Mapping[str, str] = {
    "custom_numbers": f"{_GEAR} > Sales > Sales form content > turn on 'Custom transaction numbers' > Save.",
    "classes": f"{_GEAR} > Advanced > Categories > turn on 'Track classes' > Save.",
    "locations": f"{_GEAR} > Advanced > Categories > turn on 'Track locations' > Save.",
    "discounts": f"{_GEAR} > Sales > Sales form content > turn on 'Discount' > Save.",
    "shipping": f"{_GEAR} > Sales > Sales form content > turn on 'Shipping' > Save.",
    "sales_tax": "In QuickBooks: Taxes > Sales tax > 'Use automatic sales tax' (or 'Set up sales tax rates').",
    "inventory": f"{_GEAR} > Sales > Products and services > turn on 'Track inventory quantity on hand' (a Plus or "
    "Advanced subscription) > Save.",
    "multicurrency": f"{_GEAR} > Advanced > Currency > turn on 'Multicurrency' (it cannot be turned off again) > Save.",
    "closing_date": f"{_GEAR} > Advanced > Accounting > 'Close the books': move the closing date, or let this flow "
    "post on the first open day.",
    "custom_fields": "In QuickBooks: gear icon > Custom fields > Add field, with exactly this name, for sales forms.",
    "estimates": "In QuickBooks Online estimates are on with every plan; ask the company's administrator.",
    "subscription": "In QuickBooks: gear icon > Subscriptions and billing; then connect again.",
    "users": "Ask the company's administrator: gear icon > Manage users > give this user access to sales.",
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """How one error code is taken: `code` is ours and stable."""

    kind: Kind
    code: str
    words: str
    next_step: str = ""
    scope: errors.Scope = "item"
    counts: bool = True
    after: float | None = None


def _rejected(code: str, words: str, next_step: str = "", scope: errors.Scope = "item") -> Meaning:
    return Meaning("rejected", code, words, next_step, scope)


_OURS = "This looks like a mistake of this program, not yours: please report it with the trace id."
_BAD_FIELD = _rejected("bad_value", "QuickBooks does not accept a value in this document", _OURS)

FAULTS: Mapping[str, Meaning] = {
    "100": Meaning("reconnect", "reconnect_needed", "QuickBooks does not accept the connection any more"),
    "110": Meaning("reconnect", "reconnect_needed", "QuickBooks does not accept the connection any more"),
    "120": _rejected("not_allowed", "the connected user may not do this in QuickBooks", CLICKS["users"], "connection"),
    "130": Meaning("retry", "company_moved", "QuickBooks is moving this company", scope="connection", after=300),
    "140": Meaning("retry", "company_locked", "QuickBooks has locked this company", scope="connection", after=300),
    "150": Meaning("retry", "maintenance", "QuickBooks is under maintenance", scope="connection", after=300),
    "500": _rejected("unsupported", "QuickBooks Online does not offer this", _OURS),
    # The first request with this id is still at work: whether it stands, only looking can say.
    "600": Meaning("unknown", "request_in_flight", "QuickBooks is still working on this very request"),
    "610": _rejected(
        "not_found_or_inactive",
        "something this document uses was deleted or made inactive in QuickBooks",
        "Make the customer, item or account active again in QuickBooks, or choose another one, then release the order.",
    ),
    "620": _rejected(
        "cannot_link",
        "QuickBooks cannot link this payment to that document",
        "Look whether the invoice was paid, voided or deleted in QuickBooks, then release the order.",
    ),
    "630": _rejected("duplicate_object", "QuickBooks says that this already exists", "Look for it in QuickBooks."),
    "800": _rejected("has_dependants", "other documents in QuickBooks depend on this one", "Remove them there first."),
    "1040": _rejected("batch_too_large", "too many documents in one batch", _OURS),
    "2010": _rejected("unknown_field", "QuickBooks does not know a field of this document", _OURS),
    "2020": _rejected("missing_value", "QuickBooks misses something in this document", _OURS),
    "2040": _rejected(
        "bad_characters",
        "a name or text holds characters that QuickBooks does not accept",
        "Take ':' , tabs and line breaks out of the name (a rule can do it), then release the order.",
    ),
    "2050": _rejected(
        "too_long", "a text is longer than QuickBooks accepts", "Shorten it by a rule, then release the order."
    ),
    "2210": _rejected("bad_email", "QuickBooks does not accept the e-mail address", "Correct it in the shop."),
    "2250": _rejected("no_lines", "the document has no lines", "Check the order in the shop."),
    "2280": _rejected("bad_tax", "QuickBooks does not accept the tax amount", "Check the tax settings of this flow."),
    "2290": _rejected(
        "negative_amount",
        "QuickBooks does not accept a negative total here",
        "Record the order as a credit memo or refund receipt.",
    ),
    "2500": _rejected(
        "unknown_reference",
        "something this document refers to is not in QuickBooks",
        "Load the lists again; if it is gone, choose another account, item or customer, then release the order.",
    ),
    "3000": _rejected("bad_custom_field", "a custom field is not set up in QuickBooks", CLICKS["custom_fields"]),
    "3001": Meaning(
        "retry",
        "throttled",
        "QuickBooks asks everybody to slow down",
        scope="connection",
        counts=False,
        after=THROTTLE_PAUSE,
    ),
    "3100": Meaning("reconnect", "app_not_connected", "this company is not connected with these keys"),
    "3200": Meaning("reconnect", "reconnect_needed", "QuickBooks does not accept the connection any more"),
    "3202": Meaning("reconnect", "reconnect_needed", "QuickBooks does not accept the connection any more"),
    "4000": _rejected("bad_query", "QuickBooks does not understand the question", _OURS),
    "4001": _rejected("bad_query", "QuickBooks does not answer this question", _OURS),
    "4002": Meaning("retry", "query_failed", "QuickBooks could not answer the question"),
    "5010": _rejected(
        "stale",
        "somebody changed this in QuickBooks in the meantime",
        "It is read again and the change is made anew; nothing to do for you.",
    ),
    "5020": _rejected(
        "not_in_plan", "the QuickBooks subscription or the user's role does not allow this", CLICKS["users"]
    ),
    "5030": _rejected(
        "feature_off",
        "a feature that this document needs is turned off in QuickBooks",
        f"{_GEAR}; turn on what the message names, then release the order.",
    ),
    "6000": _rejected("business_rule", "QuickBooks does not accept this document"),
    "6010": _rejected("bad_account_type", "the account has the wrong type", "Choose another account."),
    "6070": _rejected("amount_mismatch", "an amount is not quantity times price", _OURS),
    "6080": _rejected("no_name", "the customer has no name", "Give the order a name by a rule."),
    "6090": _rejected("bad_discount", "the discount is incomplete", _OURS),
    "6100": _rejected(
        "bad_tax_code",
        "QuickBooks does not accept the tax code of a line",
        "Choose another tax code in the settings of this flow.",
    ),
    "6140": _rejected(
        "number_exists",
        "a document with this number already stands in QuickBooks",
        "Look at it there. If it is this order, release with 'adopt'; else give orders of this shop a prefix.",
    ),
    "6160": _rejected("bad_tax_code", "custom sales tax cannot be used by programs", "Choose another tax code."),
    "6230": _rejected("bad_tax_code", "custom sales tax cannot be used by programs", "Choose another tax code."),
    "6190": _rejected(
        "subscription_ended",
        "the QuickBooks subscription of this company has ended or is suspended",
        CLICKS["subscription"],
        "connection",
    ),
    "6200": _rejected("closed_period", "the date lies in a closed period of the books", CLICKS["closing_date"]),
    "6210": _rejected("closed_period", "the date lies in a closed period of the books", CLICKS["closing_date"]),
    "6220": _rejected("has_balance", "it has a balance and cannot be made inactive", "Settle the balance first."),
    "6240": _rejected(
        "name_exists",
        "this name is already in use in QuickBooks",
        "Look under Sales > Customers, Expenses > Vendors and Payroll > Employees who holds it.",
    ),
    "6250": _rejected(
        "customer_missing",
        "the customer is missing or inactive in QuickBooks",
        "In QuickBooks: Sales > Customers > gear above the list > 'Include inactive' > Make active.",
    ),
    "6270": _rejected(
        "before_start_date",
        "the document is dated before the item's inventory start date",
        "In QuickBooks: Sales > Products and services > edit the item > Starting value > an earlier 'As of' date.",
    ),
    "6280": _rejected("has_unbilled", "there are unbilled charges", "Bill or remove them in QuickBooks first."),
    "6420": _rejected(
        "email_required", "the customer's e-mail address is missing", "Give it in the shop or by a rule."
    ),
    "6430": _rejected(
        "bad_account_type",
        "an account of the wrong type is used",
        "Choose an account of the right type in the settings of this flow.",
    ),
    "6440": _rejected("line_without_item", "a line names neither item nor account", "Choose an item for it."),
    "6450": _rejected("settled", "it is settled already and cannot be voided", "Change it in QuickBooks by hand."),
    "6480": _rejected(
        "matched", "it is matched with a bank transaction", "Undo the match in QuickBooks: Transactions > Bank."
    ),
    "6520": _rejected("needs_quantity", "an item that is tracked needs a quantity", "Give the line a quantity."),
    "6540": _rejected(
        "deposited",
        "it is part of a bank deposit and must not be changed",
        "In QuickBooks: open the deposit, take the payment out, then release the order.",
    ),
    "10000": Meaning("unknown", "application_error", "QuickBooks had an internal error"),
    "10100": _rejected("too_much", "the answer would be too large", _OURS),
    "10200": Meaning("reconnect", "company_reset", "the company file was reset in QuickBooks"),
}
_RECONNECT_STEP = "Connect QuickBooks again: Connections > QuickBooks > Reconnect. Nothing is lost; orders wait."


@dataclass(frozen=True, slots=True)
class Fault:
    """One error of an answer, in whichever of the two shapes it came."""

    code: str
    message: str
    detail: str = ""
    element: str = ""


def trace_of(answer: Answer) -> str | None:
    """Intuit's id of an answer, which their support asks for."""
    return answer.headers.get("intuit_tid")


def faults_in(parsed: object) -> list[Fault]:
    """All errors of an answer or of one member of a batch. Both shapes: `Fault.Error[].Message` of the service and
    `fault.error[].message` of the gateway."""
    if not isinstance(parsed, Mapping):
        return []
    held = parsed.get("Fault") or parsed.get("fault")
    if not isinstance(held, Mapping):
        return []
    listed = held.get("Error") or held.get("error") or []
    found = []
    for item in listed if isinstance(listed, list) else [listed]:
        if not isinstance(item, Mapping):
            continue
        message = str(item.get("Message") or item.get("message") or "")
        detail = str(item.get("Detail") or item.get("detail") or "")
        code = str(item.get("code") or "").lstrip("0")
        if not code:
            inner = re.search(r"errorCode=0*(\d+)", message)
            code = inner.group(1) if inner else ""
        found.append(Fault(code, message, detail, str(item.get("element") or "")))
    return found or [Fault("", str(held.get("type") or "Fault"))]


_XML_ERROR = re.compile(
    r"<(?:\w+:)?Error\b[^>]*?code=\"(?P<code>[^\"]*)\"[^>]*>(?:\s*<(?:\w+:)?Message>(?P<message>.*?)</(?:\w+:)?Message>)?"
    r"(?:\s*<(?:\w+:)?Detail>(?P<detail>.*?)</(?:\w+:)?Detail>)?",
    re.DOTALL,
)


def faults_in_xml(said: str) -> list[Fault]:
    """The errors of an answer in XML, which the gateway sends at times whatever was asked for."""
    return [
        Fault(found["code"].lstrip("0"), html.unescape(found["message"] or ""), html.unescape(found["detail"] or ""))
        for found in _XML_ERROR.finditer(said[:100_000])
    ]


def meaning_of(fault: Fault) -> Meaning:
    """The table's line; for a code that is not in it, its family's."""
    known = FAULTS.get(fault.code)
    if known is not None:
        return known
    value = int(fault.code) if fault.code.isdigit() else 0
    if 2000 <= value < 3000:
        return _BAD_FIELD
    if value >= 10000 or value == 0:
        return FAULTS["10000"]
    return FAULTS["6000"]


# What QuickBooks names in the text of a 6140: Intuit's own documentation of the error.
_DUPLICATE = re.compile(r"DocNumber=(?P<number>.*?) is assigned to TxnType=(?P<type>.+?) with TxnId=(?P<id>\d+)")
_TYPES: Mapping[str, str] = {
    "Sales Receipt": "SalesReceipt",
    "Credit Memo": "CreditMemo",
    "Refund Receipt": "RefundReceipt",
    "Refund": "RefundReceipt",
}


def _about(fault: Fault) -> dict[str, str]:
    found = _DUPLICATE.search(fault.detail) if fault.code == "6140" else None
    if found is None:
        return {"element": fault.element} if fault.element else {}
    kind = found["type"].strip()
    return {"entity": _TYPES.get(kind, kind.replace(" ", "")), "id": found["id"], "number": found["number"]}


def error_of(
    found: list[Fault], *, status: int | None, trace_id: str | None, write: bool, redact: Callable[[str], str]
) -> errors.ConnectorError:
    """The error that these faults are, the gravest first: what may have happened outweighs what surely did not."""
    order = {"unknown": 0, "reconnect": 1, "retry": 2, "rejected": 3}
    meant = sorted(((meaning_of(fault), fault) for fault in found), key=lambda pair: order[pair[0].kind])
    meaning, fault = meant[0]
    said = redact("; ".join(dict.fromkeys(_plain(item.detail or item.message) for _, item in meant)))
    message = f"{_sentence(meaning.words)}: {said}" if said else _sentence(meaning.words)
    details: errors.Details = {
        "code": meaning.code,
        "next_step": meaning.next_step or _next_step(meaning),
        "status": status,
        "remote_code": fault.code or None,
        "trace_id": trace_id,
        "excerpt": redact(_plain(f"{fault.message}: {fault.detail}"))[:500],
        "scope": meaning.scope,
        "about": _about(fault),
    }
    if meaning.kind == "reconnect":
        details["scope"] = "connection"
        return errors.ReconnectNeeded(message, **details)
    if meaning.kind == "rejected":
        return errors.Rejected(message, **details)
    if meaning.kind == "retry" or not write:
        return errors.Retry(message, after=meaning.after, counts=meaning.counts, **details)
    return errors.Unknown(message, **details)


def _next_step(meaning: Meaning) -> str:
    return {
        "reconnect": _RECONNECT_STEP,
        "retry": "Nothing to do: it is tried again by itself.",
        "unknown": "Nothing to do: QuickBooks is asked whether it stands there before anything is sent again.",
        "rejected": "Read what QuickBooks says, mend it there or by a rule, then release the order.",
    }[meaning.kind]


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _plain(said: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", said)).split())


def _throttled(answer: Answer, redact: Callable[[str], str], now: float) -> errors.Retry:
    asked = retry_after(answer, now, _LONGEST_PAUSE)
    return errors.Retry(
        "QuickBooks asks everybody to slow down",
        after=THROTTLE_PAUSE if asked is None else max(asked, 1.0),
        counts=False,
        code="throttled",
        next_step="Nothing to do: work goes on by itself in a moment.",
        status=answer.status,
        remote_code="3001",
        trace_id=trace_of(answer),
        excerpt=redact(_plain(answer.text()))[:500],
        scope="connection",
    )


def read_answer(answer: Answer, *, write: bool, redact: Callable[[str], str], now: float) -> dict[str, Any]:
    """The parsed body of a good answer; raises what a bad one means. 401 is the caller's, who may refresh the token.
    `now` is the epoch's seconds.

    Classified before parsing, because throttling comes as XML and an outage as HTML, whatever was asked for.
    """
    told = answer.text()
    if answer.status == 429:
        raise _throttled(answer, redact, now)
    if told.lstrip().startswith("<") and re.search(
        r"ThrottleExceeded|errorCode=0*3001|code=\"0*3001\"", told[:100_000]
    ):
        raise _throttled(answer, redact, now)
    if 300 <= answer.status < 400:
        raise errors.Retry(
            "The address of QuickBooks answers with a redirect: something between here and there interferes",
            code="redirected",
            next_step="Check proxy and network of this machine.",
            status=answer.status,
            trace_id=trace_of(answer),
            excerpt=redact(answer.headers.get("Location", ""))[:500],
            scope="connection",
        )
    try:
        parsed = json_body.load(told)
    except ValueError:
        parsed = None
    found = faults_in(parsed) if parsed is not None else faults_in_xml(told)
    if found:
        raise error_of(found, status=answer.status, trace_id=trace_of(answer), write=write, redact=redact)
    if answer.status != 200 or not isinstance(parsed, dict):
        raise _unreadable(answer, write, redact)
    return parsed


def token_expired(answer: Answer) -> bool:
    """Whether a fresh token is wanted: status 401, or the gateway's error 3200 under another status."""
    if answer.status == 401:
        return True
    # Looked for before it is parsed, because large good answers come through here.
    if b"errorCode=003200" not in answer.body[:5000]:
        return False
    told = answer.text()
    try:
        found = faults_in(json_body.load(told))
    except ValueError:
        found = faults_in_xml(told)
    return any(fault.code == "3200" for fault in found)


def _unreadable(answer: Answer, write: bool, redact: Callable[[str], str]) -> errors.ConnectorError:
    evidence: errors.Evidence = {
        "status": answer.status,
        "trace_id": trace_of(answer),
        "excerpt": redact(_plain(answer.text()[:4000]))[:500],
    }
    if answer.status == 403:
        return errors.ReconnectNeeded(
            "QuickBooks refuses the access to this company",
            code="app_not_connected",
            next_step=_RECONNECT_STEP,
            **evidence,
        )
    if 400 <= answer.status < 500 and answer.status != 408:
        return errors.Rejected(
            f"QuickBooks refused the request (HTTP {answer.status})", code="refused", next_step=_OURS, **evidence
        )
    scope: errors.Scope = "connection" if answer.status >= 500 else "item"
    words, code = "QuickBooks answered something that cannot be read", "unreadable"
    if answer.status >= 500:
        words, code = f"QuickBooks is out of order (HTTP {answer.status})", "out_of_order"
    if write:
        return errors.Unknown(words, code=code, scope=scope, next_step=_next_step(FAULTS["10000"]), **evidence)
    return errors.Retry(
        words, code=code, scope=scope, next_step="Nothing to do: it is tried again by itself.", **evidence
    )
