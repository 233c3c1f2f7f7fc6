"""How QuickBooks' refusals are found in its answers, in any of the shapes that they come in, and become our errors.

Both error shapes, XML on throttling and HTML on 5xx: the gateway's answers as reported by users. What a code means is
`meanings`' to say; no socket is known here.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors import errors
from connectors.answers import Answer, retry_after
from connectors.quickbooks import body as json_body
from connectors.quickbooks.meanings import AGAIN, LOOKED_FOR, OURS, RECONNECT, THROTTLE_PAUSE, meaning_of, next_step

_LONGEST_PAUSE = 900.0


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
    meant = sorted(((meaning_of(fault.code), fault) for fault in found), key=lambda pair: order[pair[0].kind])
    meaning, fault = meant[0]
    said = redact("; ".join(dict.fromkeys(_plain(item.detail or item.message) for _, item in meant)))
    message = f"{_sentence(meaning.words)}: {said}" if said else _sentence(meaning.words)
    details: errors.Details = {
        "code": meaning.code,
        "next_step": next_step(meaning),
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
            next_step=RECONNECT,
            **evidence,
        )
    if 400 <= answer.status < 500 and answer.status != 408:
        return errors.Rejected(
            f"QuickBooks refused the request (HTTP {answer.status})", code="refused", next_step=OURS, **evidence
        )
    scope: errors.Scope = "connection" if answer.status >= 500 else "item"
    words, code = "QuickBooks answered something that cannot be read", "unreadable"
    if answer.status >= 500:
        words, code = f"QuickBooks is out of order (HTTP {answer.status})", "out_of_order"
    if write:
        return errors.Unknown(words, code=code, scope=scope, next_step=LOOKED_FOR, **evidence)
    return errors.Retry(words, code=code, scope=scope, next_step=AGAIN, **evidence)
