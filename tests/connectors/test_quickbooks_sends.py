"""Frozen sends: bytes that depend on nothing at send time, and each member's own fate."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import errors
from connectors.ports import Member, MemberResult
from connectors.quickbooks.body import dump, load
from connectors.quickbooks.sends import BATCH_SIZE, fates, freeze, thaw
from tests.connectors.quickbooks_kit import COMPANY, Reply, Request, bench, fault


def _member(key: str = "a", action: Any = "create", entity: str = "Invoice", **body: Any) -> Member:
    return Member(key=key, action=action, entity=entity, body=body or {"DocNumber": key})


def _freeze(*members: Member, request_id: str = "req-1") -> bytes:
    return freeze(members, request_id, COMPANY, 75)


def test_one_member_is_a_single_write() -> None:
    frozen = thaw(_freeze(_member(DocNumber="1007", TotalAmt=Decimal("41.980"))))
    assert (frozen.path, frozen.batch) == ("invoice", False)
    assert frozen.content == b'{"DocNumber":"1007","TotalAmt":41.98}'
    assert frozen.params == {"minorversion": "75", "requestid": "req-1"}


def test_more_members_are_a_batch() -> None:
    frozen = thaw(_freeze(_member("a"), _member("b", entity="Payment"), _member("c", "void", Id="7", SyncToken="2")))
    assert frozen.batch
    assert json.loads(frozen.content) == {
        "BatchItemRequest": [
            {"bId": "a", "operation": "create", "Invoice": {"DocNumber": "a"}},
            {"bId": "b", "operation": "create", "Payment": {"DocNumber": "b"}},
            {
                "bId": "c",
                "operation": "update",
                "Invoice": {"Id": "7", "SyncToken": "2", "sparse": True},
                "optionsData": "void",
            },
        ]
    }
    assert [key for key, _, _ in frozen.members] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("entity", "action", "params"),
    [
        ("Invoice", "void", {"operation": "void"}),
        ("SalesReceipt", "void", {"operation": "update", "include": "void"}),
        ("Payment", "void", {"operation": "update", "include": "void"}),
        ("CreditMemo", "delete", {"operation": "delete"}),
        ("Invoice", "update", {}),
    ],
)
def test_voids_and_deletes_have_their_own_spelling(entity: str, action: Any, params: Mapping[str, str]) -> None:
    frozen = thaw(_freeze(_member("a", action, entity, Id="7", SyncToken="2", PrivateNote="x")))
    assert {name: value for name, value in frozen.params.items() if name not in ("minorversion", "requestid")} == params
    assert ("PrivateNote" in json.loads(frozen.content)) == (action == "update")


@pytest.mark.parametrize(
    ("members", "request_id"),
    [
        ([], "r"),
        ([_member(str(number)) for number in range(BATCH_SIZE + 1)], "r"),
        ([_member("a"), _member("a")], "r"),
        ([_member("a" * 11)], "r"),
        ([_member("a b")], "r"),
        ([_member("a")], "r" * 37),
        ([_member("a")], "r&include=void"),
        ([_member("a", "void", "CreditMemo", Id="1", SyncToken="0")], "r"),
        ([_member("a", "void", "Invoice", SyncToken="0")], "r"),
        ([_member("a", "delete", "Customer", Id="1", SyncToken="0")], "r"),
        ([_member("a", "create", "Customer", Id="1")], "r"),
        ([Member(key="a", action="create", entity="Invoice", body={}, options=("void",))], "r"),
    ],
)
def test_what_can_never_be_sent_is_no_send(members: list[Member], request_id: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        freeze(members, request_id, COMPANY, 75)


def test_the_option_to_allow_a_number_twice_is_spelt_for_single_and_batch() -> None:
    member = Member(key="a", action="create", entity="Invoice", body={}, options=("duplicate_number",))
    assert thaw(_freeze(member)).params["include"] == "allowduplicatedocnum"
    batch = json.loads(thaw(_freeze(member, _member("b"))).content)
    assert batch["BatchItemRequest"][0]["optionsData"] == "allowduplicatedocnum"


_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9)
    | st.text(st.characters(codec="utf-8"), max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=6), inner, max_size=3)
    ),
    max_leaves=12,
)


def _numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _numbers(held) for key, held in value.items()}
    if isinstance(value, list):
        return [_numbers(held) for held in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return value


@given(st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=8), _values, max_size=5))
def test_what_is_dumped_is_loaded_and_dumps_the_same(body: dict[str, Any]) -> None:
    text = dump(body)
    assert _numbers(load(text)) == _numbers(body)
    assert dump(load(text)) == text


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_freezing_is_stable_and_thaws_to_what_was_frozen(name: str) -> None:
    member = Member(key="k1", action="create", entity="Customer", body={"Name": name + "\n\u2028"})
    once = _freeze(member, _member("k2"))
    assert once == _freeze(member, _member("k2"))
    thawed = thaw(once)
    assert thawed.request_id == "req-1"
    assert thawed.members == (("k1", "create", "Customer"), ("k2", "create", "Invoice"))
    assert load(thawed.content.decode())["BatchItemRequest"][0]["Customer"] == member.body


def _fates(*answers: Mapping[str, Any]) -> list[MemberResult]:
    frozen = thaw(_freeze(*(_member(key) for key in "abc")))
    return fates(frozen, {"BatchItemResponse": list(answers)}, lambda said: said)


def _done(key: str) -> dict[str, Any]:
    return {"bId": key, "Invoice": {"Id": f"id-{key}", "SyncToken": "0"}}


def test_shuffled_answers_find_their_members() -> None:
    results = _fates(_done("c"), _done("a"), _done("b"))
    assert [(result.key, result.posted.id if result.posted else None) for result in results] == [
        ("a", "id-a"),
        ("b", "id-b"),
        ("c", "id-c"),
    ]


def test_a_missing_answer_is_unknown_for_that_one_only() -> None:
    first, second, third = _fates(_done("c"), _done("a"))
    assert isinstance(second.error, errors.Unknown)
    assert first.posted is not None
    assert third.posted is not None


def test_a_fault_is_its_own_members() -> None:
    first, second, _ = _fates(_done("a"), {"bId": "b", **fault("6140", detail="number")}, _done("c"))
    assert isinstance(second.error, errors.Rejected)
    assert second.error.remote_code == "6140"
    assert first.error is None


@pytest.mark.parametrize("answer", [{}, {"BatchItemResponse": None}, {"BatchItemResponse": [1, {"bId": "z"}, {}]}])
def test_an_answer_that_says_nothing_leaves_all_unknown(answer: Mapping[str, Any]) -> None:
    frozen = thaw(_freeze(*(_member(key) for key in "abc")))
    assert all(isinstance(result.error, errors.Unknown) for result in fates(frozen, answer, str))


def test_a_refused_batch_is_raised_as_a_whole() -> None:
    with bench(lambda request: Reply(fault("1040", "Batch size exceeds allowed limit"), status=400)) as at:
        frozen = at.books.freeze([_member("a"), _member("b")], "r1")
        with pytest.raises(errors.Rejected) as caught:
            at.books.send("r1", frozen)
        assert at.budget.taken == ["batch"]
    assert caught.value.code == "batch_too_large"


def test_a_refused_single_write_is_its_members_fate() -> None:
    with bench(lambda request: Reply(fault("6000", detail="No."), status=400)) as at:
        (result,) = at.books.send("r1", at.books.freeze([_member("a")], "r1"))
    assert isinstance(result.error, errors.Rejected)
    assert result.error.status == 400


def test_a_fault_with_status_200_is_a_fault() -> None:
    with bench(lambda request: Reply(fault("6000", detail="No."))) as at:
        (result,) = at.books.send("r1", at.books.freeze([_member("a")], "r1"))
    assert isinstance(result.error, errors.Rejected)


def test_bytes_of_another_request_or_company_are_not_sent() -> None:
    with bench(lambda request: Reply({})) as at:
        with pytest.raises(ValueError, match="another"):
            at.books.send("r2", at.books.freeze([_member("a")], "r1"))
        with pytest.raises(ValueError, match="another"):
            at.books.send("r1", freeze([_member("a")], "r1", "999", 75))
        assert at.server.requests == []


def _refusing_names(**holders: tuple[str, dict[str, Any]]) -> Any:
    """Every customer's name is refused; a query finds who holds it."""

    def respond(request: Request) -> Reply:
        if request.path.endswith("/query"):
            entity = request.text.split()[3]
            rows = [row for kind, row in holders.values() if kind == entity]
            return Reply({"QueryResponse": {entity: rows} if rows else {}})
        taken = fault("6240", "Duplicate Name Exists Error", "The name supplied already exists.")
        items = [{"bId": item["bId"], **taken} for item in json.loads(request.text)["BatchItemRequest"]]
        return Reply({"BatchItemResponse": items})

    return respond


