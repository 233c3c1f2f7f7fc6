"""Checks flows: what they move, from where to where, when, and with which options; changes when a clause of flows does."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dsl import tree
from dsl.check.context import Scope
from dsl.check.declarations import unique
from dsl.check.expressions import Expressions
from dsl.check.kinds import a, assignable
from dsl.check.rules import system
from dsl.schema import FlowOption, RecordKind
from dsl.tree import Assignment, Expression, Flow, Word, replace
from dsl.types import ANY, MISSING, YES_NO

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


class Flows:
    """The flows of one file."""

    def __init__(self, expressions: Expressions) -> None:
        self.expressions = expressions
        self.reporter = expressions.reporter
        self.schema = expressions.schema

    def check(self, flow: Flow, titles: Sequence[Word]) -> Flow:
        for part, word in (("from", flow.source), ("to", flow.target), ("sync", flow.sync)):
            if word is None and not flow.torn:
                example = {"from": "from woocommerce", "to": "to quickbooks", "sync": "sync orders"}[part]
                self.reporter.report(
                    "R110",
                    flow.title.span,
                    f"the flow has no `{part}`",
                    help=f"add `{example}`",
                    label=f"missing `{part}`",
                )
        system(flow.source, self.schema.sources, self.expressions)
        system(flow.target, self.schema.targets, self.expressions)
        kind = self._kind(flow.sync)
        scope = Scope(kind, what="an option")
        if flow.after is not None and flow.after.text.casefold() not in {each.text.casefold() for each in titles}:
            # A flow of another rule set may be meant, so only a near miss is surely a mistake.
            meant = self.reporter.closest(flow.after.text, [each.text for each in titles])
            if meant is not None:
                self.reporter.report(
                    "R209",
                    flow.after.span,
                    f'there is no flow "{flow.after.text}"',
                    meant=meant,
                    as_text=True,
                )
        for notify in flow.notify:
            if notify.address.text and not _ADDRESS.fullmatch(notify.address.text.strip()):
                self.reporter.report(
                    "R345",
                    notify.address.span,
                    f'"{notify.address.text}" is no e-mail address',
                    help='as in `notify "books@acme.example" on hold`',
                )
            for event in notify.events:
                self._event(event)
        when = flow.when
        if when is not None and kind is None:
            self.expressions.mentioned(when)
        elif when is not None:
            when = self.expressions.condition(when, scope)
        unique(
            (Word(each.name, span=each.name_span) for each in flow.options), "R109", "a value for", self.reporter, str
        )
        options = tuple(self._option(each, scope) for each in flow.options)
        return replace(flow, when=when, options=options)

    def rings(self, flows: Sequence[Flow]) -> None:
        """Flows that wait for one another in a ring."""
        by_title = {flow.title.text.casefold(): flow for flow in flows}
        settled: set[str] = set()
        for flow in flows:
            chain: dict[str, Flow] = {}
            current: Flow | None = flow
            while current is not None and current.after is not None:
                name = current.title.text.casefold()
                if name in settled:
                    break
                if name in chain:
                    names = list(chain)
                    ring = [*names[names.index(name) :], name]
                    words = " → ".join(f'"{by_title[each].title.text}"' for each in ring)
                    self.reporter.report(
                        "R407",
                        current.after.span,
                        f"these flows wait for each other: {words}",
                        help="take one `after` out",
                    )
                    break
                chain[name] = current
                current = by_title.get(current.after.text.casefold())
            settled |= set(chain)

    def _kind(self, word: Word | None) -> RecordKind | None:
        if word is None or not word.text:
            return None
        known = {each.plural: each for each in self.schema.kinds}
        found = known.get(word.text)
        if found is None:
            singular = {each.name: each.plural for each in self.schema.kinds}
            meant = singular.get(word.text) or self.reporter.closest(word.text, known)
            self.reporter.report(
                "R211",
                word.span,
                f"a flow cannot sync `{word.text}`",
                meant=meant,
                help=f"it syncs {', '.join(known)}",
            )
        return found

    def _event(self, word: Word) -> None:
        known = self.schema.notify_events
        if not word.text or word.text in known:
            return
        meant = self.reporter.closest(
            word.text, known, {"fail": "failure", "error": "failure", "held": "hold", "skipped": "skip"}
        )
        self.reporter.report(
            "R305",
            word.span,
            f"nobody can be notified on `{word.text}`",
            meant=meant,
            help=f"events are {', '.join(known)}",
        )

    def _option(self, given: Assignment, scope: Scope) -> Assignment:
        options = {each.name: each for each in self.schema.flow_options}
        option = options.get(given.name)
        if option is None and not given.name:
            return given
        if option is None:
            meant = self.reporter.closest(given.name, options)
            self.reporter.report(
                "R210",
                given.name_span,
                f"a flow has no option `{given.name}`",
                meant=meant,
                help=options[meant].help if meant else "the reference lists all options",
            )
            return given
        if given.key is not None:
            self.reporter.report("R319", given.name_span, f"the option `{given.name}` has no keys")
        word = _own_word(given.value, option)
        if word is not None:
            return replace(given, value=word)
        return replace(given, value=self._value(given, option, scope))

    def _value(self, given: Assignment, option: FlowOption, scope: Scope) -> Expression:
        value = given.value
        written = value.name if isinstance(value, tree.Name) else value.value if isinstance(value, tree.Text) else None
        declared = isinstance(value, tree.Name) and (
            value.name in self.expressions.names.settings or value.name in self.expressions.names.lists
        )
        if (
            option.values
            and written is not None
            and not declared
            and (option.type is None or isinstance(value, tree.Name))
        ):
            meant = self.reporter.closest(written, option.values)
            self.reporter.report(
                "R305",
                value.span,
                f"`{option.name}` cannot be `{written}`",
                meant=meant,
                help=f"its values are {', '.join(option.values)}",
            )
            return value
        checked = self.expressions.check(value, scope if option.dynamic else Scope(None, what=f"`{option.name}`"))
        wanted = option.type
        if wanted is None:
            if checked.type != ANY and not declared:
                self.reporter.report(
                    "R302", checked.span, f"`{option.name}` is one of {', '.join(option.values)}", help=option.help
                )
            return checked
        if checked.type == MISSING:
            return checked
        if not assignable(checked.type, wanted):
            help, fixes = self.expressions.conversion(checked, wanted)
            if wanted == YES_NO:
                help = "write `yes` or `no`"
            self.reporter.report(
                "R302",
                checked.span,
                f"`{option.name}` takes {a(wanted)}, and this is {a(checked.type)}",
                help=help or option.help,
                fixes=fixes,
            )
        elif option.reference:
            for each in self.expressions.constants_of(checked):
                self.expressions.environment.references.append((option.reference, each.value, each.span))
        return checked


def _own_word(value: Expression, option: FlowOption) -> tree.Name | None:
    """The option's own word where the file says one, with or without quotes."""
    if isinstance(value, tree.Name) and value.name in option.values:
        return value
    if isinstance(value, tree.Text) and value.value in option.values and option.type is None:
        return tree.Name(value.value, span=value.span)
    if (
        isinstance(value, tree.YesNo)
        and option.type is None
        and (word := "yes" if value.value else "no") in option.values
    ):
        return tree.Name(word, span=value.span)
    return None
