"""What a judgement comes to in the books, step by step: names first, then its documents. Changes when a difference takes other
steps. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.documents import CustomerDocument, ListDocument, PaymentDocument, ProductDocument, SalesDocument
from connectors.ports import ListKind
from engine.batches import Batch
from engine.differences import Difference
from engine.documents.wanted import Creation
from engine.judging import Judgement, Part
from engine.ledger import SlotKey
from engine.matching import TargetRules
from engine.posting.names import name_key
from engine.posting.operations import Step
from engine.telling import replacement_said, said_of

_LISTS: Mapping[type, ListKind] = {CustomerDocument: "customer", ProductDocument: "item"}


def steps_of(
    judged: Judgement, batch: Batch, rules: TargetRules, *, decision_id: int, version_id: int | None
) -> list[Step]:
    """The operations that make what stands what it should be."""
    steps: list[Step] = []
    for part in judged.parts:
        if not part.differences:
            continue
        names = {_place_of(document): document for document in part.creates}
        steps.extend(
            Step(key=place.key, slot=place.slot, action="create", document=document, decision_id=decision_id)
            for place, document in names.items()
        )
        for difference in part.differences:
            wanted = _needed_names(difference.document)
            remarks = said_of(part, difference.document)
            if difference.action == "replace":
                removal, coming = _removal(judged, part, difference, batch, rules, decision_id, version_id)
                steps.append(removal)
                remarks = (*remarks, coming)
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


def _removal(
    judged: Judgement, part: Part, difference: Difference, batch: Batch, rules: TargetRules, decision_id: int,
    version_id: int | None,
) -> tuple[Step, str]:  # fmt: skip
    """What makes room for a document of another type, and what the log says of the one that comes."""
    stands = batch.rows[judged.key][difference.slot]
    going, coming = replacement_said(part, stands, difference.document)
    removal = Step(
        key=judged.key,
        slot=difference.slot,
        action="void" if rules.can_void(stands.entity) else "delete",
        # A payment that is just being sent may come to hang on it: then it is paid, and stays.
        needs=tuple(SlotKey(judged.key, slot) for slot in batch.creates_on_their_way(judged.key)),
        version_id=version_id,
        decision_id=decision_id,
        remarks=(going,),
    )
    return removal, coming


def _place_of(document: Creation) -> SlotKey:
    """The slot of a name that is to be created: one for all records that need it."""
    kind: ListKind = document.kind if isinstance(document, ListDocument) else _LISTS[type(document)]
    return name_key(kind, document.name)


def _needed_names(document: SalesDocument | PaymentDocument) -> frozenset[SlotKey]:
    """The slots of all names that a document refers to and that may have to be created first."""
    found = set()
    if document.customer:
        found.add(name_key("customer", document.customer))
    if document.payment_method:
        found.add(name_key("payment_method", document.payment_method))
    if isinstance(document, SalesDocument):
        found.update(name_key("item", line.item) for line in document.lines if line.item)
    return frozenset(found)
