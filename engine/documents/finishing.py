"""The last step of building: what the target system says of the finished documents."""

from __future__ import annotations

from collections.abc import Sequence

from engine.documents.builder import Builder
from engine.documents.wanted import Desired, Slotted
from engine.findings import Finding, first_stop


def finished(builder: Builder, documents: Sequence[Slotted]) -> Desired:
    """The collected whole; where nothing stops it yet, with what the target says of the documents."""
    if first_stop(builder.findings) is None:
        for slotted in documents:
            for said in builder.rules.preflight(slotted.document, builder.books.profile):
                builder.findings.append(
                    Finding(
                        code=said.code,
                        text=said.message,
                        next_step=said.next_step,
                        severity="hold" if said.severity == "error" else said.severity,
                        values={"field": said.field} if said.field else {},
                    )
                )
    return Desired(
        documents=tuple(documents), creates=tuple(builder.creates.values()), findings=tuple(builder.findings)
    )
