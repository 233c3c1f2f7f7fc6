"""One Python function per rule set and record kind, in three twins; changes with the shape of that function.

The code is made of syntax nodes and bound constants, never of text; nothing of a rule file is ever compiled as Python.
Whatever it does not want to judge (a leaf of the wrong kind, two currencies, a limit) raises, and the caller lets the
tree walker decide that record: so here stand only the paths that go well.

- *fast* keeps nothing but the decision, *mask* a bit per rule that fired, *full* every change and statement.
"""

import ast
from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

from dsl import tree
from dsl.decision import Decision, Hold
from dsl.evaluate import runtime
from dsl.evaluate.finder import Finder, Steps
from dsl.evaluate.lower import RuleForm, groups, lower, most_items
from dsl.evaluate.quote import expression, name
from dsl.evaluate.records import COLLECTIONS, main_root
from dsl.evaluate.runs import Indexes, Run, index_of, runs
from dsl.evaluate.runtime import Folded
from dsl.evaluate.scope import Frame, Need
from dsl.evaluate.statements import Statements
from dsl.evaluate.walk import Walker
from dsl.evaluate.whole import Twin, Whole
from dsl.resolved import ResolvedRule

Evaluator = Callable[..., Decision]
_ASSIGNMENTS = (tree.Set, tree.Fill, tree.Override)
_WRITING = (*_ASSIGNMENTS, tree.Clear, tree.Replace)
_MOST_PARAMETERS = 64
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
    assumed: Set[str]
    """It grows while parts of the function are made."""


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
    planned = [(group, tuple(runs(group, kind, walker.constant))) for group in _neighbours(forms)]
    listed = any(run.way == "found" for _, each in planned for run in each)

    def whole(traced: Sequence[str] = ()) -> Whole:
        return Whole(walker, forms, kind, twin, kept, loose, present, listed, list(traced))

    dry = _Generator(whole(), planned, [], {})
    dry.build()
    generator = _Generator(whole(dry.whole.traced), planned, dry.needs, dry.indexes)
    generator.limit = most_items(forms)
    body = generator.build()
    return Generated(generator.compiled(body, _PARAMETERS), generator.whole.assumed)


def _neighbours(forms: tuple[RuleForm, ...]) -> Iterator[tuple[RuleForm, ...]]:
    """Rules in stretches: those that share a loop, one that has its own, or all between two loops."""
    gathered: list[RuleForm] = []
    for group in groups(forms):
        if group[0].item:
            if gathered:
                yield tuple(gathered)
            gathered = []
            yield group
        else:
            gathered += group
    if gathered:
        yield tuple(gathered)


