"""The API of one company: each call once for its request id, kept in the file, late where a fault says so.

A call comes in as `Call` and goes out as `Answer`, whatever carried it; each is carried out under the books' lock.
"""

from __future__ import annotations

import base64
import hashlib
import threading
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.quickbooks import schema, seed, service
from sandbox.quickbooks.books import BooksFile
from sandbox.quickbooks.calls import Answer, Call
from sandbox.quickbooks.company import Company
from sandbox.quickbooks.errors import Fault, Json
from sandbox.quickbooks.injection import Injector
from sandbox.quickbooks.jsontext import dump, load
from sandbox.quickbooks.limits import Throttle
from sandbox.quickbooks.oauth import Tokens
from sandbox.quickbooks.operations import REQUEST_ID_LIMIT, Operations
from sandbox.quickbooks.options import Options
from sandbox.quickbooks.webhooks import Messenger

WRITES = frozenset({"create", "update", "delete", "void", "send", "batch", "upload", "taxservice"})


@dataclass(frozen=True, slots=True)
class _Replay:
    status: int
    body: bytes
    digest: str
    at: float


class Api:
    """Everything that one realm answers. `options` are those of the start; what changes later stands in the books."""

    def __init__(self, options: Options, data: Path | str | None = None) -> None:
        self.injector = Injector(options.seed)
        self.counts: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._flying: Counter[str] = Counter()
        self.messenger = Messenger(options.realm_id)
        self._file: BooksFile | None = None if data is None else BooksFile(Path(data))
        self._start(options)
        if self._file is not None:
            self._load(self._file)

    def _start(self, options: Options) -> None:
        self.company = Company(options)
        self.operations = Operations(self.company, self.messenger, self.count)
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
            return self.operations.fault_answer(fault)

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
            answer = self.operations.answer(call, touched)
        except Fault as fault:
            self.company.books.rollback()
            answer = self.operations.fault_answer(fault)
        except BaseException:
            self.company.books.rollback()
            raise
        if call.operation != "batch" and call.entity is not None:
            self.operations.tell(call.operation, call.entity)
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
            return self.operations.json({"AttachableResponse": answers})

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
        """Sets switches of the running company; ValueError for a name that is none, or a value that it cannot have."""
        self.configure(self.company.options.with_switches(**values))


def _by_id(doc: Json) -> tuple[int, str]:
    return (int(doc["Id"]), "") if doc["Id"].isdigit() else (0, doc["Id"])
