"""One Python function per rule set and record kind, in three twins; changes with what rules can do.

The code is made of syntax nodes and bound constants, never of text; nothing of a rule file is ever compiled as Python.
Whatever it does not want to judge (a leaf of the wrong kind, two currencies, a limit) raises, and the caller lets the
tree walker decide that record: so here stand only the paths that go well.

- *fast* keeps nothing but the decision, *mask* a bit per rule that fired, *full* every change and statement.
"""

import ast
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from dsl import tree
from dsl.decision import GAVE_UP, Change, Decision, Finding, Hold, Trace
from dsl.evaluate import runtime
from dsl.evaluate.expressions import RECORD, Expressions, Value
from dsl.evaluate.lower import RuleForm, facts, groups, lower, most_items
from dsl.evaluate.quote import all_of, expression, name, negated, statements
from dsl.evaluate.records import (
    HEAD_TOTALS,
    added_key,
    collection_of,
    is_money,
    main_root,
    shown_key,
    stored,
    stored_money,
    untagged,
)
from dsl.evaluate.scope import Frame, Need
from dsl.evaluate.walk import Walker, complete_item, days_of
from dsl.resolved import ResolvedRule
from dsl.types import Type
from dsl.values import replace_text, round_amount, round_unit_price, show_value

Twin = Literal["fast", "mask", "full"]
Evaluator = Callable[..., Decision]
_ASSIGNMENTS = (tree.Set, tree.Fill, tree.Override)
_PARAMETERS = ("record", "today", "held_since", "releases", "replay")


@dataclass(slots=True)
class _Needs:
    """What a group of rules asked for in the dry pass, for the record and for the item of its loop."""

    record: Counter[tuple[str, Need]]
    item: Counter[tuple[str, Need]]
    paths: dict[str, tree.Path]


def generate(walker: Walker, rules: Sequence[ResolvedRule], kind: str, twin: Twin) -> Evaluator:
    """Compile the rules that run on one kind of record into a function.

    It takes (record, today, held_since, releases, replay) and returns a Decision, or raises whatever it likes: then
    the tree walker has to decide.
    """
    forms = lower(rules)
    dry = _Generator(walker, forms, kind, twin, {}, [])
    dry.build()
    uses: Counter[tuple[str, Need]] = Counter()
    for needs in dry.needs:
        uses.update(needs.record)
    generator = _Generator(walker, forms, kind, twin, uses, dry.needs)
    body = generator.build()
    return generator.compiled(body)


