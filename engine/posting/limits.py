"""How many calls a company's books still bear, counted in SQL for all processes: changes when limits are counted in
another way. It makes no call itself."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select, update

from connectors.errors import Retry
from connectors.ports import Clock
from engine.store.engine import Session, Store, outside_transactions
from engine.store.scope import TenantScope
from engine.store.tables import company, rate_budget

#: Calls of a second leave the window when they are surely older than a minute.
_WINDOW = 61


class CompanyBudget:
    """The calls of one company (`connectors.ports.RateBudget`): no more than `limits[kind]` in any minute, over all
    processes. It waits up to `patience` seconds, else raises Retry."""

    def __init__(
        self,
        store: Store,
        scope: TenantScope,
        company_id: int,
        limits: Mapping[str, int],
        clock: Clock,
        *,
        patience: float = 5.0,
    ) -> None:
        self._store = store
        self._scope = scope
        self._company_id = company_id
        self._limits = limits
        self._clock = clock
        self._patience = patience

    def take(self, kind: str) -> None:
        """Take one call of `kind`; raises Retry (scope "connection", uses up no attempt) where none is free in time."""
        outside_transactions()
        left = self._patience
        while (wait := self._try(kind)) > 0:
            if wait > left:
                raise Retry(
                    "QuickBooks' limit of calls a minute is used up.",
                    code="rate_budget",
                    after=wait,
                    counts=False,
                    scope="connection",
                )
            left -= wait
            self._clock.sleep(wait)

    def pause(self, seconds: float, reason: str) -> None:
        """No call for this company before `seconds` have passed."""
        with self._store.write() as session:
            push(self._scope, session, self._company_id, self._clock.now() + timedelta(seconds=seconds), reason)

    def _try(self, kind: str) -> float:
        """0 if a call was taken, else the seconds to wait."""
        now = self._clock.now()
        with self._store.write() as session:
            not_before = session.execute(
                select(company.c.not_before)
                .where(self._scope.of(company), company.c.id == self._company_id)
                .with_for_update(key_share=True)
            ).scalar_one()
            if not_before is not None and not_before > now:
                wait: float = (not_before - now).total_seconds()
                return wait
            limit = self._limits.get(kind)
            if limit is None:
                return 0.0
            where = (
                self._scope.of(rate_budget),
                rate_budget.c.company_id == self._company_id,
                rate_budget.c.kind == kind,
            )
            found = session.execute(select(rate_budget.c.taken).where(*where)).scalar_one_or_none()
            second = math.floor(now.timestamp())
            taken = {int(at): calls for at, calls in (found or {}).items() if int(at) > second - _WINDOW}
            if sum(taken.values()) >= limit:
                return max(min(taken) + _WINDOW - now.timestamp(), 0.01)
            taken[second] = taken.get(second, 0) + 1
            written = {str(at): calls for at, calls in taken.items()}
            if found is None:
                session.execute(
                    insert(rate_budget).values(
                        tenant_id=self._scope.tenant_id, company_id=self._company_id, kind=kind, taken=written
                    )
                )
            else:
                session.execute(update(rate_budget).where(*where).values(taken=written))
        return 0.0


def push(scope: TenantScope, session: Session, company_id: int, until: datetime, reason: str) -> None:
    """Let nothing go to a company before that moment (never sooner than was said before)."""
    later = func.max if session.dialect.name == "sqlite" else func.greatest
    session.execute(
        update(company)
        .where(scope.of(company), company.c.id == company_id)
        .values(
            not_before=later(func.coalesce(company.c.not_before, until), until, type_=company.c.not_before.type),
            not_before_reason=reason,
        )
    )
