"""What is told of a word that somebody points at; changes with what people want to know of fields, functions and names."""

from __future__ import annotations

from dataclasses import dataclass

from dsl import tree
from dsl.functions import REGISTRY
from dsl.schema import Field, FlowOption
from dsl.service.navigating import naming
from dsl.service.occurrences import Occurrence, Target, at
from dsl.service.view import View
from dsl.values import fold
from grammar.keywords import KEYWORDS, PHRASES


@dataclass(frozen=True, slots=True)
class Hover:
    """Words in Markdown about a stretch of the text."""

    text: str
    start: int
    end: int


_MOST_VALUES = 12


def hover(view: View, offset: int) -> Hover | None:
    """What is known of the word at an offset; None where nothing is to be said."""
    found = at(view, offset)
    if found is not None:
        told = _of_target(view, found)
        if told:
            return Hover(told, found.start, found.end)
    place = view.token_at(offset)
    if place is None:
        return None
    token = view.tokens[place]
    words = " ".join(token.text.split())
    help_line = PHRASES.get(words) or KEYWORDS.get(words)
    return None if help_line is None else Hover(f"**{words}** – {help_line}", token.start, token.end)


def _of_target(view: View, found: Occurrence) -> str:
    target = found.target
    match target.kind:
        case "field":
            field = view.schema.field(target.name)
            return "" if field is None else of_field(field)
        case "function":
            return of_function(target.name)
        case "option":
            option = next((each for each in view.schema.flow_options if each.name == target.name), None)
            return "" if option is None else of_option(option)
        case "setting" | "list" | "table":
            return _of_declared(view, target)
        case "rule":
            return _of_rule(view, target)
        case "pack":
            pack = view.packs.get(target.name)
            return "" if pack is None else f"**{target.name}** – the pack {pack.key}\n\n{_head(pack.file)}".rstrip()
        case _:
            return ""


def of_field(field: Field) -> str:
    """A field for people: label, type, help, an example, its values and its length."""
    lines = [f"**{field.label}** `{field.path}` – {field.type}{'' if field.optional else ', always there'}"]
    if field.help:
        lines.append(field.help)
    if field.values:
        shown = ", ".join(f'"{each}"' for each in field.values[:_MOST_VALUES])
        more = f" and {len(field.values) - _MOST_VALUES} more" if len(field.values) > _MOST_VALUES else ""
        lines.append(f"One of {shown}{more}{', or a value of the shop' if field.other_values else ''}.")
    elif field.example:
        lines.append(f"For example `{field.example}`.")
    if field.max_length is not None:
        lines.append(f"At most {field.max_length} characters.")
    if field.reference:
        lines.append(f"Names {_A.get(field.reference, 'something')} of the books.")
    if not field.writable:
        lines.append("Rules read it and cannot change it.")
    return "\n\n".join(lines)


_A = {
    "account": "an account", "class": "a class", "item": "an item", "tax_code": "a tax code", "terms": "terms",
    "location": "a location", "payment_method": "a payment method", "customer": "a customer", "vendor": "a vendor",
}  # fmt: skip


def of_function(name: str) -> str:
    """A function for people: how it is called, what it does, an example."""
    function = REGISTRY.get(name)
    if function is None:
        return ""
    lines = [f"**{function.signature}**", function.sentence]
    lines += [f"- `{each.name}`: {each.help}" for each in function.parameters if each.help]
    if function.examples:
        lines.append(f"`{function.examples[0].call}` is `{function.examples[0].result}`")
    return "\n\n".join(lines)


def of_option(option: FlowOption) -> str:
    """An option of a flow for people."""
    lines = [f"**{option.name}** – {option.help}"]
    if option.values:
        lines.append(f"One of {', '.join(f'`{each}`' for each in option.values)}.")
    elif option.type is not None:
        lines.append(f"Takes {option.type}.")
    if option.default:
        lines.append(f"`{option.default}` where nothing is said.")
    return "\n\n".join(lines)


def _of_declared(view: View, target: Target) -> str:
    for block, text in _blocks(view, target.pack):
        if not isinstance(block, tree.Setting | tree.List | tree.Table) or block.name.text != target.name:
            continue
        whose = f" of the pack {target.pack}" if target.pack else ""
        match block:
            case tree.Setting():
                lines = [f"**{block.name.text}** – a setting{whose}, {block.type.words}"]
                if block.note:
                    lines.append(block.note)
                if block.default is not None:
                    lines.append(f"`{_wording(text, block.default)}` where nothing else is said.")
                value = _given(view, target)
                if value:
                    lines.append(f"Here it is `{value}`.")
            case tree.List():
                lines = [f"**{block.name.text}** – a list{whose}: `{_short(_wording(text, block.value))}`"]
            case tree.Table():
                keys = " | ".join(each.name.text for each in block.keys)
                outputs = " | ".join(each.name.text for each in block.outputs)
                rows = f"rows from {block.csv.text}" if block.csv is not None else f"{len(block.rows)} rows"
                lines = [f"**{block.name.text}** – a table{whose}: {keys} → {outputs}, {rows}"]
        uses = sum(1 for _, each in naming([view], view, target) if not each.declares)
        lines.append(f"Named {uses} time{'' if uses == 1 else 's'} in this file.")
        return "\n\n".join(lines)
    return ""


def _given(view: View, target: Target) -> str:
    """The value that the file gives a pack's setting."""
    for alias, use in view.uses.items():
        if alias in view.packs and view.packs[alias].key == target.pack:
            for each in use.settings:
                if each.name == target.name:
                    return _wording(view.text, each.value)
    return ""


def _of_rule(view: View, target: Target) -> str:
    for block, text in _blocks(view, target.pack):
        if isinstance(block, tree.Rule) and fold(block.title.text) == target.name:
            whose = f" of the pack {target.pack}" if target.pack else ""
            lines = [f"**{block.title.text}** – a rule{whose}{', off' if block.off else ''}"]
            if block.note:
                lines.append(block.note)
            body = text[block.title.span.end : block.span.end].strip("\n")
            lines.append(f"```\n{body}\n```")
            return "\n\n".join(lines)
    return ""


def _blocks(view: View, pack: str) -> list[tuple[tree.Block, str]]:
    if not pack:
        return [(block, view.text) for block in view.parsed.blocks]
    used = next((each for each in view.packs.values() if each.key == pack), None)
    return [] if used is None else [(block, used.text) for block in used.file.blocks]


def _head(file: tree.File) -> str:
    head = next((each for each in file.blocks if isinstance(each, tree.Header)), None)
    return "" if head is None else "\n\n".join(filter(None, (head.title.text, head.note)))


def _wording(text: str, node: tree.Node) -> str:
    return text[node.span.start : node.span.end]


def _short(text: str) -> str:
    return text if len(text) <= 200 else text[:197] + "…"
