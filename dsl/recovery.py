"""Reads on where a text cannot be read on, so that all mistakes are told in one go; changes with how mistakes are got over.

Each mistake is told once and then mended: by the fix that goes with it, where that lets the text be read on, and the tokens are
then what was meant; otherwise by the least that has to be left out or put in, and what is touched by that becomes a hole. It
knows the tables of the grammar and a few words that begin a new thought, not what any of them means.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from typing import overload

from dsl.automaton import Stack, Tables, Tokens, accepts, begin, feed, feed_all, scan, scan_on, try_on
from dsl.build import Repairs
from dsl.syntax import Explained, Stop, explain

_MOST_MISTAKES = 100
_MOST_REPAIRS = 250
_MOST_QUIET = 25
"""So many things that only follow from others in a row, and nobody can tell any more what was meant."""
_MOST_TRIALS = 300
_ALL_TRIALS = 5_000
_FEW_TRIALS = 20
_MOST_PUT_IN = 5
_SIGHT = 80
_LONGEST_LINE = 5_000
_AHEAD = 4
_UNREAD = 0.35
_UNREAD_INSIDE = 1.5
"""What it costs that a token close behind a repair cannot be read: where another thought begins, that may be a mistake by
itself; in the middle of one it rather means that this was not the right repair."""
_BACK = 12


@dataclass(frozen=True, slots=True)
class Mended:
    """A text made readable: its tokens (None where nothing helped), what was done to them, and what was wrong.

    Places are offsets in the text; a token that was put in takes none of it. `unread` are names that were left out.
    """

    tokens: Tokens | None
    repairs: Repairs
    mistakes: tuple[Explained, ...]
    unread: frozenset[str]
    trials: int = 0
    """How many ways to read on were tried: the effort that it took."""


@dataclass(slots=True)
class _Token:
    """A token on the way to being readable. It looks like what dsl.syntax wants to see of one."""

    kind: int
    type: str
    value: str
    start: int
    end: int
    put_in: bool = False
    """It stands for what is not there."""
    gap: bool = False
    """Before it something was left out."""
    given: bool = True
    """It stands in the text as it is."""


class _Before(Sequence[_Token]):
    """The first tokens of a list that goes on, without copying them."""

    def __init__(self, tokens: list[_Token], length: int) -> None:
        self._tokens = tokens
        self._length = length

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> _Token: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[_Token]: ...
    def __getitem__(self, place: int | slice) -> _Token | Sequence[_Token]:
        if isinstance(place, slice):
            return [self._tokens[each] for each in range(*place.indices(self._length))]
        if place < 0:
            place += self._length
        if not 0 <= place < self._length:
            raise IndexError(place)
        return self._tokens[place]

    def __iter__(self) -> Iterator[_Token]:
        return islice(self._tokens, self._length)


def mend(tables: Tables, text: str, start: str, follow: str = "", hurried: bool = False) -> Mended:
    """What a text that cannot be read says all the same.

    `follow` is what comes behind it, up to a word that begins a block; "" at the end of the file. Never raises. One that is
    `hurried` looks for the next best way to read on only.
    """
    return _Mending(tables, text, start, follow, hurried).run()


class _Mending:
    def __init__(self, tables: Tables, text: str, start: str, follow: str, hurried: bool) -> None:
        self.tables = tables
        self.text = text + follow
        self.start = start
        self.final = tables.finals[start]
        self.follows = bool(follow)
        self.chunks = scan_on(tables, self.text)
        self.scanned = 0
        self.tokens: list[_Token] = []
        self._scan_to(_SIGHT)
        self.trials = 0
        self.hurried = hurried
        self.stacks: list[Stack] = [begin(tables, start)]
        self.mistakes: list[Explained] = []
        self.told_until = -1
        """Where what was told last ends: nothing before it is told again."""
        self.quiet_until = 0
        """Up to which token what goes wrong may only follow from a repair."""
        self.opened = "", 0
        """What closes a sign that means nothing, and up to where."""
        self.unread: set[str] = set()
        self.torn = False
        self.openers = _numbers(tables, _OPENERS)
        self.thoughts = _numbers(tables, _THOUGHTS)
        self.prices = {tables.number[name]: price for name, price in _PRICES.items() if name in tables.number}
        self.names = _numbers(tables, frozenset({"NAME", "PATH"}))

    def _scan_to(self, wanted: int) -> None:
        """Takes in more tokens, if there are any: a long text may be given up before its end."""
        terminals = self.tables.terminals
        while len(self.tokens) < wanted:
            chunk = next(self.chunks, None)
            if chunk is None:
                return
            done, self.scanned = self.scanned, len(chunk)
            self.tokens += [
                _Token(kind, terminals[kind], value, start, end)
                for kind, value, start, end in zip(
                    chunk.types[done:], chunk.values[done:], chunk.starts[done:], chunk.ends[done:], strict=True
                )
            ]
            if self.follows and self.tokens[-1].kind == self.tables.end:
                self.tokens.pop()

    def run(self) -> Mended:
        repairs = quiet = 0
        at = 0
        while at < len(self.tokens):
            self._scan_to(at + _SIGHT)
            stack = feed(self.tables, self.stacks[at], self.tokens[at].kind, self.final)
            if stack is not None:
                self.stacks.append(stack)
                at += 1
                continue
            repairs += 1
            told = len(self.mistakes)
            following = self._get_over(at)
            quiet = quiet + 1 if len(self.mistakes) == told else 0
            if following is None or repairs > _MOST_REPAIRS or told >= _MOST_MISTAKES or quiet > _MOST_QUIET:
                return self._given_up()
            at = following
        return self._mended()

    def _given_up(self) -> Mended:
        words = frozenset(each.value for each in self.tokens if each.kind in self.names)
        return Mended(None, Repairs(torn=True), tuple(self.mistakes), words, self.trials)

    def _mended(self) -> Mended:
        tokens = self.tokens
        if self.follows:
            end = tokens[-1].start
            tokens = [*tokens[:-1], _Token(self.tables.end, "$END", "", end, end, gap=tokens[-1].gap)]
        return Mended(
            Tokens(
                bytes(each.kind for each in tokens),
                [each.value for each in tokens],
                [each.start for each in tokens],
                [each.end for each in tokens],
            ),
            Repairs(
                frozenset(place for place, each in enumerate(tokens) if each.put_in),
                frozenset(place for place, each in enumerate(tokens) if each.gap),
                self.torn,
            ),
            tuple(self.mistakes),
            frozenset(self.unread),
            self.trials,
        )

    # --- one mistake --------------------------------------------------------------------------------------------------

    def _get_over(self, at: int) -> int | None:
        """Tells the mistake at a token and mends it; from which token to read on, None where nothing helps."""
        explained = explain(self._stop(at))
        stopped = self.tokens[at]
        if explained.start >= self.told_until and at >= self.quiet_until and not self._closes(stopped):
            self.mistakes.append(explained)
            self.told_until = max(explained.end, stopped.start)
            self.opened = _CLOSED_BY.get(stopped.value, ""), self._line_end(stopped.end)
        for fix in explained.fixes:
            following = self._fixed(at, *fix[1:])
            if following is not None:
                return following
        return self._repaired(at)

    def _closes(self, token: _Token) -> bool:
        """Whether a sign only closes what was told of before on the same line."""
        return token.type == "JUNK" and token.value == self.opened[0] and token.start < self.opened[1]

    def _line_end(self, offset: int) -> int:
        found = self.text.find("\n", offset)
        return len(self.text) if found < 0 else found

    def _stop(self, at: int) -> Stop:
        tables, tokens = self.tables, self.tokens
        _, here = try_on(tables, self.stacks[at], tokens[at].kind, self.final)
        earlier = self.stacks[at - 1] if at else None

        def reads_on(replaced: bool, terminal: str, upcoming: Sequence[str]) -> bool:
            origin = earlier if replaced else here
            kinds = [tables.number.get(each, 0) for each in (terminal, *upcoming)]
            return origin is not None and feed_all(tables, origin, kinds, self.final) == len(kinds)

        def names(kinds: frozenset[int]) -> frozenset[str]:
            return frozenset(tables.terminals[each] for each in kinds)

        return Stop(
            tokens=_Before(tokens, at),
            stopped=tokens[at],
            accepts=names(accepts(tables, here, self.final)),
            accepted_before=frozenset() if earlier is None else names(accepts(tables, earlier, self.final)),
            following=[each for each in tokens[at + 1 : at + 3] if each.kind != tables.end],
            reads_on=reads_on,
            text=self.text,
            fragment=self.start == "fragment",
        )

    # --- by the fix that goes with it ---------------------------------------------------------------------------------

    def _fixed(self, at: int, start: int, end: int, new: str) -> int | None:
        """Puts a fix in force where it lets the text be read on behind the token that stopped it."""
        tokens, text = self.tokens, self.text
        low = at
        while low > 0 and tokens[low - 1].end >= start and tokens[low - 1].given:
            low -= 1
        first = min(start, tokens[low].start)
        last = self._line_end(max(end, tokens[at].start))
        if self.follows:  # the next block is not this one's to change
            last = min(last, tokens[-1].start)
            if end > last:
                return None
        high = low
        while high < len(tokens) - 1 and tokens[high].start < last:
            last = max(last, tokens[high].end)
            high += 1
        high = max(high, at) if tokens[at].kind == self.tables.end or high == len(tokens) - 1 else high
        if not all(each.given for each in tokens[low:high]) or start < first or last - first > _LONGEST_LINE:
            return None
        line = text[first:start] + new + text[end:last]
        made = self._scanned(line, first, start, end, len(new))
        stuck_end = tokens[at].end
        reach = sum(1 for each in made if each.start < stuck_end or each.start <= end)
        ahead = [*made, *tokens[high : high + 2]]
        wanted = min(max(reach, 1) + 1, len(ahead)) if at < high else len(made) + 1
        if feed_all(self.tables, self.stacks[low], [each.kind for each in ahead], self.final) < wanted:
            return None
        tokens[low:high] = made
        del self.stacks[low + 1 :]
        return low

    def _scanned(self, line: str, first: int, start: int, end: int, length: int) -> list[_Token]:
        """The tokens of a mended line, with the places that they have in the text."""
        before = start - first

        def place(offset: int, inside: int) -> int:
            if offset <= before:
                return first + offset
            if offset >= before + length:
                return end + offset - before - length
            return inside

        scanned = scan(self.tables, line)
        found = []
        for kind, value, low, high in zip(
            scanned.types[:-1], scanned.values, scanned.starts, scanned.ends, strict=False
        ):
            given = high <= before or low >= before + length
            token = _Token(kind, self.tables.terminals[kind], value, place(low, start), place(high, end), given=given)
            found.append(token)
        return found

    # --- by leaving out and putting in --------------------------------------------------------------------------------

    def _repaired(self, at: int) -> int | None:
        """Leaves out and puts in the least that lets the text be read on."""
        tokens = self.tokens
        order = count()
        waiting: list[tuple[float, int, int, int, Stack, tuple[int, ...]]] = []
        cheapest: dict[tuple[int, int, tuple[int, ...]], float] = {}
        ways_on: dict[int, list[tuple[int, float]]] = {}
        best: tuple[float, int, int, tuple[int, ...]] | None = None

        def wait(price: float, back: int, resume: int, stack: Stack, put_in: tuple[int, ...]) -> None:
            known = cheapest.get((back, resume, put_in))
            if (known is None or price < known) and (best is None or price < best[0]):
                cheapest[back, resume, put_in] = price
                heapq.heappush(waiting, (price, next(order), back, resume, stack, put_in))

        for back, price in self._ways_back(at):
            wait(price, back, at, self.stacks[back], ())
        seen: set[tuple[int, int, tuple[int, ...]]] = set()
        patient = not self.hurried and self.trials < _ALL_TRIALS
        enough = self.trials + (_MOST_TRIALS if patient else _FEW_TRIALS)
        while waiting and self.trials < enough:
            price, _, back, resume, stack, put_in = heapq.heappop(waiting)
            if best is not None and best[0] <= price:
                break
            if (back, resume, put_in) in seen:
                continue
            seen.add((back, resume, put_in))
            self.trials += 1
            ahead = [each.kind for each in tokens[resume : resume + _AHEAD]]
            if put_in or back < resume:
                fed = feed_all(self.tables, stack, ahead, self.final)
                if fed == len(ahead):
                    return self._changed(back, resume, put_in)
                # Another mistake may stand close behind this one.
                doubt = price + (len(ahead) - fed) * (_UNREAD if self._begins(resume + fed) else _UNREAD_INSIDE)
                if fed and (best is None or doubt < best[0]):
                    best = doubt, back, resume, put_in
            if resume not in ways_on:
                ways_on[resume] = list(self._ways_on(resume))
            for following, cost in ways_on[resume]:
                wait(price + cost, back, following, stack, put_in)
            if len(put_in) < _MOST_PUT_IN:
                fitting = self.tables.actions[stack[0]]
                for kind, cost in self.prices.items():
                    if kind not in fitting or (best is not None and price + cost >= best[0]):
                        continue
                    grown = feed(self.tables, stack, kind, self.final)
                    if grown is not None:
                        wait(price + cost, back, resume, grown, (*put_in, kind))
        if best is not None:
            return self._changed(*best[1:])
        if at < len(tokens) - 1:
            return self._changed(at, at + 1, ())
        return None

    def _ways_back(self, at: int) -> Iterator[tuple[int, float]]:
        """From where to read anew, and what it costs to leave out what was read from there on."""
        yield at, 0.0
        for back in range(at - 1, max(-1, at - _BACK), -1):
            token = self.tokens[back]
            if token.kind in self.openers or back < self.quiet_until:
                return
            length = at - back
            yield back, 1.3 * length if length <= 2 else 2.2 + 0.25 * length
            if token.kind in self.thoughts:
                return

    def _ways_on(self, resume: int) -> Iterator[tuple[int, float]]:
        """Where to go on after leaving out more, and what that costs."""
        tokens = self.tokens
        if resume >= len(tokens) - 1:
            return
        yield resume + 1, self._loss(resume)
        for length in range(2, 60):
            following = resume + length
            if following >= len(tokens):
                return
            token = tokens[following]
            if tokens[following - 1].kind in self.openers:
                return
            if self._begins(following):
                yield following, 1.0 + 0.2 * length
                if token.kind in self.openers or token.kind == self.tables.end:
                    return

    def _begins(self, place: int) -> bool:
        token = self.tokens[place]
        return token.kind in self.thoughts or token.kind in self.openers or self._begins_line(place)

    def _loss(self, place: int) -> float:
        token = self.tokens[place]
        if token.kind in self.openers:
            return 8.0
        if token.type in _SIGNS:
            return 0.6
        return 2.0 if token.kind in self.thoughts else 1.2

    def _begins_line(self, place: int) -> bool:
        before = self.tokens[place - 1].end if place else 0
        return "\n" in self.text[before : self.tokens[place].start]

    def _changed(self, back: int, resume: int, put_in: Sequence[int]) -> int:
        tokens, tables = self.tokens, self.tables
        left_out = tokens[back:resume]
        self.unread |= {each.value for each in left_out if each.kind in self.names}
        self.unread |= {each.value for each in tokens[max(0, back - 1) : resume + 1] if each.kind in self.names}
        place = left_out[0].start if left_out else tokens[resume - 1].end if resume else 0
        end = left_out[-1].end if left_out else place
        gap = bool(left_out) or any(each.gap for each in left_out)
        made = [
            _Token(
                kind, tables.terminals[kind], _stand_in(tables.terminals[kind]), place, end, put_in=True, given=False
            )
            for kind in put_in
        ]
        if gap:
            (made[0] if made else tokens[resume]).gap = True
        self.torn = self.torn or any(each.type not in _PLAIN for each in made) or bool(left_out)
        tokens[back:resume] = made
        del self.stacks[back + 1 :]
        self.quiet_until = back + len(made) + 1
        return back


def _numbers(tables: Tables, names: frozenset[str]) -> frozenset[int]:
    return frozenset(tables.number[each] for each in names)


def _stand_in(terminal: str) -> str:
    """What stands in a token that is put in: it only has to look like one."""
    return {
        "STRING": '""',
        "NUMBER": "0",
        "DATE": "2000-01-01",
        "TIME": "00:00",
        "DURATION": "1 day",
        "MONEY": "0 USD",
        "PERCENT": "0%",
        "OR_STOP": "or hold",
    }.get(terminal, "")


_OPENERS = frozenset({"RULESET", "USE", "SETTING", "LIST", "TABLE", "FLOW", "RULE", "TEST"})
_STATEMENTS = frozenset({"SET", "FILL", "OVERRIDE", "CLEAR", "REPLACE", "ADD", "SKIP", "HOLD", "FAIL", "TAG", "LOG"})
_THOUGHTS = _STATEMENTS | {
    "THEN",
    "OTHERWISE",
    "WHEN",
    "WHERE",
    "END",
    "FOR",
    "EXPECT",
    "GIVEN",
    "NOTE",
    "WITH",
    "FROM",
    "TO",
    "SYNC",
    "EVERY",
    "EVERY_DAY_AT",
    "AFTER",
    "STARTING",
    "NOTIFY",
    "AND",
    "OR",
    "COMMA",
    "CLOSE",
    "CLOSE_LIST",
    "BAR",
    "ARROW",
    "$END",
}
_SIGNS = frozenset(
    {"JUNK", "COMMA", "EQUALS", "BAR", "PLUS", "MINUS", "CLOSE", "CLOSE_LIST", "OPEN", "OPEN_LIST"}
    | {"GREATER", "SMALLER", "TIMES", "DIVIDE"}
)
_CLOSED_BY = {"{": "}", "\u201c": "\u201d", "\u201e": "\u201c", "\u2018": "\u2019", "\u00ab": "\u00bb"}
_PLAIN = ("THEN", "TO", "WITH", "IS", "CLOSE", "CLOSE_LIST", "IN", "END", "FOR", "EXPECT", "ARROW", "EQUALS", "COMMA")
"""Words and signs that mean nothing by themselves: put in, they make no hole. Of two at one price the first is tried first, so
they are no set: its order is another one in each process."""
_PRICES = {
    **dict.fromkeys(_PLAIN, 1.0),
    "MISSING": 1.1,
    "STRING": 1.2,
    "NAME": 1.3,
    "PATH": 1.3,
    "NUMBER": 1.5,
    "DATE": 1.5,
    "TIME": 1.5,
    "DURATION": 1.4,
    "ITEM": 1.6,
    "FAIL": 1.6,
    "SKIPPED": 1.6,
    "NOTE": 1.8,
    "WHEN": 1.9,
    "WHERE": 1.9,
    "AND": 1.9,
    "AT": 2.5,
    "YES": 9.0,
    "ORIGINAL": 9.0,
}
