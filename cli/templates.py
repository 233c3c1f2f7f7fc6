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
        sentence="The text without blanks at either end.",
        parameters=(Parameter("text", (TEXT,), "The text to work on"),),
        result=TEXT,
        run=_$name,
        examples=(Example('$name(" HAT ")', '"HAT"'),),
    ),
)
'''

CONNECTOR = '''"""$class_name, a shop that is read: somebody else's API, and nothing else. It knows no rules and no books."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from connectors.ports import Clock, ConnectorDeclaration, CredentialField, Source

DECLARATION: Final = ConnectorDeclaration(
    kind="$name",
    title="$class_name",
    credentials=(
        CredentialField(name="key", label="API key", secret=True, help="Where people find it, click by click."),
    ),
    reads=("order",),
)


class $class_name(Source):
    """A shop. What its methods owe stands in `connectors.ports.Source`; tests/connectors/source_suite.py checks all of it."""

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
'''

CONNECTOR_TEST = '''"""The suite that every source passes, for $class_name, against a local server that answers as recorded.

Two fixtures are to be written here: `shop`, of scope "class", a running server that is only read, and `fresh_shop`, one of
the test's own that may be changed.
"""

from __future__ import annotations

from typing import Any

from connectors.$name import $class_name
from tests.connectors.clocks import RunningClock
from tests.connectors.source_suite import SourceSuite


class Test$class_name(SourceSuite):
    order_count = 1  # how many orders the local server has
    secret_names = ("key",)

    def source_of(self, shop: Any) -> $class_name:
        return $class_name({"key": shop.key}, clock=RunningClock())

    def wrong_keys(self, shop: Any) -> $class_name:
        return $class_name({"key": "wrong"}, clock=RunningClock())
'''
