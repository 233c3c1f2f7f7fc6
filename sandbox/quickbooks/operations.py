"""What each kind of call does: single calls, batches, queries and changes; request ids and files are not its matter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sandbox.quickbooks import misc, query, recurring, schema, service
from sandbox.quickbooks.calls import Answer, Call, read_body
from sandbox.quickbooks.company import Company
from sandbox.quickbooks.errors import Fault, Json, missing, not_found
from sandbox.quickbooks.jsontext import dump
from sandbox.quickbooks.schema import BY_PATH
from sandbox.quickbooks.webhooks import Messenger, changes_of

BATCH_LIMIT = 30
REQUEST_ID_LIMIT = 50
CDC_DAYS = 30
CDC_ROWS = 1000
NOT_IN_CDC = frozenset({"JournalCode", "TaxAgency", "TimeActivity", "TaxCode", "TaxRate"})


class Operations:
    """The calls of one company; whoever asks holds the books' lock and commits or rolls back."""

    def __init__(self, company: Company, messenger: Messenger, count: Callable[..., None]) -> None:
        self.company = company
        self._messenger = messenger
        self._count = count

    def tell(self, operation: str, entity: str | None) -> None:
        """Tells the receiver of webhooks what the open call has changed."""
        if self._messenger.receiver is not None:
            self._messenger.tell(changes_of(operation, entity, self.company.books.moved(), self.company.books))

    def _check_company(self) -> None:
        if self.company.options.subscription_ended:
            raise Fault(
                6190,
                "Invalid Company Status : Subscription period has ended or canceled or there was a billing problem",
            )

    def fault_answer(self, fault: Fault) -> Answer:
        return Answer(fault.status, dump({"Fault": fault.body(), "time": self.company.clock.envelope_stamp()}))

    def answer(self, call: Call, touched: list[tuple[str, str]]) -> Answer:
        """What a call gets; a batch commits item by item and says in `touched` which rows it has changed."""
        self._check_company()
        if call.operation == "batch":
            return self.json(self._batch(call, touched))
        if call.operation == "query":
            return self.json({"QueryResponse": self._query(_query_text(call))})
        if call.operation == "cdc":
            return self.json(self._changes(call))
        if call.operation == "pdf":
            return self._pdf(call)
        if call.operation == "download":
            return self._download(call)
        if call.operation == "taxservice":
            payload = schema.read("TaxService", read_body(call.body))
            return Answer(200, dump(misc.create_tax_code(self.company, payload)))
        entity = call.entity or ""
        if call.operation == "read":
            return self.json({schema.envelope(entity): self._read(call)})
        if call.operation == "exchangerate":
            code = call.parameters.get("sourcecurrencycode", "")
            day = call.parameters.get("asofdate")
            return self.json({entity: misc.exchange_rate_of(self.company, code.upper(), day)})
        if call.operation == "send":
            doc = service.send(self.company, entity, call.key or "", call.parameters.get("sendTo"))
            return self.json({entity: doc})
        if call.operation == "upload":
            raise Fault(500, "Unsupported Operation : an upload needs multipart/form-data")
        body = read_body(call.body)
        return self.json({schema.envelope(entity): self._write(call.operation, entity, body, call.include)})

    def json(self, body: Json) -> Answer:
        return Answer(200, dump({**body, "time": self.company.clock.envelope_stamp()}))

    def _write(self, operation: str, entity: str, body: Json, include: set[str]) -> Json:
        duplicate = "allowduplicatedocnum" in include
        if operation == "delete":
            return service.delete(self.company, entity, body)
        if operation == "void":
            return service.void(self.company, entity, body)
        has_id = body.get("Id") not in (None, "") or entity in {"Preferences", "CompanyInfo"}
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
            for item in filter(_is_object, items):
                if len(request_id) + len(str(item.get("bId", ""))) > REQUEST_ID_LIMIT:
                    raise Fault(
                        6000,
                        "Business Validation Error: You cannot enter more than 50 characters in the request_id field.",
                    )
        self._count(*["batch_items"] * len(items))
        answers = []
        for item in items:
            answers.append(self._batch_item(item))
            self.tell("void" if isinstance(item, dict) and item.get("optionsData") == "void" else "update", None)
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
            self._count(f"batch:{operation}:{entity}")
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


def _is_object(item: Any) -> bool:
    return isinstance(item, dict)


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
