"""The addresses of the API: which call a request is, who may make it, and which fault hits it."""

from __future__ import annotations

import re

from flask import Flask, Response, request

from sandbox.quickbooks.admin_routes import add_admin_routes
from sandbox.quickbooks.answers import gateway, respond, spoiled, throttled, unauthorized
from sandbox.quickbooks.api import Api
from sandbox.quickbooks.calls import Answer, Call, read_body
from sandbox.quickbooks.errors import Fault
from sandbox.quickbooks.injection import Injected
from sandbox.quickbooks.jsontext import dump
from sandbox.quickbooks.oauth_routes import add_oauth_routes
from sandbox.quickbooks.schema import BY_PATH, ENTITIES
from sandbox.quickbooks.uploads import read_upload


def build_app(api: Api) -> Flask:
    """The WSGI application over one company; `app.extensions["quickbooks"]` is it."""
    app = Flask("sandbox.quickbooks", static_folder=None)
    app.extensions["quickbooks"] = api
    _api_routes(app, api)
    add_oauth_routes(app, api)
    add_admin_routes(app, api)
    return app


def _api_routes(app: Flask, api: Api) -> None:
    @app.route("/v3/company/<realm>/<path:rest>", methods=["GET", "POST", "PUT", "DELETE", "PATCH"])
    def company_call(realm: str, rest: str) -> Response:
        api.settle()
        call = _call(rest.strip("/").split("/"))
        api.count("total", _counted(call))
        if call.entity is not None:
            api.count(f"{call.operation}:{call.entity}")
        refused = _gate(api, realm, call)
        if refused is not None:
            return refused
        fault = api.injector.pick(request.method, request.path, call.operation, _entities(call))
        return _perform(api, call, fault)

    @app.get("/files/<key>")
    def file(key: str) -> Response:
        content = api.files.get(key)
        return Response(status=404) if content is None else Response(content, mimetype="application/octet-stream")


def _call(parts: list[str]) -> Call:
    parameters = dict(request.args.items())
    # The names of parameters are taken in any case, as the real gateway does.
    for name in ("requestid", "minorversion", "operation", "include", "changedSince", "entities", "query", "sendTo"):
        for given in request.args:
            if given.lower() == name.lower():
                parameters[name] = request.args[given]
    body = request.get_data()
    name = parts[0].lower()
    if name in {"query", "batch", "cdc", "upload"}:
        return Call(name, None, None, parameters, body)
    if name == "download":
        return Call("download", "Attachable", parts[1] if len(parts) > 1 else "", parameters, body)
    if name == "taxservice":
        return Call("taxservice", "TaxService", None, parameters, body)
    entity = BY_PATH.get(name)
    if entity is None:
        return Call("unsupported", parts[0], None, parameters, body)
    key = parts[1] if len(parts) > 1 else None
    if len(parts) > 2:
        action = parts[2].lower()
        return Call(action if action in {"send", "pdf"} else "unsupported", entity, key, parameters, body)
    if request.method == "GET":
        return Call("exchangerate" if entity == "ExchangeRate" else "read", entity, key, parameters, body)
    if request.method != "POST":
        return Call("unsupported", entity, key, parameters, body)
    operation = parameters.get("operation", "").lower()
    if operation == "void" or "void" in parameters.get("include", "").lower().split(","):
        return Call("void", entity, None, parameters, body)
    if operation in {"delete", "update"}:
        return Call(operation, entity, None, parameters, body)
    return Call("update" if _has_id(body) else "create", entity, None, parameters, body)


def _has_id(body: bytes) -> bool:
    """Whether the object itself (not an address in it) has an Id; a body that cannot be read is left to the call."""
    if b'"Id"' not in body:
        return False
    try:
        return read_body(body).get("Id") not in (None, "")
    except Fault:
        return False


def _counted(call: Call) -> str:
    return call.operation if call.operation in {"query", "batch", "cdc"} else "single"


def _entities(call: Call) -> frozenset[str]:
    if call.entity is not None:
        return frozenset({call.entity})
    if call.operation == "batch":
        return frozenset(name for name in ENTITIES if f'"{name}"'.encode() in call.body)
    if call.operation == "query":
        text = call.parameters.get("query") or call.body.decode("utf-8", "replace")
        found = re.search(r"\bfrom\s+(\w+)", text, re.IGNORECASE)
        return frozenset({found[1]}) if found else frozenset()
    return frozenset()


def _gate(api: Api, realm: str, call: Call) -> Response | None:
    """What the gateway refuses before the service sees the call."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    with api.company.books.lock:
        why = api.tokens.why_refused(token) if scheme.lower() == "bearer" else "Missing bearer token"
    if why is not None:
        return unauthorized(api, why)
    if realm != api.company.options.realm_id:
        return gateway(api, 403, 3100, "ApplicationAuthorizationFailed", None, "SERVICE")
    if not api.throttle.admits(api.company.options.limits, batch=call.operation == "batch"):
        return throttled(api, api.company.switches.retry_after)
    return None


def _perform(api: Api, call: Call, fault: Injected | None) -> Response:
    if fault is None:
        return respond(api, _answer(api, call, forget=False))
    if fault.applied == "late":
        api.postpone(call, fault.late_by, forget_request_id=fault.forget_request_id)
    answer = Answer(200, "")
    if fault.applied == "now":
        answer = _answer(api, call, forget=fault.forget_request_id)
    return spoiled(api, fault, answer)


def _answer(api: Api, call: Call, *, forget: bool) -> Answer:
    if call.operation == "unsupported":
        code = api.company.switches.sales_order_code if str(call.entity).lower() == "salesorder" else 500
        detail = f"Unsupported Operation : Operation {call.entity} is not supported."
        body = {"Fault": Fault(code, detail).body(), "time": api.company.clock.envelope_stamp()}
        return Answer(400, dump(body))
    if call.operation == "upload":
        try:
            parts = read_upload(request.headers.get("Content-Type", ""), call.body)
        except Fault as fault:
            return Answer(400, dump({"Fault": fault.body(), "time": api.company.clock.envelope_stamp()}))
        return api.upload(parts, request.host_url.rstrip("/"))
    return api.carry_out(call, forget_request_id=forget)
