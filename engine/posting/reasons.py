"""Reasons that an operation waits or was refused, in a bookkeeper's words with a next step, where more than one part of posting
has them. Changes when such a reason is worded in another way.
"""

from __future__ import annotations

from connectors.errors import ConnectorError
from engine.posting.operations import Reason


def reason_of(error: ConnectorError) -> Reason:
    """The reason that an error is, for the operation's page."""
    return Reason(code=error.code, message=error.message, next_step=error.next_step)


#: Somebody took a document of ours away.
GONE = "gone_from_the_books"


def gone_reason() -> Reason:
    """The document is no longer in the books."""
    return Reason(
        code=GONE,
        message="The document was deleted or voided in the books; nothing was put in its place.",
        next_step="If it should stand there again, apply the order anew; else leave it.",
    )


def gone_before_its_time() -> Reason:
    """Somebody took away the document that was to be replaced, before we did."""
    return Reason(
        code=GONE,
        message="The document that was to be replaced was deleted or voided in the books; nothing was put in its place yet.",
        next_step="Release it to make the new one all the same; else leave it.",
    )


def encoding_reason(error: Exception) -> Reason:
    """Why a document could not be encoded: what the books refused, or a name that they do not have (KeyError)."""
    if isinstance(error, ConnectorError):
        return reason_of(error)
    missing = str(error.args[0]) if error.args else ""
    return Reason(
        code="reference_missing",
        message=f"The books have nothing called '{missing}' that this document could refer to.",
        next_step="Make it in the books (or choose another one in the flow's settings), then release.",
        values={"name": missing},
    )


def unwritable(error: Exception) -> Reason:
    """Whatever the encoder stumbled over."""
    return Reason(
        code="cannot_be_written",
        message=f"This document cannot be written for the books ({type(error).__name__}: {error}).",
        next_step="This looks like a mistake of this program: please report it with the order.",
    )
