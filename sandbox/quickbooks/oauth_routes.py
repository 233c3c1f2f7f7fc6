"""The addresses of OAuth: discovery, authorize, token, revoke and user information; what a token is stands elsewhere."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from flask import Flask, Response, redirect, request

from sandbox.quickbooks.answers import plain, spoiled, unauthorized
from sandbox.quickbooks.api import Api
from sandbox.quickbooks.calls import Answer
from sandbox.quickbooks.errors import Json
from sandbox.quickbooks.jsontext import dump
from sandbox.quickbooks.oauth import Refused


def add_oauth_routes(app: Flask, api: Api) -> None:
    @app.get("/.well-known/openid_configuration/", strict_slashes=False)
    @app.get("/.well-known/openid_sandbox_configuration/", strict_slashes=False)
    def discovery() -> Response:
        return plain(discovery_document(request.host_url.rstrip("/")))

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
            return spoiled(api, fault, Answer(200, ""))
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
            return spoiled(api, fault, Answer(200, dump(answer)))
        return plain(answer)

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
        return plain(
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
        return plain({"keys": []})


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
    return plain({"error": refused.error, "error_description": refused.description}, refused.status)
