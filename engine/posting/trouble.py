"""What befalls a company's connection as a whole: everything waits, and no operation is blamed. Changes when trouble makes a
company wait in another way, or for another time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update

from connectors.errors import ConnectorError, ReconnectNeeded, Retry, Unknown
from engine import connections, log
from engine.posting import limits
from engine.posting.turn import Turn
from engine.store.engine import Session
from engine.store.tables import company


def befell(turn: Turn, session: Session, error: ConnectorError, *, now: datetime) -> log.Event | None:
    """Let the company wait as the error asks for; the line of the log that says so, if there is anything new to say."""
    if isinstance(error, ReconnectNeeded) or (error.scope == "connection" and not isinstance(error, Retry | Unknown)):
        return _stop(turn, session, error)
    if isinstance(error, Retry) and error.code == "rate_budget":
        # Our own count, not their complaint: only sends wait, reading goes on.
        _push_sends(turn, session, now + timedelta(seconds=error.after or turn.timing.throttle_pause))
        turn.report.paused = error.message
        return None
    seconds = _throttled(turn, error) or _failed(turn, session, error)
    if not seconds:
        return None
    limits.push(turn.scope, session, turn.company_id, now + timedelta(seconds=seconds), error.message)
    turn.report.paused = error.message
    return log.Event(code="paused", level="warning", values={"seconds": round(seconds), "message": error.message})


def all_well(turn: Turn, session: Session) -> None:
    """A write was answered: failures in a row begin anew. (Reads may go well while writes do not.)"""
    session.execute(
        update(company)
        .where(turn.scope.of(company), company.c.id == turn.company_id, company.c.failures > 0)
        .values(failures=0)
    )


def _throttled(turn: Turn, error: ConnectorError) -> float:
    """How long the books want to be left alone, if that is what they said: no failure."""
    if isinstance(error, Retry) and error.code == "throttled":
        return error.after or turn.timing.throttle_pause
    return 0.0


def _failed(turn: Turn, session: Session, error: ConnectorError) -> float:
    """Count a failure; how long everything waits for it: after some in a row, or as long as the error says."""
    failures: int = session.execute(
        update(company)
        .where(turn.scope.of(company), company.c.id == turn.company_id)
        .values(failures=company.c.failures + 1)
        .returning(company.c.failures)
    ).scalar_one()
    said = error.after if isinstance(error, Retry) and not error.counts else None
    return max(said or 0.0, turn.timing.circuit_pause if failures >= turn.timing.circuit_after else 0.0)


def _push_sends(turn: Turn, session: Session, until: datetime) -> None:
    session.execute(
        update(company).where(turn.scope.of(company), company.c.id == turn.company_id).values(post_not_before=until)
    )


def _stop(turn: Turn, session: Session, error: ConnectorError) -> log.Event | None:
    """Nothing goes out until a person has connected anew. Said once."""
    turn.report.paused = error.message
    if not connections.stop_company(turn.scope, session, turn.company_id, error):
        return None
    return log.Event(
        code="reconnect_needed", level="error", values={"message": error.message, "next_step": error.next_step}
    )
