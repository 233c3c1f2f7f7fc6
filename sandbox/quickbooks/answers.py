"""How answers look on the wire: JSON or XML, the service's and the gateway's refusals, and answers spoiled on purpose."""

from __future__ import annotations

import html
import secrets
import threading
from dataclasses import replace
from typing import Any

from flask import Response, request

from sandbox.quickbooks.api import Api
from sandbox.quickbooks.calls import Answer
from sandbox.quickbooks.errors import Fault, Json, business, gateway_body, gateway_xml
from sandbox.quickbooks.injection import Injected
from sandbox.quickbooks.jsontext import dump, load
from sandbox.server import DroppedAnswer

_HTML_502 = (
    "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"
)


def respond(api: Api, answer: Answer) -> Response:
    body: str | bytes = answer.body
    content_type = answer.content_type
    if isinstance(body, str) and content_type.startswith("application/json") and _wants_xml(api):
        body, content_type = to_xml(load(body)), "application/xml;charset=UTF-8"
    response = Response(body, answer.status, content_type=content_type)
    response.headers["intuit_tid"] = f"1-{secrets.token_hex(4)}-{secrets.token_hex(12)}"
    return response


def _wants_xml(api: Api) -> bool:
    accept = request.headers.get("Accept", "*/*").lower()
    if "json" in accept:
        return False
    return "xml" in accept or api.company.switches.xml_unless_json_accepted


def to_xml(body: Json) -> str:
    """An answer as the service gives it to those who do not ask for JSON."""
    attributes = f' time="{body.pop("time", "")}" xmlns="http://schema.intuit.com/finance/v3"'
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><IntuitResponse{attributes}>'
        f"{''.join(_element(name, value) for name, value in body.items())}</IntuitResponse>"
    )


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, entry) for entry in value)
    if isinstance(value, dict):
        if set(value) <= {"value", "name", "type"} and "value" in value:
            attributes = "".join(f' {key}="{html.escape(str(value[key]))}"' for key in ("name", "type") if key in value)
            return f"<{name}{attributes}>{html.escape(str(value['value']))}</{name}>"
        return f"<{name}>{''.join(_element(key, entry) for key, entry in value.items())}</{name}>"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{name}>{html.escape(text)}</{name}>"


def plain(body: Any, status: int = 200) -> Response:
    return Response(dump(body), status, content_type="application/json")


# -- the gateway's refusals


def unauthorized(api: Api, detail: str) -> Response:
    response = gateway(api, 401, 3200, "AuthenticationFailed", detail, "AUTHENTICATION")
    response.headers["WWW-Authenticate"] = 'Bearer realm="Intuit", error="invalid_token"'
    return response


def throttled(api: Api, retry_after: int | None) -> Response:
    api.count("throttled")
    response = gateway(api, 429, 3001, "ThrottleExceeded", "The request limit was reached.  Try again later", "SERVICE")
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def gateway(api: Api, status: int, code: int, name: str, detail: str | None, kind: str) -> Response:
    clock = api.company.clock
    if status == 429 and api.company.switches.throttle_as_xml:
        text = gateway_xml(status, code, name, detail or "", kind, clock.envelope_stamp())
        return Response(text, status, content_type="application/xml")
    body = gateway_body(status, code, name, detail, kind, int(clock.seconds() * 1000))
    response = Response(dump(body), status, content_type="application/json")
    response.headers["intuit_tid"] = f"1-{secrets.token_hex(4)}-{secrets.token_hex(12)}"
    return response


def system_fault(api: Api, status: int) -> Response:
    fault = Fault(10000, "An application error has occurred while processing your request", status=status)
    return respond(api, Answer(status, dump({"Fault": fault.body(), "time": api.company.clock.envelope_stamp()})))


# -- answers spoiled on purpose


def spoiled(api: Api, fault: Injected, answer: Answer) -> Response:
    stopping: threading.Event = request.environ.get("sandbox.stopping") or threading.Event()
    match fault.answered:
        case "drop":
            return DroppedAnswer(hold=fault.hold)
        case "reset":
            return DroppedAnswer(hold=fault.hold, reset=True)
    if fault.hold:
        stopping.wait(fault.hold)
    match fault.answered:
        case "500" | "503" | "504":
            return system_fault(api, int(fault.answered))
        case "fault_200":
            body = business(
                "An unexpected error occurred while accessing or saving your data. Please try again."
            ).body()
            return respond(api, Answer(200, dump({"Fault": body, "time": api.company.clock.envelope_stamp()})))
        case "429":
            return throttled(api, fault.retry_after)
        case "401":
            return unauthorized(api, "Token expired: injected")
        case "html_502":
            return Response(_HTML_502, 502, mimetype="text/html")
        case "truncated":
            response = respond(api, answer)
            whole = response.get_data()
            response.set_data(whole[: len(whole) // 2])
            response.headers["Content-Length"] = str(len(whole))
            return response
    if fault.kind.startswith("batch_"):
        answer = _spoil_batch(api, fault, answer)
    return respond(api, answer)


def _spoil_batch(api: Api, fault: Injected, answer: Answer) -> Answer:
    body = load(answer.body)
    items = body.get("BatchItemResponse")
    if not items:
        return answer
    if fault.kind == "batch_shuffled":
        body["BatchItemResponse"] = api.injector.shuffled(items)
    elif fault.kind == "batch_missing_bid":
        for item in items[: fault.items]:
            item.pop("bId", None)
    else:
        body["BatchItemResponse"] = items[fault.items :]
    return replace(answer, body=dump(body))
