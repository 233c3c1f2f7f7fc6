"""What `cloudcart new` writes: changes when the files of a rule set, a function or a connector look otherwise.

`$name` and its like are filled in; a dollar sign is written twice.
"""

RULES = """ruleset "$title"
  language 1
  note "What it is for, in a sentence."
end

setting looked_for is text default "gift" note "The word that is looked for in the order's note"

rule "$title"
  for order
  when order.note contains looked_for
  then tag "$alias"
end

test "An order with the word gets the tag"
  given order
    order.note = "A gift for Ada"
  expect
    order.tags contains "$alias"  fired "$title"
end

test "Another order is left alone"
  given order
    order.note = "Leave it at the door"
  expect
    not fired "$title"
end
"""

PAGE = """# $title

What it is for: who needs it, and what it changes.

Version 1.0

| setting | kind | default | what it is for |
|---|---|---|---|
| `looked_for` | text | `"gift"` | The word that is looked for in the order's note |

```
use "$name" version "1.0" as $alias
  set looked_for to "gift"
end
```
"""

FUNCTION = '''"""The function `$name` of the language: declaration, help, examples and implementation stand together."""

from dsl.functions.function import Example, Function, Parameter
from dsl.types import TEXT


def _$name(text: str) -> str | None:
    """Gets the values of the arguments in their order; returns a value, or None for missing."""
    return text.strip() or None


FUNCTIONS = (
    Function(
        name="$name",
        group="text",
        sentence="The text without blanks at either end",
        parameters=(Parameter("text", (TEXT,), "The text to work on"),),
        result=TEXT,
        run=_$name,
        examples=(Example('$name(" HAT ")', '"HAT"'),),
    ),
)
'''

CONNECTOR = '''"""$class_name, a shop that is read: somebody else's API, and nothing else. It knows no rules and no books."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from connectors.ports import Clock, ConnectorDeclaration, CredentialField, Page, ShopProfile
from connectors.records import Fetched

DECLARATION: Final = ConnectorDeclaration(
    kind="$name",
    title="$class_name",
    credentials=(
        CredentialField(name="key", label="API key", secret=True, help="Where people find it, click by click."),
    ),
    reads=("order",),
    limits={"call": 60},
)


class $class_name:
    """A shop (`connectors.ports.Source`). Each call may raise `errors.Retry`, `Rejected` or `ReconnectNeeded`.

    Every method below says what it owes; tests/connectors/source_suite.py checks all of it.
    """

    declaration = DECLARATION

    def __init__(self, credentials: Mapping[str, str], *, clock: Clock) -> None:
        self._key = credentials["key"]
        self._clock = clock
        self._calls: dict[str, int] = {}

    def call_counts(self) -> Mapping[str, int]:
        """Calls made so far, by kind."""
        return dict(self._calls)

    def close(self) -> None:
        """Let go of connections."""

    def profile(self) -> ShopProfile:
        """Say hello, find out zone and currency, check the keys."""
        raise NotImplementedError("ask the system who it is")

    def changed_orders(
        self,
        cursor: str | None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        statuses: Sequence[str] = (),
    ) -> Iterator[Page]:
        """Orders that changed after the cursor, oldest first, with overlap: a repeat is harmless, a gap is not."""
        raise NotImplementedError("page through what changed")

    def orders(self, ids: Sequence[str]) -> Iterator[Page]:
        """Those orders, read again by id."""
        raise NotImplementedError("read these orders")

    def customers(self, cursor: str | None) -> Iterator[Page]:
        """The shop's customers."""
        raise NotImplementedError("page through the customers")

    def products(self, cursor: str | None) -> Iterator[Page]:
        """Products and, each for itself, their variations."""
        raise NotImplementedError("page through the products")

    def read_orders(self, payloads: Iterable[Mapping[str, Any]]) -> Iterator[Fetched]:
        """The pure mapping of raw payloads; what cannot be read is a finding, never an exception."""
        raise NotImplementedError("map a payload to connectors.records.Order")
'''

CONNECTOR_TEST = '''"""The suite that every source passes, for $class_name, against a local server that answers as recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.$name import $class_name
from tests.connectors.clocks import RunningClock
from tests.connectors.source_suite import SourceSuite


class Test$class_name(SourceSuite):
    order_count = 1  # how many orders the local server has
    secret_names = ("key",)

    @pytest.fixture(scope="class")
    @classmethod
    def shop(cls) -> Iterator[Any]:
        raise NotImplementedError("start the local server, and yield it")

    @pytest.fixture
    def fresh_shop(self) -> Iterator[Any]:
        raise NotImplementedError("a server of this test's own, to be changed")

    def source_of(self, shop: Any) -> $class_name:
        return $class_name({"key": shop.key}, clock=RunningClock())

    def wrong_keys(self, shop: Any) -> $class_name:
        return $class_name({"key": "wrong"}, clock=RunningClock())
'''
