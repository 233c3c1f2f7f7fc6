"""What a worker does for a flow and for a company, with what it keeps between two wake-ups: programs, lists, connectors.

Fetching and posting are separate on purpose: each can be done by another process, again and again, in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

import connectors.quickbooks
from connectors.errors import ConnectorError as ConnectorError  # what a run raises, for those who catch it
from connectors.errors import ReconnectNeeded, Rejected
from connectors.quickbooks import QuickBooksOnline
from connectors.woocommerce import WooCommerce
from engine import connections, lists, log, preferences, publishing, systems, unknown_names
from engine.books_view import BooksView
from engine.connections import CompanyRow
from engine.lists import Lists
from engine.log import Event
from engine.outcomes import Patience, PlanReport
from engine.posting import poster
from engine.posting.timing import Timing
from engine.posting.turn import Report
from engine.publishing import FlowRow, Programs
from engine.sync import FetchReport, FlowRun
from engine.systems import Office


@dataclass(slots=True)
class Desk:
    """One process's place of work for one tenant. Not shared between threads."""

    office: Office
    timing: Timing = field(default_factory=Timing)
    patience: Patience = field(default_factory=Patience)
    lists_older_than: float = 300.0
    programs: Programs = field(init=False)
    _lists: dict[int, Lists] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.programs = Programs(self.office.store, self.office.scope)

    # -- a flow ---------------------------------------------------------------------------------------------------------

    def run(
        self, flow_id: int, *, since: date | None = None, until: date | None = None, statuses: Sequence[str] = (),
        only: str | None = None, fetched: Callable[[FetchReport], None] = lambda report: None,
        planned: Callable[[PlanReport], None] = lambda report: None,
    ) -> tuple[FetchReport, PlanReport]:  # fmt: skip
        """Fetch what changed for a flow and plan what is to be done. Raises the connectors' errors, logged already."""
        run, shop, company = self._open(flow_id)
        try:
            fetch = run.fetch(since=since, until=until, statuses=statuses, progress=fetched)
            if not self._catch_up(company):
                return fetch, PlanReport()
            fetch.findings += unknown_names.tell(
                self.office.store, self.office.scope, company, ruleset_id=run.flow.ruleset_id,
                version_id=run.flow.version_id, at=self.office.clock.now(),
            )  # fmt: skip
            return fetch, self._planner(run, company).plan(only=only, progress=planned)
        except ConnectorError as error:
            self._log_trouble(run.flow, error)
            raise
        finally:
            shop.close()

    def plan(self, flow_id: int, *, only: str | None = None) -> PlanReport:
        """Judge what is due without fetching anything (a hold fell due, somebody released something)."""
        run, shop, company = self._open(flow_id)
        shop.close()
        return self._planner(run, company).plan(only=only)

    def _open(self, flow_id: int) -> tuple[FlowRun, WooCommerce, CompanyRow]:
        office = self.office
        with office.store.read() as session:
            flow = publishing.by_id(office.scope, session, flow_id)
            shop_row = connections.by_id(office.scope, session, flow.connection_id)
            company = connections.company_of(office.scope, session, id_=flow.company_id)
        try:
            shop = systems.open_shop(office, shop_row)
        except ConnectorError as error:
            self._log_trouble(flow, error)
            raise
        run = FlowRun(
            office.store,
            office.scope,
            office.clock,
            flow=flow,
            shop=shop_row,
            company=company,
            programs=self.programs,
            books=lambda: self.view(company),
            rules=connectors.quickbooks,
            source=shop,
            patience=self.patience,
        )
        return run, shop, company

    def _planner(self, run: FlowRun, company: CompanyRow) -> FlowRun:
        # Preferences may have been read anew since the run was opened.
        with self.office.store.read() as session:
            fresh = connections.company_of(self.office.scope, session, id_=company.id)
        run.books = lambda: self.view(fresh)
        return run

    def _log_trouble(self, flow: FlowRow, error: ConnectorError) -> None:
        with self.office.store.write() as session:
            log.write(
                self.office.scope,
                session,
                Event(
                    code="fetch_failed",
                    level="error",
                    connection_id=flow.connection_id,
                    values={"message": f"'{flow.name}': {error.message}", "next_step": error.next_step},
                ),
                at=self.office.clock.now(),
            )
            if isinstance(error, ReconnectNeeded):
                connections.set_state(self.office.scope, session, flow.connection_id, "reconnect_needed", error.message)

    # -- a company ------------------------------------------------------------------------------------------------------

    @contextmanager
    def books(self, company: CompanyRow) -> Iterator[QuickBooksOnline]:
        """The company's connector, closed afterwards."""
        opened = systems.open_books(self.office, company)
        try:
            yield opened
        finally:
            opened.close()

    def view(self, company: CompanyRow) -> BooksView:
        """What matching sees: the kept lists, with what changed in the store since the last look."""
        kept = self._lists.get(company.id)
        if kept is None or kept.profile != company.profile:
            kept = Lists(self.office.store, self.office.scope, company.id, company.profile)
            self._lists[company.id] = kept
        kept.renew()
        return kept

    def _catch_up(self, company: CompanyRow) -> bool:
        """`freshen`, unless the company waits for a person: then orders are judged by what is known of it. False where
        nothing is."""
        if company.state not in ("reconnect_needed", "paused"):
            try:
                with self.books(company) as books:
                    self.freshen(company, books)
                return True
            except ConnectorError as error:
                if not isinstance(error, Rejected) or error.scope != "connection":
                    raise
                self._stop(company, error)
        with self.office.store.read() as session:
            return lists.were_read(self.office.scope, session, company.id)

    def _stop(self, company: CompanyRow, error: Rejected) -> None:
        office = self.office
        with office.store.write() as session:
            if connections.stop_company(office.scope, session, company.id, error):
                values = {"message": error.message, "next_step": error.next_step}
                log.write(
                    office.scope,
                    session,
                    Event(code="reconnect_needed", level="error", company_id=company.id, values=values),
                    at=office.clock.now(),
                )

    def freshen(self, company: CompanyRow, books: QuickBooksOnline) -> None:
        """Bring lists and preferences up to date, in as few calls as the books allow."""
        office = self.office
        lists.refresh(office.store, office.scope, company.id, books, office.clock, older_than=self.lists_older_than)
        now = office.clock.now()
        if company.profile_read_at is None or now - company.profile_read_at > preferences.TRUSTED_FOR:
            systems.refresh_profile(office, company, books, at=now)

    def post(
        self, company_id: int, *, seconds: float | None = None, stop: Callable[[], bool] = lambda: False
    ) -> tuple[Report, dict[str, int]]:
        """Post what is due for a company; the report and the calls that it took, by kind."""
        office = self.office
        with office.store.read() as session:
            company = connections.company_of(office.scope, session, id_=company_id)
        with self.books(company) as books:
            report = poster.drain(
                office.store,
                office.scope,
                company.id,
                books,
                office.clock,
                rules=connectors.quickbooks,
                timing=self.timing,
                stop=stop,
                seconds=seconds,
            )
            return report, dict(books.call_counts())

    def look(self, company_id: int) -> Report:
        """Only look for what was sent and is not confirmed yet."""
        office = self.office
        with office.store.read() as session:
            company = connections.company_of(office.scope, session, id_=company_id)
        with self.books(company) as books:
            return poster.settle_unknown(
                office.store, office.scope, company.id, books, office.clock, timing=self.timing
            )
