"""How QuickBooks' refusals are understood: try again, rejected with words and clicks, or unknown."""

from __future__ import annotations

import pytest

from connectors import errors
from connectors.answers import Answer
from connectors.quickbooks.faults import Fault, error_of, faults_in, read_answer
from connectors.quickbooks.meanings import CLICKS, FAULTS, meaning_of
from tests.connectors.quickbooks_kit import fault, gateway


def _error(*found: Fault, write: bool = True) -> errors.ConnectorError:
    return error_of(list(found), status=400, trace_id="t", write=write, redact=lambda said: said)


@pytest.mark.parametrize(
    ("code", "kind", "ours"),
    [
        ("610", errors.Rejected, "not_found_or_inactive"),
        ("2050", errors.Rejected, "too_long"),
        ("2999", errors.Rejected, "bad_value"),
        ("3001", errors.Retry, "throttled"),
        ("3200", errors.ReconnectNeeded, "reconnect_needed"),
        ("5010", errors.Rejected, "stale"),
        ("5030", errors.Rejected, "feature_off"),
        ("6000", errors.Rejected, "business_rule"),
        ("6140", errors.Rejected, "number_exists"),
        ("6190", errors.Rejected, "subscription_ended"),
        ("6210", errors.Rejected, "closed_period"),
        ("6240", errors.Rejected, "name_exists"),
        ("6270", errors.Rejected, "before_start_date"),
        ("6540", errors.Rejected, "deposited"),
        ("6999", errors.Rejected, "business_rule"),
        ("10000", errors.Unknown, "application_error"),
        ("12345", errors.Unknown, "application_error"),
        ("", errors.Unknown, "application_error"),
        ("150", errors.Retry, "maintenance"),
    ],
)
def test_a_code_has_its_kind(code: str, kind: type[errors.ConnectorError], ours: str) -> None:
    error = _error(Fault(code, "Said", "In detail"))
    assert type(error) is kind
    assert error.code == ours
    assert "In detail" in error.message
    assert error.trace_id == "t"


@pytest.mark.parametrize("code", sorted(FAULTS))
def test_every_refusal_says_what_to_do(code: str) -> None:
    error = _error(Fault(code, "Said"))
    assert error.next_step.endswith((".", ")"))
    assert error.message[0].isupper()


def test_a_read_that_met_an_application_error_did_nothing() -> None:
    assert type(_error(Fault("10000", "An application error"), write=False)) is errors.Retry


def test_of_several_errors_the_one_that_may_have_happened_leads_and_all_are_told() -> None:
    error = _error(Fault("2050", "Too long", "DocNumber"), Fault("10000", "Application Error", "Try later"))
    assert type(error) is errors.Unknown
    assert "DocNumber" in error.message
    assert "Try later" in error.message


def test_both_shapes_are_read() -> None:
    assert faults_in(fault("6240", "Duplicate Name Exists Error", "Another"))[0].code == "6240"
    (found,) = faults_in(gateway("3001", "message=ThrottleExceeded; errorCode=003001; statusCode=429", "The limit"))
    assert (found.code, found.detail) == ("3001", "The limit")
    (found,) = faults_in({"fault": {"error": [{"message": "message=X; errorCode=003200; statusCode=401"}]}})
    assert found.code == "3200"
    (found,) = faults_in({"Fault": {"type": "SystemFault"}})
    assert meaning_of(found.code).kind == "unknown"
    assert faults_in({"Invoice": {}}) == []
    assert faults_in({"Fault": None}) == []


@pytest.mark.parametrize(
    ("said", "entity"),
    [
        ("Invoice", "Invoice"),
        ("Sales Receipt", "SalesReceipt"),
        ("SalesReceipt", "SalesReceipt"),
        ("Refund", "RefundReceipt"),
    ],
)
def test_a_number_that_exists_names_the_document_that_has_it(said: str, entity: str) -> None:
    detail = (
        "Duplicate Document Number Error : You must specify a different number. This number has already been used. "
        f"DocNumber=O0010714 is assigned to TxnType={said} with TxnId=45823"
    )
    error = _error(Fault("6140", "Duplicate Document Number Error", detail))
    assert error.about == {"entity": entity, "id": "45823", "number": "O0010714"}


def test_a_fault_in_xml_is_the_same_fault() -> None:
    text = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><IntuitResponse time="2026-01-15T12:00:00-08:00" '
        'xmlns="http://schema.intuit.com/finance/v3"><Fault type="ValidationFault"><Error code="6240" element="">'
        "<Message>Duplicate Name Exists Error</Message><Detail>The name &quot;A&amp;B&quot; exists.</Detail></Error>"
        "</Fault></IntuitResponse>"
    )
    with pytest.raises(errors.Rejected) as caught:
        read_answer(Answer(status=400, headers={}, body=text.encode(), url=""), write=True, redact=str, now=0.0)
    assert caught.value.remote_code == "6240"
    assert 'The name "A&B" exists.' in caught.value.message


def test_markup_in_an_error_is_taken_out() -> None:
    error = _error(Fault("6000", "x", "A business validation error: <b>Rock &amp; Roll</b>\n is wrong"))
    assert "Rock & Roll is wrong" in error.message


def test_the_clicks_name_the_way() -> None:
    assert all(">" in clicks or clicks.startswith(("In QuickBooks Online estimates",)) for clicks in CLICKS.values())
