"""What judging a batch of orders leaves behind, beside its operations: holds, lines of the log, and when each order is looked at
again. Changes when another outcome is to be told, or comes back at another time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from engine import agenda, holds, log
from engine.agenda import Moments
from engine.batches import Batch
from engine.documents.wanted import SALE
from engine.holds import HoldToPlace
from engine.judging import Judgement, Outcome, Part
from engine.log import Event
from engine.records import KeptRecord
from engine.store.engine import Session
from engine.store.scope import TenantScope


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """When orders are read again from the shop although it says nothing of a change (facts: `date_modified` does not
    move on many edits).

    Seconds; tests shorten them. What is held or unpaid is read again soon, what is young now and then, older ones not.
    """

    waiting: float = 1800.0
    young: float = 21600.0
    young_days: int = 14


USUAL = Patience()


@dataclass(slots=True)
class PlanReport:
    """What judging came to: parts (sales and refunds) by outcome, operations planned, reasons of what did not go on."""

    judged: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    planned: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


_LOOK_AT_IT = "Look at the order in the shop; it is read again when it changes."
#: How soon an order is judged again of which something is just being sent, in seconds.
_IN_FLIGHT = 60.0
_CODES: Mapping[Outcome, str] = {"skip": "skipped", "hold": "held_back", "fail": "failed"}
_LEVELS: Mapping[Outcome, log.Level] = {"skip": "info", "hold": "warning", "fail": "error"}


class Aftermath:
    """Notes what came of the orders of one flow."""

    def __init__(
        self, scope: TenantScope, session: Session, *, company_id: int, flow_id: int, patience: Patience, at: datetime
    ) -> None:
        self._scope = scope
        self._session = session
        self._company_id = company_id
        self._flow_id = flow_id
        self._patience = patience
        self._now = at
        self._holds: list[HoldToPlace] = []
        self._ended: list[int] = []
        self._events: list[Event] = []
        self._moments: dict[int, Moments] = {}

    def of(
        self, kept: KeptRecord, judged: Judgement | None, batch: Batch, *, decision_id: int, fresh: bool,
        in_flight: bool, report: PlanReport,
    ) -> None:  # fmt: skip
        """One order's. `fresh`: its decision is a new one, and is told; `in_flight`: what is wanted could not be planned, since
        something of it is just being sent."""
        held: dict[str, set[str]] = {}
        due: list[datetime] = []
        if judged is None and is_gone(kept):
            # Nobody can do anything about it here: it is told, and what stands is left.
            report.outcomes["skip"] += 1
            report.reasons[words_of(kept)] += 1
            if fresh:
                self._events.append(self._gone(kept, decision_id))
        elif judged is None:
            self._holds.append(_unreadable(kept))
            held[SALE] = {"unreadable"}
            report.outcomes["hold"] += 1
            report.reasons[words_of(kept)] += 1
            if fresh:
                said = {"order": kept.number or kept.key.source_id, "record": "order", "message": words_of(kept)}
                self._events.append(
                    self._event(kept, decision_id, "held_back", "warning", **said, next_step=_LOOK_AT_IT)
                )
        else:
            for part in judged.parts:
                report.outcomes[part.outcome] += 1
                if part.outcome != "sync":
                    report.reasons[part.reason or part.code] += 1
                if part.outcome in ("hold", "fail"):
                    self._holds.append(_hold_of(kept, part))
                    held.setdefault(part.slot, set()).add(part.title or part.code)
                    due += self._due(kept, part, batch)
                if fresh:
                    self._events.extend(self._told(kept, judged, part, decision_id))
        self._ended += self._no_longer_true(kept, batch, held)
        again = self._now + timedelta(seconds=_IN_FLIGHT) if in_flight else min(due, default=None)
        self._moments[kept.id] = Moments(decide=again, read=self._read_next(kept, judged, held))

    def write(self) -> None:
        """All of it, in a few statements."""
        if self._ended:
            holds.settle(self._scope, self._session, self._ended, at=self._now)
        holds.place_many(self._scope, self._session, self._company_id, self._holds, at=self._now)
        log.write_many(self._scope, self._session, self._events, at=self._now)
        agenda.note(self._scope, self._session, self._flow_id, self._moments, at=self._now)

    def _due(self, kept: KeptRecord, part: Part, batch: Batch) -> Iterable[datetime]:
        """When a part that waits is judged again although nothing happened."""
        if part.due_days is not None:
            waits = batch.holds.get(kept.key, ())
            since = next((each.held_since for each in waits if each.title == part.title), self._now)
            yield since + timedelta(days=part.due_days)
        if not part.code.startswith("rule_") and part.code != "review":
            # What is missing in the books (a class, a preference, the order of a refund) may be there soon.
            yield self._soon(kept)

    def _no_longer_true(self, kept: KeptRecord, batch: Batch, held: Mapping[str, set[str]]) -> Iterable[int]:
        """The holds of judging that end; those of posting (with an operation) end there."""
        for each in batch.holds.get(kept.key, ()):
            if each.operation_id is None and each.title not in held.get(each.slot or SALE, set()):
                yield each.id

    def _soon(self, kept: KeptRecord) -> datetime:
        """What waits for long is looked at less and less often: a tenth of its age, from `waiting` on, daily at last."""
        age = (self._now - kept.first_seen_at).total_seconds()
        return self._now + timedelta(seconds=max(self._patience.waiting, min(age / 10, 86400.0)))

    def _read_next(self, kept: KeptRecord, judged: Judgement | None, held: Mapping[str, set[str]]) -> datetime | None:
        if held or (judged is not None and not judged.order.paid and judged.sale.outcome == "sync"):
            return self._soon(kept)
        if judged is None or judged.sale.outcome == "skip":
            return None
        young = self._now - judged.order.created < timedelta(days=self._patience.young_days)
        return self._now + timedelta(seconds=self._patience.young) if young else None

    def _gone(self, kept: KeptRecord, decision_id: int) -> Event:
        return self._event(
            kept,
            decision_id,
            "skipped",
            "warning",
            order=kept.number or kept.key.source_id,
            record="order",
            message=words_of(kept),
            next_step=next((each.next_step for each in kept.findings if each.next_step), ""),
        )

    def _told(self, kept: KeptRecord, judged: Judgement, part: Part, decision_id: int) -> Iterable[Event]:
        base = {"order": judged.order.number, "record": "refund of order" if part.slot != SALE else "order"}
        if part.outcome != "sync":
            rule = part.decision.rule if part.decision is not None else None  # none where a check of ours stopped it
            said = {**base, "message": part.reason or "", "next_step": part.next_step, "rule": rule}
            yield self._event(kept, decision_id, _CODES[part.outcome], _LEVELS[part.outcome], **said)
        for finding in part.findings:
            if not finding.stops:
                said = {**base, **finding.values, "message": finding.text, "next_step": finding.next_step}
                level: log.Level = "warning" if finding.severity == "warning" else "info"
                yield self._event(kept, decision_id, finding.code, level, **said)
        for rule, text in part.decision.log if part.decision else ():
            yield self._event(kept, decision_id, "rule_log", "info", **base, message=text, rule=rule)

    def _event(self, kept: KeptRecord, decision_id: int, code: str, level: log.Level, **values: Any) -> Event:
        return Event(
            code=code,
            level=level,
            key=kept.key,
            company_id=self._company_id,
            decision_id=decision_id,
            values=values,
        )


def is_gone(kept: KeptRecord) -> bool:
    """Whether the shop has deleted the order for good."""
    return kept.record is None and any(finding.code == "order_gone" for finding in kept.findings)


def words_of(kept: KeptRecord) -> str:
    """Why an order could not be read."""
    return " ".join(finding.message for finding in kept.findings) or "The shop's answer could not be read."


def _unreadable(kept: KeptRecord) -> HoldToPlace:
    return HoldToPlace(
        key=kept.key,
        slot=SALE,
        code="unreadable",
        title="unreadable",
        reason=words_of(kept),
        next_step=_LOOK_AT_IT,
        values={"order": kept.number or kept.key.source_id},
        content_hash=kept.content_hash,
    )


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
