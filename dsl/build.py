"""From the parser's raw tree to the tree of `dsl.tree`; changes when a construct does (knows no field and no type).

Raw nodes are Lark's trees and tokens with all tokens kept, used only by their shape (`Branch`, `Leaf`), so this module
needs no Lark. What the grammar lets through but makes no sense by itself (a date that does not exist, a clause said
twice, braces that do not fit) is reported here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any, Protocol

from dsl import tree
from dsl.report import Reporter
from dsl.source import Source
from dsl.tree import Expression, Operator, Span, Word

MAX_DIGITS = 28


class Leaf(Protocol):
    """A token: the terminal's name, its text, and where it stands."""

    type: str
    value: str
    start_pos: int | None
    end_pos: int | None


class Branch(Protocol):
    """A rule of the grammar with its parts."""

    data: str
    children: list[Any]


Raw = Any
"""A `Leaf` or a `Branch`; told apart by `hasattr(raw, "data")`."""

ParseFragment = Callable[[str, Sequence[int]], Expression | None]
"""Parses the inside of `{…}`: its text, and for each of its characters (and its end) the offset in the file."""


class Builder:
    """Makes the nodes of one file. `places` maps offsets of a fragment to those of the file; None: they are the same."""

    def __init__(
        self,
        source: Source,
        reporter: Reporter,
        parse_fragment: ParseFragment,
        places: Sequence[int] | None = None,
    ) -> None:
        self.source = source
        self.reporter = reporter
        self.parse_fragment = parse_fragment
        self.places = places

    # --- places -------------------------------------------------------------------------------------------------------

    def first(self, raw: Raw) -> int:
        while hasattr(raw, "data"):
            raw = raw.children[0]
        return raw.start_pos or 0

    def last(self, raw: Raw) -> int:
        while hasattr(raw, "data"):
            raw = raw.children[-1]
        return raw.end_pos or 0

    def span(self, raw: Raw, until: Raw = None) -> Span:
        start, end = self.first(raw), self.last(raw if until is None else until)
        if self.places is not None:
            start, end = self.places[start], self.places[end]
        return self.source.span(start, end)

    # --- texts --------------------------------------------------------------------------------------------------------

    def _letters(self, token: Leaf) -> tuple[str, list[int]]:
        """The text between the quotes with doubled quotes undone; for each letter, and the end, its offset in the file."""
        start = (token.start_pos or 0) + 1
        letters: list[str] = []
        offsets: list[int] = []
        inner = token.value[1:-1]
        at = 0
        while at < len(inner):
            letters.append(inner[at])
            offsets.append(start + at)
            at += 2 if inner[at] == '"' else 1
        offsets.append(start + len(inner))
        if self.places is not None:
            offsets = [self.places[each] for each in offsets]
        return "".join(letters), offsets

    def text(self, token: Leaf) -> Expression:
        """A text where `{…}` is filled in."""
        span = self.span(token)
        inner = token.value[1:-1]
        if '"' not in inner and "{" not in inner and "}" not in inner:
            return tree.Text(inner, span=span)
        letters, offsets = self._letters(token)
        parts: list[str | Expression] = []
        plain: list[str] = []
        at = 0
        while at < len(letters):
            letter = letters[at]
            if letter in "{}" and letters[at + 1 : at + 2] == letter:
                plain.append(letter)
                at += 2
            elif letter == "{":
                end = _hole_end(letters, at + 1)
                if end is None:
                    self.reporter.report(
                        "R106",
                        self.source.span(offsets[at], offsets[at] + 1),
                        "this `{` has no `}` that closes it",
                        help="write `{{` for a brace that is only a brace",
                    )
                    return tree.Text(letters, span=span)
                value = self._hole(letters[at + 1 : end], offsets[at + 1 : end + 1], offsets[at], offsets[end] + 1)
                if value is None:
                    return tree.Text(letters, span=span)
                if plain:
                    parts.append("".join(plain))
                    plain = []
                parts.append(value)
                at = end + 1
            elif letter == "}":
                self.reporter.report(
                    "R106",
                    self.source.span(offsets[at], offsets[at] + 1),
                    "this `}` closes nothing",
                    help="write `}}` for a brace that is only a brace",
                )
                return tree.Text(letters, span=span)
            else:
                plain.append(letter)
                at += 1
        if not parts:
            return tree.Text("".join(plain), span=span)
        if plain:
            parts.append("".join(plain))
        return tree.Template(tuple(parts), span=span)

    def _hole(self, inside: str, offsets: Sequence[int], start: int, end: int) -> Expression | None:
        if not inside.strip():
            self.reporter.report(
                "R106",
                self.source.span(start, end),
                "nothing stands between these braces",
                help="put a field or a setting between them, or write `{{}}` for the braces themselves",
            )
            return None
        return self.parse_fragment(inside, offsets)

    def plain(self, token: Leaf, what: str) -> str:
        """A text where nothing is filled in: a title, a note, a file name."""
        inner = token.value[1:-1]
        if "{" not in inner and "}" not in inner:
            return inner.replace('""', '"')
        value = self.text(token)
        if isinstance(value, tree.Text):
            return value.value
        self.reporter.report(
            "R107",
            value.span,
            f"{what} is a fixed text: `{{…}}` cannot be filled in here",
            help="take the braces out, or write them twice if they are meant as braces",
        )
        return inner

    def word(self, token: Leaf, what: str = "") -> Word:
        if token.type == "STRING":
            said = self.plain(token, what)
            if what == "a title" and not said.strip():
                self.reporter.report(
                    "R120", self.span(token), "this title is blank", help="say what it is for: it stands in the log"
                )
            return Word(said, True, span=self.span(token))
        return Word(token.value, span=self.span(token))

    # --- values -------------------------------------------------------------------------------------------------------

    def decimal(self, digits: str, token: Leaf) -> Decimal:
        if len(digits) > MAX_DIGITS + 1:
            self.reporter.report("R117", self.span(token), f"a number has at most {MAX_DIGITS} digits")
            return Decimal(0)
        return Decimal(digits)

    def whole(self, token: Leaf) -> int:
        """A whole number for counting (`line 2`, `language 1`)."""
        value = self.decimal(token.value, token)
        if value != value.to_integral_value():
            self.reporter.report("R101", self.span(token), "expected a whole number")
            return 1
        return int(value)

    def date_value(self, token: Leaf) -> date:
        written = token.value
        try:
            if "/" in written:
                month, day, year = written.split("/")
            else:
                year, month, day = written.split("-")
            return date(int(year), int(month), int(day))
        except ValueError:
            parts = written.split("/")
            day_first = len(parts) == 3 and int(parts[0]) > 12 >= int(parts[1])
            self.reporter.report(
                "R108",
                self.span(token),
                f"there is no date {written}",
                help="dates are written month first, 01/31/2026, or 2026-01-31",
                fixes=[("Put the month first", self.span(token), f"{parts[1]}/{parts[0]}/{parts[2]}")]
                if day_first
                else [],
            )
            return date(2000, 1, 1)

    def time_value(self, token: Leaf) -> time:
        hour, minute = token.value.split(":")
        try:
            return time(int(hour), int(minute))
        except ValueError:
            self.reporter.report(
                "R108", self.span(token), f"there is no time {token.value}", help="times are 00:00 to 23:59"
            )
            return time(0, 0)

    def duration(self, token: Leaf) -> tree.Duration:
        count, unit = token.value.split()
        value = self.decimal(count, token)
        if value > 100_000:
            self.reporter.report("R117", self.span(token), "no duration is that long")
            value = Decimal(1)
        return tree.Duration(int(value), unit.removesuffix("s"), span=self.span(token))

    def lasting(self, token: Leaf) -> tree.Duration:
        """A duration that something waits for: nothing waits no time at all."""
        duration = self.duration(token)
        if duration.count == 0:
            self.reporter.report(
                "R108", self.span(token), f"{token.value} is no time to wait", help="the least is 1 minute"
            )
        return duration

    # --- the walk -----------------------------------------------------------------------------------------------------

    def build(self, raw: Branch) -> Any:
        """The node of a raw tree. The caller has made sure that it is not nested deeper than this recursion bears."""
        method = getattr(self, "_" + raw.data)
        return method(raw)

    def builds(self, raws: Sequence[Raw]) -> list[Any]:
        """The nodes of all parts that are no tokens."""
        return [self.build(each) for each in raws if hasattr(each, "data")]

    def named(self, raw: Branch, *data: str) -> list[Branch]:
        return [each for each in raw.children if hasattr(each, "data") and each.data in data]

    def tokens(self, raw: Branch, *types: str) -> list[Leaf]:
        return [each for each in raw.children if not hasattr(each, "data") and each.type in types]

    def has(self, raw: Branch, type: str) -> bool:
        return any(not hasattr(each, "data") and each.type == type for each in raw.children)

    def only(self, raws: Sequence[Branch], what: str) -> Branch | None:
        """The one clause of its kind; any further one is reported."""
        for each in raws[1:]:
            self.reporter.report(
                "R109",
                self.span(each),
                f"{what} is given twice",
                related=[("the first one is here", self.span(raws[0]))],
                help="keep one of them",
                fixes=[("Take this one out", self.span(each), "")],
            )
        return raws[0] if raws else None

    def note_of(self, raw: Branch) -> str | None:
        note = self.only(self.named(raw, "note"), "the note")
        return None if note is None else self.plain(note.children[1], "a note")

    # --- blocks -------------------------------------------------------------------------------------------------------

    def _file(self, raw: Branch) -> tree.File:
        return tree.File(tuple(self.builds(raw.children)), span=self.source.span(0, len(self.source.text)))

    def _fragment(self, raw: Branch) -> Expression:
        return self._expression(raw.children[0])

    def _header(self, raw: Branch) -> tree.Header:
        language = self.only(self.named(raw, "header_language"), "the language")
        version = self.only(self.named(raw, "header_version"), "the version")
        return tree.Header(
            self.word(raw.children[1], "the name of a rule set"),
            None if language is None else self.whole(language.children[1]),
            None if version is None else self.plain(version.children[1], "a version"),
            self.note_of(raw),
            tree.NOWHERE if language is None else self.span(language.children[1]),
            span=self.span(raw),
        )

    def _use(self, raw: Branch) -> tree.Use:
        return tree.Use(
            self.word(raw.children[1], "the name of a pack"),
            self.word(raw.children[3], "a version"),
            self.word(raw.children[5]) if self.has(raw, "AS") else None,
            tuple(self.build(each) for each in self.named(raw, "use_set")),
            tuple(self.word(each.children[2], "a title") for each in self.named(raw, "turn_off")),
            span=self.span(raw),
        )

    def _use_set(self, raw: Branch) -> tree.Assignment:
        name = raw.children[1]
        return tree.Assignment(
            name.value, self._expression(raw.children[3]), name_span=self.span(name), span=self.span(raw)
        )

    def _setting(self, raw: Branch) -> tree.Setting:
        default = self.only(self.named(raw, "setting_default"), "the default")
        return tree.Setting(
            self.word(raw.children[1]),
            self.build(raw.children[3]),
            None if default is None else self._expression(default.children[1]),
            self.note_of(raw),
            span=self.span(raw),
        )

    def _type(self, raw: Branch) -> tree.TypeName:
        words = " ".join(each.value for each in raw.children).replace(" / ", "/")
        return tree.TypeName(words, span=self.span(raw))

    def _list_block(self, raw: Branch) -> tree.List:
        return tree.List(self.word(raw.children[1]), self._expression(raw.children[3]), span=self.span(raw))

    def _table(self, raw: Branch) -> tree.Table:
        keys, outputs = self.named(raw, "columns")
        csv = raw.children[3] if self.has(raw, "FROM") else None
        return tree.Table(
            self.word(raw.children[1]),
            tuple(self.builds(keys.children)),
            tuple(self.builds(outputs.children)),
            tuple(self.build(each) for each in self.named(raw, "row", "otherwise_row")),
            None if csv is None else self.word(csv, "a file name"),
            span=self.span(raw),
        )

    def _column(self, raw: Branch) -> tree.Column:
        types = self.named(raw, "type")
        return tree.Column(self.word(raw.children[0]), self.build(types[0]) if types else None, span=self.span(raw))

    def _row(self, raw: Branch) -> tree.Row:
        cells = self.named(raw, "cell")
        outputs = [each for each in raw.children if hasattr(each, "data") and each.data != "cell"]
        return tree.Row(
            tuple(self.build(each) for each in cells),
            tuple(self._constant(each) for each in outputs),
            span=self.span(raw),
        )

    def _otherwise_row(self, raw: Branch) -> tree.Row:
        return tree.Row(
            None, tuple(self._constant(each) for each in raw.children if hasattr(each, "data")), span=self.span(raw)
        )

    def _cell(self, raw: Branch) -> tree.Cell:
        return tree.Cell(
            tuple(self._cell_test(each) for each in raw.children if hasattr(each, "data")), span=self.span(raw)
        )

    def _cell_test(self, raw: Branch) -> tree.CellTest:
        span = self.span(raw)
        if raw.data == "cell_any":
            return tree.AnyCell(span=span)
        if raw.data == "cell_constant":
            value = self._constant(raw.children[0])
            return tree.MissingCell(span=span) if isinstance(value, tree.Missing) else tree.ValueCell(value, span=span)
        operator = _CELL_OPERATORS[raw.data]
        values = [self._constant(each) for each in raw.children if hasattr(each, "data")] or [
            tree.Text(self.plain(each, "a cell of a table"), span=self.span(each))
            for each in self.tokens(raw, "STRING")
        ]
        return tree.ComparisonCell(operator, values[0], values[1] if len(values) > 1 else None, span=span)

    def _constant(self, raw: Branch) -> Expression:
        if raw.data == "text":
            return tree.Text(self.plain(raw.children[0], "a cell of a table"), span=self.span(raw))
        return self._expression(raw)

    def _flow(self, raw: Branch) -> tree.Flow:
        def one(data: str, what: str) -> Branch | None:
            return self.only(self.named(raw, data), what)

        source, target, sync = one("flow_from", "`from`"), one("flow_to", "`to`"), one("flow_sync", "`sync`")
        after, when, starting = (
            one("flow_after", "`after`"),
            one("flow_when", "`when`"),
            one("flow_starting", "`starting`"),
        )
        schedule = self.only(self.named(raw, "flow_every", "flow_every_day"), "`every`")
        options: list[tree.Assignment] = []
        for clause in self.named(raw, "flow_with"):
            options += self.builds(clause.children)
        return tree.Flow(
            self.word(raw.children[1], "a title"),
            off=self.has(raw, "OFF"),
            note=self.note_of(raw),
            source=None if source is None else self._system(source.children[1]),
            target=None if target is None else self._system(target.children[1]),
            sync=None if sync is None else self.word(sync.children[1]),
            schedule=None if schedule is None else self._schedule(schedule),
            after=None if after is None else self.word(after.children[1], "a title"),
            when=None if when is None else self._expression(when.children[1]),
            starting=None
            if starting is None
            else tree.Date(self.date_value(starting.children[1]), span=self.span(starting.children[1])),
            notify=tuple(self.build(each) for each in self.named(raw, "flow_notify")),
            options=tuple(options),
            span=self.span(raw),
        )

    def _system(self, raw: Branch) -> Word:
        return self.word(raw.children[0], "the name of a connection")

    def _schedule(self, raw: Branch) -> tree.EveryInterval | tree.EveryDayAt:
        if raw.data == "flow_every":
            return tree.EveryInterval(self.lasting(raw.children[1]), span=self.span(raw))
        return tree.EveryDayAt(self.time_value(raw.children[1]), span=self.span(raw))

    def _flow_notify(self, raw: Branch) -> tree.Notify:
        events = tuple(self.word(each.children[0]) for each in self.named(raw, "event"))
        return tree.Notify(self.word(raw.children[1], "an address"), events, span=self.span(raw))

    def _rule(self, raw: Branch) -> tree.Rule:
        parts = {each.data: each for each in raw.children if hasattr(each, "data")}
        scope = parts.get("for_record") or parts["for_each"]
        when, otherwise, replaces = parts.get("rule_when"), parts.get("otherwise"), parts.get("replaces")
        return tree.Rule(
            self.word(raw.children[1], "a title"),
            self.build(scope),
            tuple(self.builds(parts["then"].children)),
            () if otherwise is None else tuple(self.builds(otherwise.children)),
            when=None if when is None else self._expression(when.children[1]),
            off=self.has(raw, "OFF"),
            note=self.note_of(raw),
            replaces=None if replaces is None else self.word(replaces.children[1], "a title"),
            span=self.span(raw),
        )

    def _narrowing(self, raw: Branch) -> tuple[Word | None, Word | None]:
        sources, flows = self.named(raw, "from_source"), self.named(raw, "in_flow")
        return (
            self._system(sources[0].children[1]) if sources else None,
            self.word(flows[0].children[2], "a title") if flows else None,
        )

    def _for_record(self, raw: Branch) -> tree.ForRecord:
        source, flow = self._narrowing(raw)
        return tree.ForRecord(self.word(raw.children[1]), source, flow, span=self.span(raw))

    def _for_each(self, raw: Branch) -> tree.ForEach:
        source, flow = self._narrowing(raw)
        where = self.named(raw, "where")
        return tree.ForEach(
            self.word(raw.children[2]),
            self._path(raw.children[4]),
            source,
            flow,
            self._expression(where[0].children[1]) if where else None,
            span=self.span(raw),
        )

    def _test(self, raw: Branch) -> tree.Test:
        given = self.only(self.named(raw, "given"), "`given`")
        on = self.only(self.named(raw, "test_on"), "the date")
        settings: list[tree.Assignment] = []
        for clause in self.named(raw, "test_settings"):
            settings += self.builds(clause.children)
        expectations = [each for each in raw.children if hasattr(each, "data") and str(each.data).startswith("expect_")]
        return tree.Test(
            self.word(raw.children[1], "a title"),
            None if given is None else self._given(given),
            tuple(self.builds(expectations)),
            tuple(settings),
            None if on is None else self.date_value(on.children[1]),
            span=self.span(raw),
        )

    def _given(self, raw: Branch) -> tree.Given:
        files = self.named(raw, "given_file")
        fields: list[tree.Assignment] = []
        items: list[tuple[Branch, list[tree.Assignment]]] = []
        last: Raw = None
        ends: list[Raw] = []
        for entry in raw.children[2:]:
            if entry.data == "item_mark":
                items.append((entry, []))
                ends.append(entry)
            elif entry.data == "assignment" and items:
                items[-1][1].append(self._assignment(entry))
                ends[-1] = entry
            elif entry.data == "assignment":
                name = entry.children[0].value
                self.reporter.report(
                    "R602",
                    self.span(entry.children[0]),
                    f"which item does `{name}` belong to?",
                    help=f"write the item's word before it, as in `line {name} = …`, or a whole path such as `order.{name}`",
                )
            elif entry.data == "path_assignment":
                fields.append(self._path_assignment(entry))
            last = entry
        return tree.Given(
            self.word(raw.children[1]),
            self.word(files[0].children[1], "a file name") if files else None,
            tuple(fields),
            tuple(
                tree.GivenItem(mark.children[0].value, tuple(assigned), span=self.span(mark, end))
                for (mark, assigned), end in zip(items, ends, strict=True)
            ),
            span=self.span(raw, last),
        )

    def _assignment(self, raw: Branch) -> tree.Assignment:
        keys = self.named(raw, "key")
        return tree.Assignment(
            raw.children[0].value,
            self._expression(raw.children[-1]),
            self._key(keys[0]) if keys else None,
            self.span(raw.children[0], keys[0] if keys else None),
            span=self.span(raw),
        )

    def _option_word(self, raw: Branch) -> tree.Assignment:
        name, word = raw.children[0], raw.children[-1]
        value = tree.Name(word.value, span=self.span(word))
        return tree.Assignment(name.value, value, None, self.span(name), span=self.span(raw))

    _until_option = _assignment
    _path_assignment = _assignment
    _path_setting = _assignment

    def _key(self, raw: Branch) -> str:
        return self.plain(raw.children[1], "the key of a field")

    # --- expectations -------------------------------------------------------------------------------------------------

    def _expect_condition(self, raw: Branch) -> tree.ExpectCondition:
        return tree.ExpectCondition(self._tail(self._path(raw.children[0]), raw.children[1]), span=self.span(raw))

    def _expect_item(self, raw: Branch) -> tree.ExpectItem:
        item, number, name = raw.children[0], raw.children[1], raw.children[2]
        keys = self.named(raw, "key")
        key = self._key(keys[0]) if keys else None
        left = tree.Path(f"{item.value}.{name.value}", key, span=self.span(name, keys[0] if keys else None))
        return tree.ExpectItem(item.value, self.whole(number), self._tail(left, raw.children[-1]), span=self.span(raw))

    def _expect_count(self, raw: Branch) -> tree.ExpectItemCount:
        item = raw.children[0]
        left = tree.Path(f"{item.value}.count", span=self.span(item, raw.children[1]))
        condition = self._tail(left, raw.children[2])
        if not isinstance(condition, tree.Comparison):
            self.reporter.report("R301", condition.span, "a count is never missing: compare it with a number")
            condition = tree.Comparison(Operator.IS, left, tree.Number(Decimal(0)), span=condition.span)
        return tree.ExpectItemCount(item.value, condition, span=self.span(raw))

    def _reason(self, raw: Branch) -> str | None:
        reasons = self.tokens(raw, "STRING")
        return self.plain(reasons[0], "the reason that a test expects") if reasons else None

    def _expect_item_skipped(self, raw: Branch) -> tree.ExpectItemSkipped:
        numbers = self.tokens(raw, "NUMBER")
        return tree.ExpectItemSkipped(
            raw.children[0].value,
            self.whole(numbers[0]) if numbers else None,
            self._reason(raw),
            span=self.span(raw),
        )

    def _expect_outcome(self, raw: Branch) -> tree.ExpectOutcome:
        outcome = self.tokens(raw, "SKIPPED", "HELD", "FAILED")[0].value
        return tree.ExpectOutcome(outcome, self._reason(raw), self.has(raw, "NOT"), span=self.span(raw))

    def _expect_fired(self, raw: Branch) -> tree.ExpectFired:
        return tree.ExpectFired(self.word(raw.children[-1], "a title"), self.has(raw, "NOT"), span=self.span(raw))

    def _expect_document(self, raw: Branch) -> tree.ExpectDocument:
        return tree.ExpectDocument(kind=self.word(raw.children[-1]), negated=self.has(raw, "NOT"), span=self.span(raw))

    def _expect_document_field(self, raw: Branch) -> tree.ExpectDocument:
        left = tree.Path(f"document.{raw.children[1].value}", span=self.span(raw.children[0], raw.children[1]))
        return tree.ExpectDocument(condition=self._tail(left, raw.children[2]), span=self.span(raw))

    def _expect_no_document(self, raw: Branch) -> tree.ExpectNoDocument:
        return tree.ExpectNoDocument(span=self.span(raw))

    # --- statements ---------------------------------------------------------------------------------------------------

    def _or_stop(self, raw: Branch) -> tree.OrStop | None:
        stops = self.named(raw, "or_stop")
        if not stops:
            return None
        stop = stops[0]
        items = self.tokens(stop, "ITEM")
        return tree.OrStop(
            stop.children[0].value.split()[-1],
            self._expression(stop.children[-1]),
            items[0].value if items else None,
            span=self.span(stop),
        )

    def _set(self, raw: Branch) -> tree.Set:
        target, value = self._path(raw.children[1]), self._expression(raw.children[3])
        return tree.Set(target, value, self._or_stop(raw), span=self.span(raw))

    def _fill(self, raw: Branch) -> tree.Fill:
        target, value = self._path(raw.children[1]), self._expression(raw.children[3])
        return tree.Fill(target, value, self._or_stop(raw), span=self.span(raw))

    def _override(self, raw: Branch) -> tree.Override:
        target, value = self._path(raw.children[1]), self._expression(raw.children[3])
        return tree.Override(target, value, self._or_stop(raw), span=self.span(raw))

    def _clear(self, raw: Branch) -> tree.Clear:
        return tree.Clear(self._path(raw.children[1]), span=self.span(raw))

    def _replace(self, raw: Branch) -> tree.Replace:
        old, new = self._expression(raw.children[1]), self._expression(raw.children[3])
        return tree.Replace(old, new, self._path(raw.children[5]), span=self.span(raw))

    def _add(self, raw: Branch) -> tree.Add:
        return tree.Add(raw.children[1].value, tuple(self.builds(raw.children)), span=self.span(raw))

    def _skip(self, raw: Branch) -> tree.Skip:
        items = self.tokens(raw, "ITEM")
        return tree.Skip(self._expression(raw.children[-1]), items[0].value if items else None, span=self.span(raw))

    def _hold(self, raw: Branch) -> tree.Hold:
        until, limit = self.named(raw, "until"), self.named(raw, "hold_limit")
        return tree.Hold(
            self._expression(raw.children[1]),
            self._expression(until[0].children[1]) if until else None,
            self.lasting(limit[0].children[1]) if limit else None,
            span=self.span(raw),
        )

    def _fail(self, raw: Branch) -> tree.Fail:
        return tree.Fail(self._expression(raw.children[1]), span=self.span(raw))

    def _tag(self, raw: Branch) -> tree.Tag:
        return tree.Tag(self._expression(raw.children[1]), span=self.span(raw))

    def _log(self, raw: Branch) -> tree.Log:
        return tree.Log(self._expression(raw.children[1]), span=self.span(raw))

    # --- conditions and expressions -----------------------------------------------------------------------------------

    def _expression(self, raw: Branch) -> Expression:
        built: Expression = getattr(self, "_" + raw.data)(raw)
        return built

    def _expressions(self, raw: Branch) -> tuple[Expression, ...]:
        return tuple(self._expression(each) for each in raw.children if hasattr(each, "data"))

    def _any_of(self, raw: Branch) -> Expression:
        return tree.Or(self._expressions(raw), span=self.span(raw))

    def _all_of(self, raw: Branch) -> Expression:
        return tree.And(self._expressions(raw), span=self.span(raw))

    def _negation(self, raw: Branch) -> Expression:
        return tree.Not(self._expression(raw.children[1]), span=self.span(raw))

    def _comparison(self, raw: Branch) -> Expression:
        return self._tail(self._expression(raw.children[0]), raw.children[1])

    def _quantified(self, raw: Branch) -> Expression:
        where = self.named(raw, "quantified_where")
        return tree.Quantified(
            raw.children[0].value,
            raw.children[1].value,
            self._path(raw.children[3]),
            self._expression(where[0].children[2]) if where else None,
            span=self.span(raw),
        )

    def _tail(self, left: Expression, raw: Branch) -> Expression:
        """The comparison that a left side and its tail make."""
        start = left.span.start
        end = self.span(raw).end
        span = self.source.span(start, end)
        negated = self.has(raw, "NOT")
        if raw.data == "is_present":
            return tree.Presence(left, missing=negated, span=span)
        values = self._expressions(raw)
        if raw.data in ("is_value", "is_not_value"):
            negated = raw.data == "is_not_value"
            if isinstance(values[0], tree.Missing):
                return tree.Presence(left, missing=not negated, span=span)
            return tree.Comparison(Operator.IS, left, values[0], negated=negated, span=span)
        if raw.data == "matches_pattern":
            token = raw.children[-1]
            pattern = tree.Text(token.value[1:-1].replace('""', '"'), span=self.span(token))
            return tree.Comparison(Operator.PATTERN, left, pattern, negated=negated, span=span)
        return tree.Comparison(
            _OPERATORS[raw.data], left, values[0], values[1] if len(values) > 1 else None, negated, span=span
        )

    def _or_else(self, raw: Branch) -> Expression:
        # From the right, so that `a or else b or else c` reads "a, or else (b, or else c)".
        operands = self._expressions(raw)
        result = operands[-1]
        for each in reversed(operands[:-1]):
            result = tree.OrElse(each, result, span=self.source.span(each.span.start, result.span.end))
        return result

    def _arithmetic(self, raw: Branch) -> Expression:
        result = self._expression(raw.children[0])
        for place in range(1, len(raw.children), 2):
            right = self._expression(raw.children[place + 1])
            span = self.source.span(result.span.start, right.span.end)
            result = tree.Arithmetic(raw.children[place].value, result, right, span=span)
        return result

    def _negative(self, raw: Branch) -> Expression:
        operand = self._expression(raw.children[1])
        span = self.span(raw)
        if isinstance(operand, tree.Number):
            return tree.Number(-operand.value, span=span)
        if isinstance(operand, tree.Percent):
            return tree.Percent(-operand.value, span=span)
        if isinstance(operand, tree.Money):
            return tree.Money(-operand.value, operand.code, span=span)
        return tree.Negative(operand, span=span)

    def _parenthesised(self, raw: Branch) -> Expression:
        return self._expression(raw.children[1])

    def _name(self, raw: Branch) -> Expression:
        return tree.Name(raw.children[0].value, span=self.span(raw))

    def _call(self, raw: Branch) -> Expression:
        return tree.Call(raw.children[0].value, self._expressions(raw), span=self.span(raw))

    def _lookup(self, raw: Branch) -> Expression:
        columns = self.tokens(raw, "COLUMN")
        return tree.Lookup(
            raw.children[1].value,
            self._expressions(raw),
            columns[0].value[1:] if columns else None,
            span=self.span(raw),
        )

    def _count(self, raw: Branch) -> Expression:
        where = self.named(raw, "where")
        return tree.Count(
            self._path(raw.children[2]),
            self._expression(where[0].children[1]) if where else None,
            span=self.span(raw),
        )

    def _sum_of(self, raw: Branch) -> Expression:
        where = self.named(raw, "where")
        return tree.Sum(
            self._expression(raw.children[2]),
            self._path(raw.children[4]),
            self._expression(where[0].children[1]) if where else None,
            span=self.span(raw),
        )

    def _list_of(self, raw: Branch) -> Expression:
        return tree.ListOf(self._expressions(raw), span=self.span(raw))

    def _path(self, raw: Branch) -> tree.Path:
        keys = self.named(raw, "key")
        return tree.Path(
            self.tokens(raw, "PATH")[0].value,
            self._key(keys[0]) if keys else None,
            self.has(raw, "ORIGINAL"),
            span=self.span(raw),
        )

    def _text(self, raw: Branch) -> Expression:
        return self.text(raw.children[0])

    def _number(self, raw: Branch) -> Expression:
        token = raw.children[0]
        return tree.Number(self.decimal(token.value, token), span=self.span(raw))

    def _percent(self, raw: Branch) -> Expression:
        token = raw.children[0]
        return tree.Percent(self.decimal(token.value[:-1].strip(), token), span=self.span(raw))

    def _money(self, raw: Branch) -> Expression:
        token = raw.children[0]
        return tree.Money(self.decimal(token.value[:-3].strip(), token), token.value[-3:], span=self.span(raw))

    def _date(self, raw: Branch) -> Expression:
        return tree.Date(self.date_value(raw.children[0]), span=self.span(raw))

    def _duration(self, raw: Branch) -> Expression:
        return self.duration(raw.children[0])

    def _yes_no(self, raw: Branch) -> Expression:
        return tree.YesNo(raw.children[0].value == "yes", span=self.span(raw))

    def _missing(self, raw: Branch) -> Expression:
        return tree.Missing(span=self.span(raw))


def _hole_end(letters: str, at: int) -> int | None:
    """Where the `}` of a hole stands that begins at `at`; braces inside texts do not count."""
    inside_text = False
    while at < len(letters):
        if letters[at] == '"':
            inside_text = not inside_text
        elif letters[at] == "}" and not inside_text:
            return at
        at += 1
    return None


_OPERATORS: dict[str, Operator] = {
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