class _Generator(Expressions):
    def __init__(
        self,
        walker: Walker,
        forms: tuple[RuleForm, ...],
        kind: str,
        twin: Twin,
        uses: Mapping[tuple[str, Need], int],
        known: list[_Needs],
    ) -> None:
        super().__init__(walker.resolved, walker.settings, walker.tables, kind, facts(forms, kind), uses)
        self.wording = walker.wording
        self.forms = forms
        self.twin = twin
        self.known_needs = known
        self.needs: list[_Needs] = []
        self.form = forms[0] if forms else None
        self.record_frame.left = Counter(uses)
        self.amount_before: str | None = None
        self.changes, self.noted = "changes", "noted"
        all_statements = [statement for form in forms for statement in form.statements]
        self.has_tags = any(isinstance(each, tree.Tag) for each in all_statements)
        self.has_log = any(isinstance(each, tree.Log) for each in all_statements)

    @property
    def full(self) -> bool:
        return self.twin == "full"

    @property
    def key(self) -> ast.expr:
        assert self.form is not None  # noqa: S101 - statements belong to a rule
        return ast.Constant(self.form.key)

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
                defaults=[name(each) for each in self.constants],
            ),
            body=body,
            decorator_list=[],
        )
        module = ast.fix_missing_locations(ast.Module([function], []))
        builtins = {each.__name__: each for each in (tuple, list, map, bool, len, dict, str, enumerate)}
        names: dict[str, Any] = {"__builtins__": builtins}
        names.update(self.constants)
        # What is compiled are nodes that this module made: no text of a rule file is among them, but as a constant.
        exec(compile(module, f"<rules for {self.kind}, {self.twin}>", "exec"), names)  # noqa: S102
        evaluator: Evaluator = names["decide"]
        return evaluator

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
            self.emit("changes = []\nnoted = []")
        if self.facts.shrinking:
            self.emit("left = []")
        if self.has_tags:
            self.emit("tags = []")
        if self.has_log:
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

    def _return(self, outcome: str, reason: ast.expr | None = None, **given: ast.expr) -> None:
        """End the record: left-out items go out of the lists, and the decision is made."""
        for collection in sorted(self.facts.shrinking):
            root, _, last = collection.partition(".")
            self.emit("R[K] = ITEMS", R=name(f"r_{root}"), K=ast.Constant(last), ITEMS=name(self.items(collection)))
        none, empty = ast.Constant(None), ast.Tuple([], ast.Load())
        fired: ast.expr = empty
        if self.twin != "fast":
            template = "F(mask)" if outcome == "sync" or self.form is None else "F(mask & REACHED)"
            reached = ast.Constant(0 if self.form is None else (1 << (self.form.place + 1)) - 1)
            fired = expression(template, F=self._fired_of(), REACHED=reached)
        trace: ast.expr = none
        if self.full:
            self._make("trace", Trace, without_effect=expression("tuple(noted)"), replay=name("replay"))
            trace = name("trace")
        ended = self.key if outcome != "sync" else none
        self._make(
            "d",
            Decision,
            kind=ast.Constant(self.kind),
            outcome=ast.Constant(outcome),
            reason=reason or none,
            rule=ended,
            record=name("result"),
            changes=expression("tuple(changes)") if self.full else empty,
            fired=fired,
            left_out=expression("tuple(left) if left else ()") if self.facts.shrinking else empty,
            tags=expression("tuple(tags) if tags else ()") if self.has_tags else empty,
            log=expression("tuple(log) if log else ()") if self.has_log else empty,
            findings=given.get("findings", empty),
            hold=given.get("hold", none),
            trace=trace,
        )
        self.emit("return d")

    def _make(self, variable: str, kind: type, /, **parts: ast.expr) -> None:
        """Make a frozen value without its slow constructor: fill the slots of its draft, then let that be the value."""
        draft = runtime.DRAFTS[kind]
        assert tuple(parts) == kind.__slots__  # type: ignore[attr-defined]  # noqa: S101 - a program error
        self.emit(f"{variable} = NEW(DRAFT)", NEW=self.bound(object.__new__), DRAFT=self.bound(draft))
        for part, node in parts.items():
            self.emit(f"{variable}.{part} = X", X=node)
        self.emit(f"{variable}.__class__ = KIND", KIND=self.bound(kind))

    def _fired_of(self) -> ast.expr:
        if not hasattr(self, "_fired"):
            self._fired = runtime.fired_tuples([form.key for form in self.forms])
        return self.bound(self._fired)

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
        if self.full and first.collection not in self.facts.shrinking:
            # No item is ever left out, so the place in the list is the number.
            frame.number = self.fresh("n_")
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
        # Item by item the rules' events come mixed; each rule gathers its own, so that they end up rule by rule.
        apart = self.full and len(group) > 1
        with self.inside(block):
            if known is not None:
                self.load(frame, known.item, known.paths)
            for form in group:
                self.form = form
                if apart:
                    self.changes, self.noted = f"changes_{form.place}", f"noted_{form.place}"
                self._rule_body(form)
        self.changes, self.noted = "changes", "noted"
        self.frames.pop()
        if apart:
            for form in group:
                self.emit(f"changes_{form.place} = []\nnoted_{form.place} = []")
        if frame.number:
            self.emit(
                "for N, ITEM in enumerate(ITEMS, 1):\n    BODY",
                N=frame.number,
                ITEM=frame.variable,
                ITEMS=name(items),
                BODY=block,
            )
        else:
            self.emit("for ITEM in ITEMS:\n    BODY", ITEM=frame.variable, ITEMS=name(items), BODY=block)
        if apart:
            for form in group:
                self.emit(f"changes += changes_{form.place}\nnoted += noted_{form.place}")
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
        if fired and self.twin != "fast" and not form.always:
            self.emit("mask |= BIT", BIT=ast.Constant(1 << form.place))
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

    def _moves_amount(self, target: tree.Path) -> bool:
        return target.name in ("line.quantity", "line.unit_price") and self.loop is not None

    # --- statements ---

    def _statement(self, statement: tree.Statement) -> None:
        match statement:
            case tree.Set() | tree.Fill() | tree.Override():
                self._assign(statement)
            case tree.Clear(target=target):
                self._clear(target)
            case tree.Replace():
                self._replace(statement)
            case tree.Skip(reason=reason, item=None):
                self._stop("skip", self.message(reason))
            case tree.Skip(reason=reason):
                self._leave_out(self.message(reason))
            case tree.Hold():
                self._hold(statement)
            case tree.Fail(reason=reason):
                self._stop("fail", self.message(reason))
            case tree.Tag(value=value):
                self._tag(self.message(value))
            case tree.Log(value=value):
                self.emit("log.append((KEY, X))", KEY=self.key, X=self.message(value))

    def _stop(self, outcome: str, reason: ast.expr, **given: ast.expr) -> None:
        reason = self.atom(reason)
        self._note_amount()
        self._return(outcome, reason, **given)

    def _assign(self, statement: tree.Set | tree.Fill | tree.Override) -> None:
        target = statement.target
        if isinstance(statement, tree.Fill):
            self._fill(statement)
            return
        self._assign_value(target, statement.value, statement.or_stop)

    def _fill(self, statement: tree.Fill) -> None:
        target = statement.target
        if target.name in HEAD_TOTALS:
            missing: ast.expr = ast.Constant(False)
        else:
            missing = self.condition(tree.Presence(target, True))
        empty: list[ast.stmt] = []
        with self.inside(empty):
            self._assign_value(target, statement.value, statement.or_stop)
        if not self.full:
            self.emit("if T:\n    BODY", T=missing, BODY=empty)
            return
        present: list[ast.stmt] = []
        with self.inside(present):
            shown = expression("F(X)", F=self.bound(show_value), X=self.tagged(self.value(target)))
            self._note(target, expression("'it is set already: ' + X", X=shown))
        self.emit("if T:\n    BODY\nelse:\n    OTHER", T=missing, BODY=empty, OTHER=present)

    def _assign_value(self, target: tree.Path, node: tree.Expression, or_stop: tree.OrStop | None) -> None:
        value = self.value(node)
        if not value.optional:
            self._write(target, self._stored(target, value))
            return
        tests, value = self.split(value)
        present: list[ast.stmt] = []
        missing: list[ast.stmt] = []
        with self.inside(present):
            self._write(target, self._stored(target, value))
        with self.inside(missing):
            self._note(target, ast.Constant(f"{self.wording.text(node)} is not set"))
            if or_stop is not None:
                self._or_stop(or_stop)
        if missing:
            self.emit("if T:\n    YES\nelse:\n    NO", T=all_of(tests), YES=present, NO=missing)
        else:
            self.emit("if T:\n    YES", T=all_of(tests), YES=present)

    def _stored(self, target: tree.Path, value: Value) -> ast.expr:
        """A present value as it is written to its field."""
        kind = target.type.name
        if kind == "money":
            return self._stored_money(target, value)
        if value.constant:
            return self.constant(stored(value.known, target.type, target.name, None))
        if not value.tagged:
            if kind == value.type and kind in ("text", "number", "percent", "yes/no"):
                return value.node
            if kind == "text":
                return self.short(self.printed(self.atomic(value)))
        return expression(
            "F(X, TYPE, NAME, None)",
            F=self.bound(stored),
            X=self.tagged(value),
            TYPE=self.bound(target.type),
            NAME=ast.Constant(target.name),
        )

    def _stored_money(self, target: tree.Path, value: Value) -> ast.expr:
        plain = target.currency in ("", RECORD, "unknown") and self.plain_currency
        unit_price = target.name.rpartition(".")[2] in ("unit_price", "price", "cost")
        if plain and not value.tagged and value.type in ("money", "number"):
            rounding = (
                expression("F(X)", F=self.bound(round_unit_price), X=value.node)
                if unit_price
                else expression("F(X, C)", F=self.bound(round_amount), X=value.node, C=self.currency())
            )
            if value.type == "money" and value.currency in self.currencies:
                plain = False
            elif value.type == "money" and value.currency != RECORD:
                return expression(
                    "X if C == K else F()",
                    X=rounding,
                    C=self.currency(),
                    K=ast.Constant(value.currency),
                    F=self.bound(runtime.beyond),
                )
            if plain:
                return rounding
        return expression(
            "F(X, NAME, C)",
            F=self.bound(stored_money),
            X=self.tagged(value),
            NAME=ast.Constant(target.name),
            C=self._currency_of_target(target),
        )

    def _currency_of_target(self, target: tree.Path) -> ast.expr:
        if target.currency in ("", RECORD, "unknown"):
            return self.currency()
        if target.currency == "payment":
            frame = self.frame_of(target)
            return expression("X.get('currency') or C", X=name(frame.variable), C=self.currency())
        return ast.Constant(target.currency)

    def _write(self, target: tree.Path, value: ast.expr) -> None:
        """Put a stored value into its field, and everything that follows from it."""
        moves = self._moves_amount(target) and self.amount_before is not None
        value = self.atom(value)
        if not self.full and not moves:
            self._put(target, value)
            self._follow(target, value)
            return
        before = self.fresh("b_")
        self.emit("T = X", T=before, X=self.get(target))
        self._put(target, value)
        self._follow(target, value)
        # A text equals nothing but a text; 1 and yes are equal for Python, but not the same.
        template = "B == V" if target.type.name == "text" else "B == V and B.__class__ is V.__class__"
        same = expression(template, B=name(before), V=value)
        changed: list[ast.stmt] = []
        with self.inside(changed):
            if self.full:
                self._changed(target, name(before), value)
            if moves:
                self._recompute()
        unchanged: list[ast.stmt] = []
        with self.inside(unchanged):
            self._note(target, ast.Constant("it had this value already"))
        if unchanged:
            self.emit("if T:\n    SAME\nelse:\n    BODY", T=same, SAME=unchanged, BODY=changed)
        else:
            self.emit("if T:\n    BODY", T=negated(same), BODY=changed)

    def _put(self, target: tree.Path, value: ast.expr) -> None:
        container = self.container(target)
        last = ast.Constant(target.name.rpartition(".")[2])
        if target.name.count(".") > 1:
            # The language has no such field; a dict inside a root would have to be copied first.
            self.emit("BEYOND()", BEYOND=self.bound(runtime.beyond))
        if target.key is None:
            self.emit("C[K] = V", C=container, K=last, V=value)
            return
        self.emit(
            "F(C, K, KEY, V)",
            F=self.bound(runtime.set_keyed),
            C=container,
            K=last,
            KEY=ast.Constant(target.key),
            V=value,
        )

    def _follow(self, target: tree.Path, value: ast.expr) -> None:
        self.wrote(target, value)
        if target.name == f"{main_root(self.kind)}.currency" and target.key is None:
            # The dry pass cannot know yet whether anybody asks for the currency, so the local always follows.
            other = "''" if self.plain_currency else "None"
            self.emit(f"currency = V or {other}", V=value)

    def _recompute(self) -> None:
        """Follow a changed quantity or unit price with the amount."""
        item = name(self.frames[-1].variable)
        amount = self.fresh()
        self.emit(
            "q = X.get('quantity')\np = X.get('unit_price')\n"
            "if q is not None and p is not None:\n    T = X['amount'] = F(q * p, C)\n    BODY",
            X=item,
            T=amount,
            F=self.bound(round_amount),
            C=self.currency(),
            BODY=self._amount_written(amount),
        )

    def _amount_written(self, amount: str) -> list[ast.stmt]:
        block: list[ast.stmt] = []
        with self.inside(block):
            self.wrote(tree.Path("line.amount", type=Type("money")), name(amount))
        return block

    def _note_amount(self) -> None:
        if not self.full or self.amount_before is None:
            return
        after = self.fresh()
        path = tree.Path("line.amount")
        block: list[ast.stmt] = []
        with self.inside(block):
            self._changed(path, name(self.amount_before), name(after))
        self.emit(
            "T = X.get('amount')\nif B != T:\n    BODY",
            T=after,
            X=name(self.frames[-1].variable),
            B=name(self.amount_before),
            BODY=block,
        )

    def _clear(self, target: tree.Path) -> None:
        present = self.condition(tree.Presence(target, False))
        if target.name in HEAD_TOTALS:
            present = expression("X is not None", X=self.get(target))
        block: list[ast.stmt] = []
        with self.inside(block):
            if self.full:
                before = self.fresh("b_")
                self.emit("T = X", T=before, X=self.get(target))
            self._put(target, ast.Constant(None))
            self._follow(target, ast.Constant(None))
            if self.full:
                self._changed(target, name(before), ast.Constant(None))
        nothing: list[ast.stmt] = []
        with self.inside(nothing):
            self._note(target, ast.Constant("it was not set already"))
        if nothing:
            self.emit("if T:\n    BODY\nelse:\n    NOTHING", T=present, BODY=block, NOTHING=nothing)
        else:
            self.emit("if T:\n    BODY", T=present, BODY=block)

    def _replace(self, statement: tree.Replace) -> None:
        target = statement.target
        text = self.atomic(self.value(target))
        old = self.atomic(self.value(statement.old))
        new = self.atomic(self.value(statement.new))
        values = [(text, target), (old, statement.old), (new, statement.new)]
        if old.constant and new.constant and isinstance(old.known, str) and isinstance(new.known, str):
            result = self._replaced(old.known, new.known, self.printed(text))
        else:
            result = expression(
                "F(X, A, B)",
                F=self.bound(replace_text),
                X=self.printed(text),
                A=self.printed(old),
                B=self.printed(new),
            )
        work: list[ast.stmt] = []
        with self.inside(work):
            replaced = self.atom(result)
            written: list[ast.stmt] = []
            with self.inside(written):
                self._write(target, replaced)
            unfound: list[ast.stmt] = []
            with self.inside(unfound):
                if self.full:
                    words = expression(
                        "F(A) + ' does not contain ' + F(B)",
                        F=self.bound(show_value),
                        A=self.tagged(text),
                        B=self.tagged(old),
                    )
                    self._note(target, words)
            test = expression("X != T", X=replaced, T=text.node)
            if unfound:
                self.emit("if T:\n    BODY\nelse:\n    OTHER", T=test, BODY=written, OTHER=unfound)
            else:
                self.emit("if T:\n    BODY", T=test, BODY=written)
        # From the last to the first, so that the walker's order of looking for what is missing comes out.
        for value, node in reversed(values):
            test_present = self.present(value)
            if test_present is None:
                continue
            missing: list[ast.stmt] = []
            with self.inside(missing):
                self._note(target, ast.Constant(f"{self.wording.text(node)} is not set"))
            template = "if T:\n    BODY\nelse:\n    MISSING" if missing else "if T:\n    BODY"
            holes: dict[str, Any] = {"MISSING": missing} if missing else {}
            work = statements(template, T=test_present, BODY=work, **holes)
        self.block.extend(work)

    def _replaced(self, old: str, new: str, text: ast.expr) -> ast.expr:
        """`replace old with new` for constants: Python's own replacement where folding can change nothing."""
        caseless = old.isascii() and old == old.strip() and old != "" and old.lower() == old.upper()
        walked = expression(
            "F(X, OLD, NEW)",
            F=self.bound(replace_text),
            X=text,
            OLD=ast.Constant(old),
            NEW=ast.Constant(new),
        )
        if not caseless:
            return walked
        # Of a text that long, the walker says whether anything was replaced in it.
        return expression(
            "X.replace(OLD, NEW) if X.isascii() and len(X) < SOME else WALKED",
            X=self.atom(text),
            OLD=ast.Constant(old),
            NEW=ast.Constant(new),
            SOME=ast.Constant(4_000 // max(1, len(new))),
            WALKED=walked,
        )

    def _or_stop(self, stop: tree.OrStop) -> None:
        reason = self.message(stop.reason)
        if stop.action == "skip" and stop.item is not None:
            self._leave_out(reason)
        elif stop.action == "hold":
            reason = self.atom(reason)
            block: list[ast.stmt] = []
            with self.inside(block):
                if self.loop is not None:
                    self.emit("pending.append(X)", X=reason)
                else:
                    self._stop_with_hold(reason, None, None)
            self.emit("if KEY not in releases:\n    BODY", KEY=self.key, BODY=block)
        else:
            self._stop(stop.action, reason)

    def _stop_with_hold(self, reason: ast.expr, until: str | None, days: int | None) -> None:
        hold = expression(
            "HOLD(KEY, X, UNTIL, DAYS, True)",
            HOLD=self.bound(Hold),
            KEY=self.key,
            X=reason,
            UNTIL=ast.Constant(until),
            DAYS=ast.Constant(days),
        )
        self._stop("hold", reason, hold=hold)

    def _hold(self, statement: tree.Hold) -> None:
        reason = self.atom(self.message(statement.reason))
        until = None if statement.until is None else self.wording.text(statement.until)
        holding: list[ast.stmt] = []
        with self.inside(holding):
            if statement.limit is None:
                self._stop_with_hold(reason, until, None)
            else:
                self._give_up(statement.limit, reason)
                self._stop_with_hold(reason, until, days_of(statement.limit))
        if statement.until is not None:
            waiting: list[ast.stmt] = []
            come: list[ast.stmt] = []
            with self.inside(waiting):
                test = self.condition(statement.until)
                with self.inside(come):
                    self._note(None, ast.Constant(f"what it waits for is true: {until}"))
                if come:
                    self.emit("if T:\n    COME\nelse:\n    BODY", T=test, COME=come, BODY=holding)
                else:
                    self.emit("if T:\n    BODY", T=negated(test), BODY=holding)
            holding = waiting
        released: list[ast.stmt] = []
        with self.inside(released):
            self._note(None, ast.Constant("a person released the record from this hold"))
        if released:
            self.emit(
                "if KEY in releases:\n    RELEASED\nelse:\n    BODY", KEY=self.key, RELEASED=released, BODY=holding
            )
        else:
            self.emit("if KEY not in releases:\n    BODY", KEY=self.key, BODY=holding)

    def _give_up(self, limit: tree.Duration, reason: ast.expr) -> None:
        words = f"gave up after {limit.count} {limit.unit}" + ("" if limit.count == 1 else "s")
        over: list[ast.stmt] = []
        since = self.fresh()
        self.emit("T = held_since.get(KEY)", T=since, KEY=self.key)
        with self.inside(over):
            findings = expression(
                "(FINDING(CODE, R + WORDS, KEY, {'held since': S.isoformat(), 'why': R}),)",
                FINDING=self.bound(Finding),
                CODE=ast.Constant(GAVE_UP),
                R=reason,
                WORDS=ast.Constant(f": {words}"),
                KEY=self.key,
                S=name(since),
            )
            self._stop("skip", ast.Constant(words), findings=findings)
        self.emit(
            "if S is not None and (today - S).days >= DAYS:\n    BODY",
            S=name(since),
            DAYS=ast.Constant(days_of(limit)),
            BODY=over,
        )

    def _leave_out(self, reason: ast.expr) -> None:
        frame = self.loop
        assert frame is not None  # noqa: S101 - the checker refuses it outside a loop
        reason = self.atom(reason)
        self.emit(
            "if AMONG(ITEMS, ITEM):\n"
            "    LEAVE(left, EVERY, ITEM, WORD, REASON, KEY)\n"
            "    STAYING = WITHOUT(ITEMS, ITEM)",
            AMONG=self.bound(runtime.is_among),
            LEAVE=self.bound(runtime.leave_out),
            WITHOUT=self.bound(runtime.without),
            ITEMS=name(self.items(frame.collection)),
            STAYING=self.items(frame.collection),
            EVERY=name(self.every(frame.collection)),
            ITEM=name(frame.variable),
            WORD=ast.Constant(frame.word),
            REASON=reason,
            KEY=self.key,
        )

    def _tag(self, tag: ast.expr) -> None:
        tag = self.atom(tag)
        root = self.main
        added = expression(
            "F(HEAD, ROOT, TAG, tags, CHANGES, KEY, ITEM)",
            F=self.bound(runtime.add_tag),
            HEAD=name(self.root(root)),
            ROOT=ast.Constant(root),
            TAG=tag,
            CHANGES=name("changes") if self.full else ast.Constant(None),
            KEY=self.key,
            ITEM=self._item_id() if self.full else ast.Constant(None),
        )
        path = tree.Path(f"{root}.tags")
        if not self.full:
            self.emit("X", X=added)
        else:
            words = expression("'the tag \"' + TAG + '\" is there already'", TAG=tag)
            note: list[ast.stmt] = []
            with self.inside(note):
                self._note_path(ast.Constant(path.name), words)
            self.emit("if not X:\n    NOTE", X=added, NOTE=note)
        self.wrote(path, self.get(path))

    # --- items that rules add ---

    def _start_adding(self) -> None:
        self.emit("added = []")

    def _finish_adding(self, group: tuple[RuleForm, ...]) -> None:
        lists = ast.Dict(
            [ast.Constant(collection) for collection in _grown(group)],
            [
                ast.Tuple([name(self.every(collection)), name(self.items(collection))], ast.Load())
                for collection in _grown(group)
            ],
        )
        self.emit(
            "if added:\n    GROW(LISTS, added, CHANGES, KEY)",
            GROW=self.bound(runtime.grow),
            LISTS=lists,
            CHANGES=name("changes") if self.full else ast.Constant(None),
            KEY=self.key,
        )

    def _add(self, statement: tree.Add, ordinal: int) -> None:
        assert self.form is not None  # noqa: S101 - statements belong to a rule
        collection = collection_of(self.form.kind, statement.item)
        key: ast.expr = ast.Constant(added_key(self.form.key, ordinal, None))
        if self.loop is not None:
            key = expression("K + ':' + ID", K=key, ID=self._item_id())
        key = self.atom(key)
        values = [(each, self.atomic(self.value(each.value))) for each in statement.fields]
        fields = self.fresh()
        adding: list[ast.stmt] = []
        with self.inside(adding):
            self.emit("T = {'id': K}", T=fields, K=key)
            for assignment, value in values:
                self._add_field(fields, statement.item, assignment, value)
            if statement.item == "line":
                self.emit(
                    "F(WORD, T, C)",
                    F=self.bound(complete_item),
                    WORD=ast.Constant(statement.item),
                    T=name(fields),
                    C=self.currency(),
                )
            self.emit("added.append((PATH, T))", PATH=ast.Constant(collection), T=name(fields))
        again: list[ast.stmt] = []
        with self.inside(again):
            self._note_path(ast.Constant(collection), ast.Constant(f"this {statement.item} was added before"))
        present = expression("HAS(EVERY, K)", HAS=self.bound(runtime.has_id), EVERY=name(self.every(collection)), K=key)
        if again:
            work = statements("if T:\n    AGAIN\nelse:\n    BODY", T=present, AGAIN=again, BODY=adding)
        else:
            work = statements("if T:\n    BODY", T=negated(present), BODY=adding)
        for assignment, value in reversed(values):
            test = self.present(value)
            if test is None:
                continue
            missing: list[ast.stmt] = []
            with self.inside(missing):
                words = f"{self.wording.text(assignment.value)} is not set, so no {statement.item} was added"
                self._note_path(ast.Constant(collection), ast.Constant(words))
            template = "if T:\n    BODY\nelse:\n    MISSING" if missing else "if T:\n    BODY"
            holes: dict[str, Any] = {"MISSING": missing} if missing else {}
            work = statements(template, T=test, BODY=work, **holes)
        self.block.extend(work)

    def _add_field(self, fields: str, item: str, assignment: tree.Assignment, value: Value) -> None:
        if is_money(assignment.name) and assignment.key is None:
            node = expression(
                "F(X, NAME, C)",
                F=self.bound(stored_money),
                X=self.tagged(value),
                NAME=ast.Constant(f"{item}.{assignment.name}"),
                C=self.currency(),
            )
        elif value.constant:
            node = self.constant(untagged(value.known))
        elif not value.tagged and value.type != "list":
            node = value.node
        else:
            node = expression("F(X)", F=self.bound(untagged), X=self.tagged(value))
        if assignment.key is None:
            self.emit("T[K] = X", T=name(fields), K=ast.Constant(assignment.name), X=node)
        else:
            self.emit(
                "T.setdefault(K, {})[KEY] = X",
                T=name(fields),
                K=ast.Constant(assignment.name),
                KEY=ast.Constant(assignment.key),
                X=node,
            )

    # --- what the full twin keeps ---

    def _item_id(self) -> ast.expr:
        frame = self.loop
        if frame is None:
            return ast.Constant(None)
        if frame.number:
            return expression(
                "I if (I := ITEM.get('id')).__class__ is str and I else F(EVERY, ITEM)",
                I=self.fresh(),
                F=self.bound(runtime.id_of),
                EVERY=name(self.every(frame.collection)),
                ITEM=name(frame.variable),
            )
        return expression(
            "F(EVERY, ITEM)",
            F=self.bound(runtime.id_of),
            EVERY=name(self.every(frame.collection)),
            ITEM=name(frame.variable),
        )

    def _place(self, path: tree.Path) -> ast.expr:
        frame = self.frame_of(path)
        key = "" if path.key is None else shown_key(path.key)
        if not frame.word:
            return ast.Constant(path.name + key)
        if frame.number:
            end = f"].{path.name.partition('.')[2]}{key}"
            number = ast.FormattedValue(name(frame.number), -1, None)
            return ast.JoinedStr([ast.Constant(f"{frame.collection}["), number, ast.Constant(end)])
        return expression(
            "F(EVERY, ITEM, COLLECTION, FIELD)",
            F=self.bound(runtime.place_of),
            EVERY=name(self.every(frame.collection)),
            ITEM=name(frame.variable),
            COLLECTION=ast.Constant(frame.collection),
            FIELD=ast.Constant(f".{path.name.partition('.')[2]}{key}"),
        )

    def _changed(self, path: tree.Path, before: ast.expr, after: ast.expr) -> None:
        self._make("e", Change, path=self._place(path), before=before, after=after, rule=self.key, item=self._item_id())
        self.emit("LIST.append(e)", LIST=name(self.changes))

    def _note(self, target: tree.Path | None, reason: ast.expr) -> None:
        if self.full:
            self._note_path(ast.Constant("") if target is None else self._place(target), reason)

    def _note_path(self, path: ast.expr, reason: ast.expr) -> None:
        if self.full:
            self.emit(
                "NOTE(LIST, KEY, ITEM, PATH, REASON)",
                NOTE=self.bound(runtime.note),
                LIST=name(self.noted),
                KEY=self.key,
                ITEM=self._item_id(),
                PATH=path,
                REASON=reason,
            )


def _holds_later(statement: tree.Statement) -> bool:
    stop = getattr(statement, "or_stop", None)
    return stop is not None and stop.action == "hold"


def _grown(group: tuple[RuleForm, ...]) -> list[str]:
    """The lists that a group's rules add to, each once."""
    return list(
        dict.fromkeys(
            collection_of(form.kind, statement.item)
            for form in group
            for statement in form.statements
            if isinstance(statement, tree.Add)
        )
    )
