"""The HTTP side: routes of API, OAuth and administration, both error shapes, limits and injected faults."""

from __future__ import annotations

import base64
import binascii
import html
import re
import secrets
import threading
from dataclasses import asdict, replace
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, redirect, request

from sandbox.quickbooks.api import Answer, Api, Call, read_body
from sandbox.quickbooks.errors import Fault, Json, business, gateway_body, gateway_xml
from sandbox.quickbooks.injection import Injected, from_json
from sandbox.quickbooks.jsontext import dump, load
from sandbox.quickbooks.oauth import Refused
from sandbox.quickbooks.options import Options
from sandbox.quickbooks.schema import BY_PATH, ENTITIES
from sandbox.quickbooks.webhooks import Receiver
from sandbox.server import DroppedAnswer

UPLOAD_LIMIT = 100 * 1024 * 1024
_HTML_502 = (
    "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"
)


def build_app(api: Api) -> Flask:
    """The WSGI application over one company."""
    app = Flask("sandbox.quickbooks")
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    _api_routes(app, api)
    _oauth_routes(app, api)
    _admin_routes(app, api)
    return app


# -- the API


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
        return read_body(body).get("Id") not in {None, ""}
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
        return _gateway(api, 403, 3100, "ApplicationAuthorizationFailed", None, "SERVICE")
    if not api.throttle.admits(api.company.options.limits, batch=call.operation == "batch"):
        return throttled(api, api.company.switches.retry_after)
    return None


def _perform(api: Api, call: Call, fault: Injected | None) -> Response:
    if fault is None:
        return _respond(api, _answer(api, call, forget=False))
    if fault.applied == "late":
        api.postpone(call, fault.late_by, forget_request_id=fault.forget_request_id)
    answer = Answer(200, "")
    if fault.applied == "now":
        answer = _answer(api, call, forget=fault.forget_request_id)
    return _spoiled(api, call, fault, answer)


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


