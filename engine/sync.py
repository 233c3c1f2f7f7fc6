"""One run of a flow: fetch what changed in the shop, judge it, plan what is to be done in the books. It posts nothing itself.

Pages are stored with their cursor in one transaction, judging happens between transactions, and all that one batch of
orders comes to (decisions, operations, holds, log) is written in one transaction: a run that dies is simply run
again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connectors.ports import Clock, Page, Source
from connectors.records import Order, SourceFinding
from engine import agenda, batches, cursors, decisions, first_look, holds, log, publishing, records
from engine.agenda import Moments
from engine.batches import Batch
from engine.books_view import BooksView
from engine.connections import CompanyRow, ConnectionRow
from engine.decisions import DecisionToSave
from engine.faults import fault
from engine.judging import Circumstances, Judgement, judge_order, trace_of
from engine.keys import RecordKey
from engine.ledger import SlotKey
from engine.log import Event
from engine.matching import TargetRules
from engine.outcomes import USUAL, Aftermath, Patience, PlanReport, is_gone, words_of
from engine.posting import planning, reading, states
from engine.posting.operations import Planned
from engine.publishing import FlowRow, Programs
from engine.records import KeptRecord
from engine.steps import steps_of
from engine.store.engine import Session, Store
from engine.store.scope import TenantScope
from engine.telling import rules_said

BATCH = 100
STREAM = "orders"
PRODUCTS = "products seen"


@dataclass(slots=True)
class FetchReport:
    """What a fetch brought."""

    pages: int = 0
    records: int = 0
    changed: int = 0
    unreadable: int = 0
    findings: list[str] = field(default_factory=list)


class FlowRun:
    """A flow with everything that one run of it needs. `books` is what matching sees; `source` may be missing when
    nothing is fetched.
    """

    def __init__(
        self, store: Store, scope: TenantScope, clock: Clock, *, flow: FlowRow, shop: ConnectionRow, company: CompanyRow,
        programs: Programs, books: Callable[[], BooksView], rules: TargetRules, source: Source | None = None,
        patience: Patience = USUAL,
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
            self._first_look(self.source, report)
        zone = ZoneInfo(self.shop.zone)
        begin = _start_of(since or self.starting, zone) if cursor is None else None
        end = _start_of(until + timedelta(days=1), zone) if until else None
        pages = self.source.changed_orders(cursor, since=begin, until=end, statuses=statuses)
        self._keep_pages(pages, report, progress, move=not by_hand)
        self._read_again(self.source, report, progress)
        return report

    def _start_earlier(self, since: date) -> None:
        """A day typed by hand is the earlier date that the day of publishing waits for; it stays, so that what is held
        of those days goes on later."""
        if since >= self.starting:
            return
        with self.store.write() as session:
            cursors.advance(self.scope, session, self.shop.id, self._typed, since.isoformat(), at=self.clock.now())
        self.starting = since

    def _first_look(self, source: Source, report: FetchReport) -> None:
        """Say what a person should know before the first orders of this flow are moved."""
        found: list[SourceFinding] = []
        if self.spec.starting is None:
            begin = _start_of(self.starting, ZoneInfo(self.shop.zone))
            found += first_look.of_orders(source, self.flow.name, self.starting, begin)
        with self.store.read() as session:
            seen = cursors.read(self.scope, session, self.shop.id, PRODUCTS) is not None
        if not seen and self.spec.fixed_options.get("match_products") != "name":
            found += first_look.of_products(source)
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
                agenda.decide_again(self.scope, session, changed, now)
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

    def _read_again(self, source: Source, report: FetchReport, progress: Callable[[FetchReport], None]) -> None:
        now = self.clock.now()
        with self.store.read() as session:
            due = agenda.to_read(self.scope, session, self.flow.id, now=now)
        ids = [key.source_id for key in due if key.kind == "order"]
        if not ids:
            return
        with self.store.write() as session:
            # Before they are asked for, so that a shop that refuses one of them is not asked for it in every run.
            until = now + timedelta(seconds=self.patience.young)
            agenda.were_read(self.scope, session, due, until=until)
        self._keep_pages(source.orders(ids), report, progress, move=False)

    # -- judging and planning -----------------------------------------------------------------------------------------

    def plan(
        self, *, only: str | None = None, progress: Callable[[PlanReport], None] = lambda report: None
    ) -> PlanReport:
        """Judge every order that is due, in batches. `only` is the number or id of the one order that may go out."""
        report = PlanReport()
        books = self.books()
        with self.store.read() as session:
            rivals = publishing.rivals(self.scope, session, self.flow)
        position = 0
        while True:
            now = self.clock.now()
            with self.store.read() as session:
                # With `only` the others are left as they are: they stay due for the next run.
                due = agenda.to_decide(
                    self.scope, session, self.flow.id, "order", now=now, limit=BATCH, after=position, only=only
                )
                if not due:
                    return report
                keys = [key for _, key in due]
                taken = decisions.flows_of(self.scope, session, self.company.id, keys) if rivals else {}
                batch = self.load([key for key in keys if taken.get(key) not in rivals], session, now)
            position = due[-1][0]
            left_alone = {id_: Moments() for id_, key in due if taken.get(key) in rivals}
            self._plan_batch(batch, books, report, now, left_alone, chosen=only is not None)
            progress(report)

    def _day_of(self, moment: datetime) -> date:
        """The day in the company's zone, in which rules count days."""
        return moment.astimezone(ZoneInfo(self.company.zone)).date()

    def load(self, keys: Sequence[RecordKey], session: Session, now: datetime) -> Batch:
        """What is known of these orders at that moment."""
        return batches.load(self.scope, session, self.company.id, keys, today=self._day_of(now))

    def judge(self, kept: KeptRecord, batch: Batch, books: BooksView) -> Judgement | None:
        """One order's judgement; missing where its payload could not be read."""
        order = kept.record
        if not isinstance(order, Order):
            return None
        program = self.programs.of_version(self._version(kept, batch))
        # By the flow that posted it: that may have been renamed, deleted or given other options since.
        pinned_flow = batch.pinned_flows.get(kept.key)
        spec = (program.flow(pinned_flow) if pinned_flow else None) or program.flow(self.flow.name) or self.spec
        held_since = {each.title: self._day_of(each.held_since) for each in batch.holds.get(kept.key, ())}
        return judge_order(
            order,
            key=kept.key,
            program=program,
            flow=spec,
            books=books,
            rules=self.rules,
            around=Circumstances(
                today=batch.today,
                starting=self.starting,
                held_since=held_since,
                releases=self._released(kept, batch),
            ),
            standing=batch.standing(kept.key),
            on_their_way=frozenset(batch.creates_on_their_way(kept.key)),
            source=self.shop.kind,
            unchanged=batch.unchanged(kept),
        )

    def _released(self, kept: KeptRecord, batch: Batch) -> frozenset[str]:
        """The titles that a person let pass for what the record is now."""
        return frozenset(
            title for title, hash_ in batch.releases.get(kept.key, {}).items() if hash_ == kept.content_hash
        )

    def _version(self, kept: KeptRecord, batch: Batch) -> int:
        """Which rule-set version decides: the flow's, or the one that first posted the record (or is just doing it)."""
        return batch.version_of(kept.key) or self.flow.version_id

    def _plan_batch(
        self, batch: Batch, books: BooksView, report: PlanReport, now: datetime, left_alone: Mapping[int, Moments],
        *, chosen: bool,
    ) -> None:  # fmt: skip
        read = [batch.kept[key] for key in batch.keys if key in batch.kept]
        judged = [(kept, self.judge(kept, batch, books)) for kept in read]
        scope, company_id = self.scope, self.company.id
        with self.store.write() as session:
            judged = self._still_so(session, batch, judged)
            saved = decisions.save_many(
                scope, session, company_id, [self._decision(kept, each, batch) for kept, each in judged], at=now
            )
            steps = [
                step
                for kept, each in judged
                if each is not None
                for step in steps_of(
                    each, batch, self.rules, decision_id=saved[kept.key][0], version_id=self._version(kept, batch)
                )
            ]
            planned = planning.plan_many(scope, session, company_id, steps, at=now)
            self._withdraw(session, batch, [kept.key for kept, _ in judged], planned, now)
            waited_for = {kept.key for kept, _ in judged if chosen or self._released(kept, batch)}
            planning.hurry(scope, session, [each.operation_id for each in planned if each.step.key in waited_for])
            waiting = {each.step.key for each in planned if each.status == "waiting"}
            aftermath = Aftermath(
                scope, session, company_id=company_id, flow_id=self.flow.id, patience=self.patience, at=now
            )
            for kept, each in judged:
                decision_id, fresh = saved[kept.key]
                in_flight = kept.key in waiting or bool(batch.being_emptied(kept.key))
                aftermath.of(
                    kept, each, batch, decision_id=decision_id, fresh=fresh, in_flight=in_flight, report=report
                )
            aftermath.write()
            agenda.note(scope, session, self.flow.id, left_alone, at=now)
        fault("sync.planned")
        report.judged += len(judged)
        report.planned += sum(1 for each in planned if each.status == "new")

    def _still_so(
        self, session: Session, batch: Batch, judged: Sequence[tuple[KeptRecord, Judgement | None]]
    ) -> list[tuple[KeptRecord, Judgement | None]]:
        """Those of which nothing went out since the batch was loaded: for the others a decision (and its version) might
        be noted beside operations that carry another one. They stay due, and are judged by what stands then."""
        states.lock(self.scope, session, self.company.id)
        by_now = reading.gone_out(self.scope, session, self.company.id, [kept.key for kept, _ in judged])
        return [(kept, each) for kept, each in judged if by_now.get(kept.key) == batch.gone_out.get(kept.key)]

    def _decision(self, kept: KeptRecord, judged: Judgement | None, batch: Batch) -> DecisionToSave:
        if judged is None:
            return DecisionToSave(
                key=kept.key, record_version=kept.version, outcome="skip" if is_gone(kept) else "hold",
                reason=words_of(kept), trace={"v": 1, "parts": []},
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

    def _withdraw(
        self, session: Session, batch: Batch, keys: Sequence[RecordKey], planned: Sequence[Planned], now: datetime
    ) -> None:
        """What was planned for these orders and is not wanted any more (cancelled before it went out, say) stays here;
        what is to fill a place that we have emptied goes out all the same."""
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


def _start_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)
