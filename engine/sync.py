"""One run of a flow: fetch what changed in the shop, judge it, plan what is to be done in the books. It posts nothing itself.

Pages are stored with their cursor in one transaction, judging happens between transactions, and all that one batch of
orders comes to (decisions, operations, holds, log) is written in one transaction: a run that dies is simply run
again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, tuple_

from connectors.documents import CustomerDocument, ListDocument, PaymentDocument, ProductDocument, SalesDocument
from connectors.errors import ConnectorError
from connectors.ports import Clock, ListKind, Page, Source
from connectors.records import Order, SourceFinding
from engine import cursors, decisions, first_look, holds, ledger, log, publishing, records
from engine.books_view import BooksView
from engine.connections import CompanyRow, ConnectionRow
from engine.decisions import DecisionToSave
from engine.documents.wanted import SALE, Creation, money
from engine.faults import fault
from engine.holds import HoldToPlace
from engine.judging import Circumstances, Judgement, Part, StandingDocument, judge_order, trace_of
from engine.keys import RecordKey
from engine.ledger import LedgerRow, SlotKey
from engine.log import Event
from engine.matching import TargetRules
from engine.posting import planning, reading, states
from engine.posting.names import name_key
from engine.posting.operations import REMOVALS, Planned, Step
from engine.posting.reading import GoneOut
from engine.publishing import FlowRow, Programs
from engine.records import KeptRecord
from engine.store.engine import Session, Store
from engine.store.scope import TenantScope
from engine.store.tables import decision, operation
from engine.store.tables import ledger as ledger_table
from engine.telling import replacement_said, rules_said, said_of

BATCH = 100
STREAM = "orders"
PRODUCTS = "products seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """When orders are read again from the shop although it says nothing of a change (facts: `date_modified` does not
    move on many edits).

    Seconds; tests shorten them. What is held or unpaid is read again soon, what is young now and then, older ones not.
    """

    waiting: float = 1800.0
    young: float = 21600.0
    young_days: int = 14


@dataclass(slots=True)
class FetchReport:
    """What a fetch brought."""

    pages: int = 0
    records: int = 0
    changed: int = 0
    unreadable: int = 0
    findings: list[str] = field(default_factory=list)


@dataclass(slots=True)
class PlanReport:
    """What judging came to: parts (sales and refunds) by outcome, operations planned, reasons of what did not go on."""

    judged: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    planned: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


class FlowRun:
    """A flow with everything that one run of it needs. `books` is what matching sees; `source` may be missing when
    nothing is fetched.
    """

    def __init__(
        self, store: Store, scope: TenantScope, clock: Clock, *, flow: FlowRow, shop: ConnectionRow, company: CompanyRow,
        programs: Programs, books: Callable[[], BooksView], rules: TargetRules, source: Source | None = None,
        patience: Patience = Patience(),
    ) -> None:  # fmt: skip
        self.store = store
        self.scope = scope
        self.clock = clock
        self.flow = flow
        self.shop = shop
        self.company = company
        self.programs = programs
        self.books = books
        self.rules = rules
        self.source = source
        self.patience = patience
        self.shares = False
        spec = programs.of_version(flow.version_id).flow(flow.name)
        if spec is None:
            raise LookupError(f"Flow '{flow.name}' is not in its rule set any more.")
        self.spec = spec
        self.starting = publishing.starting_day(flow, spec, shop.zone)
        with store.read() as session:
            typed = None if spec.starting else cursors.read(scope, session, shop.id, self._typed)
        if typed is not None:
            self.starting = min(self.starting, date.fromisoformat(typed))

    # -- fetching -----------------------------------------------------------------------------------------------------

    def fetch(
        self, *, since: date | None = None, until: date | None = None, statuses: Sequence[str] = (),
        progress: Callable[[FetchReport], None] = lambda report: None,
    ) -> FetchReport:  # fmt: skip
        """Read what changed since the last time (or, by hand, a range of days), then what is due to be read again.

        Raises the connector's errors; what was stored before stays, and the next run goes on from there.
        """
        if self.source is None:
            raise ValueError("a run without a source fetches nothing")
        report = FetchReport()
        by_hand = since is not None or until is not None
        with self.store.read() as session:
            read_to = cursors.read(self.scope, session, self.shop.id, self._stream)
        cursor = None if by_hand else read_to
        if since is not None and self.spec.starting is None:
            self._start_earlier(since)
        if read_to is None:
            self._first_look(report)
        zone = ZoneInfo(self.shop.zone)
        begin = _start_of(since or self.starting, zone) if cursor is None else None
        end = _start_of(until + timedelta(days=1), zone) if until else None
        pages = self.source.changed_orders(cursor, since=begin, until=end, statuses=statuses)
        self._keep_pages(pages, report, progress, move=not by_hand)
        self._read_again(report, progress)
        return report

    def _start_earlier(self, since: date) -> None:
        """A day typed by hand is the earlier date that the day of publishing waits for; it stays, so that what is held
        of those days goes on later."""
        if since >= self.starting:
            return
        with self.store.write() as session:
            cursors.advance(self.scope, session, self.shop.id, self._typed, since.isoformat(), at=self.clock.now())
        self.starting = since

    def _first_look(self, report: FetchReport) -> None:
        """Say what a person should know before the first orders of this flow are moved."""
        assert self.source is not None  # noqa: S101  # fetch asked
        found: list[SourceFinding] = []
        if self.spec.starting is None:
            begin = _start_of(self.starting, ZoneInfo(self.shop.zone))
            found += first_look.of_orders(self.source, self.flow.name, self.starting, begin)
        with self.store.read() as session:
            seen = cursors.read(self.scope, session, self.shop.id, PRODUCTS) is not None
        if not seen and self.spec.fixed_options.get("match_products") != "name":
            found += first_look.of_products(self.source)
        now = self.clock.now()
        with self.store.write() as session:
            self._log_findings(session, found, now, all_of_them=True)
            cursors.advance(self.scope, session, self.shop.id, PRODUCTS, now.isoformat(), at=now)
        report.findings.extend(f"{finding.message} {finding.next_step}".rstrip() for finding in found)

    @property
    def _typed(self) -> str:
        return f"since:{self.flow.uid}"

    @property
    def _stream(self) -> str:
        # Each flow has its own cursor: a flow that starts earlier than another must see the older orders.
        return f"{STREAM}:{self.flow.uid}"

    def _keep_pages(
        self, pages: Iterable[Page], report: FetchReport, progress: Callable[[FetchReport], None], *, move: bool
    ) -> None:
        for page in pages:
            now = self.clock.now()
            with self.store.write() as session:
                saved = records.save_many(self.scope, session, self.shop.id, self.shop.identity, page.records, at=now)
                changed = [item.key for item in saved if item.changed]
                records.decide_again(self.scope, session, changed, now)
                if move and page.cursor is not None:
                    cursors.advance(self.scope, session, self.shop.id, self._stream, page.cursor, at=now)
                self._log_findings(session, page.findings, now)
            fault("sync.saved")
            report.pages += 1
            report.records += len(page.records)
            report.changed += len(changed)
            report.unreadable += sum(1 for item in page.records if item.record is None)
            report.findings.extend(finding.message for finding in page.findings)
            progress(report)

    def _log_findings(
        self, session: Session, findings: Sequence[SourceFinding], now: datetime, *, all_of_them: bool = False
    ) -> None:
        events = [
            Event(
                code=finding.code,
                level="info" if finding.severity == "info" else "warning",
                connection_id=self.shop.id,
                values={"message": finding.message, "next_step": finding.next_step},
            )
            for finding in findings
            if all_of_them or finding.severity != "info"
        ]
        log.write_many(self.scope, session, events, at=now)

    def _read_again(self, report: FetchReport, progress: Callable[[FetchReport], None]) -> None:
        now = self.clock.now()
        with self.store.read() as session:
            due = records.due_again(self.scope, session, self.shop.id, now=now)
        ids = [key.source_id for key in due if key.kind == "order"]
        if not ids or self.source is None:
            return
        with self.store.write() as session:
            # Before they are asked for, so that a shop that refuses one of them is not asked for it in every run.
            records.look_again(self.scope, session, due, now + timedelta(seconds=self.patience.young))
        self._keep_pages(self.source.orders(ids), report, progress, move=False)

    # -- judging and planning -----------------------------------------------------------------------------------------

    def plan(
        self, *, only: str | None = None, progress: Callable[[PlanReport], None] = lambda report: None
    ) -> PlanReport:
        """Judge every order that is due, in batches. `only` is the number or id of the one order that may go out."""
        report = PlanReport()
        books = self.books()
        rivals, beside = self._beside()
        position = 0
        while True:
            now = self.clock.now()
            with self.store.read() as session:
                # With `only` the others are left as they are: they stay due for the next run.
                due = records.to_decide(
                    self.scope, session, self.shop.id, "order",
                    now=now, limit=BATCH, after=position, only=only,
                    newer_than=beside.read_to if beside else None, held_in=beside.held_in if beside else None,
                )  # fmt: skip
                batch = self._load(session, [key for _, key in due], rivals, now) if due else None
            if batch is None:
                break
            position = due[-1][0]
            self._plan_batch(batch, books, report, now)
            progress(report)
        if beside and only is None:
            with self.store.write() as session:
                position_now = f"{beside.newest} {beside.at.isoformat()}"
                cursors.advance(self.scope, session, self.shop.id, self._judged, position_now, at=self.clock.now())
        return report

    @property
    def _judged(self) -> str:
        return f"judged:{self.flow.uid}"

    def _beside(self) -> tuple[frozenset[int], _Beside | None]:
        """(the other flows between this shop and this company, how far this one has judged if any other flow reads this
        shop). Alone, a flow takes what is due. Beside others it must see by itself what they passed over, and leaves
        alone what those to the same company took. What is due is marked once for a record: of another company's flows
        it may be gone already, so what this company holds or has released is looked at in each run."""
        with self.store.read() as session:
            siblings = [
                each
                for each in publishing.flows(self.scope, session)
                if each.connection_id == self.shop.id and each.id != self.flow.id
            ]
            self.shares = bool(siblings)
            if not siblings:
                return frozenset(), None
            version, _, moment = (cursors.read(self.scope, session, self.shop.id, self._judged) or "0").partition(" ")
            newest = records.last_version(self.scope, session)
        rivals = frozenset(each.id for each in siblings if each.company_id == self.company.id)
        since = datetime.fromisoformat(moment) if moment else datetime.min.replace(tzinfo=UTC)
        return rivals, _Beside(
            read_to=int(version),
            newest=newest,
            held_in=(self.company.id, since) if len(rivals) < len(siblings) else None,
            at=self.clock.now(),
        )

    def _day_of(self, moment: datetime) -> date:
        """The day in the company's zone, in which rules count days."""
        return moment.astimezone(ZoneInfo(self.company.zone)).date()

    def _load(self, session: Session, keys: Sequence[RecordKey], rivals: frozenset[int], now: datetime) -> _Batch:
        company = self.company.id
        if rivals:
            taken = decisions.flows_of(self.scope, session, company, keys)
            keys = [key for key in keys if taken.get(key) not in rivals]
        return _Batch(
            keys=tuple(keys),
            kept=records.load(self.scope, session, keys),
            standing=ledger.for_keys(self.scope, session, company, keys),
            holds=holds.of_records(self.scope, session, company, keys),
            releases=holds.releases(self.scope, session, company, keys),
            posted_versions=posted_versions(self.scope, session, company, keys),
            pinned_flows=reading.first_flows(self.scope, session, company, keys),
            gone_out=reading.gone_out(self.scope, session, company, keys),
            today=self._day_of(now),
        )

    def judge(self, kept: KeptRecord, batch: _Batch, books: BooksView) -> Judgement | None:
        """One order's judgement; missing where its payload could not be read."""
        order = kept.record
        if not isinstance(order, Order):
            return None
        rows = batch.standing.get(kept.key, {})
        making_room = batch.making_room(kept.key)
        program = self.programs.of_version(self._version(kept, batch))
        # By the flow that posted it: that may have been renamed, deleted or given other options since.
        pinned_flow = batch.pinned_flows.get(kept.key)
        spec = (program.flow(pinned_flow) if pinned_flow else None) or program.flow(self.flow.name) or self.spec
        held_since = {each.title: self._day_of(each.held_since) for each in batch.holds.get(kept.key, ())}
        released = frozenset(
            title for title, hash_ in batch.releases.get(kept.key, {}).items() if hash_ == kept.content_hash
        )
        return judge_order(
            order,
            key=kept.key,
            program=program,
            flow=spec,
            books=books,
            rules=self.rules,
            around=Circumstances(today=batch.today, starting=self.starting, held_since=held_since, releases=released),
            standing={slot: _standing(row, slot in making_room) for slot, row in rows.items()},
            on_their_way=frozenset(batch.creates_on_their_way(kept.key)),
            source=self.shop.kind,
            unchanged=frozenset(
                slot for slot, posted in batch.posted_versions.get(kept.key, {}).items() if posted >= kept.version
            ),
        )

    def _version(self, kept: KeptRecord, batch: _Batch) -> int:
        """Which rule-set version decides: the flow's, or the one that first posted the record (or is just doing it)."""
        sent = next((each for each in batch.creates_on_their_way(kept.key).values() if each is not None), None)
        return first_version(batch.standing.get(kept.key, {})) or sent or self.flow.version_id

    def _plan_batch(self, batch: _Batch, books: BooksView, report: PlanReport, now: datetime) -> None:
        judged: list[tuple[KeptRecord, Judgement | None]] = []
        for key in batch.keys:
            kept = batch.kept.get(key)
            if kept is None:
                continue
            judged.append((kept, self.judge(kept, batch, books)))
        with self.store.write() as session:
            judged = self._still_so(session, batch, judged, now)
            saved = decisions.save_many(
                self.scope,
                session,
                self.company.id,
                [self._decision(kept, each, batch) for kept, each in judged],
                at=now,
            )
            steps = [
                step
                for kept, each in judged
                if each is not None
                for step in self._steps(each, saved[kept.key][0], self._version(kept, batch), batch)
            ]
            planned = planning.plan_many(self.scope, session, self.company.id, steps, at=now)
            self._withdraw(session, batch, judged, planned, now)
            self._settle(session, judged, batch, planned, saved, report, now)
        fault("sync.planned")
        report.judged += len(judged)
        report.planned += sum(1 for each in planned if each.status == "new")

    def _still_so(
        self, session: Session, batch: _Batch, judged: Sequence[tuple[KeptRecord, Judgement | None]], now: datetime
    ) -> list[tuple[KeptRecord, Judgement | None]]:
        """Those of which nothing went out since the batch was loaded: for the others a decision (and its version) might
        be noted beside operations that carry another one. They stay due, and are judged by what stands then."""
        states.lock(self.scope, session, self.company.id)
        by_now = reading.gone_out(self.scope, session, self.company.id, [kept.key for kept, _ in judged])
        moved = [kept.key for kept, _ in judged if by_now.get(kept.key) != batch.gone_out.get(kept.key)]
        records.decide_again(self.scope, session, moved, now)
        return [(kept, each) for kept, each in judged if kept.key not in moved]

    def _decision(self, kept: KeptRecord, judged: Judgement | None, batch: _Batch) -> DecisionToSave:
        if judged is None:
            return DecisionToSave(
                key=kept.key, record_version=kept.version, outcome="skip" if _is_gone(kept) else "hold",
                reason=_words_of(kept), trace={"v": 1, "parts": []},
                version_id=self._version(kept, batch), flow_id=self.flow.id,
            )  # fmt: skip
        return DecisionToSave(
            key=kept.key,
            record_version=kept.version,
            outcome=judged.sale.outcome,
            reason=judged.sale.reason,
            trace={
                "v": 1,
                "order": judged.order.number,
                "said": list(rules_said(judged.sale.decision)) if judged.sale.decision is not None else [],
                "parts": [trace_of(part) for part in judged.parts],
            },
            version_id=self._version(kept, batch),
            flow_id=self.flow.id,
        )

    def _steps(self, judged: Judgement, decision_id: int, version_id: int, batch: _Batch) -> list[Step]:
        steps: list[Step] = []
        for part in judged.parts:
            if not part.differences:
                continue
            names = {place: document for document in part.creates for place in (place_of(document),)}
            steps.extend(
                Step(key=place.key, slot=place.slot, action="create", document=document, decision_id=decision_id)
                for place, document in names.items()
            )
            for difference in part.differences:
                wanted = needed_names(difference.document)
                remarks = said_of(part, difference.document)
                if difference.action == "replace":
                    stands = batch.standing[judged.key][difference.slot]
                    going, coming = replacement_said(part, _called(stands), difference.document)
                    remarks = (*remarks, coming)
                    steps.append(
                        Step(
                            key=judged.key,
                            slot=difference.slot,
                            action="void" if self.rules.can_void(stands.entity) else "delete",
                            # A payment that is just being sent may come to hang on it: then it is paid, and stays.
                            needs=tuple(SlotKey(judged.key, slot) for slot in batch.creates_on_their_way(judged.key)),
                            version_id=version_id,
                            decision_id=decision_id,
                            remarks=(going,),
                        )
                    )
                steps.append(
                    Step(
                        key=judged.key,
                        slot=difference.slot,
                        action="create" if difference.action == "replace" else difference.action,
                        document=difference.document,
                        needs=(
                            *(place for place in names if place in wanted),
                            *(SlotKey(judged.key, slot) for slot in difference.needs),
                        ),
                        version_id=version_id,
                        decision_id=decision_id,
                        adopt=judged.options.already_in_books == "adopt",
                        remarks=remarks,
                    )
                )
        return steps

    def _withdraw(
        self, session: Session, batch: _Batch, judged: Sequence[tuple[KeptRecord, Judgement | None]],
        planned: Sequence[Planned], now: datetime,
    ) -> None:  # fmt: skip
        """What was planned for these orders and is not wanted any more (cancelled before it went out, say) stays here;
        what is to fill a place that we have emptied goes out all the same."""
        keys = [kept.key for kept, _ in judged]
        gone = planning.withdraw(
            self.scope,
            session,
            self.company.id,
            keys,
            wanted={each.operation_id for each in planned},
            spared={SlotKey(key, slot) for key in keys for slot in batch.making_room(key)},
            at=now,
        )
        if gone:
            holds.settle_operations(self.scope, session, gone, at=now)

    def _settle(
        self, session: Session, judged: Sequence[tuple[KeptRecord, Judgement | None]], batch: _Batch,
        planned: Sequence[Planned], saved: Mapping[RecordKey, tuple[int, bool]], report: PlanReport, now: datetime,
    ) -> None:  # fmt: skip
        """Holds, log lines and the next look at each order."""
        wanted_holds: list[HoldToPlace] = []
        events: list[Event] = []
        waiting_for_books = {each.step.key for each in planned if each.status == "waiting"} | {
            kept.key for kept, _ in judged if batch.being_emptied(kept.key)
        }
        again: dict[datetime | None, list[RecordKey]] = {}
        reread: dict[datetime | None, list[RecordKey]] = {}
        for kept, each in judged:
            decision_id, fresh = saved[kept.key]
            held_titles: dict[str, set[str]] = {}
            due: datetime | None = None
            if each is None and _is_gone(kept):
                # Nobody can do anything about it here: it is told, and what stands is left.
                report.outcomes["skip"] += 1
                report.reasons[_words_of(kept)] += 1
                if fresh:
                    events.append(self._gone(kept, decision_id))
            elif each is None:
                wanted_holds.append(self._unreadable(kept))
                held_titles[SALE] = {"unreadable"}
                report.outcomes["hold"] += 1
                report.reasons["unreadable"] += 1
            for part in each.parts if each else ():
                report.outcomes[part.outcome] += 1
                if part.outcome != "sync":
                    report.reasons[part.reason or part.code] += 1
                if part.outcome in ("hold", "fail"):
                    wanted_holds.append(_hold_of(kept, part))
                    held_titles.setdefault(part.slot, set()).add(part.title or part.code)
                    since = next((h.held_since for h in batch.holds.get(kept.key, ()) if h.title == part.title), now)
                    if part.due_days is not None:
                        falls_due = since + timedelta(days=part.due_days)
                        due = min(due, falls_due) if due else falls_due
                    if not part.code.startswith("rule_") and part.code != "review":
                        # What is missing in the books (a class, a preference, the order of a refund) may be there soon.
                        soon = self._soon(kept, now)
                        due = min(due, soon) if due else soon
                if fresh:
                    events.extend(self._events(kept, each, part, decision_id))
            self._settle_holds(session, kept, batch, held_titles, now)
            if kept.key in waiting_for_books:
                due = now + timedelta(seconds=60)
            again.setdefault(due, []).append(kept.key)
            reread.setdefault(self._read_next(kept, each, held_titles, now), []).append(kept.key)
        holds.place_many(self.scope, session, self.company.id, wanted_holds, at=now)
        log.write_many(self.scope, session, events, at=now)
        for moment, keys in again.items():
            records.decide_again(self.scope, session, keys, moment)
        for moment, keys in reread.items():
            records.look_again(self.scope, session, keys, moment, keep_sooner=self.shares)

    def _settle_holds(
        self, session: Session, kept: KeptRecord, batch: _Batch, held: Mapping[str, set[str]], now: datetime
    ) -> None:
        """End the holds of judging that are no longer true; those of posting (with an operation) end there."""
        for each in batch.holds.get(kept.key, ()):
            if each.operation_id is None and each.title not in held.get(each.slot or SALE, set()):
                holds.settle(self.scope, session, self.company.id, kept.key, at=now, slot=each.slot, only=(each.title,))

    def _unreadable(self, kept: KeptRecord) -> HoldToPlace:
        return HoldToPlace(
            key=kept.key,
            slot=SALE,
            code="unreadable",
            title="unreadable",
            reason=_words_of(kept),
            next_step="Look at the order in the shop; it is read again when it changes.",
            values={"order": kept.number or kept.key.source_id},
            content_hash=kept.content_hash,
        )

    def _soon(self, kept: KeptRecord, now: datetime) -> datetime:
        """What waits for long is looked at less and less often: a tenth of its age, from `waiting` on, daily at last."""
        age = (now - kept.first_seen_at).total_seconds()
        return now + timedelta(seconds=max(self.patience.waiting, min(age / 10, 86400.0)))

    def _gone(self, kept: KeptRecord, decision_id: int) -> Event:
        return Event(
            code="skipped",
            level="warning",
            key=kept.key,
            company_id=self.company.id,
            decision_id=decision_id,
            values={
                "order": kept.number or kept.key.source_id,
                "record": "order",
                "message": _words_of(kept),
                "next_step": next((each.next_step for each in kept.findings if each.next_step), ""),
            },
        )

    def _read_next(
        self, kept: KeptRecord, judged: Judgement | None, held: Mapping[str, set[str]], now: datetime
    ) -> datetime | None:
        if held or (judged is not None and not judged.order.paid and judged.sale.outcome == "sync"):
            return self._soon(kept, now)
        if judged is not None and judged.sale.outcome == "skip":
            return None
        if judged is not None and (now - judged.order.created) < timedelta(days=self.patience.young_days):
            return now + timedelta(seconds=self.patience.young)
        return None

    def _events(self, kept: KeptRecord, judged: Judgement | None, part: Part, decision_id: int) -> Iterable[Event]:
        number = judged.order.number if judged else kept.number
        record = "refund of order" if part.slot != SALE else "order"
        base = {"order": number, "record": record}
        level: Any = {"skip": "info", "hold": "warning", "fail": "error", "sync": "info"}[part.outcome]
        if part.outcome != "sync":
            rule = part.decision.rule if part.decision is not None else None  # none where a check of ours stopped it
            yield Event(
                code={"skip": "skipped", "hold": "held_back", "fail": "failed"}[part.outcome],
                level=level,
                key=kept.key,
                company_id=self.company.id,
                decision_id=decision_id,
                values={**base, "message": part.reason or "", "next_step": part.next_step, "rule": rule},
            )
        for finding in part.findings:
            if finding.stops:
                continue
            yield Event(
                code=finding.code,
                level="warning" if finding.severity == "warning" else "info",
                key=kept.key,
                company_id=self.company.id,
                decision_id=decision_id,
                values={**base, **finding.values, "message": finding.text, "next_step": finding.next_step},
            )
        for rule, text in part.decision.log if part.decision else ():
            yield Event(
                code="rule_log",
                key=kept.key,
                company_id=self.company.id,
                decision_id=decision_id,
                values={**base, "message": text, "rule": rule},
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beside:
    """How far a flow has judged that is not alone: the newest version it saw, and now; whose holds it looks at."""

    read_to: int
    newest: int
    held_in: tuple[int, datetime] | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    keys: tuple[RecordKey, ...]
    kept: Mapping[RecordKey, KeptRecord]
    standing: Mapping[RecordKey, Mapping[str, LedgerRow]]
    holds: Mapping[RecordKey, Sequence[holds.Hold]]
    releases: Mapping[RecordKey, Mapping[str, str]]
    posted_versions: Mapping[RecordKey, Mapping[str, int]]
    pinned_flows: Mapping[RecordKey, str]
    gone_out: Mapping[RecordKey, frozenset[GoneOut]]
    today: date

    def creates_on_their_way(self, key: RecordKey) -> dict[str, int | None]:
        """By slot that is just being filled: the rule-set version that does it. It may stand there already."""
        out = self.gone_out.get(key, ())
        return {each.slot: each.version_id for each in out if each.in_flight and each.action == "create"}

    def being_emptied(self, key: RecordKey) -> frozenset[str]:
        """The slots whose document is just being taken away by us."""
        out = self.gone_out.get(key, ())
        return frozenset(each.slot for each in out if each.in_flight and each.action in REMOVALS)

    def making_room(self, key: RecordKey) -> frozenset[str]:
        """The slots that we have emptied for another document, or are just emptying."""
        removals = {each.id for each in self.gone_out.get(key, ()) if each.action in REMOVALS}
        rows = self.standing.get(key, {})
        emptied = {slot for slot, row in rows.items() if row.state != "live" and row.operation_id in removals}
        return self.being_emptied(key) | emptied


def _start_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def _is_gone(kept: KeptRecord) -> bool:
    """Whether the shop has deleted the order for good."""
    return kept.record is None and any(finding.code == "order_gone" for finding in kept.findings)


def _words_of(kept: KeptRecord) -> str:
    return "; ".join(finding.message for finding in kept.findings) or "The shop's answer could not be read."


def _hold_of(kept: KeptRecord, part: Part) -> HoldToPlace:
    return HoldToPlace(
        key=kept.key,
        slot=part.slot,
        code=part.code,
        title=part.title or part.code,
        reason=part.reason or "",
        next_step=part.next_step,
        values={"order": kept.number or kept.key.source_id},
        content_hash=kept.content_hash,
    )


def _called(row: LedgerRow) -> str:
    """What stands, as people call it: "sales receipt 1007"."""
    document = row.document
    kind = document.type.replace("_", " ") if isinstance(document, SalesDocument) else "payment"
    return f"{kind} {row.number or ''}".rstrip()


def _standing(row: LedgerRow, making_room: bool) -> StandingDocument:
    document = row.document
    if not isinstance(document, SalesDocument | PaymentDocument):
        raise TypeError(f"a {type(document).__name__} stands in a record's slot")
    return StandingDocument(
        slot=row.slot,
        document_hash=row.document_hash,
        document=document,
        state=row.state,
        making_room=making_room,
    )


def first_version(rows: Mapping[str, LedgerRow]) -> int | None:
    """The rule-set version that first posted a record: it goes on deciding it."""
    with_version = [row for row in rows.values() if row.ruleset_version_id is not None]
    return min(with_version, key=lambda row: (row.first_put_at, row.id)).ruleset_version_id if with_version else None


def posted_versions(
    scope: TenantScope, session: Session, company_id: int, keys: Sequence[RecordKey]
) -> dict[RecordKey, dict[str, int]]:
    """By record and slot: the version of the record that what stands there was made from. Only a change in the source
    makes a change in the books."""
    rows = session.execute(
        select(
            ledger_table.c.store,
            ledger_table.c.kind,
            ledger_table.c.source_id,
            ledger_table.c.slot,
            decision.c.record_version,
        )
        .join_from(
            ledger_table,
            operation,
            (operation.c.tenant_id == ledger_table.c.tenant_id) & (operation.c.id == ledger_table.c.operation_id),
        )
        .join(decision, (decision.c.tenant_id == operation.c.tenant_id) & (decision.c.id == operation.c.decision_id))
        .where(
            scope.of(ledger_table),
            ledger_table.c.company_id == company_id,
            tuple_(ledger_table.c.store, ledger_table.c.kind, ledger_table.c.source_id).in_(
                [(key.store, key.kind, key.source_id) for key in keys]
            ),
        )
    )
    found: dict[RecordKey, dict[str, int]] = {}
    for row in rows:
        found.setdefault(RecordKey(row.store, row.kind, row.source_id), {})[row.slot] = row.record_version
    return found


_LISTS: Mapping[type, ListKind] = {CustomerDocument: "customer", ProductDocument: "item"}


def place_of(document: Creation) -> SlotKey:
    """The slot of a name that is to be created: one for all records that need it."""
    kind: ListKind = document.kind if isinstance(document, ListDocument) else _LISTS[type(document)]
    return name_key(kind, document.name)


def needed_names(document: SalesDocument | PaymentDocument) -> frozenset[SlotKey]:
    """The slots of all names that a document refers to and that may have to be created first."""
    found = set()
    if document.customer:
        found.add(name_key("customer", document.customer))
    if document.payment_method:
        found.add(name_key("payment_method", document.payment_method))
    if isinstance(document, SalesDocument):
        found.update(name_key("item", line.item) for line in document.lines if line.item)
    return frozenset(found)


def totals_by_currency(judgements: Iterable[Judgement]) -> dict[str, Decimal]:
    """Σ of the orders' totals by currency, for summaries."""
    sums: dict[str, Decimal] = {}
    for each in judgements:
        sums[each.order.currency] = sums.get(each.order.currency, Decimal(0)) + each.order.total
    return sums


__all__ = ["ConnectorError", "FetchReport", "FlowRun", "Patience", "PlanReport", "money"]
