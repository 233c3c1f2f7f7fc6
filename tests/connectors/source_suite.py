"""What every shop's connector must do, whatever the system: inherit `SourceSuite` and give it a shop to read.

The port it checks is `connectors.ports.Source`. A new connector's test file holds its own shop fixtures and a class
`TestMyShop(SourceSuite)`; nothing else is needed to run all of this.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import pytest

from connectors.canonical import content_hash, from_canonical, to_canonical
from connectors.errors import ConnectorError, ReconnectNeeded, Rejected
from connectors.ports import ConnectorDeclaration, Page, Source
from connectors.records import Customer, Fetched, Order, Product


class CountedSource(Source, Protocol):
    """A source as it has to be built: with its declaration and its counts of calls."""

    @property
    def declaration(self) -> ConnectorDeclaration: ...

    def call_counts(self) -> Mapping[str, int]: ...


class Shop(Protocol):
    """The shop behind the source, as a test needs it."""

    def change(self, order_id: str) -> None:
        """Something happens to that order that its list of changes shows."""
        ...

    def new_order(self) -> str:
        """A new order; its id."""
        ...


def records(pages: Iterable[Page]) -> list[Fetched]:
    return [record for page in pages for record in page.records]


def hashes(fetched: Iterable[Fetched]) -> dict[str, str]:
    return {one.id: content_hash(one.record) for one in fetched if one.record is not None}


class SourceSuite(ABC):
    """The inherited suite. Who inherits it writes two fixtures, `shop` (of the class, only read) and `fresh_shop` (of the
    test, changed): they give what the other methods take."""

    #: How many orders `changed_orders` shows without a cursor, and an id that no order has.
    order_count: int
    unknown_id: str = "99999999"
    secret_names: Sequence[str] = ()

    @pytest.fixture
    def source(self, shop: Any) -> CountedSource:
        return self.source_of(shop)

    @abstractmethod
    def source_of(self, shop: Any) -> CountedSource:
        """A new source of that shop."""

    @abstractmethod
    def wrong_keys(self, shop: Any) -> CountedSource:
        """A source of the same shop whose credentials it does not accept."""

    def credentials(self, shop: Any) -> Mapping[str, str]:
        """The right credentials, to look for in places where they must not be."""
        return {}

    # ---------------------------------------------------------------------------------------------------- declaration

    def test_the_declaration_says_what_a_form_needs(self, source: CountedSource) -> None:
        declared = source.declaration
        assert declared.kind.isidentifier()
        assert declared.title
        assert "order" in declared.reads
        names = [field.name for field in declared.credentials]
        assert len(set(names)) == len(names)
        assert set(self.secret_names) == {field.name for field in declared.credentials if field.secret}
        assert all(field.label and field.help for field in declared.credentials)
        paths = [field.path for field in declared.fields]
        assert len(set(paths)) == len(paths)
        assert all("." in field.path and field.help for field in declared.fields)

    # -------------------------------------------------------------------------------------------------------- profile

    def test_the_profile_says_who_the_shop_is_and_says_it_again(self, source: CountedSource) -> None:
        profile = source.profile()
        assert profile.identity
        assert profile.title
        assert profile.api
        assert ZoneInfo(profile.zone)
        assert len(profile.currency) == 3
        assert source.profile() == profile
        assert sum(source.call_counts().values()) > 0
        for told in self._told(profile):
            assert told not in repr(profile)

    def test_wrong_keys_are_a_reason_to_connect_again_in_words(self, shop: Any) -> None:
        source = self.wrong_keys(shop)
        with pytest.raises(ReconnectNeeded) as caught:
            source.profile()
        self._well_worded(caught.value, shop)

    def _well_worded(self, error: ConnectorError, shop: Any) -> None:
        assert error.code
        assert error.message.endswith(".")
        assert error.next_step.endswith(".")
        for secret in self.credentials(shop).values():
            assert secret not in str(vars(error))

    def _told(self, profile: object) -> list[str]:
        return []

    # --------------------------------------------------------------------------------------------------------- orders

    def test_the_first_fetch_brings_every_order_once_and_readable(self, source: CountedSource) -> None:
        found = records(source.changed_orders(None))
        assert len({one.id for one in found}) == self.order_count
        for one in found:
            assert one.kind == "order"
            json.dumps(one.raw, allow_nan=False)
            assert isinstance(one.record, Order)
            assert one.record.id == one.id
            assert from_canonical(to_canonical(one.record)) == one.record
            assert one.record.created.utcoffset() is not None
            assert all(isinstance(line.amount, Decimal) for line in one.record.lines)

    def test_parts_add_up_to_the_total_or_a_finding_says_by_how_much(self, source: CountedSource) -> None:
        for one in records(source.changed_orders(None)):
            assert isinstance(one.record, Order)
            parts = sum((line.amount for line in one.record.lines), one.record.shipping_total + one.record.tax_total)
            parts += sum((fee.amount for fee in one.record.fees), one.record.tip_total)
            said = [entry.amount for entry in one.record.findings if entry.amount == one.record.total - parts]
            assert one.record.total == parts or said

    def test_every_cursor_goes_on_where_its_page_ended(self, source: CountedSource) -> None:
        pages = list(source.changed_orders(None))
        everything = hashes(records(pages))
        assert len(pages) > 1
        for number, page in enumerate(pages):
            assert page.cursor
            before = hashes(records(pages[: number + 1]))
            rest = hashes(records(source.changed_orders(page.cursor)))
            assert before | rest == everything

    def test_a_fetch_after_the_last_brings_only_what_is_known(self, source: CountedSource) -> None:
        pages = list(source.changed_orders(None))
        known = hashes(records(pages))
        again = list(source.changed_orders(pages[-1].cursor))
        assert hashes(records(again)).items() <= known.items()
        assert again[-1].cursor

    def order_to_change(self, found: Sequence[Fetched]) -> str:
        """The id of an order whose change the shop can tell."""
        return found[len(found) // 2].id

    def test_a_change_and_a_new_order_are_in_the_next_fetch(self, fresh_shop: Shop) -> None:
        source = self.source_of(fresh_shop)
        pages = list(source.changed_orders(None))
        changed = self.order_to_change(records(pages))
        fresh_shop.change(changed)
        added = fresh_shop.new_order()
        found = {one.id for one in records(source.changed_orders(pages[-1].cursor))}
        assert {changed, added} <= found

    def test_a_cursor_that_is_none_reads_the_shop_anew_and_says_so(self, source: CountedSource) -> None:
        pages = list(source.changed_orders("no cursor"))
        assert len({one.id for one in records(pages)}) == self.order_count
        assert [finding.code for finding in pages[0].findings if finding.code == "cursor_unreadable"]

    def test_orders_read_by_id_are_the_same_as_in_the_list(self, source: CountedSource) -> None:
        listed = hashes(records(source.changed_orders(None)))
        some = sorted(listed)[::7]
        found = records(source.orders(some))
        assert hashes(found) == {one: listed[one] for one in some}

    def test_an_order_that_is_gone_says_so(self, source: CountedSource) -> None:
        (one,) = records(source.orders([self.unknown_id]))
        assert one.id == self.unknown_id
        assert one.record is None
        assert [finding.code for finding in one.findings] == ["order_gone"]
        assert records(source.orders([])) == []

    def test_what_is_kept_raw_reads_the_same_without_the_shop(self, source: CountedSource) -> None:
        found = records(source.changed_orders(None))
        calls = dict(source.call_counts())
        replayed = list(source.read_orders([json.loads(json.dumps(one.raw)) for one in found]))
        assert [one.record for one in replayed] == [one.record for one in found]
        assert source.call_counts() == calls

    def test_nonsense_among_recorded_orders_is_a_finding_and_no_crash(self, source: CountedSource) -> None:
        source.profile()
        found = list(source.read_orders([{}, {"id": 5}, {"id": "x"}]))
        assert [one.record for one in found] == [None, None, None]
        assert all(one.findings and one.findings[0].severity == "error" for one in found)

    # ------------------------------------------------------------------------------------------ customers and products

    def test_customers_and_products_come_once_each(self, source: CountedSource) -> None:
        for fetched, kind in ((source.customers(None), Customer), (source.products(None), Product)):
            found = records(fetched)
            assert found
            assert len({one.id for one in found}) == len(found)
            assert all(isinstance(one.record, kind) for one in found)
            assert all(from_canonical(to_canonical(one.record)) == one.record for one in found)

    def test_pages_of_products_go_on_where_they_ended(self, source: CountedSource) -> None:
        pages = list(source.products(None))
        for number, page in enumerate(pages[:-1]):
            rest = hashes(records(source.products(page.cursor)))
            assert hashes(records(pages[: number + 1])) | rest == hashes(records(pages))
        assert pages[-1].cursor is None

    # ------------------------------------------------------------------------------------------------------- next step

    def test_refusals_are_worded(self, shop: Any) -> None:
        source = self.wrong_keys(shop)
        with pytest.raises(Rejected) as caught:
            list(source.changed_orders(None))
        self._well_worded(caught.value, shop)