class _Generator(Statements):
    def __init__(
        self,
        whole: Whole,
        planned: Sequence[tuple[tuple[RuleForm, ...], tuple[Run, ...]]],
        known: list[_Needs],
        indexes: dict[int, Indexes],
    ) -> None:
        super().__init__(whole)
        self.planned = planned
        self.forms = whole.forms
        self.known_needs = known
        self.indexes = indexes
        self.limit = 0
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
            for group, its_runs in self.planned:
                if group[0].item:
                    self._group(group, its_runs)
                else:
                    for run in its_runs:
                        self._group(run.forms, (run,))
            self._return("sync")
        start: list[ast.stmt] = []
        with self.inside(start):
            self._prelude()
        return start + rules

    def compiled(self, body: list[ast.stmt], parameters: Sequence[str]) -> Callable[..., Any]:
        """A function of these parameters. Its constants are parameters too, but for those of very large sets: each
        parameter costs every call a little."""
        constants = self.constants if len(self.constants) <= _MOST_PARAMETERS else {}
        arguments = [ast.arg(each) for each in (*parameters, *constants)]
        function = ast.FunctionDef(
            name="decide",
            args=ast.arguments(
                posonlyargs=[],
                args=arguments,
                kwonlyargs=[],
                kw_defaults=[],
                defaults=[],
            ),
            body=body or [ast.Pass()],
            decorator_list=[],
        )
        module = ast.fix_missing_locations(ast.Module([function], []))
        builtins = {each.__name__: each for each in (tuple, list, map, bool, len, dict, str)}
        code = compile(module, f"<rules for {self.kind}, {self.twin}>", "exec")
        # A module is only the wrapping that Python compiles: nothing of it is run, the function's code is taken out.
        (decide,) = [each for each in code.co_consts if isinstance(each, CodeType)]
        named = {"__builtins__": builtins} if constants else {"__builtins__": builtins, **self.constants}
        return FunctionType(decide, named, "decide", tuple(constants.values()))

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
        for collection in collections:
            self._name_items(collection, self.limit)
        if self.twin != "fast":
            # A rule without a condition fires unless the record has ended before it; where it ends, `_return` sees to that.
            bits = sum(1 << form.place for form in self.forms if form.always)
            self.emit("fired = []" if self.whole.listed else "mask = BITS", BITS=ast.Constant(bits))
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

    def _group(self, group: tuple[RuleForm, ...], its_runs: tuple[Run, ...]) -> None:
        place = len(self.needs)
        known = self.known_needs[place] if place < len(self.known_needs) else None
        self.record_frame.asked = Counter()
        item_asked: Counter[tuple[str, Need]] = Counter()
        self.form = group[0]
        if known is not None:
            self.load(self.record_frame, known.record, known.paths)
        if group[0].item:
            item_asked = self._loop(group, its_runs, known)
        else:
            self._runs(its_runs, self._rule)
        self.needs.append(_Needs(self.record_frame.asked, item_asked, dict(self.paths)))

    def _loop(
        self, group: tuple[RuleForm, ...], its_runs: tuple[Run, ...], known: _Needs | None
    ) -> Counter[tuple[str, Need]]:
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
            self._runs(its_runs, self._rule_body)
        self.fused = 0
        self.frames.pop()
        if self.whole.listed and self.twin != "fast":
            self.emit("hits = []")
        fires = [form for form in group if form.where is None and form.when is None]
        if fires and self.twin != "fast":
            firing: list[ast.stmt] = []
            self.frames.append(frame)
            with self.inside(firing):
                for form in fires:
                    self._fires(form)
            self.frames.pop()
            self.emit("if ITEMS:\n    BODY", ITEMS=name(items), BODY=firing)
        self.emit("for ITEM in ITEMS:\n    BODY", ITEM=frame.variable, ITEMS=name(items), BODY=block)
        if self.whole.listed and self.twin != "fast":
            self.emit("if hits:\n    fired += F(hits)", F=self.bound(self.whole.keys))
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

    # --- rules, and runs of them ---

    def _runs(self, its_runs: Sequence[Run], rule: Callable[[RuleForm], None]) -> None:
        for run in its_runs:
            self.form = run.forms[0]
            match run.way:
                case "each":
                    self._each_rule(run, rule)
                case "together":
                    test = _among(
                        self.folded(run.heads[0].path), frozenset().union(*(each.texts for each in run.heads))
                    )
                    block: list[ast.stmt] = []
                    with self.inside(block):
                        self._each_rule(run, rule)
                    self.emit("if T:\n    BODY", T=test, BODY=block)
                case "table":
                    self._table(run)
                case "found":
                    self._find(run)

    def _each_rule(self, run: Run, rule: Callable[[RuleForm], None]) -> None:
        for form in run.forms:
            self.form = form
            rule(form)

    def _table(self, run: Run) -> None:
        """Rules that set one field to a constant, each for other texts of another field: the text says which."""
        rows: dict[str, Any] = {}
        site = -1
        for form, found in zip(run.forms, run.heads, strict=True):
            self.form = form
            (statement,) = form.then
            value = self._constant(statement.value) if isinstance(statement, tree.Set | tree.Override) else None
            noted: Any = self._firing(form)
            if self.full and isinstance(statement, tree.Set | tree.Override):
                site = self.write_site(statement.target)
            rows.update(dict.fromkeys(found.texts, value if self.twin == "fast" else (value, noted, site)))
        target = self._target(run.forms[0])
        value_, fired, its_site = self.fresh(), self.fresh(), self.fresh()
        row = self.fresh()
        self.emit("T = GET(KEY)", T=row, GET=self.bound(rows.get), KEY=self.folded(run.heads[0].path))
        block: list[ast.stmt] = []
        with self.inside(block):
            if self.twin == "fast":
                self.emit("V = T", V=value_, T=row)
            else:
                self.emit("V, F, S = T", V=value_, F=fired, S=its_site, T=row)
                self._fire(name(fired))
            before = self._before(target) if self.full else None
            self._put(target, name(value_))
            self._follow(target, name(value_))
            if before is not None:
                self.emit_event(name(its_site), before, name(value_))
        self.emit("if T is not None:\n    BODY", T=row, BODY=block)

    def _target(self, form: RuleForm) -> tree.Path:
        (statement,) = form.then
        if not isinstance(statement, tree.Set | tree.Override):
            raise TypeError("a table of rules sets one field")
        return statement.target

    def _find(self, run: Run) -> None:
        """Rules that are found by the texts of the record: each is a function of its own, made when first needed."""
        frame = self.frames[-1]
        self.currency()
        if frame.word and self.full:
            self.whole.trace_of(frame.collection)
        indexes = self.indexes.get(run.forms[0].place)
        if indexes is None:
            # The dry pass only counts what is read.
            indexes = self.indexes[run.forms[0].place] = index_of(run)
            for path, _ in indexes:
                self.folded(path)
            return
        for form in run.forms:
            for part in (form.where, form.when, *form.statements):
                for node in () if part is None else tree.walk(part):
                    self._provide(node)
        for collection in sorted({*self.facts.growing, *self.facts.shrinking, *self.whole.traced}):
            self.items(collection)
        names = ["result", "currency", *(f"r_{root}" for root in self.roots)]
        names += dict.fromkeys(each for path in self.collections for each in (self.items(path), self.every(path)))
        names += ["hits" if frame.word else "fired"] if self.twin != "fast" else []
        names += ["events", "event"] if self.full else []
        names += ["left"] if self.facts.shrinking else []
        names += ["tags"] if self.whole.has_tags else []
        names += ["log"] if self.whole.has_log else []
        given = (*_PARAMETERS, *names, *([frame.variable] if frame.word else []))
        fields = {path.field for path, _ in indexes}
        step = _Step(self.whole, self.roots, self.collections, frame, given, self.fused)
        finder = Finder(
            [index for _, index in indexes],
            frozenset(form.place for form in run.forms if not fields.isdisjoint(_written(form))),
            Steps(lambda place: step.of(self.forms[place])),
            step.reader([path for path, _ in indexes]),
        )
        places = self.fresh()
        if len(indexes) == 1:
            (path, index) = indexes[0]
            self.emit("T = GET(X, ())", T=places, GET=self.bound(index.get), X=self.folded(path))
        else:
            texts = ast.Tuple([self.folded(path) for path, _ in indexes], ast.Load())
            self.emit("T = FIND(X)", T=places, FIND=self.bound(finder.places), X=texts)
        ended = self.fresh()
        block: list[ast.stmt] = []
        with self.inside(block):
            place = self.fresh()
            self.emit("given = X", X=ast.Tuple([name(each) for each in given], ast.Load()))
            if finder.writers:
                self.emit(
                    "T = RUN(PLACES, given)\nif T is not None:\n    return T",
                    T=ended,
                    RUN=self.bound(finder.run),
                    PLACES=name(places),
                )
            else:
                self.emit(
                    "for P in PLACES:\n    T = STEPS[P](given)\n    if T is not None:\n        return T",
                    T=ended,
                    P=place,
                    PLACES=name(places),
                    STEPS=self.bound(finder.steps),
                )
        self.emit("if T:\n    BODY", T=places, BODY=block)
        for field in sorted({field for form in run.forms for field in _written(form)}):
            self.reread(field)

    def _provide(self, node: tree.Node) -> None:
        """Name in this function what a function of one rule will read."""
        match node:
            case tree.Count(collection=collection) | tree.Sum(collection=collection):
                self.items(collection.name)
            case tree.Quantified(collection=collection):
                self.items(collection.name)
            case tree.Path() if node.root not in COLLECTIONS and node.root != "today":
                self.root(node.root)
            case tree.Tag():
                self.root(self.main)

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
        if fired and not (form.item and form.where is None and form.when is None):
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


