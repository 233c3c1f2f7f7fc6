"""engine/raw_records.py"""

import json

import pytest

from engine.raw_records import RecordsUnreadable, read_payloads


@pytest.mark.parametrize(
    "body",
    [
        '[{"id": 1}, {"id": 2}]',
        '{"id": 1}\n{"id": 2}\n',
        '{"id": 1}\n\n{"id": 2}',
        '\ufeff[{"id": 1}, {"id": 2}]',
        json.dumps({"note": "", "request": {}, "response": {"status": 200, "body": [{"id": 1}, {"id": 2}]}}),
    ],
    ids=["array", "lines", "lines with blanks", "byte order mark", "exchange"],
)
def test_every_form_of_a_file_gives_the_same_records(body: str) -> None:
    assert read_payloads(body.encode(), "x.json") == [{"id": 1}, {"id": 2}]


@pytest.mark.parametrize("body", ['{"id": 7}', '{"response": {"body": {"id": 7}}}'])
def test_a_single_record_is_a_list_of_one(body: str) -> None:
    assert read_payloads(body.encode(), "x.json") == [{"id": 7}]


def test_an_empty_list_has_no_records() -> None:
    assert read_payloads(b"[]", "x.json") == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", "x.json is empty."),
        ("  \n", "x.json is empty."),
        ('{"id": 1}\n{"id": 2', "x.json, line 2 is no JSON"),
        ("<html>Maintenance</html>", "x.json, line 1 is no JSON"),
        ('{"id": 1}\n3', "x.json, line 2 is no record"),
        ("[1, 2]", "x.json: entry 1 of the list is no record"),
        ('"text"', "neither a list of records"),
        ('{"response": {"body": "<html>"}}', "neither a list of records"),
        ("[" * 100_000, "x.json, line 1 is no JSON"),
    ],
)
def test_what_holds_no_records_is_refused_with_the_place(body: str, said: str) -> None:
    with pytest.raises(RecordsUnreadable) as refused:
        read_payloads(body.encode(), "x.json")
    assert said in str(refused.value)
