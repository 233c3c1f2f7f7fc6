"""The addresses of administration under /__sandbox__/: faults, books, counts, clock and what a person does."""

from __future__ import annotations

from dataclasses import asdict, replace

from flask import Flask, Response, request

from sandbox.quickbooks.answers import plain
from sandbox.quickbooks.api import Api
from sandbox.quickbooks.errors import Fault
from sandbox.quickbooks.injection import from_json
from sandbox.quickbooks.jsontext import load
from sandbox.quickbooks.options import Options
from sandbox.quickbooks.schema import BY_PATH
from sandbox.quickbooks.webhooks import Receiver


def add_admin_routes(app: Flask, api: Api) -> None:
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
                return plain({"error": str(error)}, 400)
        return plain({"v": 1, "faults": api.injector.listed()})

    @app.get("/__sandbox__/books")
    def books() -> Response:
        entity = request.args.get("entity")
        return plain(api.everything(BY_PATH.get(entity.lower(), entity) if entity else None))

    @app.route("/__sandbox__/calls", methods=["GET", "DELETE"])
    def calls() -> Response:
        found = {"v": 1, "calls": dict(api.counts), "postponed": api.postponed}
        if request.method == "DELETE":
            api.counts.clear()
        return plain(found)

    @app.post("/__sandbox__/reset")
    def reset() -> Response:
        api.reset()
        return plain({"v": 1})

    @app.post("/__sandbox__/edit")
    def edit() -> Response:
        given = load(request.get_data())
        entity = BY_PATH.get(str(given.get("entity", "")).lower())
        if entity is None or given.get("action") not in {"create", "change", "delete", "void"}:
            return plain({"error": "entity and action (create, change, delete, void) are needed"}, 400)
        api.settle()
        try:
            key = given.get("id")
            doc = api.edit(entity, None if key is None else str(key), given["action"], given.get("values") or {})
        except Fault as fault:
            return plain({"error": fault.detail, "code": fault.code}, 400)
        return plain({"v": 1, entity: doc})

    @app.route("/__sandbox__/clock", methods=["GET", "POST"])
    def clock() -> Response:
        if request.method == "POST":
            given = request.get_json()
            if "shift" in given:
                api.company.clock.shift = float(given["shift"])
            api.company.clock.shift += float(given.get("forward", 0))
            api.settle()
        return plain({"v": 1, "now": api.company.clock.now().isoformat(), "shift": api.company.clock.shift})

    @app.route("/__sandbox__/preferences", methods=["GET", "POST"])
    def preferences() -> Response:
        if request.method == "POST":
            return plain(api.set_preferences(load(request.get_data())))
        return plain(api.everything("Preferences")["Preferences"][0])

    @app.route("/__sandbox__/switches", methods=["GET", "POST"])
    def switches() -> Response:
        if request.method == "POST":
            try:
                api.set_switches(request.get_json())
            except ValueError as error:
                return plain({"error": str(error)}, 400)
        return plain(asdict(api.company.switches))

    @app.route("/__sandbox__/limits", methods=["GET", "POST"])
    def limits() -> Response:
        options: Options = api.company.options
        if request.method == "POST":
            try:
                api.configure(replace(options, limits=replace(options.limits, **request.get_json())))
            except TypeError as error:
                return plain({"error": str(error)}, 400)
        return plain(asdict(api.company.options.limits))

    @app.route("/__sandbox__/webhooks", methods=["GET", "POST", "DELETE"])
    def webhooks() -> Response:
        """POST {"url": …} tells changes to an address from now on."""
        if request.method == "DELETE":
            api.messenger.receiver = None
        elif request.method == "POST":
            try:
                api.messenger.receiver = Receiver(**request.get_json())
            except TypeError as error:
                return plain({"error": str(error)}, 400)
        receiver = api.messenger.receiver
        return plain({"v": 1, "receiver": None if receiver is None else asdict(receiver)})

    @app.route("/__sandbox__/tokens", methods=["GET", "POST"])
    def tokens() -> Response:
        """POST {"expire": "access"} makes every access token stale; GET shows all grants."""
        with api.company.books.lock:
            if request.method == "POST":
                api.tokens.expire_access()
                api.save_tokens()
            return plain({"v": 1, "grants": api.tokens.state()})
