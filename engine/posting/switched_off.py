"""What a document needs of the company and is turned off there by now: changes when it is looked at in another way.

It was on, or nobody knew, when the document was planned. Somebody turns it on again because the hold says where, so the
operation waits and tries again by itself; no person has to release it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from connectors.errors import ConnectorError, Rejected
from engine import holds, preferences
from engine.posting.names import is_name
from engine.posting.operations import Operation, Reason
from engine.posting.turn import Turn

#: Refusals behind which a preference may be; QuickBooks has no code of its own for most of them (facts: 5030, 6000, 6090).
_MAYBE = frozenset({"feature_off", "business_rule", "bad_discount"})


def may_be(error: Exception | None) -> bool:
    """Whether a refusal may come of a preference."""
    return isinstance(error, Rejected) and error.code in _MAYBE


def reason(turn: Turn, item: Operation) -> Reason | None:
    """What stands in the way of a document, by the preferences as they are known, unless a person let it pass."""
    if turn.rules is None or item.document is None or is_name(item.key):
        return None
    stops = [each for each in turn.rules.preflight(item.document, turn.profile) if each.severity == "error"]
    if not stops:
        return None
    with turn.store.read() as session:
        passed = {
            *holds.released_titles(turn.scope, session, item.id),
            *holds.releases(turn.scope, session, turn.company_id, [item.key]).get(item.key, {}),
        }
    first = next((each for each in stops if each.code not in passed), None)
    if first is None:
        return None
    return Reason(code=first.code, message=f"{first.message}.", next_step=first.next_step)


def meanwhile(turn: Turn, refused: Sequence[Operation]) -> Mapping[int, Reason]:
    """Which of the refused creations need what was turned off since the preferences were last read: they are read anew.
    Where that fails, the refusal stays as the books said it."""
    creates = [item for item in refused if item.action == "create"]
    if not creates or turn.rules is None:
        return {}
    try:
        turn.profile = preferences.refresh(
            turn.store, turn.scope, turn.company_id, turn.books, turn.clock, older_than=timedelta(0)
        )
    except ConnectorError:
        return {}
    found = {item.id: reason(turn, item) for item in creates}
    return {id_: off for id_, off in found.items() if off is not None}