def test_a_refused_name_stays_refused_where_nobody_can_say_who_holds_it() -> None:
    taken = fault("6240", "Duplicate Name Exists Error", "The name supplied already exists.")
    replies = iter([Reply(taken, status=400), Reply({}, status=503)])
    with bench(lambda request: next(replies)) as at:
        member = _member("a", entity="Customer", DisplayName="Ann Lee")
        (result,) = at.books.send("r1", at.books.freeze([member], "r1"))
    assert isinstance(result.error, errors.Rejected)
    assert result.error.code == "name_exists"


@pytest.mark.parametrize(
    ("entity", "active", "code"),
    [
        ("Vendor", True, "name_held_elsewhere"),
        ("Employee", True, "name_held_elsewhere"),
        ("Customer", True, "name_exists"),
        ("Customer", False, "name_inactive"),
    ],
)
def test_a_refused_name_says_who_holds_it(entity: str, active: bool, code: str) -> None:
    row = {"Id": "31", "SyncToken": "0", "DisplayName": "ann lee", "Active": active}
    with bench(_refusing_names(held=(entity, row))) as at:
        members = [
            _member("a", entity="Customer", DisplayName="Ann Lee"),
            _member("b", entity="Customer", DisplayName="Bo"),
        ]
        first, second = at.books.send("r1", at.books.freeze(members, "r1"))
    assert isinstance(first.error, errors.Rejected)
    assert first.error.code == code
    assert first.error.about["entity"] == entity
    assert first.error.trace_id == "tid-1"
    assert first.error.about["id"] == "31"
    assert isinstance(second.error, errors.Rejected)
    assert second.error.code == "name_exists"
    assert at.books.call_counts()["query"] == 3
