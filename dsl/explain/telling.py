"""An explanation as lines for people: changes when its layout does. It knows no rule and no terminal, only what is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from textwrap import wrap
from typing import NamedTuple

from dsl.decision import Decision
from dsl.explain.stories import OUTCOMES, Explanation, RuleStory
from dsl.labels import capital

WIDTH = 100
_MOST_NEAR = 6
_MOST_DEEDS = 12
_MOST_REASONS = 3
_MOST_TITLES = 4
#: The style of how a record ended, by its outcome.
_VERDICTS = {"sync": "good", "skip": "quiet", "hold": "waiting", "fail": "bad"}

#: A style (heading, good, waiting, bad, quiet, value, plain) and a text -> the text as a terminal shows it.
Paint = Callable[[str, str], str]


class Line(NamedTuple):
    """One line: `aside` stands at the right edge where there is room, `hang` is where what does not fit goes on."""

    text: str
    style: str = "plain"
    indent: int = 0
    hang: int = 2
    aside: str = ""


def told(
    explanation: Explanation,
    verdict: str = "",
    *,
    outcome: str = "",
    documents: Sequence[str] = (),
    notes: Sequence[str] = (),
    everything: bool = False,
    only: Sequence[RuleStory] | None = None,
    after_order: bool = False,
) -> list[Line]:
    """The lines of an explanation: what the record became, the rules that acted, the rules that did not, the nearest first.

    `verdict` and `outcome` are how it ended where that is not the rules' word, `documents` and `notes` what the engine has
    to say. Without `everything` the rules that were far off are only named. `only` tells of these rules and nothing else;
    `after_order` says that a refund's order was told above, so that its rules need not be told again.
    """
    if only is not None:
        return [line for story in only for line in _alone(story)]
    decision = explanation.decision
    lines = [Line(verdict or _verdict(explanation), _VERDICTS[outcome or decision.outcome], 0, 4)]
    lines += [Line(line, "plain", 2) for line in _hold_lines(decision)]
    for finding in decision.findings:
        values = "".join(f"; {name} was {value}" for name, value in finding.values.items())
        lines.append(Line(f"{finding.code}: {finding.message}{values}", "bad", 2))
    lines += [Line(line, "value", 2) for line in documents]
    lines += [Line(line, "plain", 2) for line in notes]
    stories = [story for story in explanation.stories if not (after_order and story.kind == "order")]
    if after_order:
        lines.append(Line("The rules for orders did with it what they did with its order.", "quiet", 2))
    acted = [story for story in stories if story.acted]
    if acted:
        lines += [Line(""), Line("What rules did", "heading")]
        for story in acted:
            lines += _acted(story, everything=everything)
    missed = [story for story in stories if not story.acted and story.state in ("not fired", "otherwise")]
    missed.sort(key=lambda story: story.rank)
    if missed:
        near = missed if everything else missed[:_MOST_NEAR]
        heading = "Rules that did not act" + (", the nearest first" if len(missed) > 1 else "")
        lines += [Line(""), Line(heading, "heading")]
        for story in near:
            lines += _missed(story, everything=everything)
        rest = missed[len(near) :]
        if rest:
            lines.append(
                Line(f"and {len(rest)} more that were further off: {_titles(rest)}. --all tells why.", "quiet", 2)
            )
    lines += _not_run(stories, everything=everything)
    return lines


def plain(lines: Sequence[Line], width: int = WIDTH) -> str:
    """Lines without any style, each wrapped."""
    return "".join(f"{line}\n" for line in rendered(lines, width, lambda _, text: text))


def rendered(lines: Sequence[Line], width: int, paint: Paint) -> Iterator[str]:
    """Lines as they are printed: wrapped at `width`, asides at the right edge where they fit."""
    for line in lines:
        if not line.text:
            yield ""
            continue
        first, rest = " " * line.indent, " " * (line.indent + line.hang)
        pieces = wrap(
            line.text,
            max(width, 40),
            initial_indent=first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for number, piece in enumerate(pieces):
            room = width - len(piece) - len(line.aside)
            if number == 0 and line.aside and room > 1:
                yield f"{paint(line.style, piece)}{' ' * room}{paint('quiet', line.aside)}"
            else:
                yield paint(line.style, piece)


def _verdict(explanation: Explanation) -> str:
    decision = explanation.decision
    reason = f": {decision.reason}" if decision.reason else ""
    by = f' (rule "{decision.rule}")' if decision.rule else ""
    return f"{explanation.name} {OUTCOMES[decision.outcome]}{reason}{by}"


def _hold_lines(decision: Decision) -> Iterator[str]:
    hold = decision.hold
    if hold is None:
        return
    if hold.until:
        yield f"It is looked at again when the record changes, and goes on once {hold.until}."
    if hold.due_days is not None:
        yield f"It is given up {hold.due_days} days after it was first held."
    if hold.releasable:
        yield "A person can release it."


def _acted(story: RuleStory, *, everything: bool) -> Iterator[Line]:
    yield Line(story.rule, "value", 2, aside=_place(story))
    if story.state == "otherwise":
        yield Line(f"its `otherwise` ran: {_some(story.why)}", "quiet", 4)
    elif story.because:
        yield Line(f"because {_some(story.because)}", "quiet", 4)
    for read in story.heirlooms:
        yield Line(f'it read {read.label} {read.value}, which "{read.by}" had made', "quiet", 4)
    for answer in story.answers[: None if everything else _MOST_REASONS]:
        yield Line(answer.words, "quiet", 4)
    shown = story.deeds if everything else story.deeds[:_MOST_DEEDS]
    width = max((len(each.label) for each in shown), default=0)
    for each in shown:
        how = f"  ({each.how})" if each.how and not isinstance(each.change.after, dict) else ""
        if isinstance(each.change.after, dict):
            yield Line(f"{capital(each.label)} was added: {each.after}", "plain", 4)
        else:
            yield Line(f"{capital(each.label).ljust(width)}  {each.before} → {each.after}{how}", "plain", 4, width + 2)
    if len(shown) < len(story.deeds):
        yield Line(f"and {len(story.deeds) - len(shown)} more changes (--all)", "quiet", 4)
    for words in story.left_out:
        yield Line(capital(words), "plain", 4)
    for words in story.log:
        yield Line(f"Noted in the log: {words}", "plain", 4)
    for words in story.without_effect:
        yield Line(f"Without effect: {words}", "quiet", 4)
    for words in story.lost:
        yield Line(capital(words), "waiting", 4)
    if story.state == "fired" and story.why and everything:
        yield Line(f"Not for {_some(story.why)}", "quiet", 4)
    if story.ended:
        yield Line(capital(story.ended), "waiting", 4)


def _missed(story: RuleStory, *, everything: bool) -> Iterator[Line]:
    yield Line(story.rule, "plain", 2, aside=_place(story))
    told = story.why if everything else story.why[:_MOST_REASONS]
    for words in told:
        yield Line(words, "quiet", 4)
    if len(told) < len(story.why):
        yield Line(f"and {len(story.why) - len(told)} more (--all)", "quiet", 4)


def _not_run(stories: Sequence[RuleStory], *, everything: bool) -> Iterator[Line]:
    for state, heading in (
        ("not reached", "Not reached"),
        ("not for this record", "Not for this record"),
        ("off", "Do not run"),
    ):
        found = [story for story in stories if story.state == state]
        if not found:
            continue
        yield Line("")
        common = f", because {found[0].why[0]}" if state == "not reached" and found[0].why else ""
        if not everything:
            yield Line(f"{heading}{common}: {_titles(found)}", "quiet", 0, 4)
            continue
        yield Line(f"{heading}{common}", "heading")
        for story in found:
            yield Line(story.rule, "plain", 2, aside=_place(story))
            if not common:
                yield from (Line(words, "quiet", 4) for words in story.why)


def _alone(story: RuleStory) -> Iterator[Line]:
    """One rule, asked for by its title."""
    words = {
        "fired": "fired",
        "otherwise": "did not fire, its `otherwise` ran",
        "not fired": "did not fire",
        "not reached": "was not reached",
        "not for this record": "is not for this record",
        "off": "does not run",
    }[story.state]
    yield Line(f'"{story.rule}" {words}', "heading", 0, 2, _place(story))
    if story.state == "fired" or story.acted:
        yield from list(_acted(story, everything=True))[1:]
    else:
        yield from (Line(why, "plain", 4) for why in story.why)


def _titles(stories: Sequence[RuleStory]) -> str:
    named = ", ".join(f'"{story.rule}"' for story in stories[:_MOST_TITLES])
    return named + (f" and {len(stories) - _MOST_TITLES} more" if len(stories) > _MOST_TITLES else "")


def _some(words: Sequence[str]) -> str:
    more = f"; and {len(words) - _MOST_REASONS} more" if len(words) > _MOST_REASONS else ""
    return "; ".join(words[:_MOST_REASONS]) + more


def _place(story: RuleStory) -> str:
    return f"{story.file.rpartition('/')[2]}:{story.line}" if story.file else ""
