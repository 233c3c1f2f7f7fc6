"""Where generated code keeps what it has read: locals for fields, bound constants, blocks; it knows no operator.

A field that is read more than once is loaded into a local before the first rule that reads it, as it lies in the
record (`raw`), in the form in which texts compare (`folded`, "" where missing), or both. A first, dry pass counts.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from dsl import tree
from dsl.evaluate.quote import expression, name, statements
from dsl.evaluate.records import HEAD_TOTALS, main_root
from dsl.evaluate.runtime import EMPTY, beyond, received_item
from dsl.values import ZERO, fold

if TYPE_CHECKING:
    from dsl.evaluate.whole import Whole

Need = Literal["raw", "folded"]
# What is neither text nor missing is the walker's: of most of it Python says so by itself, of 0 and the like it does not.
_NO_TEXT = "'' if V is None or V.__class__ is str else BEYOND()"
FOLDED = f"(V.strip().lower() if V.isascii() else FOLD(V)) if V else {_NO_TEXT}"
_FOLDED_AT_ONCE = f"(V.strip().lower() if V.isascii() else FOLD(V)) if (V := X) else {_NO_TEXT}"
STRIPPED = f"V.strip() if FIRST else {_NO_TEXT}"
MANY = 2
_OF_ITS_OWN = frozenset(
    {
        "id",
        "number",
        "note",
        "name",
        "first_name",
        "last_name",
        "description",
        "email",
        "phone",
        "line_1",
        "line_2",
        "line_3",
    }
    | {"po_number", "transaction_id", "reference", "memo", "message", "postal_code", "barcode"}
)
"""Fields that nearly every record has another text in: nothing is gained by keeping those."""


@dataclass(slots=True)
class Local:
    """The locals of one field, as far as they are loaded."""

    raw: str | None = None
    folded: str | None = None


@dataclass(slots=True)
class Frame:
    """One level at which fields are loaded: the record, or one item of a loop. `variable` is the item's local."""

    word: str = ""
    variable: str = ""
    collection: str = ""
    locals: dict[str, Local] = field(default_factory=dict)
    asked: Counter[tuple[str, Need]] = field(default_factory=Counter)
    left: Counter[tuple[str, Need]] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a whole set of rules may write, known before any code is made."""

    written_roots: frozenset[str]
    written_items: frozenset[str]
    shrinking: frozenset[str]
    growing: frozenset[str]
    currency_written: bool


class Scope:
    """Names, constants and blocks of one generated function."""

    def __init__(self, whole: "Whole") -> None:
        self.whole = whole
        self.kind = whole.kind
        self.facts = whole.facts
        self.uses: Mapping[tuple[str, Need], int] = {}
        self.constants: dict[str, Any] = {}
        self._constant_names: dict[int | tuple[type, str], str] = {}
        self.counter = 0
        self.block: list[ast.stmt] = []
        self.record_frame = Frame()
        self.frames: list[Frame] = [self.record_frame]
        self.roots: list[str] = []
        self.collections: list[str] = []
        self.paths: dict[str, tree.Path] = {}
        self.needs_currency = False

    # --- names, constants, blocks ---

    def fresh(self, stem: str = "t") -> str:
        self.counter += 1
        return f"{stem}{self.counter}"

    def constant(self, value: Any) -> ast.expr:
        """A constant: plain ones as such, all others bound once to a parameter of the function."""
        if value is None or isinstance(value, bool | str) or type(value) is int:
            return ast.Constant(value)
        return self.bound(value)

    def bound(self, value: Any) -> ast.Name:
        """A value or function of ours, bound to a parameter."""
        # Equal decimals print differently (5, 5.00), so the form counts too; helpers are told apart by identity.
        key = id(value) if callable(value) or isinstance(value, dict) else (type(value), repr(value))
        found = self._constant_names.get(key)
        if found is None:
            found = f"k{len(self.constants)}"
            self.constants[found] = value
            self._constant_names[key] = found
        return name(found)

    def emit(self, template: str, **holes: Any) -> None:
        self.block.extend(statements(template, **holes))

    @contextmanager
    def inside(self, block: list[ast.stmt]) -> Iterator[list[ast.stmt]]:
        """Emit into another block for a while."""
        before, self.block = self.block, block
        try:
            yield block
        finally:
            self.block = before

    def atom(self, node: ast.expr) -> ast.expr:
        """The same value as something that may be read twice."""
        if isinstance(node, ast.Name | ast.Constant):
            return node
        variable = self.fresh()
        self.emit("T = X", T=variable, X=node)
        return name(variable)

    # --- where fields lie ---

    def frame_of(self, path: tree.Path) -> Frame:
        """The frame that a path is read in: the innermost item of that word, or the record."""
        for frame in reversed(self.frames):
            if frame.word and frame.word == path.root:
                return frame
        return self.record_frame

    @property
    def loop(self) -> Frame | None:
        """The item that the rule loops over, if it does."""
        return next((frame for frame in self.frames if frame.word), None)

    def root(self, root: str) -> str:
        """The local that holds a root of the record."""
        if root not in self.roots:
            self.roots.append(root)
        return f"r_{root}"

    def items(self, collection: str) -> str:
        """The local that holds the items of a collection that are not left out."""
        if collection not in self.collections:
            self.collections.append(collection)
            self.root(collection.partition(".")[0])
        return "c_" + collection.replace(".", "_")

    def every(self, collection: str) -> str:
        """The local that holds all items of a collection, left out or not."""
        self.items(collection)
        if collection in self.facts.shrinking:
            return "a_" + collection.replace(".", "_")
        return "c_" + collection.replace(".", "_")

    def container(self, path: tree.Path) -> ast.expr:
        """The dict that a path's last name is in."""
        frame = self.frame_of(path)
        root, *middle, _ = path.name.split(".")
        node: ast.expr
        if path.original:
            node = self.received(path, frame)
        elif frame.word:
            node = name(frame.variable)
        else:
            node = name(self.root(root))
        for each in middle:
            node = expression("(X.get(K) or EMPTY)", X=node, K=ast.Constant(each), EMPTY=self.bound(EMPTY))
        return node

    def received(self, path: tree.Path, frame: Frame) -> ast.expr:
        if not frame.word:
            return expression("record[ROOT]", ROOT=ast.Constant(path.root))
        root, _, last = frame.collection.partition(".")
        return expression(
            "F(EVERY, ITEM, record[ROOT].get(LAST))",
            F=self.bound(received_item),
            EVERY=name(self.every(frame.collection)),
            ITEM=name(frame.variable),
            ROOT=ast.Constant(root),
            LAST=ast.Constant(last),
        )

    def get(self, path: tree.Path) -> ast.expr:
        """The leaf at a path, read from the record."""
        last = ast.Constant(path.name.rpartition(".")[2])
        container = self.container(path)
        if path.key is None:
            if self.whole.reads_with_care(path) or (path.original and self.frame_of(path).word):
                return expression("C.get(K)", C=container, K=last)
            return expression("C[K]", C=container, K=last)
        return expression(
            "(C.get(K) or EMPTY).get(KEY)", C=container, K=last, KEY=ast.Constant(path.key), EMPTY=self.bound(EMPTY)
        )

    # --- locals ---

    def _ask(self, frame: Frame, path: tree.Path, need: Need) -> Local | None:
        """Note a use; the local that serves it, or None where the leaf is read in place."""
        if path.original:
            return None
        self.paths[path.field] = path
        # A record's field that is read for each item is worth a local.
        frame.asked[path.field, need] += MANY if not frame.word and len(self.frames) > 1 else 1
        frame.left[path.field, need] -= 1
        return frame.locals.get(path.field)

    def raw(self, path: tree.Path) -> ast.expr:
        """The leaf at a path as it lies there; head totals that are missing are 0."""
        frame = self.frame_of(path)
        local = self._ask(frame, path, "raw")
        if local is not None and local.raw is not None:
            return name(local.raw)
        return self._leaf(path)

    def _leaf(self, path: tree.Path) -> ast.expr:
        leaf = self.get(path)
        if path.name in HEAD_TOTALS:
            return expression("T if (T := X) is not None else ZERO", T=self.fresh(), X=leaf, ZERO=self.bound(ZERO))
        return leaf

    def folded(self, path: tree.Path) -> ast.expr:
        """The text at a path in the form in which texts compare, "" where it is missing."""
        frame = self.frame_of(path)
        local = self._ask(frame, path, "folded")
        if local is not None and local.folded is not None:
            return name(local.folded)
        if local is not None and local.raw is not None:
            return self._folded(path, name(local.raw))
        if self.has_few_values(path):
            return self._folded(path, self.get(path))
        return expression(
            _FOLDED_AT_ONCE, V=self.fresh(), X=self.get(path), FOLD=self.bound(fold), BEYOND=self.bound(beyond)
        )

    def _folded(self, path: tree.Path, leaf: ast.expr) -> ast.expr:
        """A leaf of this field in the form in which texts compare; one with few values may be read once only."""
        if self.has_few_values(path):
            return expression("TEXTS[X]", TEXTS=self.bound(self.whole.texts(path.field)), X=leaf)
        return expression(FOLDED, V=leaf, FOLD=self.bound(fold), BEYOND=self.bound(beyond))

    def has_few_values(self, path: tree.Path) -> bool:
        """Say whether a field's texts come again and again, so that they are kept folded."""
        return path.key is None and path.name.rpartition(".")[2] not in _OF_ITS_OWN

    def known_folded(self, path: tree.Path) -> str | None:
        """The local with the folded text, if it is loaded already; asking counts as no use."""
        if path.original:
            return None
        local = self.frame_of(path).locals.get(path.field)
        return None if local is None else local.folded

    def load(self, frame: Frame, asked: Mapping[tuple[str, Need], int], paths: Mapping[str, tree.Path]) -> None:
        """Load what a rule (or the rules of one loop) reads often enough into locals, in the current block.

        `asked` are the uses in the coming rules; for a record's fields those of all rules count (`uses`).
        """
        totals = self.uses if not frame.word else asked
        for text, need in sorted(asked):
            path = paths[text]
            if totals[text, need] < MANY:
                continue
            local = frame.locals.setdefault(text, Local())
            if need == "raw" and local.raw is None:
                local.raw = self.fresh("v_")
                self.emit("T = X", T=local.raw, X=self._leaf(path))
            elif need == "folded" and local.folded is None:
                leaf = name(local.raw) if local.raw is not None else self.get(path)
                if not self.has_few_values(path):
                    leaf = self.atom(leaf)
                variable = self.fresh("f_")
                self.emit("T = X", T=variable, X=self._folded(path, leaf))
                local.folded = variable

    def wrote(self, path: tree.Path, value: ast.expr) -> None:
        """Let the locals of a path follow a write of `value` (a name or constant)."""
        frame = self.frame_of(path)
        if path.key is not None and (whole := frame.locals.get(path.name)) is not None and whole.raw is not None:
            self.emit("T = X", T=whole.raw, X=self.get(tree.Path(path.name)))
        local = frame.locals.get(path.field)
        if local is None:
            return
        if local.raw is not None:
            shown = value
            if path.name in HEAD_TOTALS:
                shown = expression("V if V is not None else ZERO", V=value, ZERO=self.bound(ZERO))
            self.emit("T = V", T=local.raw, V=shown)
        if local.folded is None:
            return
        # In a loop the next item asks again, whatever the dry pass has counted.
        again = not frame.word and len(self.frames) > 1
        if frame.left[path.field, "folded"] <= 0 and not again:
            local.folded = None
        else:
            folded: ast.expr
            if isinstance(value, ast.Constant):
                folded = ast.Constant(fold(value.value) if isinstance(value.value, str) else "")
            else:
                folded = self._folded(path, value)
            self.emit("T = X", T=local.folded, X=folded)

    def reread(self, field: str) -> None:
        """Let the locals of a field follow what code elsewhere may have written to it."""
        whole = field.partition("[")[0]
        for frame in self.frames:
            for text, local in frame.locals.items():
                if text.partition("[")[0] != whole:
                    continue
                path = self.paths[text]
                if local.raw is not None:
                    self.emit("T = X", T=local.raw, X=self._leaf(path))
                if local.folded is not None:
                    leaf = name(local.raw) if local.raw is not None else self.get(path)
                    if not self.has_few_values(path):
                        leaf = self.atom(leaf)
                    self.emit("T = X", T=local.folded, X=self._folded(path, leaf))

    def currency(self) -> ast.expr:
        """The currency of the record, in a local."""
        self.needs_currency = True
        return name("currency")

    @property
    def main(self) -> str:
        return main_root(self.kind)
