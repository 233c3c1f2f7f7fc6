"""The form of a flow: what moves, when, whom to tell, and its options; changes with the clauses of flows."""

from __future__ import annotations

from dsl import tree
from dsl.forms.conditions import Conditions
from dsl.forms.declarations import Declarations
from dsl.forms.inputs import ALL_WAYS, FIXED_WAYS, NOTHING, SETTING, spoken
from dsl.forms.model import Choice, FlowForm, Input, Insert, NotifyForm, Slot
from dsl.schema import FlowOption
from dsl.types import ANY, DATE, DURATION

_SYSTEM = "a kind of system, or one connection by its name"


class Flows(Declarations):
    """The form of one flow."""

    def flow(self, node: tree.Flow) -> FlowForm:
        id = self.id
        inputs, behind = self._head(node)
        moving, behind = self._moving(node, behind)
        timing, behind = self._timing(node, behind)
        conditions = Conditions(self.inputs, self.sentences)
        clause = None
        if node.when is not None and (word := self.sheet.find("WHEN", self.block.start, self.block.end)) is not None:
            place = self.sheet.region(node.when.span.start, node.when.span.end, word[1], self.block.end)
            clause = (word[0], place[1])
        when = conditions.place(
            f"{id}/when",
            "Only records for which",
            node.when,
            self.knowledge.scope_of_flow(node),
            clause,
            Insert(behind, "when ", indent=self.indent),
            low=behind if clause is None else clause[0] + len("when"),
        )
        behind = behind if clause is None else max(behind, clause[1])
        starting = None
        if node.starting is not None:
            before = self.sheet.before(node.starting.span.start)
            starting = (node.starting.span.start if before is None else before[1], node.starting.span.end)
        timing.append(
            Input(
                id=f"{id}/starting",
                label="Starting",
                type="date",
                value=None if node.starting is None else node.starting.value.isoformat(),
                said_as="" if node.starting is None else "constant",
                text=""
                if node.starting is None
                else self.sheet.words(node.starting.span.start, node.starting.span.end),
                help="nothing older moves; empty: the day on which the flow is first published",
                start=None if node.starting is None else node.starting.span.start,
                end=None if node.starting is None else node.starting.span.end,
                slot=Slot("value", DATE, starting, Insert(behind, "starting ", indent=self.indent)),
            )
        )
        behind = behind if starting is None else max(behind, starting[1])
        notify, behind = self._notify(node, behind)
        self.inputs.offer_names()
        return FlowForm(
            id=id,
            kind="flow",
            title=node.title.text,
            sentence=self.sentences.block(node),
            start=self.block.start,
            end=self.block.end,
            inputs=(*inputs, *moving, *timing),
            when=when,
            notify=tuple(notify),
            options=tuple(self._options(node, behind)),
            choices=self.inputs.choices,
        )

    def _head(self, node: tree.Flow) -> tuple[list[Input], int]:
        id, inputs = self.id, self.inputs
        title = (node.title.span.start, node.title.span.end)
        following = self.sheet.after(title[1])
        off = (following[1], following[2]) if node.off and following is not None and following[0] == "OFF" else None
        behind = title[1] if off is None else off[1]
        note = None if node.note is None else self._clause("NOTE", behind, self.block.end)
        found = [
            inputs.plain(f"{id}/title", "Title", node.title.text, title, required=True),
            inputs.switch(f"{id}/on", not node.off, off, title[1], "a flow that is off moves nothing"),
            inputs.plain(
                f"{id}/note",
                "Note",
                node.note,
                None if note is None else (note[1], note[2]),
                clause=None if note is None else (note[0], note[2]),
                insert=Insert(behind, "note ", indent=self.indent),
            ),
        ]
        return found, behind if note is None else max(behind, note[2])

    def _moving(self, node: tree.Flow, behind: int) -> tuple[list[Input], int]:
        schema = self.knowledge.schema
        kinds = tuple(Choice(each.plural, each.plural.capitalize()) for each in schema.kinds)
        systems = tuple(Choice(each, each) for each in dict.fromkeys((*schema.sources, *schema.targets)))
        found: list[Input] = []
        for word, label, said, choices, help in (
            ("from", "From", node.source, self.inputs.offer("systems", lambda: systems), _SYSTEM),
            ("to", "To", node.target, self.inputs.offer("systems", lambda: systems), _SYSTEM),
            ("sync", "What moves", node.sync, self.inputs.offer("what a flow moves", lambda: kinds), ""),
        ):
            place = None if said is None else (said.span.start, said.span.end)
            clause = None
            if said is not None:
                before = self.sheet.before(said.span.start)
                clause = (said.span.start if before is None else before[1], said.span.end)
            found.append(
                self.inputs.word(
                    f"{self.id}/{word}",
                    label,
                    None if said is None else said.text,
                    place,
                    writes="word" if word == "sync" else "system",
                    choices=choices,
                    other=word != "sync",
                    clause=None,
                    insert=Insert(behind, f"{word} ", indent=self.indent, own_line=word != "to"),
                    required=True,
                    help=help,
                    said_as="constant" if said is not None and said.quoted else "",
                )
            )
            behind = behind if clause is None else max(behind, clause[1])
        return found, behind

    def _timing(self, node: tree.Flow, behind: int) -> tuple[list[Input], int]:
        id = self.id
        schedule = node.schedule
        clause = None if schedule is None else (schedule.span.start, schedule.span.end)
        insert = Insert(behind, indent=self.indent)
        interval = schedule.interval if isinstance(schedule, tree.EveryInterval) else None
        at = schedule.at if isinstance(schedule, tree.EveryDayAt) else None
        found = [
            Input(
                id=f"{id}/every",
                label="Every",
                type="duration",
                value=None if interval is None else {"count": interval.count, "unit": interval.unit},
                said_as="" if interval is None else "constant",
                text="" if interval is None or clause is None else self.sheet.words(*clause),
                help="how often; or once a day at a time",
                start=None if clause is None or interval is None else clause[0],
                end=None if clause is None or interval is None else clause[1],
                slot=Slot("every", DURATION, clause, insert),
            ),
            Input(
                id=f"{id}/every_day_at",
                label="Every day at",
                type="time",
                value=None if at is None else f"{at:%H:%M}",
                said_as="" if at is None else "constant",
                text="" if at is None or clause is None else self.sheet.words(*clause),
                help="in the company's time zone",
                example="06:00",
                start=None if clause is None or at is None else clause[0],
                end=None if clause is None or at is None else clause[1],
                slot=Slot("every_day_at", None, clause, insert),
            ),
        ]
        behind = behind if clause is None else max(behind, clause[1])
        after = None
        if node.after is not None:
            before = self.sheet.before(node.after.span.start)
            after = (node.after.span.start if before is None else before[1], node.after.span.end)
        titles = tuple(
            Choice(each.title, each.title)
            for each in self.knowledge.document.blocks
            if each.kind == "flow" and each.id != id
        )
        found.append(
            self.inputs.plain(
                f"{id}/after",
                "After the flow",
                None if node.after is None else node.after.text,
                None if node.after is None else (node.after.span.start, node.after.span.end),
                clause=after,
                insert=Insert(behind, "after ", indent=self.indent),
                choices=self.inputs.offer("other flows", lambda: titles),
                help="waits for that flow's run to end well",
            )
        )
        return found, behind if after is None else max(behind, after[1])

    def _notify(self, node: tree.Flow, behind: int) -> tuple[list[NotifyForm], int]:
        events = tuple(Choice(each, each.capitalize()) for each in self.knowledge.schema.notify_events)
        found: list[NotifyForm] = []
        for place, each in enumerate(node.notify, 1):
            id = f"{self.id}/notify/{place}"
            start, end = each.events[0].span.start, each.events[-1].span.end
            found.append(
                NotifyForm(
                    id=id,
                    address=self.inputs.plain(
                        f"{id}/address",
                        "Address",
                        each.address.text,
                        (each.address.span.start, each.address.span.end),
                        required=True,
                        example='"books@acme.example"',
                    ),
                    events=Input(
                        id=f"{id}/events",
                        label="On",
                        type="list",
                        value=[event.text for event in each.events],
                        said_as="word",
                        text=self.sheet.words(start, end),
                        choices=self.inputs.offer("events", lambda: events),
                        ways=("word",),
                        required=True,
                        editable=not self.sheet.comments(start, end),
                        why="a remark stands in the middle of it" if self.sheet.comments(start, end) else "",
                        start=start,
                        end=end,
                        slot=Slot("events"),
                    ),
                    start=each.span.start,
                    end=each.span.end,
                )
            )
            behind = max(behind, each.span.end)
        return found, behind

    def _options(self, node: tree.Flow, behind: int) -> list[Input]:
        """Every option, those that the file does not say with their defaults; and what the file says that is none."""
        given: dict[str, tree.Assignment] = {}
        for each in node.options:
            given.setdefault(each.name, each)
        known = {each.name: each for each in self.knowledge.schema.flow_options}
        insert = self._next_option(node, behind)
        found = [self._option(option, given.get(name), insert, node) for name, option in known.items()]
        found += [
            self._option(FlowOption(name, "there is no such option"), each, insert, node)
            for name, each in given.items()
            if name not in known
        ]
        return found

    def _next_option(self, node: tree.Flow, behind: int) -> Insert:
        if not node.options:
            return Insert(behind, f"with{self.sheet.newline}{self.indent}  ", indent=self.indent)
        last = node.options[-1]
        if self.sheet.begins_line(last.span.start):
            return Insert(last.span.end, indent=self.sheet.indent(last.span.start))
        word = self.sheet.before(node.options[0].span.start)
        free = (
            word is not None
            and self.sheet.begins_line(word[1])
            and self.sheet.line_start(word[1]) == self.sheet.line_start(last.span.start)
        )
        return Insert(
            last.span.end, indent=self.sheet.aligned(node.options[0].span.start) if free else self.indent + "  "
        )

    def _option(self, option: FlowOption, given: tree.Assignment | None, insert: Insert, node: tree.Flow) -> Input:
        name = option.name
        place = clause = None
        if given is not None:
            place = self.sheet.region(given.value.span.start, given.value.span.end, given.name_span.end, given.span.end)
            clause = (given.span.start, max(given.span.end, place[1]))
            if len(node.options) == 1 and (word := self.sheet.before(clause[0])) is not None and word[0] == "WITH":
                clause = (word[1], clause[1])
        equals = self._equals(node)
        pad = " " * max(0, equals - len(name)) if equals else ""
        ways: tuple[str, ...] = (*FIXED_WAYS, SETTING, NOTHING)
        if option.dynamic:
            ways = (*ALL_WAYS, NOTHING)
        elif option.type is not None and option.type.element is not None:
            ways = ("list", "name", SETTING)
        return self.inputs.value(
            f"{self.id}/with/{name}",
            spoken(name),
            None if given is None else given.value,
            place=place,
            wanted=option.type if option.type is not None else ANY,
            reference=option.reference,
            ways=ways,
            clause=clause,
            insert=Insert(insert.at, f"{insert.before}{name}{pad} = ", indent=insert.indent, own_line=insert.own_line),
            required=False,
            help=option.help,
            default=option.default,
            words=option.values,
            scope=self.knowledge.scope_of_flow(node) if option.dynamic else None,
        )

    def _equals(self, node: tree.Flow) -> int:
        """How wide the names of options are, where their `=` stand in one column; 0 where they do not."""
        columns: set[int] = set()
        for each in node.options:
            token = self.sheet.after(each.name_span.end)
            if token is None or not self.sheet.begins_line(each.span.start):
                return 0
            columns.add(self.sheet.column(token[1]) - self.sheet.column(each.span.start) - 1)
        return columns.pop() if len(columns) == 1 else 0
