"""Other rule engines for Python over the same workload; changes when one joins or leaves.

They are no dependency of the project: `found` says which are installed where this runs.
"""

import importlib
from collections.abc import Callable

from bench.rules.peers.peer import Peer

_PEERS: dict[str, tuple[str, str]] = {
    "business-rules": ("business_rules", "with_business_rules"),
    "panzi-json-logic": ("json_logic", "with_json_logic"),
    "zen-engine": ("zen", "with_zen"),
    "cel-expr-python": ("cel_expr_python", "with_cel_cpp"),
    "common-expression-language": ("cel", "with_cel_rust"),
    "rule-engine": ("rule_engine", "with_rule_engine"),
    "cel-python": ("celpy", "with_cel_python"),
}
"""Each peer's distribution, the module that it installs, and the module here that runs it."""


def found() -> tuple[list[Peer], list[str]]:
    """The peers that are installed, ready to run, and the names of those that are not."""
    installed: list[Peer] = []
    missing: list[str] = []
    for name, (module, here) in _PEERS.items():
        try:
            importlib.import_module(module)
        except ImportError:
            missing.append(name)
            continue
        make: Callable[[], list[Peer]] = importlib.import_module(f"bench.rules.peers.{here}").make
        installed += make()
    return installed, missing


__all__ = ["Peer", "found"]
