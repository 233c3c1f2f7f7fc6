"""How generated code ends a record and keeps what happened; changes with what a decision and its trace have to say."""

import ast
from collections.abc import Callable
from typing import Any

from dsl import tree
from dsl.decision import Changes, Decision, Trace
from dsl.evaluate import runtime
from dsl.evaluate.conditions import Conditions
from dsl.evaluate.lower import RuleForm
from dsl.evaluate.quote import expression, name
from dsl.evaluate.records import shown_key
from dsl.evaluate.telling import Site
from dsl.evaluate.whole import Whole


class Events(Conditions):
    """Expressions of one set of rules, and the ends and events of its records."""

    form: RuleForm
    """The rule whose code is being made: the generator says which before it makes any."""

    def __init__(self, whole: Whole) -> None:
        super().__init__(whole)
        self.wording = whole.walker.wording
        self.twin = whole.twin
        self.amount_before: str | None = None
        self.fused = 0

    @property
    def full(self) -> bool:
        return self.twin == "full"

    @property
    def key(self) -> ast.expr:
        return ast.Constant(self.form.key)

    def _return(self, outcome: str, reason: ast.expr | None = None, **given: ast.expr) -> None:
        """End the record: left-out items go out of the lists, and the decision is made."""
        for collection in sorted(self.facts.shrinking):
            root, _, last = collection.partition(".")
            self.emit("R[K] = ITEMS", R=name(f"r_{root}"), K=ast.Constant(last), ITEMS=name(self.items(collection)))
        none: ast.expr = ast.Constant(None)
        empty: ast.expr = ast.Tuple([], ast.Load())
        changes, trace = self._told() if self.full else (empty, none)
        decision = self._made(
            Decision,
            kind=ast.Constant(self.kind),
            outcome=ast.Constant(outcome),
            reason=reason or none,
            rule=self.key if outcome != "sync" else none,
            record=name("result"),
            changes=changes,
            fired=empty if self.twin == "fast" else self._fired(outcome),
            left_out=expression("tuple(left) if left else ()") if self.facts.shrinking else empty,
            tags=expression("tuple(tags) if tags else ()") if self.whole.has_tags else empty,
            log=expression("tuple(log) if log else ()") if self.whole.has_log else empty,
            findings=given.get("findings", empty),
            hold=given.get("hold", none),
            trace=trace,
        )
        self.block.append(ast.Return(decision))

    def _fired(self, outcome: str) -> ast.expr:
        if self.whole.listed:
            if self.loop is not None:
                return expression("(*fired, *F(hits))", F=self.bound(self.whole.keys))
            return expression("tuple(fired)")
        mask: ast.expr = name("mask")
        if outcome != "sync":
            mask = expression("mask & REACHED", REACHED=ast.Constant((1 << (self.form.place + 1)) - 1))
        return expression("F[MASK]", F=self.bound(self.whole.fired), MASK=mask)

    def _told(self) -> tuple[ast.expr, ast.expr]:
        """The changes and the trace, which tell what happened once somebody asks."""
        self.emit(
            "kept = NEW(CHANGES)\nkept.events = events\nkept.lists = LISTS\nkept.tell = TELL\n"
            "trace = NEW(TRACE)\ntrace.noted = kept\ntrace.replay = replay",
            NEW=self.bound(object.__new__),
            CHANGES=self.bound(Changes),
            LISTS=ast.Tuple([name(self.every(collection)) for collection in self.whole.traced], ast.Load()),
            TELL=self.bound(self.whole.tell),
            TRACE=self.bound(Trace),
        )
        return name("kept"), name("trace")

    def _fires(self, form: RuleForm) -> None:
        """Note that a rule fired, where that is not known beforehand."""
        if self.twin != "fast" and (self.whole.listed or not form.always):
            self._fire(ast.Constant(self._firing(form)))

    def _firing(self, form: RuleForm) -> int | str:
        """What is noted of a rule that fires: a bit; its key; or in a loop, where others come between, its place."""
        if not self.whole.listed:
            return 1 << form.place
        return form.key if self.loop is None else form.place

    def _fire(self, noted: ast.expr) -> None:
        if not self.whole.listed:
            # Outside of a loop a rule fires once, and Python adds faster than it joins bits.
            self.emit("mask += X" if self.loop is None else "mask |= X", X=noted)
        elif self.loop is None:
            self.emit("fired.append(X)", X=noted)
        else:
            self.emit("hits.append(X)", X=noted)

    def _made(self, of: type[Any], /, **parts: ast.expr) -> ast.expr:
        """A named tuple, made as its own slower constructor would make it."""
        if tuple(parts) != of._fields:
            raise TypeError(f"a {of.__name__} has other parts")
        made = ast.Tuple(list(parts.values()), ast.Load())
        return expression("NEW(KIND, PARTS)", NEW=self.bound(tuple.__new__), KIND=self.bound(of), PARTS=made)

    def _item_id(self) -> ast.expr:
        """The id of the item that the rule is at, worked out at once."""
        frame = self.loop
        if frame is None:
            return ast.Constant(None)
        return expression(
            "I if (I := ITEM.get('id')).__class__ is str and I else F(EVERY, ITEM)",
            I=self.fresh(),
            F=self.bound(runtime.id_of),
            EVERY=name(self.every(frame.collection)),
            ITEM=name(frame.variable),
        )

    def _event(
        self, path: str, in_item: bool, words: Callable[[Any], str] | None, before: ast.expr, after: ast.expr
    ) -> None:
        """Keep what happened at this place of the code; it is told when somebody asks."""
        site = ast.Constant(self._site(path, in_item, words))
        if self.loop is None and words is not None:
            self.emit("EVENT((SITE, X))", EVENT=name("event"), SITE=site, X=before)
        else:
            self.emit_event(site, before, after)

    def emit_event(self, site: ast.expr, before: ast.expr, after: ast.expr) -> None:
        """Keep a write at a site (or, with None for `after`, a note)."""
        parts = [site, before, after]
        if self.loop is not None:
            parts.append(name(self.loop.variable))
        self.emit("EVENT(X)", EVENT=name("event"), X=ast.Tuple(parts, ast.Load()))

    def _site(self, path: str, in_item: bool, words: Callable[[Any], str] | None) -> int:
        frame = self.loop
        place = -1
        if frame is not None:
            self.every(frame.collection)
            place = self.whole.trace_of(frame.collection)
        prefix = frame.collection if frame is not None and in_item else ""
        return self.whole.site(Site(self.form.key, self.form.place, path, place, prefix, words, self.fused))

    def write_site(self, path: tree.Path) -> int:
        """The site of a write to a field."""
        return self._site(*self._field(path), None)

    def _wrote(self, path: tree.Path, before: ast.expr, after: ast.expr) -> None:
        """Keep a write: a change, or a value that was there already."""
        self._event(*self._field(path), None, before, after)

    def _field(self, path: tree.Path) -> tuple[str, bool]:
        """The path of a field as changes show it, without its item, and whether it is an item's."""
        key = "" if path.key is None else shown_key(path.key)
        if self.frame_of(path).word:
            return f".{path.name.partition('.')[2]}{key}", True
        return path.name + key, False

    def _note(
        self,
        target: tree.Path | None,
        words: str | Callable[[Any], str],
        value: ast.expr | None = None,
        *,
        path: str = "",
    ) -> None:
        """Keep a statement without effect, with its reason, or the value that `words` make it of."""
        if not self.full:
            return
        reason = words if callable(words) else _always(words)
        field = (path, False) if target is None else self._field(target)
        none = ast.Constant(None)
        self._event(*field, reason, none if value is None else value, none)

    def _note_amount(self) -> None:
        if not self.full or self.amount_before is None:
            return
        after = self.fresh()
        block: list[ast.stmt] = []
        with self.inside(block):
            self._wrote(tree.Path("line.amount"), name(self.amount_before), name(after))
        self.emit(
            "T = X.get('amount')\nif B != T:\n    BODY",
            T=after,
            X=name(self.frames[-1].variable),
            B=name(self.amount_before),
            BODY=block,
        )


def _always(words: str) -> Callable[[Any], str]:
    return lambda _: words
