"""One Python function per rule set and record kind, in three twins; changes with the shape of that function.

The code is made of syntax nodes and bound constants, never of text; nothing of a rule file is ever compiled as Python.
Whatever it does not want to judge (a leaf of the wrong kind, two currencies, a limit) raises, and the caller lets the
tree walker decide that record: so here stand only the paths that go well.

- *fast* keeps nothing but the decision, *mask* a bit per rule that fired, *full* every change and statement.
"""

import ast
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

from dsl import tree
from dsl.decision import Decision, Hold
from dsl.evaluate import runtime
from dsl.evaluate.lower import RuleForm, groups, lower, most_items
from dsl.evaluate.quote import expression, name
from dsl.evaluate.runtime import Folded
from dsl.evaluate.scope import Frame, Need
from dsl.evaluate.statements import Statements
from dsl.evaluate.walk import Walker
from dsl.evaluate.whole import Twin, Whole
from dsl.resolved import ResolvedRule

Evaluator = Callable[..., Decision]
_ASSIGNMENTS = (tree.Set, tree.Fill, tree.Override)
_PARAMETERS = ("record", "today", "held_since", "releases", "replay")


@dataclass(slots=True)
class _Needs:
    """What a group of rules asked for in the dry pass, for the record and for the item of its loop."""

    record: Counter[tuple[str, Need]]
    item: Counter[tuple[str, Need]]
    paths: dict[str, tree.Path]


@dataclass(frozen=True, slots=True)
class Generated:
    """A function made of rules, and the names of fields that it takes for granted: without one it raises KeyError."""

    decide: Evaluator
    assumed: frozenset[str]


def generate(
    walker: Walker,
    rules: Sequence[ResolvedRule],
    kind: str,
    twin: Twin,
    *,
    folded: dict[str, Folded] | None = None,
    loose: frozenset[str] = frozenset(),
    present: bool = True,
) -> Generated:
    """Compile the rules that run on one kind of record into a function.

    It takes (record, today, held_since, releases, replay) and returns a Decision, or raises whatever it likes: then
    the tree walker has to decide. `folded` keeps texts between functions; `loose` and `present` say which fields may
    be absent from a record (`Whole`).
    """
    forms = lower(rules)
    kept = {} if folded is None else folded

    def whole(traced: Sequence[str] = ()) -> Whole:
        return Whole(walker, forms, kind, twin, kept, loose, present, traced=list(traced))

    dry = _Generator(whole(), [])
    dry.build()
    generator = _Generator(whole(dry.whole.traced), dry.needs)
    body = generator.build()
    return Generated(generator.compiled(body), frozenset(generator.whole.assumed))


