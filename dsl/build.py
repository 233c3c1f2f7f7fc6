"""From raw trees to the tree of `dsl.tree`; changes when a construct does (knows no field and no type, and no parser).

A raw tree says which tokens belong together, by their numbers. It is made into a recipe: a function that makes the nodes of
any text with the same terminals in the same order. Rule sets repeat themselves: of 2,000 rules some hundred differ in more
than names and values, so most blocks are only filled in. What the grammar lets through but makes no sense by itself (a date
that does not exist, a clause said twice, braces that do not fit) is reported while filling in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any, Protocol

from dsl import tree
from dsl.automaton import Raw, Tokens
from dsl.limits import MAX_PARTS
from dsl.places import Origin, Span
from dsl.tree import Expression, Operator, Word

MAX_DIGITS = 28


class Report(Protocol):
    """How a finding is handed in: see dsl.report.Reporter.report."""

    def __call__(
        self,
        code: str,
        span: Span,
        message: str,
        *,
        label: str = "",
        help: str = "",
        related: Sequence[tuple[str, Span]] = (),
        fixes: Sequence[tuple[str, Span, str]] = (),
    ) -> None: ...


class Reading:
    """One text that is being filled in: its tokens, where it begins, who hears of mistakes, who reads insides of braces.

    Places of tokens count from the origin, also where the text is only the inside of `{…}`.
    """

    __slots__ = ("ends", "fragment", "inside", "origin", "report", "starts", "values")

    def __init__(
        self,
        tokens: Tokens,
        origin: Origin,
        report: Report,
        fragment: Callable[[str, Sequence[int]], Expression],
        inside: tuple[Sequence[int], Sequence[int]] | None = None,
    ) -> None:
        """`inside`, for the inside of braces: where its tokens begin in it, and where each of its characters stands."""
        self.values = tokens.values
        self.starts = tokens.starts
        self.ends = tokens.ends
        self.origin = origin
        self.report = report
        self.inside = inside
        self.fragment = fragment
        """Reads the inside of `{…}`: its text, and for each of its characters (and its end) the place in this text."""

    def span(self, first: int, last: int) -> Span:
        return Span(self.origin, self.starts[first], self.ends[last])

    # --- texts --------------------------------------------------------------------------------------------------------

    def text(self, at: int) -> Expression:
        """A text where `{…}` is filled in."""
        inner = self.values[at][1:-1]
        span = Span(self.origin, self.starts[at], self.ends[at])
        if '"' not in inner and "{" not in inner and "}" not in inner:
            return tree.Text(inner, span=span)
        return self._template(inner, at, span)

    def _template(self, inner: str, token: int, span: Span) -> Expression:
        letters = inner.replace('""', '"')
        start = self.starts[token] + 1 if self.inside is None else self.inside[0][token] + 1
        offsets: Sequence[int] = range(start, start + len(inner) + 1)
        if len(letters) < len(inner):
            offsets = _offsets(inner, start)
        if self.inside is not None:
            offsets = [self.inside[1][each] for each in offsets]
        parts: list[str | Expression] = []
        plain: list[str] = []
        at = holes = 0
        while at < len(letters):
            match = _BRACE.search(letters, at)
            if match is None:
                plain.append(letters[at:])
                break
            place = match.start()
            plain.append(letters[at:place])
            letter = letters[place]
            if letters[place + 1 : place + 2] == letter:
                plain.append(letter)
                at = place + 2
                continue
            if letter == "}":
                self.report(
                    "R106",
                    Span(self.origin, offsets[place], offsets[place] + 1),
                    "this `}` closes nothing",
                    help="write `}}` for a brace that is only a brace",
                )
                return tree.Text(letters, span=span)
            end = _hole_end(letters, place + 1)
            if end is None:
                self.report(
                    "R106",
                    Span(self.origin, offsets[place], offsets[place] + 1),
                    "this `{` has no `}` that closes it",
                    help="write `{{` for a brace that is only a brace",
                )
                return tree.Text(letters, span=span)
            inside = letters[place + 1 : end]
            if not inside.strip():
                self.report(
                    "R106",
                    Span(self.origin, offsets[place], offsets[end] + 1),
                    "nothing stands between these braces",
                    help="put a field or a setting between them, or write `{{}}` for the braces themselves",
                )
                return tree.Text(letters, span=span)
            holes += 1
            if holes > MAX_PARTS:
                self.report(
                    "R118",
                    span,
                    f"a text is filled in with at most {MAX_PARTS} values",
                    help="put it together in parts",
                )
                return tree.Text(letters, span=span)
            if any(plain):
                parts.append("".join(plain))
            plain = []
            parts.append(self.fragment(inside, offsets[place + 1 : end + 1]))
            at = end + 1
        if not parts:
            return tree.Text("".join(plain), span=span)
        if any(plain):
            parts.append("".join(plain))
        return tree.Template(tuple(parts), span=span)

    def plain(self, at: int, what: str) -> str:
        """A text where nothing is filled in: a title, a note, a file name."""
        inner = self.values[at][1:-1]
        if "{" not in inner and "}" not in inner:
            return inner.replace('""', '"')
        value = self.text(at)
        if isinstance(value, tree.Text):
            return value.value
        self.report(
            "R107",
            value.span,
            f"{what} is a fixed text: `{{…}}` cannot be filled in here",
            help="take the braces out, or write them twice if they are meant as braces",
        )
        return inner

    def quoted(self, at: int, what: str) -> Word:
        said = self.plain(at, what)
        span = self.span(at, at)
        if what == "a title" and not said.strip():
            self.report("R120", span, "this title is blank", help="say what it is for: it stands in the log")
        return Word(said, True, span=span)

    # --- values -------------------------------------------------------------------------------------------------------

    def decimal(self, digits: str, at: int) -> Decimal:
        if len(digits) > MAX_DIGITS + 1:
            self.report("R117", self.span(at, at), f"a number has at most {MAX_DIGITS} digits")
            return Decimal(0)
        return Decimal(digits)

    def whole(self, at: int) -> int:
        """A whole number for counting (`line 2`, `language 1`)."""
        value = self.decimal(self.values[at], at)
        if value != value.to_integral_value():
            self.report("R101", self.span(at, at), "expected a whole number")
            return 1
        return int(value)

    def date(self, at: int) -> date:
        written = self.values[at]
        try:
            if "/" in written:
                month, day, year = written.split("/")
            else:
                year, month, day = written.split("-")
            return date(int(year), int(month), int(day))
        except ValueError:
            parts = written.split("/")
            day_first = len(parts) == 3 and int(parts[0]) > 12 >= int(parts[1])
            span = self.span(at, at)
            self.report(
                "R108",
                span,
                f"there is no date {written}",
                help="dates are written month first, 01/31/2026, or 2026-01-31",
                fixes=[("Put the month first", span, f"{parts[1]}/{parts[0]}/{parts[2]}")] if day_first else [],
            )
            return date(2000, 1, 1)

    def time(self, at: int) -> time:
        hour, minute = self.values[at].split(":")
        try:
            return time(int(hour), int(minute))
        except ValueError:
            self.report(
                "R108", self.span(at, at), f"there is no time {self.values[at]}", help="times are 00:00 to 23:59"
            )
            return time(0, 0)

    def duration(self, at: int) -> tree.Duration:
        count, unit = self.values[at].split()
        value = self.decimal(count, at)
        span = self.span(at, at)
        if value > 100_000:
            self.report("R117", span, "no duration is that long")
            value = Decimal(1)
        return tree.Duration(int(value), unit.removesuffix("s"), span=span)

    def lasting(self, at: int) -> tree.Duration:
        """A duration that something waits for: nothing waits no time at all."""
        duration = self.duration(at)
        if duration.count == 0:
            self.report("R108", duration.span, f"{self.values[at]} is no time to wait", help="the least is 1 minute")
        return duration


_BRACE = re.compile(r"[{}]")


def _offsets(inner: str, start: int) -> list[int]:
    """For each letter of a text with doubled quotes undone, and for its end, the place where it stands."""
    offsets: list[int] = []
    at = 0
    while at < len(inner):
        offsets.append(start + at)
        at += 2 if inner[at] == '"' else 1
    offsets.append(start + len(inner))
    return offsets


def _hole_end(letters: str, at: int) -> int | None:
    """Where the `}` of a hole stands that begins at `at`; braces inside texts do not count."""
    inside_text = False
    for match in _BRACE_OR_QUOTE.finditer(letters, at):
        if match[0] == '"':
            inside_text = not inside_text
        elif match[0] == "}" and not inside_text:
            return match.start()
    return None


_BRACE_OR_QUOTE = re.compile(r'[}"]')

# --- recipes ----------------------------------------------------------------------------------------------------------

Maker = Callable[[Reading], Any]
"""Makes one node, or a part of one, of a text that is being filled in."""


@dataclass(frozen=True, slots=True)
class Repairs:
    """What was done to tokens to make them readable: which were put in for what is not there, and before which of them
    some were left out that nobody could read."""

    put_in: frozenset[int] = frozenset()
    left_out: frozenset[int] = frozenset()
    torn: bool = False

    def touch(self, first: int, last: int) -> bool:
        """Whether what stands from one token to another is not all that was meant."""
        return any(first <= each <= last for each in self.put_in) or any(first < each <= last for each in self.left_out)


WHOLE = Repairs()


def recipe(raw: Raw, kinds: Sequence[str], repairs: Repairs = WHOLE) -> Maker:
    """What makes the nodes of a raw tree; `kinds` are the names of its terminals. The caller has made sure that the tree
    is not nested deeper than a recursion bears."""
    maker: Maker = _Recipes(kinds, repairs).of(raw)
    return maker


class _Recipes:
    def __init__(self, kinds: Sequence[str], repairs: Repairs) -> None:
        self.kinds = kinds
        self.repairs = repairs
        self.whole = repairs is WHOLE

    # --- looking at raw trees -----------------------------------------------------------------------------------------

    def of(self, raw: Raw) -> Maker:
        maker: Maker = getattr(self, "_" + raw.data)(raw)
        return maker

    def all_of_them(self, raws: Sequence[Raw | int]) -> list[Maker]:
        """For all parts that are no tokens."""
        return [self.of(each) for each in raws if isinstance(each, Raw)]

    def named(self, raw: Raw, *data: str) -> list[Raw]:
        return [each for each in raw.children if isinstance(each, Raw) and each.data in data]

    def tokens(self, raw: Raw, *kinds: str) -> list[int]:
        return [each for each in raw.children if isinstance(each, int) and self.kinds[each] in kinds]

    def has(self, raw: Raw, kind: str) -> bool:
        return any(isinstance(each, int) and self.kinds[each] == kind for each in raw.children)

    def token(self, raw: Raw, place: int) -> int:
        number: int = raw.children[place]
        return number

    def node(self, raw: Raw, place: int) -> Raw:
        node: Raw = raw.children[place]
        return node

    def put_in(self, at: int) -> bool:
        return not self.whole and at in self.repairs.put_in

    def torn(self, raw: Raw) -> bool:
        return not self.whole and (self.repairs.torn or self.repairs.touch(raw.first, raw.last))

    def only(self, raws: Sequence[Raw], what: str) -> tuple[Raw | None, Maker]:
        """The one clause of its kind, and what reports any further one."""
        if len(raws) < 2:
            return (raws[0] if raws else None), _nothing
        first = raws[0]
        others = [(each.first, each.last) for each in raws[1:]]

        def twice(r: Reading) -> None:
            for a, b in others:
                span = r.span(a, b)
                r.report(
                    "R109",
                    span,
                    f"{what} is given twice",
                    related=[("the first one is here", r.span(first.first, first.last))],
                    help="keep one of them",
                    fixes=[("Take this one out", span, "")],
                )

        return first, twice

    # --- words --------------------------------------------------------------------------------------------------------

    def word(self, at: int, what: str = "") -> Maker:
        quoted = self.kinds[at] == "STRING"
        if self.put_in(at):
            return lambda r: Word("", quoted, span=r.span(at, at))
        if quoted:
            return lambda r: r.quoted(at, what)
        return lambda r: Word(r.values[at], span=Span(r.origin, r.starts[at], r.ends[at]))

    def plain(self, at: int, what: str) -> Maker:
        if self.put_in(at):
            return lambda r: ""
        return lambda r: r.plain(at, what)

    def item(self, at: int) -> Maker:
        return (lambda r: "") if self.put_in(at) else (lambda r: r.values[at])

    def note_of(self, raw: Raw) -> Maker:
        note, twice = self.only(self.named(raw, "note"), "the note")
        if note is None:
            return _nothing
        said = self.plain(self.token(note, 1), "a note")
        if twice is _nothing:
            return said

        def make(r: Reading) -> object:
            twice(r)
            return said(r)

        return make

    # --- blocks -------------------------------------------------------------------------------------------------------

    def _file(self, raw: Raw) -> Maker:
        blocks = self.all_of_them(raw.children)
        return lambda r: [make(r) for make in blocks]

    def _fragment(self, raw: Raw) -> Maker:
        return self.expression(raw.children[0])

    def _header(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        title = self.word(self.token(raw, 1), "the name of a rule set")
        language, again = self.only(self.named(raw, "header_language"), "the language")
        version, twice = self.only(self.named(raw, "header_version"), "the version")
        number = None if language is None else self.token(language, 1)
        said = None if version is None else self.plain(self.token(version, 1), "a version")
        note = self.note_of(raw)

        def make(r: Reading) -> tree.Header:
            again(r)
            twice(r)
            return tree.Header(
                title(r),
                None if number is None else r.whole(number),
                None if said is None else said(r),
                note(r),
                tree.NOWHERE if number is None else r.span(number, number),
                span=r.span(a, b),
            )

        return make

    def _use(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        pack = self.word(self.token(raw, 1), "the name of a pack")
        version = self.word(self.token(raw, 3), "a version")
        alias = self.word(self.token(raw, 5)) if self.has(raw, "AS") else _nothing
        settings = [self.of(each) for each in self.named(raw, "use_set")]
        off = [self.word(self.token(each, 2), "a title") for each in self.named(raw, "turn_off")]
        return lambda r: tree.Use(
            pack(r),
            version(r),
            alias(r),
            tuple([make(r) for make in settings]),
            tuple([make(r) for make in off]),
            span=r.span(a, b),
        )

    def _use_set(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        name = self.token(raw, 1)
        said, value = self.item(name), self.expression(raw.children[3])
        return lambda r: tree.Assignment(said(r), value(r), name_span=r.span(name, name), span=r.span(a, b))

    def _setting(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        default, twice = self.only(self.named(raw, "setting_default"), "the default")
        name, kind = self.word(self.token(raw, 1)), self.of(self.node(raw, 3))
        value = _nothing if default is None else self.expression(default.children[1])
        note = self.note_of(raw)

        def make(r: Reading) -> tree.Setting:
            twice(r)
            return tree.Setting(name(r), kind(r), value(r), note(r), span=r.span(a, b))

        return make

    def _type(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        places = [each for each in raw.children if isinstance(each, int)]
        if any(self.put_in(each) for each in places):
            return lambda r: tree.TypeName("", span=r.span(a, b))
        return lambda r: tree.TypeName(
            " ".join([r.values[each] for each in places]).replace(" / ", "/"), span=r.span(a, b)
        )

    def _list_block(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        name, value = self.word(self.token(raw, 1)), self.expression(raw.children[3])
        return lambda r: tree.List(name(r), value(r), span=r.span(a, b))

    def _table(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        key_columns, output_columns = self.named(raw, "columns")
        name = self.word(self.token(raw, 1))
        csv = self.word(self.token(raw, 3), "a file name") if self.has(raw, "FROM") else _nothing
        keys, outputs = self.all_of_them(key_columns.children), self.all_of_them(output_columns.children)
        torn = not self.whole
        rows = [self.of(each) for each in self.named(raw, "row", "otherwise_row") if not torn or not self.torn(each)]
        return lambda r: tree.Table(
            name(r),
            tuple([make(r) for make in keys]),
            tuple([make(r) for make in outputs]),
            tuple([make(r) for make in rows]),
            csv(r),
            span=r.span(a, b),
        )

    def _column(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        name = self.word(self.token(raw, 0))
        types = self.named(raw, "type")
        kind = self.of(types[0]) if types else _nothing
        return lambda r: tree.Column(name(r), kind(r), span=r.span(a, b))

    def _row(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        cells = [self.of(each) for each in self.named(raw, "cell")]
        outputs = [self.constant(each) for each in raw.children if isinstance(each, Raw) and each.data != "cell"]
        return lambda r: tree.Row(
            tuple([make(r) for make in cells]), tuple([make(r) for make in outputs]), span=r.span(a, b)
        )

    def _otherwise_row(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        outputs = [self.constant(each) for each in raw.children if isinstance(each, Raw)]
        return lambda r: tree.Row(None, tuple([make(r) for make in outputs]), span=r.span(a, b))

    def _cell(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        tests = [self._cell_test(each) for each in raw.children if isinstance(each, Raw)]
        if len(tests) == 1:
            only = tests[0]
            return lambda r: tree.Cell((only(r),), span=r.span(a, b))
        return lambda r: tree.Cell(tuple([make(r) for make in tests]), span=r.span(a, b))

    def _cell_test(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        if raw.data == "cell_any":
            return lambda r: tree.AnyCell(span=r.span(a, b))
        if raw.data == "cell_constant":
            if self.node(raw, 0).data == "missing":
                return lambda r: tree.MissingCell(span=r.span(a, b))
            value = self.constant(self.node(raw, 0))
            return lambda r: tree.ValueCell(value(r), span=r.span(a, b))
        operator = _CELL_OPERATORS[raw.data]
        values = [self.constant(each) for each in raw.children if isinstance(each, Raw)]
        values += [self._cell_text(each) for each in self.tokens(raw, "STRING")]
        low, high = values[0], values[1] if len(values) > 1 else _nothing
        return lambda r: tree.ComparisonCell(operator, low(r), high(r), span=r.span(a, b))

    def _cell_text(self, at: int) -> Maker:
        if self.put_in(at):
            return lambda r: tree.Hole(span=r.span(at, at))
        return lambda r: tree.Text(r.plain(at, "a cell of a table"), span=r.span(at, at))

    def constant(self, raw: Raw) -> Maker:
        return self._cell_text(self.token(raw, 0)) if raw.data == "text" else self.expression(raw)

    def _flow(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        checks: list[Maker] = []

        def one(what: str, *data: str) -> Raw | None:
            found, twice = self.only(self.named(raw, *data), what)
            checks.append(twice)
            return found

        def said(clause: Raw | None, what: str = "") -> Maker:
            return _nothing if clause is None else self.word(self.token(clause, 1), what)

        source, target = one("`from`", "flow_from"), one("`to`", "flow_to")
        sync, after = one("`sync`", "flow_sync"), one("`after`", "flow_after")
        when, starting = one("`when`", "flow_when"), one("`starting`", "flow_starting")
        every = one("`every`", "flow_every", "flow_every_day")
        title, note, off = self.word(self.token(raw, 1), "a title"), self.note_of(raw), self.has(raw, "OFF")
        make_source = _nothing if source is None else self._system(self.node(source, 1))
        make_target = _nothing if target is None else self._system(self.node(target, 1))
        make_sync, make_after = said(sync), said(after, "a title")
        schedule = _nothing if every is None else self._schedule(every)
        condition = _nothing if when is None else self.expression(when.children[1])
        first_day = _nothing if starting is None else self._day(self.token(starting, 1))
        notify = [self.of(each) for each in self.named(raw, "flow_notify")]
        options = [make for clause in self.named(raw, "flow_with") for make in self.all_of_them(clause.children)]
        torn = self.torn(raw)

        def make(r: Reading) -> tree.Flow:
            for check in checks:
                check(r)
            return tree.Flow(
                title(r),
                off=off,
                note=note(r),
                source=make_source(r),
                target=make_target(r),
                sync=make_sync(r),
                schedule=schedule(r),
                after=make_after(r),
                when=condition(r),
                starting=first_day(r),
                notify=tuple([each(r) for each in notify]),
                options=tuple([each(r) for each in options]),
                torn=torn,
                span=r.span(a, b),
            )

        return make

    def _day(self, at: int) -> Maker:
        if self.put_in(at):
            return _nothing
        return lambda r: tree.Date(r.date(at), span=r.span(at, at))

    def _system(self, raw: Raw) -> Maker:
        return self.word(self.token(raw, 0), "the name of a connection")

    def _schedule(self, raw: Raw) -> Maker:
        a, b, at = raw.first, raw.last, self.token(raw, 1)
        if self.put_in(at):
            return _nothing
        if raw.data == "flow_every":
            return lambda r: tree.EveryInterval(r.lasting(at), span=r.span(a, b))
        return lambda r: tree.EveryDayAt(r.time(at), span=r.span(a, b))

    def _flow_notify(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        address = self.word(self.token(raw, 1), "an address")
        events = [self.word(self.token(each, 0)) for each in self.named(raw, "event")]
        return lambda r: tree.Notify(address(r), tuple([make(r) for make in events]), span=r.span(a, b))

    def _rule(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        parts = {each.data: each for each in raw.children if isinstance(each, Raw)}
        scope = self.of(parts.get("for_record") or parts["for_each"])
        when, otherwise, replaces = parts.get("rule_when"), parts.get("otherwise"), parts.get("replaces")
        title, off, note = self.word(self.token(raw, 1), "a title"), self.has(raw, "OFF"), self.note_of(raw)
        then = self.all_of_them(parts["then"].children)
        other = [] if otherwise is None else self.all_of_them(otherwise.children)
        condition = _nothing if when is None else self.expression(when.children[1])
        instead = _nothing if replaces is None else self.word(self.token(replaces, 1), "a title")
        return lambda r: tree.Rule(
            title(r),
            scope(r),
            tuple([make(r) for make in then]),
            tuple([make(r) for make in other]),
            condition(r),
            off,
            note(r),
            instead(r),
            span=r.span(a, b),
        )

    def _narrowing(self, raw: Raw) -> tuple[Maker, Maker]:
        sources, flows = self.named(raw, "from_source"), self.named(raw, "in_flow")
        return (
            self._system(self.node(sources[0], 1)) if sources else _nothing,
            self.word(self.token(flows[0], 2), "a title") if flows else _nothing,
        )

    def _for_record(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        source, flow = self._narrowing(raw)
        kind = self.word(self.token(raw, 1))
        return lambda r: tree.ForRecord(kind(r), source(r), flow(r), span=r.span(a, b))

    def _for_each(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        source, flow = self._narrowing(raw)
        wheres = self.named(raw, "where")
        item, collection = self.word(self.token(raw, 2)), self.path(self.node(raw, 4))
        where = self.expression(wheres[0].children[1]) if wheres else _nothing
        return lambda r: tree.ForEach(item(r), collection(r), source(r), flow(r), where(r), span=r.span(a, b))

    # --- tests --------------------------------------------------------------------------------------------------------

    def _test(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        given, twice = self.only(self.named(raw, "given"), "`given`")
        on, again = self.only(self.named(raw, "test_on"), "the date")
        title = self.word(self.token(raw, 1), "a title")
        record = _nothing if given is None else self.of(given)
        expected = [self.of(each) for each in raw.children if isinstance(each, Raw) and each.data.startswith("expect_")]
        settings = [make for each in self.named(raw, "test_settings") for make in self.all_of_them(each.children)]
        today = None if on is None else self.token(on, 1)
        if today is not None and self.put_in(today):
            today = None
        torn = self.torn(raw)

        def make(r: Reading) -> tree.Test:
            twice(r)
            again(r)
            return tree.Test(
                title(r),
                record(r),
                tuple([each(r) for each in expected]),
                tuple([each(r) for each in settings]),
                None if today is None else r.date(today),
                torn,
                span=r.span(a, b),
            )

        return make

    def _given(self, raw: Raw) -> Maker:
        a = raw.first
        b = raw.last
        files = self.named(raw, "given_file")
        kind = self.word(self.token(raw, 1))
        file = self.word(self.token(files[0], 1), "a file name") if files else _nothing
        fields: list[Maker] = []
        items: list[tuple[int, int, Maker, list[Maker]]] = []
        complaints: list[Maker] = []
        for entry in raw.children:
            if not isinstance(entry, Raw):
                continue
            if entry.data == "item_mark":
                at = self.token(entry, 0)
                items.append((at, entry.last, self.item(at), []))
            elif entry.data == "assignment":
                if items:
                    first, _, word, assigned = items[-1]
                    assigned.append(self.of(entry))
                    items[-1] = (first, entry.last, word, assigned)
                else:
                    complaints.append(self._unowned(entry))
            elif entry.data == "path_assignment":
                fields.append(self.of(entry))

        def make(r: Reading) -> tree.Given:
            for complaint in complaints:
                complaint(r)
            return tree.Given(
                kind(r),
                file(r),
                tuple([each(r) for each in fields]),
                tuple(
                    [
                        tree.GivenItem(word(r), tuple([each(r) for each in assigned]), span=r.span(first, last))
                        for first, last, word, assigned in items
                    ]
                ),
                span=r.span(a, b),
            )

        return make

    def _unowned(self, entry: Raw) -> Maker:
        at = self.token(entry, 0)

        def complain(r: Reading) -> None:
            name = r.values[at]
            r.report(
                "R602",
                r.span(at, at),
                f"which item does `{name}` belong to?",
                help=f"write the item's word before it, as in `line {name} = …`, or a whole path such as `order.{name}`",
            )

        return complain

    def _assignment(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        name, keys = self.token(raw, 0), self.named(raw, "key")
        until = keys[0].last if keys else name
        said, value = self.item(name), self.expression(raw.children[-1])
        key = self.key(keys)
        return lambda r: tree.Assignment(said(r), value(r), key(r), r.span(name, until), span=r.span(a, b))

    def _option_word(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        name, word = self.token(raw, 0), self.token(raw, -1)
        said = self.item(name)

        def make(r: Reading) -> tree.Assignment:
            value = tree.Name(r.values[word], span=r.span(word, word))
            return tree.Assignment(said(r), value, None, r.span(name, name), span=r.span(a, b))

        return make

    _until_option = _assignment
    _path_assignment = _assignment
    _path_setting = _assignment

    def key(self, keys: Sequence[Raw]) -> Maker:
        return self.plain(self.token(keys[0], 1), "the key of a field") if keys else _nothing

    # --- expectations -------------------------------------------------------------------------------------------------

    def _expect_condition(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        if self.touched(raw):
            return self.hole_statement(raw)
        condition = self.tail(self.path(self.node(raw, 0)), raw.first, self.node(raw, 1))
        return lambda r: tree.ExpectCondition(condition(r), span=r.span(a, b))

    def _expect_item(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        if self.touched(raw):
            return self.hole_statement(raw)
        item, number, name = self.token(raw, 0), self.token(raw, 1), self.token(raw, 2)
        keys = self.named(raw, "key")
        key = self.key(keys)
        until = keys[0].last if keys else name

        def left(r: Reading) -> Expression:
            return tree.Path(f"{r.values[item]}.{r.values[name]}", key(r), span=r.span(name, until))

        condition = self.tail(left, name, self.node(raw, -1))
        return lambda r: tree.ExpectItem(r.values[item], r.whole(number), condition(r), span=r.span(a, b))

    def _expect_count(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        if self.touched(raw):
            return self.hole_statement(raw)
        item, count = self.token(raw, 0), self.token(raw, 1)

        def left(r: Reading) -> Expression:
            return tree.Path(f"{r.values[item]}.count", span=r.span(item, count))

        compared = self.tail(left, item, self.node(raw, 2))

        def make(r: Reading) -> tree.ExpectItemCount:
            condition = compared(r)
            if not isinstance(condition, tree.Comparison):
                r.report("R301", condition.span, "a count is never missing: compare it with a number")
                condition = tree.Comparison(Operator.IS, left(r), tree.Number(Decimal(0)), span=condition.span)
            return tree.ExpectItemCount(r.values[item], condition, span=r.span(a, b))

        return make

    def reason(self, raw: Raw) -> Maker:
        reasons = self.tokens(raw, "STRING")
        return self.plain(reasons[0], "the reason that a test expects") if reasons else _nothing

    def _expect_item_skipped(self, raw: Raw) -> Maker:
        a, b, item = raw.first, raw.last, self.token(raw, 0)
        if self.touched(raw):
            return self.hole_statement(raw)
        numbers, reason = self.tokens(raw, "NUMBER"), self.reason(raw)
        number = numbers[0] if numbers else None
        return lambda r: tree.ExpectItemSkipped(
            r.values[item], None if number is None else r.whole(number), reason(r), span=r.span(a, b)
        )

    def _expect_outcome(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        if self.touched(raw):
            return self.hole_statement(raw)
        outcome = self.tokens(raw, "SKIPPED", "HELD", "FAILED")[0]
        reason, negated = self.reason(raw), self.has(raw, "NOT")
        return lambda r: tree.ExpectOutcome(r.values[outcome], reason(r), negated, span=r.span(a, b))

    def _expect_fired(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        if self.touched(raw):
            return self.hole_statement(raw)
        title, negated = self.word(self.token(raw, -1), "a title"), self.has(raw, "NOT")
        return lambda r: tree.ExpectFired(title(r), negated, span=r.span(a, b))

    def _expect_document(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        if self.touched(raw):
            return self.hole_statement(raw)
        kind, negated = self.word(self.token(raw, -1)), self.has(raw, "NOT")
        return lambda r: tree.ExpectDocument(kind=kind(r), negated=negated, span=r.span(a, b))

    def _expect_document_field(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        if self.touched(raw):
            return self.hole_statement(raw)
        first, name = self.token(raw, 0), self.token(raw, 1)

        def left(r: Reading) -> Expression:
            return tree.Path(f"document.{r.values[name]}", span=r.span(first, name))

        condition = self.tail(left, first, self.node(raw, 2))
        return lambda r: tree.ExpectDocument(condition=condition(r), span=r.span(a, b))

    def _expect_no_document(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        return self.hole_statement(raw) if self.touched(raw) else lambda r: tree.ExpectNoDocument(span=r.span(a, b))

    # --- statements ---------------------------------------------------------------------------------------------------

    def touched(self, raw: Raw) -> bool:
        return not self.whole and self.repairs.touch(raw.first, raw.last)

    def hole_statement(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        return lambda r: tree.HoleStatement(span=r.span(a, b))

    def or_stop(self, raw: Raw) -> Maker:
        stops = self.named(raw, "or_stop")
        if not stops:
            return _nothing
        stop = stops[0]
        a, b, action = stop.first, stop.last, self.token(stop, 0)
        items = self.tokens(stop, "ITEM")
        item = self.item(items[0]) if items else _nothing
        reason = self.expression(stop.children[-1])
        return lambda r: tree.OrStop(r.values[action].split()[-1], reason(r), item(r), span=r.span(a, b))

    def write(self, raw: Raw, node: Callable[..., tree.Node]) -> Maker:
        a, b = raw.first, raw.last
        target, value = self.path(self.node(raw, 1)), self.expression(raw.children[3])
        stop = self.or_stop(raw)
        return lambda r: node(target(r), value(r), stop(r), span=Span(r.origin, r.starts[a], r.ends[b]))

    def _set(self, raw: Raw) -> Maker:
        return self.write(raw, tree.Set)

    def _fill(self, raw: Raw) -> Maker:
        return self.write(raw, tree.Fill)

    def _override(self, raw: Raw) -> Maker:
        return self.write(raw, tree.Override)

    def _clear(self, raw: Raw) -> Maker:
        a, b, target = raw.first, raw.last, self.path(self.node(raw, 1))
        return lambda r: tree.Clear(target(r), span=r.span(a, b))

    def _replace(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        old, new = self.expression(raw.children[1]), self.expression(raw.children[3])
        target = self.path(self.node(raw, 5))
        return lambda r: tree.Replace(old(r), new(r), target(r), span=r.span(a, b))

    def _add(self, raw: Raw) -> Maker:
        a, b, item = raw.first, raw.last, self.token(raw, 1)
        if self.put_in(item):
            return self.hole_statement(raw)
        fields = self.all_of_them(raw.children)
        return lambda r: tree.Add(r.values[item], tuple([make(r) for make in fields]), span=r.span(a, b))

    def _skip(self, raw: Raw) -> Maker:
        a, b, items = raw.first, raw.last, self.tokens(raw, "ITEM")
        item = self.item(items[0]) if items else _nothing
        reason = self.expression(raw.children[-1])
        return lambda r: tree.Skip(reason(r), item(r), span=r.span(a, b))

    def _hold(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        until, limit = self.named(raw, "until"), self.named(raw, "hold_limit")
        reason = self.expression(raw.children[1])
        condition = self.expression(until[0].children[1]) if until else _nothing
        lasting = self.token(limit[0], 1) if limit else None
        if lasting is not None and self.put_in(lasting):
            lasting = None
        return lambda r: tree.Hold(
            reason(r), condition(r), None if lasting is None else r.lasting(lasting), span=r.span(a, b)
        )

    def _fail(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        if self.put_in(a):  # what stands for a statement that nobody could read
            return self.hole_statement(raw)
        reason = self.expression(raw.children[1])
        return lambda r: tree.Fail(reason(r), span=r.span(a, b))

    def _tag(self, raw: Raw) -> Maker:
        a, b, value = raw.first, raw.last, self.expression(raw.children[1])
        return lambda r: tree.Tag(value(r), span=r.span(a, b))

    def _log(self, raw: Raw) -> Maker:
        a, b, value = raw.first, raw.last, self.expression(raw.children[1])
        return lambda r: tree.Log(value(r), span=r.span(a, b))

    # --- conditions and expressions -----------------------------------------------------------------------------------

    def expression(self, raw: Raw) -> Maker:
        """An expression; a hole where a part of it could not be read, as small as conditions can be taken apart."""
        if self.touched(raw) and not (raw.data in _TAKEN_APART and self._inside(raw)):
            a, b = raw.first, raw.last
            return lambda r: tree.Hole(span=r.span(a, b))
        maker: Maker = getattr(self, "_" + raw.data)(raw)
        return maker

    def _inside(self, raw: Raw) -> bool:
        """Whether all repairs of a node are inside of its parts."""
        parts = [each for each in raw.children if isinstance(each, Raw)]
        put_in = [each for each in self.repairs.put_in if raw.first <= each <= raw.last]
        left_out = [each for each in self.repairs.left_out if raw.first < each <= raw.last]
        return all(any(part.first <= each <= part.last for part in parts) for each in put_in) and all(
            any(part.first < each <= part.last for part in parts) for each in left_out
        )

    def expressions(self, raw: Raw) -> list[Maker]:
        return [self.expression(each) for each in raw.children if isinstance(each, Raw)]

    def _any_of(self, raw: Raw) -> Maker:
        a, b, operands = raw.first, raw.last, self.expressions(raw)
        return lambda r: tree.Or(tuple([make(r) for make in operands]), span=r.span(a, b))

    def _all_of(self, raw: Raw) -> Maker:
        a, b, operands = raw.first, raw.last, self.expressions(raw)
        return lambda r: tree.And(tuple([make(r) for make in operands]), span=r.span(a, b))

    def _negation(self, raw: Raw) -> Maker:
        a, b, operand = raw.first, raw.last, self.expression(raw.children[1])
        return lambda r: tree.Not(operand(r), span=r.span(a, b))

    def _comparison(self, raw: Raw) -> Maker:
        return self.tail(self.expression(raw.children[0]), raw.first, self.node(raw, 1))

    def _quantified(self, raw: Raw) -> Maker:
        a, b = raw.first, raw.last
        where = self.named(raw, "quantified_where")
        quantifier, item = self.token(raw, 0), self.token(raw, 1)
        collection = self.path(self.node(raw, 3))
        condition = self.expression(where[0].children[2]) if where else _nothing
        return lambda r: tree.Quantified(
            r.values[quantifier], r.values[item], collection(r), condition(r), span=r.span(a, b)
        )

    def tail(self, left: Maker, start: int, raw: Raw) -> Maker:
        """The comparison that a left side, which begins at a token, and its tail make."""
        b = raw.last
        negated = self.has(raw, "NOT")
        if raw.data == "is_present":
            return lambda r: _presence(r, left(r), negated, b)
        if raw.data in ("is_value", "is_not_value"):
            negated = raw.data == "is_not_value"
            if self.node(raw, -1).data == "missing":
                missing = not negated
                return lambda r: _presence(r, left(r), missing, b)
        if raw.data == "matches_pattern":
            at = self.token(raw, -1)

            def matching(r: Reading) -> Expression:
                first = left(r)
                text = tree.Text(r.values[at][1:-1].replace('""', '"'), span=r.span(at, at))
                span = first.span.until(r.span(b, b))
                return tree.Comparison(Operator.PATTERN, first, text, negated=negated, span=span)

            return matching
        operator = _OPERATORS[raw.data]
        values = self.expressions(raw)
        right = values[0]
        if len(values) == 1:

            def compare(r: Reading) -> Expression:
                first = left(r)
                second = right(r)
                return tree.Comparison(operator, first, second, None, negated, span=first.span.to(r.origin, r.ends[b]))

            return compare
        high = values[1]

        def between(r: Reading) -> Expression:
            first = left(r)
            return tree.Comparison(operator, first, right(r), high(r), negated, span=first.span.to(r.origin, r.ends[b]))

        return between

    def _or_else(self, raw: Raw) -> Maker:
        operands = self.expressions(raw)

        def make(r: Reading) -> Expression:
            # From the right, so that `a or else b or else c` reads "a, or else (b, or else c)".
            values = [each(r) for each in operands]
            result: Expression = values[-1]
            for each in reversed(values[:-1]):
                result = tree.OrElse(each, result, span=each.span.until(result.span))
            return result

        return make

    def _arithmetic(self, raw: Raw) -> Maker:
        first = self.expression(raw.children[0])
        others = [
            (self.token(raw, place), self.expression(raw.children[place + 1]))
            for place in range(1, len(raw.children), 2)
        ]

        def make(r: Reading) -> Expression:
            result: Expression = first(r)
            for sign, other in others:
                right = other(r)
                result = tree.Arithmetic(r.values[sign], result, right, span=result.span.until(right.span))
            return result

        return make

    def _negative(self, raw: Raw) -> Maker:
        a, b, operand = raw.first, raw.last, self.expression(raw.children[1])

        def make(r: Reading) -> Expression:
            value, span = operand(r), r.span(a, b)
            if isinstance(value, tree.Number):
                return tree.Number(-value.value, span=span)
            if isinstance(value, tree.Percent):
                return tree.Percent(-value.value, span=span)
            if isinstance(value, tree.Money):
                return tree.Money(-value.value, value.code, span=span)
            return tree.Negative(value, span=span)

        return make

    def _parenthesised(self, raw: Raw) -> Maker:
        return self.expression(raw.children[1])

    def _name(self, raw: Raw) -> Maker:
        at = raw.first
        return lambda r: tree.Name(r.values[at], span=Span(r.origin, r.starts[at], r.ends[at]))

    def _call(self, raw: Raw) -> Maker:
        a, b, arguments = raw.first, raw.last, self.expressions(raw)
        return lambda r: tree.Call(r.values[a], tuple([make(r) for make in arguments]), span=r.span(a, b))

    def _lookup(self, raw: Raw) -> Maker:
        a, b, name = raw.first, raw.last, self.token(raw, 1)
        columns, keys = self.tokens(raw, "COLUMN"), self.expressions(raw)
        column = columns[0] if columns else None
        return lambda r: tree.Lookup(
            r.values[name],
            tuple([make(r) for make in keys]),
            None if column is None else r.values[column][1:],
            span=r.span(a, b),
        )

    def _count(self, raw: Raw) -> Maker:
        a, b, where = raw.first, raw.last, self.named(raw, "where")
        collection = self.path(self.node(raw, 2))
        condition = self.expression(where[0].children[1]) if where else _nothing
        return lambda r: tree.Count(collection(r), condition(r), span=r.span(a, b))

    def _sum_of(self, raw: Raw) -> Maker:
        a, b, where = raw.first, raw.last, self.named(raw, "where")
        value, collection = self.expression(raw.children[2]), self.path(self.node(raw, 4))
        condition = self.expression(where[0].children[1]) if where else _nothing
        return lambda r: tree.Sum(value(r), collection(r), condition(r), span=r.span(a, b))

    def _list_of(self, raw: Raw) -> Maker:
        a, b, elements = raw.first, raw.last, self.expressions(raw)
        return lambda r: tree.ListOf(tuple([make(r) for make in elements]), span=r.span(a, b))

    def path(self, raw: Raw) -> Maker:
        """A field; one of no letters where it could not be read."""
        a, b = raw.first, raw.last
        if self.touched(raw):
            return lambda r: tree.Path("", span=r.span(a, b))
        keys, name = self.named(raw, "key"), self.tokens(raw, "PATH")[0]
        original = self.has(raw, "ORIGINAL")
        if not keys:
            return lambda r: tree.Path(r.values[name], None, original, span=Span(r.origin, r.starts[a], r.ends[b]))
        key = self.key(keys)
        return lambda r: tree.Path(r.values[name], key(r), original, span=r.span(a, b))

    _path = path

    def _text(self, raw: Raw) -> Maker:
        at = raw.first
        return lambda r: r.text(at)

    def _number(self, raw: Raw) -> Maker:
        at = raw.first
        return lambda r: tree.Number(r.decimal(r.values[at], at), span=r.span(at, at))

    def _percent(self, raw: Raw) -> Maker:
        at = raw.first
        return lambda r: tree.Percent(r.decimal(r.values[at][:-1].strip(), at), span=r.span(at, at))

    def _money(self, raw: Raw) -> Maker:
        at = raw.first

        def make(r: Reading) -> Expression:
            written = r.values[at]
            return tree.Money(r.decimal(written[:-3].strip(), at), written[-3:], span=r.span(at, at))

        return make

    def _date(self, raw: Raw) -> Maker:
        at = raw.first
        return lambda r: tree.Date(r.date(at), span=r.span(at, at))

    def _duration(self, raw: Raw) -> Maker:
        at = raw.first
        return lambda r: r.duration(at)

    def _yes_no(self, raw: Raw) -> Maker:
        at, yes = raw.first, self.kinds[raw.first] == "YES"
        return lambda r: tree.YesNo(yes, span=r.span(at, at))

    def _missing(self, raw: Raw) -> Maker:
        at = raw.first
        return lambda r: tree.Missing(span=r.span(at, at))


def _nothing(r: Reading) -> None:
    return None


def _presence(r: Reading, operand: Expression, missing: bool, last: int) -> Expression:
    return tree.Presence(operand, missing, span=operand.span.to(r.origin, r.ends[last]))


_TAKEN_APART = frozenset({"all_of", "any_of", "negation", "parenthesised"})

_OPERATORS: dict[str, Operator] = {
    "is_value": Operator.IS,
    "is_not_value": Operator.IS,
    "is_exactly": Operator.EXACTLY,
    "is_one_of": Operator.ONE_OF,
    "is_between": Operator.BETWEEN,
    "is_more": Operator.MORE,
    "is_less": Operator.LESS,
    "is_at_least": Operator.AT_LEAST,
    "is_at_most": Operator.AT_MOST,
    "is_before": Operator.BEFORE,
    "is_after": Operator.AFTER,
    "contains": Operator.CONTAINS,
    "has_word": Operator.WORD,
    "starts": Operator.STARTS,
    "ends": Operator.ENDS,
    "matches": Operator.MATCHES,
}

_CELL_OPERATORS: dict[str, Operator] = {
    "cell_at_most": Operator.AT_MOST,
    "cell_at_least": Operator.AT_LEAST,
    "cell_more": Operator.MORE,
    "cell_less": Operator.LESS,
    "cell_between": Operator.BETWEEN,
    "cell_starts": Operator.STARTS,
    "cell_ends": Operator.ENDS,
    "cell_contains": Operator.CONTAINS,
    "cell_matches": Operator.MATCHES,
}
