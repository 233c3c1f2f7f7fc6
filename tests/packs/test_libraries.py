"""Where packs lie, and that a version means the same for ever."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dsl.packs import Library, PackBroken
from engine import connections
from engine.clock import DatabaseClock
from engine.packs.folder import FolderLibrary, Shelf
from engine.packs.kept import StoreLibrary
from engine.packs.libraries import Bundled, Remembering, Together
from engine.packs.pack import Pack, PackRefused
from engine.rulesets import CannedRuleSets, RuleSetBroken, compile_text
from engine.store import open_store
from tests.servers.migrated import migrated

AT = datetime(2026, 2, 1, 12, tzinfo=UTC)
TEXT = 'rule "A" for order when order.number is "1" then skip "One" end\n'
WITH_TABLE = """table class_for_sku from "classes.csv"
  sku -> class
end
rule "Class" for each line in order.lines then set line.class to lookup class_for_sku(line.sku) end
"""


def pack(version: str = "1.0", text: str = TEXT, name: str = "acme/web", **more: str) -> Pack:
    return Pack(name=name, version=version, text=text, tables=more, author="Ada", note="First", published_at=AT)


@pytest.fixture(params=["folder", "store"])
def library(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shelf | StoreLibrary]:
    if request.param == "folder":
        yield Shelf(tmp_path)
    else:
        with kept_in(f"sqlite:///{tmp_path / 'kept.sqlite3'}") as kept:
            yield kept


@contextmanager
def kept_in(url: str) -> Iterator[StoreLibrary]:
    migrated(url)
    store = open_store(url)
    try:
        yield StoreLibrary(store, connections.default_scope(store, at=DatabaseClock(store).now()))
    finally:
        store.dispose()


def test_a_tenants_library_is_the_same_on_every_database(migrated_url: str) -> None:
    with kept_in(migrated_url) as library:
        for version in ("1.10", "1.9"):
            library.add(pack(version, **{"t.csv": "sku,class\nA,B\n"}))
        assert library.versions("acme/web") == ("1.9", "1.10")
        assert library.pack("acme/web", "1.9") == pack("1.9", **{"t.csv": "sku,class\nA,B\n"})


def test_what_was_put_in_is_found_again_whole(library: Shelf | StoreLibrary) -> None:
    kept = pack(text=TEXT.replace("\n", "\r\n") + "// ä€😀", **{"t.csv": "sku,class\r\nA,B\r\n"})
    library.add(kept)
    assert library.pack("acme/web", "1.0") == kept
    assert library.find("acme/web", "1.0") == kept.text
    assert library.tables("acme/web", "1.0") == kept.tables
    assert library.names() == ("acme/web",)


def test_versions_stand_in_the_order_of_their_numbers(library: Shelf | StoreLibrary) -> None:
    for version in ("1.10", "1.9", "2", "1.0.1", "1.0"):
        library.add(pack(version))
    assert list(library.versions("acme/web")) == ["1.0", "1.0.1", "1.9", "1.10", "2"]


def test_a_version_never_changes_and_the_same_again_is_nothing_new(library: Shelf | StoreLibrary) -> None:
    library.add(pack())
    library.add(pack())
    with pytest.raises(PackRefused, match="Give this one a new version"):
        library.add(pack(text=TEXT + "// more"))
    with pytest.raises(PackRefused, match="Give this one a new version"):
        library.add(pack(**{"t.csv": "a,b"}))
    assert library.find("acme/web", "1.0") == TEXT


@pytest.mark.parametrize("name", ["", "Acme", "../up", "a//b", "/etc", "a/../b", "a b", "a/b/c/d/e", "a\\b", "é"])
def test_a_name_that_is_no_name_finds_nothing_and_is_refused(library: Shelf | StoreLibrary, name: str) -> None:
    assert library.find(name, "1.0") is None
    assert list(library.versions(name)) == []
    assert dict(library.tables(name, "1.0")) == {}
    with pytest.raises(PackRefused, match="cannot be the name"):
        library.add(pack(name=name))


@pytest.mark.parametrize("version", ["", "v1", "1.", "1..2", "../1.0", "1.0/x", "1.2.3.4.5", "latest"])
def test_a_version_that_is_none_is_refused(library: Shelf | StoreLibrary, version: str) -> None:
    assert library.find("acme/web", version) is None
    with pytest.raises(PackRefused, match="cannot be a version"):
        library.add(pack(version))


def test_a_text_changed_after_it_was_published_is_refused_in_words(tmp_path: Path) -> None:
    Shelf(tmp_path).add(pack())
    (tmp_path / "acme/web/1.0.rules").write_text(TEXT.replace("One", "Two"), encoding="utf-8")
    with pytest.raises(PackBroken, match="changed after it was published"):
        FolderLibrary(tmp_path).find("acme/web", "1.0")
    with pytest.raises(RuleSetBroken) as caught:
        compile_text('use "acme/web" version "1.0" end', file="web.rules", library=FolderLibrary(tmp_path))
    assert [(each.code, each.start.column) for each in caught.value.diagnostics] == [("R710", 5)]


def test_a_table_that_names_a_folder_is_refused(tmp_path: Path) -> None:
    for name in ("../t.csv", "a/t.csv", "t.txt"):
        with pytest.raises(PackRefused, match="table file"):
            Shelf(tmp_path).add(pack(**{name: "a,b"}))
    assert not list(tmp_path.rglob("*.csv"))


def test_a_pack_that_was_half_written_does_not_count_as_published(tmp_path: Path) -> None:
    Shelf(tmp_path).add(pack())
    index = tmp_path / "acme/web/versions.json"
    entries = json.loads(index.read_text(encoding="utf-8"))
    del entries["versions"]["1.0"]
    index.write_text(json.dumps(entries), encoding="utf-8")  # as if the process had ended before the index was written
    changed = pack(text=TEXT + "// finished")
    (tmp_path / "acme/web/1.0.rules").write_text(changed.text, encoding="utf-8")
    Shelf(tmp_path).add(changed)
    assert FolderLibrary(tmp_path).pack("acme/web", "1.0") is not None


def test_an_index_that_cannot_be_read_is_told_and_nothing_is_taken_on_trust(tmp_path: Path) -> None:
    Shelf(tmp_path).add(pack())
    (tmp_path / "acme/web/versions.json").write_text("[", encoding="utf-8")
    with pytest.raises(PackBroken, match="list of published versions"):
        FolderLibrary(tmp_path).find("acme/web", "1.0")


def test_another_tenants_packs_are_not_there(migrated_url: str) -> None:
    from sqlalchemy import insert

    from engine.ids import new_uid
    from engine.store import TenantScope
    from engine.store.tables import tenant

    store = open_store(migrated_url)
    try:
        mine = connections.default_scope(store, at=AT)
        with store.write() as session:
            made = session.execute(
                insert(tenant).values(uid=new_uid(), name="other", created_at=AT).returning(tenant.c.id)
            )
            theirs = TenantScope(made.scalar_one())
        StoreLibrary(store, mine).add(pack())
        other = StoreLibrary(store, theirs)
        assert other.find("acme/web", "1.0") is None
        assert (other.names(), other.versions("acme/web")) == ((), ())
        other.add(pack(text=TEXT + "// theirs"))
        assert StoreLibrary(store, mine).find("acme/web", "1.0") == TEXT
    finally:
        store.dispose()


class Memory:
    """A library in memory."""

    def __init__(self, *packs: Pack) -> None:
        self.packs = {(each.name, each.version): each for each in packs}

    def find(self, name: str, version: str) -> str | None:
        found = self.packs.get((name, version))
        return None if found is None else found.text

    def tables(self, name: str, version: str) -> dict[str, str]:
        found = self.packs.get((name, version))
        return {} if found is None else dict(found.tables)

    def versions(self, name: str) -> list[str]:
        return [version for other, version in self.packs if other == name]

    def names(self) -> list[str]:
        return sorted({name for name, _ in self.packs})


def test_of_several_libraries_the_first_that_has_the_name_gives_all_its_versions() -> None:
    together: Library = Together((Memory(pack("1.0")), Memory(pack("2.0"), pack(name="acme/other"))))
    assert together.find("acme/web", "2.0") is None
    assert list(together.versions("acme/web")) == ["1.0"]
    assert together.find("acme/other", "1.0") == TEXT
    assert list(together.names()) == ["acme/other", "acme/web"]


def test_a_version_carries_along_every_pack_that_it_uses_those_of_packs_too() -> None:
    inner = pack(name="acme/inner", text=WITH_TABLE, **{"classes.csv": "sku,class\nA,Hats\n"})
    outer = pack(name="acme/outer", text='use "acme/inner" version "1.0" end\n')
    unused = pack(name="acme/unused")
    asked = Remembering(Memory(inner, outer, unused))
    text = 'use "acme/outer" version "1.0" end'
    program = compile_text(text, file="web.rules", library=asked).program
    bundled = asked.bundled()
    assert sorted(bundled) == ["acme/inner@1.0", "acme/outer@1.0"]
    assert compile_text(text, file="web.rules", library=Bundled(bundled)).program.hash == program.hash


def test_the_canned_rule_sets_are_a_library_like_any_other() -> None:
    canned = CannedRuleSets()
    assert "orders/order_prefix" in canned.names()
    assert list(canned.versions("orders/order_prefix")) == ["1.0"]
    assert (canned.find("orders/order_prefix", "1.0") or "").startswith("ruleset")
    assert canned.find("demo", "web_orders") is None
