"""Which module imports what: changes when the layers or the library fences of the project do.

Reads the syntax trees, so imports inside functions and under TYPE_CHECKING count as well; it imports nothing itself.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: folder -> the folders of ours that it may import; what is missing here may be imported by nobody but itself.
LAYERS: dict[str, frozenset[str]] = {
    "grammar": frozenset(),
    "rulesets": frozenset(),
    "connectors": frozenset(),
    "sandbox": frozenset(),
    "dsl": frozenset({"grammar"}),
    "engine": frozenset({"dsl", "connectors"}),
    "web": frozenset({"engine", "dsl"}),
    "cli": frozenset({"engine", "dsl", "web", "sandbox"}),
}

#: library -> the only modules (with what lies below them) that may import it.
FENCES: dict[str, tuple[str, ...]] = {
    "lark": ("dsl",),
    "re2": ("dsl",),
    "flask": ("web", "sandbox"),
    "werkzeug": ("web", "sandbox"),
    "jinja2": ("web",),
    "click": ("cli",),
    "rich": ("cli",),
    "pygls": ("cli",),
    "rq": ("engine.jobs", "engine.signals"),
    "redis": ("engine.jobs", "engine.signals"),
    "sqlalchemy": ("engine",),
    "alembic": ("engine",),
    "psycopg": ("engine",),
    "requests": ("connectors",),
    "quickbooks": ("connectors",),
    "intuitlib": ("connectors",),
}


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module, absolute, and where it stands."""

    module: str
    imported: str
    line: int


def imports_of(module: str, text: str, *, is_package: bool = False) -> Iterator[Import]:
    """Every import of a module's text, relative ones made absolute.

    `from engine import store` counts as `engine.store`: the parent alone would hide which part is meant.
    """
    package = module if is_package else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(module, alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")
                above = ".".join(parts[: len(parts) - node.level + 1])
                base = f"{above}.{base}".strip(".")
            for alias in node.names:
                yield Import(module, f"{base}.{alias.name}".strip("."), node.lineno)
        elif (
            isinstance(node, ast.Call)
            and (getattr(node.func, "attr", None) or getattr(node.func, "id", None)) in ("import_module", "__import__")
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str)
        ):
            yield Import(module, node.args[0].value, node.lineno)


def modules(root: Path) -> Iterator[tuple[str, Path]]:
    """Every Python module of ours under a root: its dotted name and its file."""
    for folder in LAYERS:
        for file in sorted((root / folder).rglob("*.py")):
            parts = file.relative_to(root).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), file


def within(module: str, places: tuple[str, ...]) -> bool:
    return any(module == place or module.startswith(place + ".") for place in places)


def violation(one: Import) -> str | None:
    """What is wrong with an import, in words; None where it is allowed."""
    here, there = one.module.partition(".")[0], one.imported.partition(".")[0]
    if there in LAYERS and there != here and there not in LAYERS[here]:
        allowed = ", ".join(sorted(LAYERS[here])) or "nothing of ours"
        return f"{one.module}:{one.line} imports {one.imported}; {here} imports {allowed}"
    if there in ("tests", "bench"):
        return f"{one.module}:{one.line} imports {one.imported}; what is shipped needs no tests"
    if there in FENCES and not within(one.module, FENCES[there]):
        return f"{one.module}:{one.line} imports {there}, which only {' and '.join(FENCES[there])} may"
    return None


def violations(root: Path) -> list[str]:
    """Everything under a root that crosses a layer or a fence."""
    found = []
    for module, file in modules(root):
        for one in imports_of(module, file.read_text(encoding="utf-8"), is_package=file.name == "__init__.py"):
            wrong = violation(one)
            if wrong:
                found.append(wrong)
    return found