def _spoiled(api: Api, call: Call, fault: Injected, answer: Answer) -> Response:
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
            return _respond(api, Answer(200, dump({"Fault": body, "time": api.company.clock.envelope_stamp()})))
        case "429":
            return throttled(api, fault.retry_after)
        case "401":
            return unauthorized(api, "Token expired: injected")
        case "html_502":
            return Response(_HTML_502, 502, mimetype="text/html")
        case "truncated":
            response = _respond(api, answer)
            whole = response.get_data()
            response.set_data(whole[: len(whole) // 2])
            response.headers["Content-Length"] = str(len(whole))
            return response
    if fault.kind.startswith("batch_"):
        answer = _spoil_batch(api, fault, answer)
    return _respond(api, answer)


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


def _respond(api: Api, answer: Answer) -> Response:
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


# -- the gateway's refusals


def unauthorized(api: Api, detail: str) -> Response:
    response = _gateway(api, 401, 3200, "AuthenticationFailed", detail, "AUTHENTICATION")
    response.headers["WWW-Authenticate"] = 'Bearer realm="Intuit", error="invalid_token"'
    return response


def throttled(api: Api, retry_after: int | None) -> Response:
    api.count("throttled")
    response = _gateway(
        api, 429, 3001, "ThrottleExceeded", "The request limit was reached.  Try again later", "SERVICE"
    )
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _gateway(api: Api, status: int, code: int, name: str, detail: str | None, kind: str) -> Response:
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
    return _respond(api, Answer(status, dump({"Fault": fault.body(), "time": api.company.clock.envelope_stamp()})))


# -- uploads


def read_upload(content_type: str, body: bytes) -> list[tuple[Json, str | None, str | None, bytes]]:
    """The parts of an upload, metadata with content; bare line feeds are taken too, as a known client sends them."""
    if len(body) > UPLOAD_LIMIT:
        raise Fault(6030, "Upload larger than 100 MB")
    found = re.search(r'boundary="?([^";]+)"?', content_type)
    if not content_type.startswith("multipart/") or found is None:
        raise Fault(1050, f"Invalid content type : {content_type}")
    metadata: dict[str, Json] = {}
    contents: dict[str, tuple[str | None, str | None, bytes]] = {}
    for part in body.split(b"--" + found[1].encode()):
        head, content = _split_part(part)
        if head is None:
            continue
        message = BytesParser(policy=HTTP).parsebytes(head + b"\n\n", headersonly=True)
        name = str(message.get_param("name", "", header="content-disposition") or "")
        number = name.rsplit("_", 1)[-1]
        if name.startswith("file_metadata"):
            metadata[number] = read_body(content)
        elif name.startswith("file_content"):
            if str(message.get("Content-Transfer-Encoding", "")).lower() == "base64":
                content = _base64(content)
            contents[number] = (message.get_filename(), str(message.get("Content-Type", "")) or None, content)
    if not contents:
        raise Fault(2020, "Required parameter file_content is missing in the request")
    return [(metadata.get(number, {}), *part) for number, part in contents.items()]


def _split_part(part: bytes) -> tuple[bytes | None, bytes]:
    part = part.removeprefix(b"\r\n").removeprefix(b"\n")
    if not part or part.startswith(b"--"):
        return None, b""
    found = re.search(rb"\r?\n\r?\n", part)
    if found is None:
        return None, b""
    return part[: found.start()], part[found.end() :].removesuffix(b"\n").removesuffix(b"\r")


def _base64(content: bytes) -> bytes:
    try:
        return base64.b64decode(content)
    except binascii.Error:
        raise Fault(6040, "Invalid attachable content : it is no base64") from None


# -- OAuth


def _oauth_routes(app: Flask, api: Api) -> None:
    @app.get("/.well-known/openid_configuration/", strict_slashes=False)
    @app.get("/.well-known/openid_sandbox_configuration/", strict_slashes=False)
    def discovery() -> Response:
        return _plain(discovery_document(request.host_url.rstrip("/")))

    @app.get("/connect/oauth2")
    def authorize() -> Response:
        """Says yes at once, as a person would after signing in."""
        given = request.args
        if given.get("client_id") != api.company.options.client_id:
            return Response("The client_id is not known.", 400, mimetype="text/plain")
        uri, state = given.get("redirect_uri", ""), given.get("state", "")
        if not re.match(r"https?://", uri) or given.get("response_type") != "code":
            return Response("redirect_uri and response_type=code are needed.", 400, mimetype="text/plain")
        if not state:
            return Response("state is needed.", 400, mimetype="text/plain")
        with api.company.books.lock:
            code = api.tokens.authorize(uri)
        answer = urlencode({"code": code, "state": state, "realmId": api.company.options.realm_id})
        found = redirect(f"{uri}{'&' if '?' in uri else '?'}{answer}", 302)
        return Response(found.get_data(), 302, headers={"Location": found.headers["Location"]})

    @app.post("/oauth2/v1/tokens/bearer")
    def token() -> Response:
        api.count("token")
        fault = api.injector.pick(request.method, request.path, "token", frozenset())
        if fault is not None and fault.applied == "never":
            return _spoiled(api, Call("token"), fault, Answer(200, ""))
        try:
            with api.company.books.lock:
                answer = api.tokens.token(
                    request.headers.get("Authorization"),
                    request.form.to_dict(),
                    hard_expiry=request.headers.get("x-include-refresh-token-hard-expires-in", "").lower() == "true",
                )
                api.save_tokens()
        except Refused as refused:
            return _refused(refused)
        if fault is not None:
            return _spoiled(api, Call("token"), fault, Answer(200, dump(answer)))
        return _plain(answer)

    @app.post("/v2/oauth2/tokens/revoke")
    def revoke() -> Response:
        given = request.get_json(silent=True) or request.form.to_dict()
        try:
            with api.company.books.lock:
                api.tokens.revoke(request.headers.get("Authorization"), str(given.get("token", "")))
                api.save_tokens()
        except Refused as refused:
            return _refused(refused)
        return Response("", 200)

    @app.get("/v1/openid_connect/userinfo")
    def userinfo() -> Response:
        token = request.headers.get("Authorization", "").partition(" ")[2]
        with api.company.books.lock:
            why = api.tokens.why_refused(token)
        if why is not None:
            return unauthorized(api, why)
        return _plain(
            {
                "sub": "1182d6ec-60d8-44bb-a4a5-26f1b8d1b0ef",
                "email": "owner@example.com",
                "emailVerified": True,
                "givenName": "Craig",
                "familyName": "Carlson",
            }
        )

    @app.get("/op/v1/jwks")
    def keys() -> Response:
        return _plain({"keys": []})


def discovery_document(base: str) -> Json:
    """The document that clients read to find the other addresses; all of them are here."""
    return {
        "issuer": f"{base}/op/v1",
        "authorization_endpoint": f"{base}/connect/oauth2",
        "token_endpoint": f"{base}/oauth2/v1/tokens/bearer",
        "userinfo_endpoint": f"{base}/v1/openid_connect/userinfo",
        "revocation_endpoint": f"{base}/v2/oauth2/tokens/revoke",
        "jwks_uri": f"{base}/op/v1/jwks",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile", "address", "phone"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
    }


def _refused(refused: Refused) -> Response:
    return _plain({"error": refused.error, "error_description": refused.description}, refused.status)


def _plain(body: Any, status: int = 200) -> Response:
    return Response(dump(body), status, content_type="application/json")


# -- administration


def _admin_routes(app: Flask, api: Api) -> None:
    @app.route("/__sandbox__/faults", methods=["GET", "POST", "DELETE"])
    def faults() -> Response:
        if request.method == "DELETE":
            api.injector.clear()
        elif request.method == "POST":
            given = request.get_json()
            try:
                for entry in given if isinstance(given, list) else [given]:
                    api.injector.add(from_json(entry))
            except (TypeError, ValueError) as error:
                return _plain({"error": str(error)}, 400)
        return _plain({"v": 1, "faults": api.injector.listed()})

    @app.get("/__sandbox__/books")
    def books() -> Response:
        entity = request.args.get("entity")
        return _plain(api.everything(BY_PATH.get(entity.lower(), entity) if entity else None))

    @app.route("/__sandbox__/counts", methods=["GET", "DELETE"])
    def counts() -> Response:
        found = {"v": 1, "counts": dict(api.counts), "postponed": api.postponed}
        if request.method == "DELETE":
            api.counts.clear()
        return _plain(found)

    @app.post("/__sandbox__/reset")
    def reset() -> Response:
        api.reset()
        return _plain({"v": 1})

    @app.post("/__sandbox__/edit")
    def edit() -> Response:
        given = load(request.get_data())
        entity = BY_PATH.get(str(given.get("entity", "")).lower())
        if entity is None or given.get("action") not in {"create", "change", "delete", "void"}:
            return _plain({"error": "entity and action (create, change, delete, void) are needed"}, 400)
        api.settle()
        try:
            key = given.get("id")
            doc = api.edit(entity, None if key is None else str(key), given["action"], given.get("values") or {})
        except Fault as fault:
            return _plain({"error": fault.detail, "code": fault.code}, 400)
        return _plain({"v": 1, entity: doc})

    @app.route("/__sandbox__/clock", methods=["GET", "POST"])
    def clock() -> Response:
        if request.method == "POST":
            given = request.get_json()
            if "shift" in given:
                api.company.clock.shift = float(given["shift"])
            api.company.clock.shift += float(given.get("forward", 0))
            api.settle()
        return _plain({"v": 1, "now": api.company.clock.now().isoformat(), "shift": api.company.clock.shift})

    @app.route("/__sandbox__/preferences", methods=["GET", "POST"])
    def preferences() -> Response:
        if request.method == "POST":
            return _plain(api.set_preferences(load(request.get_data())))
        return _plain(api.everything("Preferences")["Preferences"][0])

    @app.route("/__sandbox__/switches", methods=["GET", "POST"])
    def switches() -> Response:
        if request.method == "POST":
            try:
                api.set_switches(request.get_json())
            except (TypeError, ValueError) as error:
                return _plain({"error": str(error)}, 400)
        return _plain(asdict(api.company.switches))

    @app.route("/__sandbox__/limits", methods=["GET", "POST"])
    def limits() -> Response:
        options: Options = api.company.options
        if request.method == "POST":
            try:
                api.configure(replace(options, limits=replace(options.limits, **request.get_json())))
            except TypeError as error:
                return _plain({"error": str(error)}, 400)
        return _plain(asdict(api.company.options.limits))

    @app.route("/__sandbox__/webhooks", methods=["GET", "POST", "DELETE"])
    def webhooks() -> Response:
        """POST {"url": …} tells changes to an address from now on."""
        if request.method == "DELETE":
            api.messenger.receiver = None
        elif request.method == "POST":
            try:
                api.messenger.receiver = Receiver(**request.get_json())
            except TypeError as error:
                return _plain({"error": str(error)}, 400)
        receiver = api.messenger.receiver
        return _plain({"v": 1, "receiver": None if receiver is None else asdict(receiver)})

    @app.route("/__sandbox__/tokens", methods=["GET", "POST"])
    def tokens() -> Response:
        """POST {"expire": "access"} makes every access token stale; GET shows all grants."""
        with api.company.books.lock:
            if request.method == "POST":
                api.tokens.expire_access()
                api.save_tokens()
            return _plain({"v": 1, "grants": api.tokens.state()})
