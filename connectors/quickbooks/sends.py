"""One send: the frozen bytes of a write or a batch, and each member's fate from the answer. Pure.

Frozen are path, parameters and body, so that a repeat is the same byte for byte, whatever has changed since. First line:
what to send where and who is in it; the rest: the body as it goes over the wire.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors import errors
from connectors.ports import Member, MemberResult, Posted
from connectors.quickbooks import body as json_body
from connectors.quickbooks import decoding, faults, names, queries
from connectors.quickbooks.meanings import LOOKED_FOR

FORM = 1
BATCH_SIZE = 30
# Joined they must stay within 50 characters (error 6000 "more than 50 characters in the request_id field").
REQUEST_ID_LIMIT = 36
KEY_LIMIT = 10
_ID = re.compile(r"[A-Za-z0-9_-]+")

# How each kind of document is voided; the others can only be deleted.
_VOID: Mapping[str, Mapping[str, str]] = {
    "Invoice": {"operation": "void"},
    "SalesReceipt": {"operation": "update", "include": "void"},
    "Payment": {"operation": "update", "include": "void"},
}
# Names are never deleted, only made inactive.
_DELETABLE = frozenset({"Invoice", "SalesReceipt", "Estimate", "Payment", "CreditMemo", "RefundReceipt"})
# What `ports.Member.options` may ask for, as QuickBooks spells it.
_OPTIONS: Mapping[str, str] = {"duplicate_number": "allowduplicatedocnum"}


def can_void(entity: str) -> bool:
    """Whether QuickBooks voids this kind of document. Estimates, credit memos and refund receipts are deleted."""
    return entity in _VOID


@dataclass(frozen=True, slots=True)
class Frozen:
    """A send as it was frozen. `members` are (key, action, entity)."""

    company_id: str
    request_id: str
    path: str
    params: Mapping[str, str]
    members: tuple[tuple[str, str, str], ...]
    content: bytes

    @property
    def batch(self) -> bool:
        return self.path == "batch"


def freeze(members: Sequence[Member], request_id: str, company_id: str, minor_version: int) -> bytes:
    """The bytes of one send. One member goes as a single write, more as a batch. Raises ValueError for what can never
    be sent (too many, ids too long, an action that the entity does not have)."""
    if not 0 < len(members) <= BATCH_SIZE:
        raise ValueError(f"a send has 1 to {BATCH_SIZE} members, not {len(members)}")
    if len(request_id) > REQUEST_ID_LIMIT or not _ID.fullmatch(request_id):
        raise ValueError(f"{request_id!r} is no request id of at most {REQUEST_ID_LIMIT} letters, digits, '-' and '_'")
    keys = [member.key for member in members]
    if len(set(keys)) != len(keys) or not all(len(key) <= KEY_LIMIT and _ID.fullmatch(key) for key in keys):
        raise ValueError(f"the keys {keys} are not different texts of at most {KEY_LIMIT} letters and digits")
    for member in members:
        _check(member)
    if len(members) == 1:
        path, params, content = _single(members[0])
    else:
        path, params, content = "batch", {}, {"BatchItemRequest": [_item(member) for member in members]}
    head = {
        "v": FORM,
        "company": company_id,
        "path": path,
        "params": {**params, "minorversion": str(minor_version), "requestid": request_id},
        "members": [[member.key, member.action, member.entity] for member in members],
    }
    return f"{json_body.dump(head)}\n{json_body.dump(content)}".encode()


def _check(member: Member) -> None:
    if member.action == "void" and not can_void(member.entity):
        raise ValueError(f"QuickBooks cannot void a {member.entity}")
    if member.action == "delete" and member.entity not in _DELETABLE:
        raise ValueError(f"QuickBooks cannot delete a {member.entity}")
    if member.action != "create" and not (member.body.get("Id") and "SyncToken" in member.body):
        raise ValueError(f"to {member.action} a {member.entity} takes its Id and SyncToken")
    if member.action == "create" and "Id" in member.body:
        raise ValueError("what is created has no Id yet")
    if unknown := set(member.options) - _OPTIONS.keys():
        raise ValueError(f"unknown options {sorted(unknown)}")


def _reduced(member: Member) -> Mapping[str, Any]:
    if member.action == "void":
        return {"Id": member.body["Id"], "SyncToken": member.body["SyncToken"], "sparse": True}
    if member.action == "delete":
        return {"Id": member.body["Id"], "SyncToken": member.body["SyncToken"]}
    return member.body


def _single(member: Member) -> tuple[str, dict[str, str], Mapping[str, Any]]:
    params: dict[str, str] = {}
    if member.action == "void":
        params |= _VOID[member.entity]
    elif member.action == "delete":
        params["operation"] = "delete"
    if member.options:
        params["include"] = ",".join(_OPTIONS[option] for option in member.options)
    return member.entity.lower(), params, _reduced(member)


def _item(member: Member) -> dict[str, Any]:
    item: dict[str, Any] = {
        "bId": member.key,
        "operation": "update" if member.action == "void" else member.action,
        member.entity: _reduced(member),
    }
    options = (*(("void",) if member.action == "void" else ()), *(_OPTIONS[option] for option in member.options))
    if options:
        item["optionsData"] = ",".join(options)
    return item


def thaw(frozen: bytes) -> Frozen:
    """What `freeze` made. Raises ValueError for bytes of another form."""
    head, _, content = frozen.partition(b"\n")
    held = json_body.load(head.decode())
    if held.get("v") != FORM:
        raise ValueError(f"a send of form {held.get('v')} cannot be read by this program")
    return Frozen(
        held["company"],
        held["params"]["requestid"],
        held["path"],
        held["params"],
        tuple((str(key), str(action), str(entity)) for key, action, entity in held["members"]),
        content,
    )


def fates(
    frozen: Frozen, answer: Mapping[str, Any], redact: Callable[[str], str], trace_id: str | None = None
) -> list[MemberResult]:
    """Each member's own fate, in the order of the members. A batch's answers come in any order and may lack some."""
    if not frozen.batch:
        (key, action, entity) = frozen.members[0]
        return [_fate(key, action, entity, answer, redact, trace_id)]
    listed = answer.get("BatchItemResponse")
    by_key = {
        str(item.get("bId")): item for item in (listed if isinstance(listed, list) else []) if isinstance(item, Mapping)
    }
    return [_fate(key, action, entity, by_key.get(key), redact, trace_id) for key, action, entity in frozen.members]


def _fate(
    key: str,
    action: str,
    entity: str,
    answer: Mapping[str, Any] | None,
    redact: Callable[[str], str],
    trace_id: str | None,
) -> MemberResult:
    found = faults.faults_in(answer)
    if found:
        error = faults.error_of(found, status=None, trace_id=trace_id, write=True, redact=redact)
        return MemberResult(key=key, error=error)
    held = answer.get(entity) if answer is not None else None
    if not isinstance(held, Mapping) or not held.get("Id"):
        return MemberResult(
            key=key,
            error=errors.Unknown(
                "QuickBooks answered without a word on this document",
                code="no_word",
                trace_id=trace_id,
                next_step=LOOKED_FOR,
            ),
        )
    return MemberResult(key=key, posted=decoding.posted(entity, held))


def names_of(frozen: Frozen, keys: Container[str]) -> dict[str, tuple[str, str]]:
    """key -> (entity, name) of those members, read from the frozen body."""
    content = json_body.load(frozen.content.decode())
    found: dict[str, tuple[str, str]] = {}
    items = {str(item["bId"]): item for item in content["BatchItemRequest"]} if frozen.batch else {}
    for key, _, entity in frozen.members:
        held = items[key][entity] if frozen.batch else content
        name = json_body.text(held.get(queries.name_field(entity)))
        if key in keys and name:
            found[key] = (entity, name)
    return found


def name_refusal(error: errors.Rejected, entity: str, name: str, holder: Posted | None) -> errors.Rejected:
    """A 6240 with the holder's kind: `name_held_elsewhere` (a vendor or employee has it), `name_inactive`, or
    `name_exists` (adopt it by its name); `about` names entity and id of the holder."""
    if holder is None:
        return error
    about = {"entity": holder.entity, "id": holder.id, "name": holder.name or name}
    evidence: errors.Evidence = {
        "status": error.status,
        "remote_code": error.remote_code,
        "trace_id": error.trace_id,
        "excerpt": error.excerpt,
        "about": about,
    }
    if holder.entity != entity:
        kind = holder.entity.lower()
        return errors.Rejected(
            f"The name '{name}' belongs to {'an' if kind == 'employee' else 'a'} {kind} in QuickBooks, and a customer cannot "
            "have the same",
            code="name_held_elsewhere",
            next_step=f"Release the order: its customer is then called '{names.name_beside(name)}'. Or rename the {kind} in "
            "QuickBooks first.",
            **evidence,
        )
    if not holder.body.get("Active", True):
        return errors.Rejected(
            f"'{name}' exists in QuickBooks but is inactive",
            code="name_inactive",
            next_step="In QuickBooks: open the list, gear above it > 'Include inactive' > Make active; then release.",
            **evidence,
        )
    return errors.Rejected(
        f"'{name}' exists in QuickBooks already",
        code="name_exists",
        next_step="Nothing to do: it is found by its name and used.",
        **evidence,
    )
