"""docs/rules-reference.md and docs/errors/: as the program's tables say, page by page"""

from engine.reference import pages
from tests.house.tree import ROOT


def test_the_reference_is_what_the_tables_say() -> None:
    drifted = [
        name
        for name, text in pages().items()
        if not (ROOT / "docs" / name).is_file() or (ROOT / "docs" / name).read_text(encoding="utf-8") != text
    ]
    assert drifted == [], "write them anew: ./dev docs"


def test_no_page_is_left_of_a_code_that_is_gone() -> None:
    there = {f"errors/{page.name}" for page in (ROOT / "docs" / "errors").glob("*.md")}
    assert there - set(pages()) == set(), "write them anew: ./dev docs"


def test_every_table_of_the_language_is_in_it() -> None:
    page = pages()["rules-reference.md"]
    for told in ("`order.number`", "`ship_to.state`", "`books.tax_code`", "`upper(", "`record_as`", "`override`"):
        assert told in page
