"""How a remote system's refusal is understood: three kinds, and no fourth.

*Retry*: it surely did not happen, try again later. *Rejected*: it surely did not happen, and a person must act.
*Unknown*: it may have happened (a time-out after the request was sent, a cut answer); whoever wrote must look before
writing again. Every message is for a bookkeeper, `next_step` says what to do, `code` is stable for programs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Required, TypedDict, Unpack

Scope = Literal["item", "connection"]


class Evidence(TypedDict, total=False):
    """What the other side said, as it is kept with an error; see `ConnectorError`."""

    status: int | None
    remote_code: str | None
    trace_id: str | None
    excerpt: str
    about: Mapping[str, str] | None


class Details(Evidence, total=False):
    """All that is told of an error beside its message."""

    code: Required[str]
    next_step: str
    scope: Scope


class ConnectorError(Exception):
    """What a remote system did instead of answering.

    `status` is the HTTP status if there was one, `remote_code` the system's own error code, `trace_id` its request id
    for support, `excerpt` the beginning of the answer with secrets removed, `about` what the refusal names by plain
    keys (for a number that exists: `entity`, `id`, `number` of the document that has it).
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        next_step: str = "",
        status: int | None = None,
        remote_code: str | None = None,
        trace_id: str | None = None,
        excerpt: str = "",
        scope: Scope = "item",
        about: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.next_step = next_step
        self.status = status
        self.remote_code = remote_code
        self.trace_id = trace_id
        self.excerpt = excerpt
        self.scope = scope
        self.about: Mapping[str, str] = dict(about or {})


class Retry(ConnectorError):
    """It surely did not happen; worth another try after `after` seconds. `counts` says whether it uses up an attempt.

    With scope "connection" (rate limit, maintenance) everything to that system waits, not only this item.
    """

    def __init__(
        self, message: str, *, after: float | None = None, counts: bool = True, **details: Unpack[Details]
    ) -> None:
        super().__init__(message, **details)
        self.after = after
        self.counts = counts


class Rejected(ConnectorError):
    """It surely did not happen and will not without a change by a person."""


class Unknown(ConnectorError):
    """It may have happened: the connection broke, timed out or answered nonsense after the request had left."""


class ReconnectNeeded(Rejected):
    """The system no longer accepts our credentials; nothing goes through until somebody connects again."""

    def __init__(
        self,
        message: str,
        *,
        code: str = "reconnect_needed",
        next_step: str = "",
        scope: Scope = "connection",
        **evidence: Unpack[Evidence],
    ) -> None:
        super().__init__(message, code=code, next_step=next_step, scope=scope, **evidence)
