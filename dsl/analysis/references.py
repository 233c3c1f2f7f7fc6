"""Names of the books that are there, but cannot stand where they do; changes with what the books take where.

Whether a name is there at all is looked up by `dsl.check.references`; here, whether an account is of a type and a currency
that its place takes, whether an item can be sold, and what nobody will create because the flows say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dsl import tree
from dsl.analysis.survey import Survey
from dsl.books import BooksSnapshot
from dsl.report import Reporter
from dsl.schema import Field, Schema
from dsl.tree import Expression, Operator, Path, Span
from dsl.values import fold

_MOST_ROWS = 5_000
_NOT_CREATED = {
    "item": ("missing_products", frozenset({"fail", "hold"})),
    "customer": ("missing_customers", frozenset({"hold"})),
}
_WORDS = {"item": "item", "customer": "customer"}


def report_books(survey: Survey) -> None:
    """Nothing without a snapshot of the books."""
    books = survey.subject.environment.books
    if books is None:
        return
    schema, reporter = survey.subject.schema, survey.subject.reporter
    for found, value in _written(survey, schema):
        for text in _constants(value, survey):
            _placed(text.value, text.span, found.reference, found.account_types, f"`{found.path}`", books, reporter)
    options = {each.name: each for each in schema.flow_options}
    for flow in survey.subject.ruleset.flows:
        for assigned in flow.options:
            option = options.get(assigned.name)
            if option is not None and option.reference:
                for text in _constants(assigned.value, survey):
                    where = f"`{option.name}`"
                    _placed(text.value, text.span, option.reference, option.account_types, where, books, reporter)
    _compared(survey, books, schema)
    _not_created(survey, books)


def _written(survey: Survey, schema: Schema) -> Iterator[tuple[Field, Expression]]:
    """Everything that rules write to fields that name something in the books."""
    for anatomy in survey.rules:
        for statement in anatomy.statements:
            match statement:
                case tree.Set(target=target, value=value) | tree.Fill(target=target, value=value):
                    found = schema.field(target.name)
                    if found is not None and found.reference:
                        yield found, value
                case tree.Override(target=target, value=value):
                    found = schema.field(target.name)
                    if found is not None and found.reference:
                        yield found, value
                case tree.Add(item=item, fields=fields):
                    for each in fields:
                        found = schema.field(f"{item}.{each.name}")
                        if found is not None and found.reference:
                            yield found, each.value


def _constants(value: Expression, survey: Survey) -> Iterator[tree.Text]:
    """The fixed texts that a value may come out as."""
    match value:
        case tree.Text():
            yield value
        case tree.OrElse(first=first, second=second):
            yield from _constants(first, survey)
            yield from _constants(second, survey)
        case tree.Call(function="if", arguments=(_, *values)):
            for each in values:
                yield from _constants(each, survey)
        case tree.SettingValue(key=key):
            setting = survey.subject.ruleset.settings.get(key)
            if setting is not None and isinstance(setting.value, tree.Text):
                yield setting.value
        case tree.Lookup(table=key, column=str() as column):
            table = survey.subject.ruleset.tables.get(key)
            place = None if table is None else table.output(column)
            if table is not None and place is not None:
                rows = [row.outputs for row in table.rows[:_MOST_ROWS]]
                rows += [] if table.otherwise is None else [table.otherwise]
                yield from (each for outputs in rows if isinstance(each := outputs[place], tree.Text))


def _placed(
    name: str, span: Span, kind: str, types: tuple[str, ...], where: str, books: BooksSnapshot, reporter: Reporter
) -> None:
    """Whether the entry of the books that a name means can stand in this place."""
    full = books.full_name(kind, name)
    if full is None:
        return
    type_, currency = books.type_of(kind, name), books.currency_of(kind, name)
    if kind == "account" and types and type_ and type_ not in types:
        fitting = books.of_type("account", types)
        meant = reporter.closest(name, fitting)
        shown = ", ".join(f'"{each}"' for each in fitting[:5])
        reporter.report(
            "R510",
            span,
            f'"{full}" is an account of the type {type_}; {where} takes {_either(types)}',
            meant=meant,
            as_text=True,
            help=f"of that type the books have {shown}" if shown else "the books have no account of that type yet",
        )
    elif kind == "item" and type_.casefold() == "category":
        reporter.report(
            "R512",
            span,
            f'"{full}" is a category of items: nothing can be sold by it',
            help="name one of the items in it",
        )
    elif kind == "account" and currency and books.currency and currency != books.currency:
        reporter.report(
            "R511",
            span,
            f'"{full}" is kept in {currency}, and the books in {books.currency}',
            help=f"name an account in {books.currency}: orders of other currencies wait for a person",
        )


def _either(types: Iterable[str]) -> str:
    return " or ".join(types)


def _compared(survey: Survey, books: BooksSnapshot, schema: Schema) -> None:
    """Names in comparisons that the books do not have, where one that they have is surely meant."""
    reporter = survey.subject.reporter
    for anatomy in survey.own:
        for node in anatomy.all(tree.Comparison):
            if not isinstance(node.left, Path) or node.operator not in (Operator.IS, Operator.ONE_OF):
                continue
            found = schema.field(node.left.name)
            if found is None or found.reference not in books.names or (found.received and found.root != "purchase"):
                continue
            right = node.right
            for each in right.elements if isinstance(right, tree.ListOf) else (right,):
                if isinstance(each, tree.Text) and not books.has(found.reference, each.value):
                    known = books.names[found.reference]
                    meant = reporter.closest(each.value, known) if len(known) < 5_000 else None
                    if meant is not None and fold(meant) != fold(each.value):
                        word = found.reference.replace("_", " ")
                        reporter.report(
                            "R502", each.span, f'the books have no {word} "{each.value}"', meant=meant, as_text=True
                        )


def _not_created(survey: Survey, books: BooksSnapshot) -> None:
    """Items and customers that the books do not have, where every flow says that none is created."""
    flows = survey.subject.ruleset.flows
    for kind, (option, values) in _NOT_CREATED.items():
        chosen = [_option(flow, option) for flow in flows if not flow.off]
        if not chosen or kind not in books.names or not all(each in values for each in chosen):
            continue
        for of, name, span in survey.subject.environment.references:
            if of != kind or not name.strip() or books.has(kind, name) or books.switched_off(kind, name):
                continue
            known = books.names[kind]
            survey.subject.reporter.report(
                "R502",
                span,
                f'the books have no {_WORDS[kind]} "{name}", and none is created: the flow says `{option} = {chosen[0]}`',
                meant=survey.subject.reporter.closest(name, known) if len(known) < 5_000 else None,
                as_text=True,
                help="add it in the books, or choose one that is there",
            )


def _option(flow: tree.Flow, name: str) -> str:
    for each in flow.options:
        if each.name == name:
            return each.value.name if isinstance(each.value, tree.Name) else getattr(each.value, "value", "")
    return ""