class _Generator(Statements):
    def __init__(self, whole: Whole, known: list[_Needs]) -> None:
        super().__init__(whole)
        self.forms = whole.forms
        self.known_needs = known
        self.needs: list[_Needs] = []
        uses: Counter[tuple[str, Need]] = Counter()
        for needs in known:
            uses.update(needs.record)
        self.uses = uses
        self.record_frame.left = Counter(uses)

    # --- the function ---

    def build(self) -> list[ast.stmt]:
        rules: list[ast.stmt] = []
        with self.inside(rules):
            for place, group in enumerate(groups(self.forms)):
                self._group(place, group)
            self._return("sync")
        start: list[ast.stmt] = []
        with self.inside(start):
            self._prelude()
        return start + rules

    def compiled(self, body: list[ast.stmt]) -> Evaluator:
        arguments = [ast.arg(each) for each in (*_PARAMETERS, *self.constants)]
        function = ast.FunctionDef(
            name="decide",
            args=ast.arguments(
                posonlyargs=[],
                args=arguments,
                kwonlyargs=[],
                kw_defaults=[],
                defaults=[],
            ),
            body=body,
            decorator_list=[],
        )
        module = ast.fix_missing_locations(ast.Module([function], []))
        builtins = {each.__name__: each for each in (tuple, list, map, bool, len, dict, str, enumerate)}
        code = compile(module, f"<rules for {self.kind}, {self.twin}>", "exec")
        # A module is only the wrapping that Python compiles: nothing of it is run, the function's code is taken out.
        (decide,) = [each for each in code.co_consts if isinstance(each, CodeType)]
        return FunctionType(decide, {"__builtins__": builtins}, "decide", tuple(self.constants.values()))

    def _prelude(self) -> None:
        """What happens before the first rule: roots and items that rules may write are copied, everything is named."""
        written = self.facts.written_roots
        collections = sorted({*self.collections, *self.facts.growing, *self.facts.shrinking, *self.facts.written_items})
        for root in sorted({*written, *(collection.partition(".")[0] for collection in collections)}):
            self.root(root)
        if self.needs_currency:
            self.root(self.main)
        self.emit("result = record.copy()")
        for root in self.roots:
            template = "R = result[K] = record[K].copy()" if root in written else "R = record[K]"
            self.emit(template, R=f"r_{root}", K=ast.Constant(root))
        if self.needs_currency:
            other = "''" if self.plain_currency else "None"
            self.emit(f"currency = R.get('currency') or {other}", R=name(f"r_{self.main}"))
        limit = most_items(self.forms)
        for collection in collections:
            self._name_items(collection, limit)
        if self.twin != "fast":
            # A rule without a condition fires unless the record has ended before it; where it ends, `_return` sees to that.
            self.emit("mask = BITS", BITS=ast.Constant(sum(1 << form.place for form in self.forms if form.always)))
        if self.full:
            self.emit("events = []\nevent = events.append")
        if self.facts.shrinking:
            self.emit("left = []")
        if self.whole.has_tags:
            self.emit("tags = []")
        if self.whole.has_log:
            self.emit("log = []")

    def _name_items(self, collection: str, limit: int) -> None:
        root, _, last = collection.partition(".")
        holes: dict[str, Any] = {
            "ITEMS": self.items(collection),
            "EVERY": self.every(collection),
            "R": f"r_{root}",
            "K": ast.Constant(last),
            "N": ast.Constant(limit),
            "BEYOND": self.bound(runtime.Beyond),
        }
        if collection in self.facts.written_items:
            self.emit("EVERY = R[K] = list(map(COPY, R[K]))", COPY=self.bound(dict.copy), **holes)
        elif collection in self.facts.growing | self.facts.shrinking:
            self.emit("EVERY = R[K] = R[K].copy()", **holes)
        else:
            self.emit("EVERY = R.get(K) or ()", **holes)
        self.emit("if len(EVERY) > N:\n    raise BEYOND", **holes)
        if collection in self.facts.shrinking:
            self.emit("ITEMS = EVERY", **holes)
        if collection in self.facts.shrinking and collection in self.facts.growing:
            self.emit("ITEMS = EVERY.copy()", **holes)

    # --- rules ---

    def _group(self, place: int, group: tuple[RuleForm, ...]) -> None:
        known = self.known_needs[place] if place < len(self.known_needs) else None
        self.record_frame.asked = Counter()
        item_asked: Counter[tuple[str, Need]] = Counter()
        self.form = group[0]
        if known is not None:
            self.load(self.record_frame, known.record, known.paths)
        if group[0].item:
            item_asked = self._loop(group, known)
        else:
            self._rule(group[0])
        if len(self.needs) == place:
            self.needs.append(_Needs(self.record_frame.asked, item_asked, dict(self.paths)))

    def _loop(self, group: tuple[RuleForm, ...], known: _Needs | None) -> Counter[tuple[str, Need]]:
        first = group[0]
        items = self.items(first.collection)
        frame = Frame(first.item, self.fresh("i_"), first.collection)
        if known is not None:
            frame.left = Counter(known.item)
        pending = any(_holds_later(statement) for form in group for statement in form.statements)
        if pending:
            self.emit("pending = []")
        adds = any(isinstance(statement, tree.Add) for form in group for statement in form.statements)
        if adds:
            self._start_adding()
        block: list[ast.stmt] = []
        self.frames.append(frame)
        # Item by item the rules' events come mixed: rules that share a loop share a number, by which they are put in order.
        self.fused = first.place + 1 if len(group) > 1 else 0
        with self.inside(block):
            if known is not None:
                self.load(frame, known.item, known.paths)
            for form in group:
                self.form = form
                self._rule_body(form)
        self.fused = 0
        self.frames.pop()
        fires = [form for form in group if form.where is None and form.when is None]
        if fires and self.twin != "fast":
            firing: list[ast.stmt] = []
            with self.inside(firing):
                for form in fires:
                    self._fires(form)
            self.emit("if ITEMS:\n    BODY", ITEMS=name(items), BODY=firing)
        self.emit("for ITEM in ITEMS:\n    BODY", ITEM=frame.variable, ITEMS=name(items), BODY=block)
        if pending:
            block = []
            with self.inside(block):
                reason = self.atom(expression("'; '.join(dict.fromkeys(pending))"))
                hold = expression("HOLD(KEY, X, None, None, True)", HOLD=self.bound(Hold), KEY=self.key, X=reason)
                self._return("hold", reason, hold=hold)
            self.emit("if pending:\n    BODY", BODY=block)
        if adds:
            self._finish_adding(group)
        return frame.asked

    def _rule(self, form: RuleForm) -> None:
        adds = any(isinstance(statement, tree.Add) for statement in form.statements)
        if adds:
            self._start_adding()
        self._rule_body(form)
        if adds:
            self._finish_adding((form,))

    def _rule_body(self, form: RuleForm) -> None:
        """`where`, `when`, `then` and `otherwise` of one rule, for the record or the item at hand."""
        if form.where is not None and form.when is None and not form.otherwise:
            self._guarded(form.where, lambda: self._branch(form, form.then, fired=True))
            return
        if form.where is not None:
            self._guarded(form.where, lambda: self._when(form))
            return
        self._when(form)

    def _guarded(self, condition: tree.Expression, then: Callable[[], None]) -> None:
        test = self.condition(condition)
        block: list[ast.stmt] = []
        with self.inside(block):
            then()
        self.emit("if T:\n    BODY", T=test, BODY=block)

    def _when(self, form: RuleForm) -> None:
        if form.when is None:
            self._branch(form, form.then, fired=True)
            return
        if not form.otherwise:
            self._guarded(form.when, lambda: self._branch(form, form.then, fired=True))
            return
        test = self.condition(form.when)
        then: list[ast.stmt] = []
        otherwise: list[ast.stmt] = []
        with self.inside(then):
            self._branch(form, form.then, fired=True)
        with self.inside(otherwise):
            self._branch(form, form.otherwise, fired=False)
        self.emit("if T:\n    THEN\nelse:\n    OTHERWISE", T=test, THEN=then, OTHERWISE=otherwise)

    def _branch(self, form: RuleForm, branch: tuple[tree.Statement, ...], fired: bool) -> None:
        if fired and not (form.where is None and form.when is None):
            self._fires(form)
        sets_amount = any(
            isinstance(each, (*_ASSIGNMENTS, tree.Clear)) and each.target.name == "line.amount" for each in branch
        )
        follows = not sets_amount and any(
            isinstance(each, _ASSIGNMENTS) and self._moves_amount(each.target) for each in branch
        )
        if follows:
            self.amount_before = self.fresh("b_")
            frame = self.frames[-1]
            self.emit("T = X.get('amount')", T=self.amount_before, X=name(frame.variable))
        ordinal = 0
        for statement in branch:
            if isinstance(statement, tree.Add):
                ordinal += 1
                self._add(statement, ordinal)
            else:
                self._statement(statement)
        self._note_amount()
        self.amount_before = None


def _holds_later(statement: tree.Statement) -> bool:
    stop = getattr(statement, "or_stop", None)
    return stop is not None and stop.action == "hold"