class _Step(_Generator):
    """Makes the functions of single rules for a `Finder`, with what the function around them has named."""

    def __init__(
        self,
        whole: Whole,
        roots: list[str],
        collections: list[str],
        frame: Frame,
        given: tuple[str, ...],
        fused: int,
    ) -> None:
        super().__init__(whole, (), [], {})
        self.given, self.around, self.shared_loop = given, frame, fused
        self.provided = (tuple(roots), tuple(collections))

    def _start(self) -> None:
        self.constants, self._constant_names, self.counter = {}, {}, 0
        self.frames = [self.record_frame]
        self.roots, self.collections = map(list, self.provided)
        self.fused = self.shared_loop
        if self.around.word:
            self.frames.append(Frame(self.around.word, self.around.variable, self.around.collection))

    def _finished(self, body: list[ast.stmt]) -> Callable[..., Any]:
        if (tuple(self.roots), tuple(self.collections)) != self.provided:
            raise LookupError("a rule reads what is not at hand where it is found")
        read = {node.id for statement in body for node in ast.walk(statement) if isinstance(node, ast.Name)}
        start: list[ast.stmt] = []
        with self.inside(start):
            for place, each in enumerate(self.given):
                if each in read:
                    self.emit("T = given[P]", T=each, P=ast.Constant(place))
        return self.compiled(start + body, ("given",))

    def of(self, form: RuleForm) -> Evaluator:
        """The function of one rule: the decision where the rule ends the record, else None."""
        self._start()
        self.form = form
        body: list[ast.stmt] = []
        with self.inside(body):
            if form.item:
                if form.where is None and form.when is None:
                    raise TypeError("a rule without a condition is not found by one")
                self._rule_body(form)
            else:
                self._rule(form)
        return self._finished(body)

    def reader(self, paths: Sequence[tree.Path]) -> Callable[..., Sequence[str]]:
        """A function that reads the texts of fields, folded."""
        self._start()
        body: list[ast.stmt] = []
        with self.inside(body):
            texts = ast.Tuple([self.folded(path) for path in paths], ast.Load())
            self.block.append(ast.Return(texts))
        return self._finished(body)


def _written(form: RuleForm) -> set[str]:
    """The fields that a rule may write, as texts; those that follow from a write are among them."""
    written = {statement.target.field for statement in form.statements if isinstance(statement, _WRITING)}
    if not written.isdisjoint(("line.quantity", "line.unit_price")):
        written.add("line.amount")
    if any(isinstance(statement, tree.Tag) for statement in form.statements):
        written.add(f"{main_root(form.kind)}.tags")
    return written


def _among(text: ast.expr, texts: frozenset[str]) -> ast.expr:
    return ast.Compare(text, [ast.In()], [ast.Set([ast.Constant(each) for each in sorted(texts)])])


def _holds_later(statement: tree.Statement) -> bool:
    stop = getattr(statement, "or_stop", None)
    return stop is not None and stop.action == "hold"
