"""The API of one company: calls with their request ids, batches, queries and changes, over the service; no HTTP here.

A call comes in as `Call` and goes out as `Answer`, whatever carried it; each is carried out under the books' lock.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import zlib
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sandbox.quickbooks import misc, query, recurring, schema, seed, service
from sandbox.quickbooks.books import BooksFile
from sandbox.quickbooks.company import Company
from sandbox.quickbooks.errors import Fault, Json, missing, not_found
from sandbox.quickbooks.injection import Injector
from sandbox.quickbooks.jsontext import dump, load
from sandbox.quickbooks.limits import Throttle
from sandbox.quickbooks.oauth import Tokens
from sandbox.quickbooks.options import Options
from sandbox.quickbooks.schema import BY_PATH
from sandbox.quickbooks.webhooks import Messenger, changes_of

BATCH_LIMIT = 30
REQUEST_ID_LIMIT = 50
CDC_DAYS = 30
CDC_ROWS = 1000
NOT_IN_CDC = frozenset({"JournalCode", "TaxAgency", "TimeActivity", "TaxCode", "TaxRate"})
WRITES = frozenset({"create", "update", "delete", "void", "send", "batch", "upload", "taxservice"})
BAD_JSON = "Property Name:failed to parse json object; a property specified is unsupported or invalid"


@dataclass(frozen=True, slots=True)
class Call:
    """One call on the API: what is asked (`operation`), of which entity, with which parameters and body."""

    operation: str
    entity: str | None = None
    key: str | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def request_id(self) -> str | None:
        return self.parameters.get("requestid") or None

    @property
    def include(self) -> set[str]:
        return {part.strip().lower() for part in self.parameters.get("include", "").split(",")}


@dataclass(frozen=True, slots=True)
class Answer:
    """HTTP status and body; a JSON answer is text, a file is bytes."""

    status: int
    body: str | bytes
    content_type: str = "application/json;charset=UTF-8"


@dataclass(frozen=True, slots=True)
class _Replay:
    status: int
    body: bytes
    digest: str
    at: float


class Api:
    """Everything that one realm answers. `options` are those of the start; what changes later stands in the books."""

    def __init__(self, options: Options) -> None:
        self.injector = Injector(options.seed)
        self.counts: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._flying: Counter[str] = Counter()
        self.messenger = Messenger(options.realm_id)
        self._file: BooksFile | None = None if options.data is None else BooksFile(Path(options.data))
        self._start(options)
        if self._file is not None:
            self._load(self._file)

    def _start(self, options: Options) -> None:
        self.company = Company(options)
        self.tokens = Tokens(options, self.company.clock)
        self.throttle = Throttle(self.company.clock)
        self.files: dict[str, bytes] = {}
        self._replays: dict[str, _Replay] = {}
        self._late: list[tuple[float, Call, bool]] = []
        self._fill()

    def _fill(self) -> None:
        seed.fill(self.company)
        self.company.books.commit()
        self.tokens.grant()

    # -- the file

    def _load(self, file: BooksFile) -> None:
        entries = list(file.read())
        books = self.company.books
        if entries:
            for kind, key in list(books.everything()):
                books.discard(kind, key)
            self.company.last_number.clear()
        for entry in entries:
            for kind, key, seconds, doc in entry.get("rows", []):
                books.restore(kind, key, float(seconds), doc)
            for request_id, status, body, digest, at in entry.get("replays", []):
                self._replays[request_id] = _Replay(status, zlib.compress(body.encode()), digest, float(at))
            for key, content in entry.get("files", {}).items():
                self.files[key] = base64.b64decode(content)
            if "tokens" in entry:
                self.tokens.restore(entry["tokens"])
        file.rewrite(self._whole())

    def _whole(self) -> list[Json]:
        books = self.company.books
        rows = books.state_of(books.everything())
        replays = [self._kept(request_id, replay) for request_id, replay in self._replays.items()]
        return [
            {"v": 1, "tokens": self.tokens.state()},
            *({"rows": rows[start : start + 500]} for start in range(0, len(rows), 500)),
            *({"files": {key: base64.b64encode(content).decode("ascii")}} for key, content in self.files.items()),
            *({"replays": replays[start : start + 100]} for start in range(0, len(replays), 100)),
        ]

    @staticmethod
    def _kept(request_id: str, replay: _Replay) -> list[Any]:
        return [request_id, replay.status, zlib.decompress(replay.body).decode(), replay.digest, replay.at]

    def save_tokens(self) -> None:
        if self._file is not None:
            self._file.append({"tokens": self.tokens.state()})

    def close(self) -> None:
        self.messenger.stop()
        if self._file is not None:
            with self.company.books.lock:
                self._file.close()

    # -- administration

    def reset(self, options: Options | None = None) -> None:
        """Starts the company anew (with other options if given); tokens that are out stay good."""
        with self.company.books.lock:
            grants = self.tokens.state()
            self._start(options or self.company.options)
            self.tokens.restore(grants)
            self.injector.clear()
            self.counts.clear()
            if self._file is not None:
                self._file.rewrite(self._whole())

    def configure(self, options: Options) -> None:
        """Other options (switches, limits) for the company as it stands."""
        with self.company.books.lock:
            self.company.options = options
            self.company.switches = options.switches
            self.tokens.configure(options)

    def count(self, *names: str) -> None:
        with self._counting:
            self.counts.update(names)

    # -- calls

    def carry_out(self, call: Call, *, forget_request_id: bool = False) -> Answer:
        """Does what a call asks, once for each request id, and answers."""
        books = self.company.books
        request_id = None if forget_request_id else call.request_id
        try:
            if request_id is not None and call.operation in WRITES:
                if len(request_id) > REQUEST_ID_LIMIT:
                    raise Fault(2130, f"Invalid request id : at most {REQUEST_ID_LIMIT} characters are allowed")
                with self._counting:
                    if self._flying[request_id] and self.company.switches.concurrent_request == "600":
                        raise Fault(600, "Duplicate Request ID : a request with this id is being processed")
                    self._flying[request_id] += 1
                try:
                    with books.lock:
                        return self._once(call, request_id)
                finally:
                    with self._counting:
                        self._flying[request_id] -= 1
                        if not self._flying[request_id]:
                            del self._flying[request_id]
            with books.lock:
                return self._do(call, None)
        except Fault as fault:
            return self._fault_answer(fault)

    def _once(self, call: Call, request_id: str) -> Answer:
        switches = self.company.switches
        replay = self._replays.get(request_id)
        digest = hashlib.sha256(call.body).hexdigest()[:16]
        if replay is not None and self.company.clock.seconds() - replay.at <= switches.request_id_retention:
            if replay.digest != digest and switches.request_id_mismatch == "600":
                raise Fault(600, "Duplicate Request ID : the id was used for another request")
            self.count("replays")
            return Answer(replay.status, zlib.decompress(replay.body).decode())
        return self._do(call, request_id, digest)

    def _do(self, call: Call, request_id: str | None, digest: str = "") -> Answer:
        """Carries a call out; its rows and its answer go to the file in one line."""
        touched: list[tuple[str, str]] = []
        try:
            self._check_company()
            answer = self._dispatch(call, touched)
        except Fault as fault:
            self.company.books.rollback()
            answer = self._fault_answer(fault)
        except BaseException:
            self.company.books.rollback()
            raise
        if call.operation != "batch" and call.entity is not None:
            self._tell(call.operation, call.entity)
        touched.extend(self.company.books.commit())
        entry: Json = {}
        if touched:
            entry["rows"] = self.company.books.state_of(dict.fromkeys(touched))
        keep = answer.status == 200 or self.company.switches.faulted_request == "replay"
        if request_id is not None and keep and isinstance(answer.body, str):
            kept = _Replay(answer.status, zlib.compress(answer.body.encode(), 1), digest, self.company.clock.seconds())
            self._replays[request_id] = kept
            if self._file is not None:
                entry["replays"] = [self._kept(request_id, kept)]
        if entry and self._file is not None:
            self._file.append(entry)
        return answer

    def _tell(self, operation: str, entity: str | None) -> None:
        if self.messenger.receiver is not None:
            self.messenger.tell(changes_of(operation, entity, self.company.books.moved(), self.company.books))

    def _check_company(self) -> None:
        if self.company.options.subscription_ended:
            raise Fault(
                6190,
                "Invalid Company Status : Subscription period has ended or canceled or there was a billing problem",
            )

    def _fault_answer(self, fault: Fault) -> Answer:
        return Answer(fault.status, dump({"Fault": fault.body(), "time": self.company.clock.envelope_stamp()}))

    def _dispatch(self, call: Call, touched: list[tuple[str, str]]) -> Answer:
        if call.operation == "batch":
            return self._json(self._batch(call, touched))
        if call.operation == "query":
            return self._json({"QueryResponse": self._query(_query_text(call))})
        if call.operation == "cdc":
            return self._json(self._changes(call))
        if call.operation == "pdf":
            return self._pdf(call)
        if call.operation == "download":
            return self._download(call)
        if call.operation == "taxservice":
            payload = schema.read("TaxService", read_body(call.body))
            return Answer(200, dump(misc.create_tax_code(self.company, payload)))
        entity = call.entity or ""
        if call.operation == "read":
            return self._json({schema.envelope(entity): self._read(call)})
        if call.operation == "exchangerate":
            code = call.parameters.get("sourcecurrencycode", "")
            day = call.parameters.get("asofdate")
            return self._json({entity: misc.exchange_rate_of(self.company, code.upper(), day)})
        if call.operation == "send":
            doc = service.send(self.company, entity, call.key or "", call.parameters.get("sendTo"))
            return self._json({entity: doc})
        if call.operation == "upload":
            raise Fault(500, "Unsupported Operation : an upload needs multipart/form-data")
        body = read_body(call.body)
        return self._json({schema.envelope(entity): self._write(call.operation, entity, body, call.include)})

    def _json(self, body: Json) -> Answer:
        return Answer(200, dump({**body, "time": self.company.clock.envelope_stamp()}))

    def _write(self, operation: str, entity: str, body: Json, include: set[str]) -> Json:
        duplicate = "allowduplicatedocnum" in include
        if operation == "delete":
            return service.delete(self.company, entity, body)
        if operation == "void":
            return service.void(self.company, entity, body)
        has_id = body.get("Id") not in {None, ""} or entity in {"Preferences", "CompanyInfo"}
        if operation == "update" or has_id:
            return service.update(self.company, entity, body, allow_duplicate=duplicate)
        return service.create(self.company, entity, body, allow_duplicate=duplicate)

    def _read(self, call: Call) -> Json:
        doc = service.read(self.company, call.entity or "", call.key or "")
        if call.entity == "RecurringTransaction":
            return recurring.shown(doc)
        if call.entity == "Invoice" and "invoicelink" in call.include and doc.get("BillEmail"):
            doc = {
                **doc,
                "InvoiceLink": f"https://connect.intuit.com/portal/app/CommerceNetwork/view/scs-v1-{doc['Id']}",
            }
        return doc

    def _query(self, text: str) -> Json:
        return query.run(self.company, query.parse(self.company, text))

    # -- batch

    def _batch(self, call: Call, touched: list[tuple[str, str]]) -> Json:
        items = read_body(call.body).get("BatchItemRequest")
        if not isinstance(items, list) or not items:
            raise missing("BatchItemRequest")
        if len(items) > BATCH_LIMIT:
            raise Fault(1040, f"Batch size exceeds allowed limit : {len(items)} items, at most {BATCH_LIMIT}")
        request_id = call.request_id
        if request_id is not None:
            for item in items:
                if len(request_id) + len(str(item.get("bId", ""))) > REQUEST_ID_LIMIT:
                    raise Fault(
                        6000,
                        "Business Validation Error: You cannot enter more than 50 characters in the request_id field.",
                    )
        self.count(*["batch_items"] * len(items))
        answers = []
        for item in items:
            answers.append(self._batch_item(item))
            self._tell("void" if isinstance(item, dict) and item.get("optionsData") == "void" else "update", None)
            touched.extend(self.company.books.commit())
        return {"BatchItemResponse": answers}

    def _batch_item(self, item: Any) -> Json:
        key = item.get("bId") if isinstance(item, dict) else None
        try:
            if key is None or key == "":
                raise Fault(self.company.switches.missing_batch_id_code, missing("bId").detail)
            if "Query" in item:
                return {"QueryResponse": self._query(str(item["Query"])), "bId": key}
            entity, body = _batch_entity(item)
            options = {part.strip().lower() for part in str(item.get("optionsData") or "").split(",")}
            operation = str(item.get("operation", "")).lower()
            if operation not in {"create", "update", "delete"}:
                raise Fault(500, f"Unsupported Operation : Operation {operation} is not supported.")
            if "void" in options:
                operation = "void"
            self.count(f"batch:{operation}:{entity}")
            return {schema.envelope(entity): self._write(operation, entity, body, options), "bId": key}
        except Fault as fault:
            self.company.books.rollback()
            answer = {"Fault": fault.body()}
            return answer if key is None else {**answer, "bId": key}

    # -- changes

    def _changes(self, call: Call) -> Json:
        names = [name.strip() for name in call.parameters.get("entities", "").split(",") if name.strip()]
        if not names:
            raise missing("entities")
        text = call.parameters.get("changedSince")
        if not text:
            raise missing("changedSince")
        since = query.moment(self.company, text)
        if since < self.company.clock.now() - timedelta(days=CDC_DAYS):
            raise Fault(
                self.company.switches.cdc_too_old_code,
                f"Operation cdc with changedSince date {text} which is older than fixed days is not supported.",
            )
        left = CDC_ROWS
        parts = []
        for name in names:
            entity = BY_PATH.get(name.lower())
            if entity is None or entity in NOT_IN_CDC:
                raise Fault(500, f"Unsupported Operation : Operation cdc is not supported for {name}.")
            rows = self._changed(entity, since.timestamp())[:left]
            left -= len(rows)
            parts.append(
                {} if not rows else {schema.envelope(entity): rows, "startPosition": 1, "maxResults": len(rows)}
            )
        return {"CDCResponse": [{"QueryResponse": parts}]}

    def _changed(self, entity: str, since: float) -> list[Json]:
        books = self.company.books
        # Times are compared as they are shown, in whole seconds.
        found = [
            (books.updated(entity, key), doc)
            for key, doc in books.all(entity).items()
            if int(books.updated(entity, key)) >= int(since)
        ]
        found += [
            (
                at,
                {
                    "domain": "QBO",
                    "status": "Deleted",
                    "Id": key,
                    "MetaData": {"LastUpdatedTime": self.company.clock.stamp(at)},
                },
            )
            for key, at in books.gone_since(entity, int(since))
        ]
        return [doc for _, doc in sorted(found, key=lambda pair: pair[0])]

    # -- files

    def _pdf(self, call: Call) -> Answer:
        entity = call.entity or ""
        if entity not in service.PRINTABLE:
            raise service.unsupported(entity, "pdf")
        return Answer(200, misc.pdf_of(entity, service.read(self.company, entity, call.key or "")), "application/pdf")

    def _download(self, call: Call) -> Answer:
        doc = service.read(self.company, "Attachable", call.key or "")
        if not doc.get("TempDownloadUri"):
            raise not_found()
        return Answer(200, str(doc["TempDownloadUri"]), "text/plain")

    def upload(self, parts: list[tuple[Json, str | None, str | None, bytes]], address: str) -> Answer:
        """Stores files with their attachables: (metadata, file name, content type, content) each."""
        with self.company.books.lock:
            answers = []
            for metadata, name, kind, content in parts:
                try:
                    body = dict(metadata)
                    body.setdefault("FileName", name or "file")
                    if kind and not body.get("ContentType"):
                        body["ContentType"] = kind
                    doc = service.create(self.company, "Attachable", body)
                    stored = self.company.books.replace(
                        "Attachable",
                        {
                            **doc,
                            "Size": len(content),
                            "FileAccessUri": f"/v3/company/{self.company.options.realm_id}/download/{doc['Id']}",
                            "TempDownloadUri": f"{address}/files/{doc['Id']}",
                        },
                        bump=False,
                    )
                    self.files[doc["Id"]] = content
                    answers.append({"Attachable": stored})
                    touched = self.company.books.commit()
                    if self._file is not None:
                        kept = {doc["Id"]: base64.b64encode(content).decode("ascii")}
                        self._file.append({"rows": self.company.books.state_of(touched), "files": kept})
                except Fault as fault:
                    self.company.books.rollback()
                    answers.append({"Fault": fault.body()})
            return self._json({"AttachableResponse": answers})

    # -- calls that are carried out later

    def postpone(self, call: Call, seconds: float, *, forget_request_id: bool) -> None:
        """Carries a call out once the clock has moved on so far."""
        with self.company.books.lock:
            self._late.append((self.company.clock.seconds() + seconds, call, forget_request_id))

    def settle(self) -> None:
        """Carries out what was postponed and is due; called before anything looks at the books."""
        if not self._late:
            return
        with self.company.books.lock:
            now = self.company.clock.seconds()
            due = [entry for entry in self._late if entry[0] <= now]
            self._late = [entry for entry in self._late if entry[0] > now]
        for _, call, forget in due:
            self.carry_out(call, forget_request_id=forget)

    @property
    def postponed(self) -> int:
        return len(self._late)

    # -- what a person does on the screens

    def edit(self, entity: str, key: str | None, action: str, values: Json) -> Json:
        """Creates, changes, deletes or voids as a person would: with the current SyncToken, sparse. Raises Fault."""
        with self.company.books.lock:
            if action == "create":
                call = Call("create", entity, body=dump(values).encode())
            else:
                current = service.read(self.company, entity, key or "")
                body = {"Id": current["Id"], "SyncToken": current["SyncToken"]}
                if action == "change":
                    body |= {"sparse": True, **values}
                call = Call({"change": "update"}.get(action, action), entity, body=dump(body).encode())
            answer = self._do(call, None)
        found = load(answer.body)
        if "Fault" in found:
            error = found["Fault"]["Error"][0]
            raise Fault(int(error["code"]), error["Detail"])
        return dict(found[schema.envelope(entity)])

    def everything(self, entity: str | None = None) -> dict[str, list[Json]]:
        """The books by entity, each list by id."""
        self.settle()
        with self.company.books.lock:
            kinds = [entity] if entity else sorted(self.company.books.kinds())
            return {kind: sorted(self.company.books.all(kind).values(), key=_by_id) for kind in kinds}

    def set_preferences(self, sections: Json) -> Json:
        """Sets preferences that the API itself does not let be set, as an administrator on the screens."""
        with self.company.books.lock:
            old = self.company.books.get("Preferences", "1") or {}
            new = dict(old)
            for section, values in sections.items():
                new[section] = {**old.get(section, {}), **values}
            stored = self.company.books.replace("Preferences", new)
            touched = self.company.books.commit()
            if self._file is not None:
                self._file.append({"rows": self.company.books.state_of(touched)})
            return stored

    def set_switches(self, values: Json) -> None:
        """Sets switches of the running company; TypeError for a name that is none."""
        options = self.company.options
        self.configure(replace(options, switches=replace(options.switches, **values)))


def _by_id(doc: Json) -> tuple[int, str]:
    return (int(doc["Id"]), "") if doc["Id"].isdigit() else (0, doc["Id"])


def read_body(body: bytes) -> Json:
    """A JSON object, or Fault 2010."""
    try:
        found = load(body)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        raise Fault(2010, BAD_JSON) from None
    if not isinstance(found, dict):
        raise Fault(2010, BAD_JSON)
    return found


def _query_text(call: Call) -> str:
    return call.parameters["query"] if "query" in call.parameters else call.body.decode("utf-8", "replace")


def _batch_entity(item: Json) -> tuple[str, Json]:
    for name, value in item.items():
        if isinstance(value, dict):
            if name.lower() == "salesorder":
                raise Fault(500, "Unsupported Operation : Operation is not supported for SalesOrder.")
            entity = BY_PATH.get(name.lower().removesuffix("txn"))
            if entity is None:
                raise schema.unknown_property(name, "BatchItemRequest")
            return entity, value
    raise missing("BatchItemRequest entity")
