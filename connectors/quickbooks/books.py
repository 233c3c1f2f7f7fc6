"""One company's books at QuickBooks Online: the calls of `ports.Books`, made of transport, encoding and decoding."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors import errors
from connectors.documents import Document
from connectors.ports import (
    BooksProfile,
    Clock,
    ListEntry,
    ListKind,
    Member,
    MemberResult,
    Posted,
    RateBudget,
    Resolve,
    TokenStore,
)
from connectors.quickbooks import decoding, encoding, names, queries, sends, updating
from connectors.quickbooks.oauth import Settings
from connectors.quickbooks.transport import Transport

# Changes older than 30 days are not told; a day's margin for clocks and time zones.
_LOOK_BACK = timedelta(days=29)
# A change data capture holds at most this many objects and has no second page.
_CHANGES_LIMIT = 1000
_HOLDERS = ("Customer", "Vendor", "Employee")


class QuickBooksOnline:
    """`ports.Books` for one company. Not shared between threads; `close` when done."""

    def __init__(
        self,
        settings: Settings,
        company_id: str,
        tokens: TokenStore,
        clock: Clock,
        budget: RateBudget,
        before_write: Callable[[], None] | None = None,
    ) -> None:
        self._clock = clock
        self._line = Transport(settings, company_id, tokens, clock, budget)
        if before_write is not None:
            self._line.before_write = before_write
        self._company_id = company_id
        self._url = f"{self._line.api_url}/company/{company_id}"

    def close(self) -> None:
        """Let go of the connections."""
        self._line.close()

    @property
    def batch_size(self) -> int:
        return sends.BATCH_SIZE

    def call_counts(self) -> Mapping[str, int]:
        return dict(self._line.counts)

    # ------------------------------------------------------------------------------------------------ what is there

    def profile(self) -> BooksProfile:
        """Two calls: company and preferences."""
        return decoding.profile(self._company_id, self._first("CompanyInfo"), self._first("Preferences"))

    def _first(self, entity: str) -> Mapping[str, Any]:
        return next(iter(decoding.rows(self._line.query(queries.select_one(entity)), entity)), {})

    def lists(self, kinds: Sequence[ListKind]) -> Iterator[ListEntry]:
        """All entries of these lists, inactive ones too. Tax codes carry the sum of their sales rates."""
        rates = (
            decoding.by_id(self._rows("TaxRate", [queries.INACTIVE_TOO]))
            if {"tax_code", "tax_rate"} & set(kinds)
            else {}
        )
        for kind in dict.fromkeys(kinds):
            found = rates.values() if kind == "tax_rate" else self._rows(queries.ENTITIES[kind], [queries.INACTIVE_TOO])
            for body in found:
                yield decoding.entry(kind, body, rates)

    def changes(
        self, kinds: Sequence[ListKind], since: datetime, documents: Sequence[str] = ()
    ) -> Iterator[ListEntry | Posted]:
        """What changed since, in one call where it is less than 1,000 objects; tax codes are read in full.

        Raises `errors.Rejected(code="changes_too_old")` where QuickBooks cannot say any more.
        """
        if self._clock.now() - since > _LOOK_BACK:
            raise errors.Rejected(
                "QuickBooks tells changes of the last 30 days only",
                code="changes_too_old",
                next_step="Nothing to do: the lists are loaded anew.",
            )
        told = [queries.ENTITIES[kind] for kind in dict.fromkeys(kinds) if kind not in queries.NOT_IN_CHANGES]
        entities = (*told, *dict.fromkeys(documents))
        yield from self._changes(entities, since)
        if untold := [kind for kind in kinds if kind in queries.NOT_IN_CHANGES]:
            yield from self.lists(untold)

    def _changes(self, entities: Sequence[str], since: datetime) -> Iterator[ListEntry | Posted]:
        if not entities:
            return
        moment = since.astimezone(UTC).isoformat(timespec="seconds")
        try:
            answer = self._line.change_data_capture(",".join(entities), moment)
        except errors.Rejected as error:
            if "changedsince" in f"{error.message} {error.excerpt}".lower() and "older" in error.message.lower():
                raise errors.Rejected(
                    error.message, code="changes_too_old", next_step="Nothing to do: the lists are loaded anew."
                ) from None
            raise
        found = list(decoding.change_rows(answer))
        if len(found) < _CHANGES_LIMIT:
            yield from (self._changed(entity, body) for entity, body in found)
        elif len(entities) > 1:
            for entity in entities:
                yield from self._changes([entity], since)
        else:
            # Too many even alone: by query, which pages but does not tell what was deleted. Deleted ones are taken from
            # what was told; the nightly comparison finds any others.
            (entity,) = entities
            for _, body in found:
                if str(body.get("status", "")).lower() == "deleted":
                    yield self._changed(entity, body)
            where = [f"MetaData.LastUpdatedTime >= {queries.quoted(moment)}"]
            if entity in queries.KINDS:
                where.append(queries.INACTIVE_TOO)
            for body in self._rows(entity, where):
                yield self._changed(entity, body)

    def _changed(self, entity: str, body: Mapping[str, Any]) -> ListEntry | Posted:
        kind = queries.KINDS.get(entity)
        return decoding.entry(kind, body) if kind is not None else decoding.posted(entity, body)

    def _rows(self, entity: str, where: Sequence[str] = ()) -> Iterator[Mapping[str, Any]]:
        """All rows of a question, page by page. A page may hold one row more than was asked for, and rows may move
        between pages: forward by what came, and no id twice."""
        seen: set[str] = set()
        start = 1
        while True:
            found = decoding.rows(self._line.query(queries.select(entity, where, start=start)), entity)
            for row in found:
                if (id_ := str(row.get("Id", ""))) not in seen:
                    seen.add(id_)
                    yield row
            if len(found) < queries.PAGE:
                return
            start += len(found)

    def read(self, entity: str, id: str) -> Posted | None:
        """One document as it stands now; missing when it was deleted."""
        try:
            answer = self._line.get_single_object(entity, id)
        except errors.Rejected as error:
            if error.remote_code == "610":
                return None
            raise
        held = answer.get(entity)
        if not isinstance(held, Mapping):
            raise errors.Retry("QuickBooks answered without the document", code="unreadable")
        found = decoding.posted(entity, held)
        return None if found.state == "deleted" else found

    def find(
        self,
        entity: str,
        *,
        number: str | None = None,
        name: str | None = None,
        customer_id: str | None = None,
        date: str | None = None,
    ) -> list[Posted]:
        """What stands there. A name is looked for as it is and as it was before it was made inactive."""
        if name is not None:
            return self.find_names(entity, [name])
        wanted = {queries.number_field(entity): number, "CustomerRef": customer_id, "TxnDate": date}
        where = [
            f"{field} = {queries.quoted(value)}"
            for field, value in wanted.items()
            if value is not None and queries.can_ask(entity, field)
        ]
        if not where:
            raise ValueError(f"a {entity} can be looked for by number, by day, or by customer where QuickBooks can")
        found = [decoding.posted(entity, row) for row in self._rows(entity, where)]
        return decoding.matching(found, number=number, customer_id=customer_id, date=date)

    def find_numbers(self, entity: str, numbers: Sequence[str]) -> list[Posted]:
        """Documents (or payments by their reference) with one of these numbers, 200 numbers to a call."""
        return [
            decoding.posted(entity, row)
            for some in queries.chunks(numbers)
            for row in self._rows(entity, [f"{queries.number_field(entity)} {queries.one_of(some)}"])
        ]

    def find_names(self, entity: str, wanted: Sequence[str]) -> list[Posted]:
        """Customers, items or other names, inactive ones too (those carry ' (deleted)')."""
        spelt = [form for name in wanted for form in (name, names.deleted(name))]
        return [
            decoding.posted(entity, row)
            for some in queries.chunks(spelt)
            for row in self._rows(
                entity, [f"{queries.name_field(entity)} {queries.one_of(some)}", queries.INACTIVE_TOO]
            )
        ]

    # ----------------------------------------------------------------------------------------------- what is written

    def encode(self, document: Document, resolve: Resolve, profile: BooksProfile) -> tuple[str, Mapping[str, Any]]:
        return encoding.encode(document, resolve, profile)

    def encode_update(
        self, document: Document, resolve: Resolve, profile: BooksProfile, now: Posted, last_sent: Mapping[str, Any]
    ) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        entity, wanted = encoding.encode(document, resolve, profile)
        return updating.three_way(entity, wanted, now, last_sent)

    def edited(self, now: Posted, last_sent: Mapping[str, Any]) -> tuple[str, ...]:
        return updating.edited(now, last_sent)

    def freeze(self, members: Sequence[Member], request_id: str) -> bytes:
        return sends.freeze(members, request_id, self._company_id, self._line.minorversion)

    def send(self, request_id: str, frozen: bytes) -> list[MemberResult]:
        """Post those bytes, once. A refusal of a single write is its member's error; `errors.Retry`, `errors.Unknown` and
        what concerns the connection or a whole batch are raised."""
        held = sends.thaw(frozen)
        if held.request_id != request_id or held.company_id != self._company_id:
            raise ValueError("these bytes were frozen for another request or another company")
        kind = "batch" if held.batch else "single"
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        try:
            answer = self._line.call(
                kind,
                "POST",
                f"{self._url}/{held.path}",
                params=held.params,
                headers=headers,
                data=held.content,
                write=True,
            )
        except errors.Rejected as error:
            if held.batch or error.scope == "connection":
                raise
            results = [MemberResult(key=held.members[0][0], error=error)]
        else:
            results = sends.fates(held, answer, self._line.redact, self._line.last_trace_id)
        return self._with_holders(held, results)

    def _with_holders(self, held: sends.Frozen, results: list[MemberResult]) -> list[MemberResult]:
        """Say who holds a name that was refused: QuickBooks' own text names customer, vendor and employee alike."""
        refused = {
            result.key
            for result in results
            if isinstance(result.error, errors.Rejected) and result.error.remote_code == "6240"
        }
        if not refused:
            return results
        try:
            holders = self._holders(sends.names_of(held, refused))
        except errors.ConnectorError:
            return results  # the refusal stands without it
        return [
            MemberResult(key=result.key, error=sends.name_refusal(result.error, *holders[result.key]))
            if result.key in holders and isinstance(result.error, errors.Rejected)
            else result
            for result in results
        ]

    def _holders(self, wanted: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str, Posted | None]]:
        """key -> (entity, name, who holds it)."""
        found: dict[str, list[Posted]] = {}
        parties = [name for entity, name in wanted.values() if entity == "Customer"]
        for entity in _HOLDERS if parties else ():
            for item in self.find_names(entity, parties):
                found.setdefault((item.name or "").casefold(), []).append(item)
        for entity in {entity for entity, _ in wanted.values() if entity != "Customer"}:
            for item in self.find_names(entity, [name for held, name in wanted.values() if held == entity]):
                found.setdefault((item.name or "").casefold(), []).append(item)
        return {
            key: (entity, name, next(iter(found.get(name.casefold(), [])), None))
            for key, (entity, name) in wanted.items()
        }
