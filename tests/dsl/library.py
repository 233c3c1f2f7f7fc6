"""Canned rule sets for tests, in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

STANDARD = """ruleset "Web store, standard"
  language 1
  version "2.3"
end
setting order_prefix is text default "" note "Put before every order number"
list test_stores is ["Test"]
table class_for_store
  store     -> class
  "Web"     -> "Online"
  otherwise -> "Retail"
end
rule "Skip unpaid orders"
  for order
  when order.paid is no
  then skip "Not paid"
end
rule "Order prefix"
  for order
  when order_prefix is present and not order.number starts with order_prefix
  then set order.number to "{order_prefix}{order.number}"
end
"""

OTHER = """setting order_prefix is text default "B-"
rule "Skip tests"
  for order
  when order.store is "Test" and order_prefix is present
  then skip "Test"
end
"""


class Packs:
    """A library in memory: {(name, version): text}."""

    def __init__(self, packs: Mapping[tuple[str, str], str]) -> None:
        self.packs = packs

    def find(self, name: str, version: str) -> str | None:
        return self.packs.get((name, version))

    def tables(self, name: str, version: str) -> Mapping[str, str]:
        return {}

    def versions(self, name: str) -> Iterable[str]:
        return [version for other, version in self.packs if other == name]

    def names(self) -> Iterable[str]:
        return sorted({name for name, _ in self.packs})


LIBRARY = Packs({("woocommerce/standard", "2.3"): STANDARD, ("shop/other", "1"): OTHER})
