"""`cloudcart new`: the files of a new rule set, function of the language or connector, ready to be filled in."""

import re
from pathlib import Path
from string import Template

import click

from cli import output
from cli.templates import CONNECTOR, CONNECTOR_TEST, FUNCTION, PAGE, RULES

KINDS = ("ruleset", "function", "connector")
_NAMES = {
    "ruleset": re.compile(r"[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)*"),
    "function": re.compile(r"[a-z][a-z0-9_]*"),
    "connector": re.compile(r"[a-z][a-z0-9]*"),
}


@click.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("name")
def command(kind: str, name: str) -> None:
    """Make the files of a new rule set, function or connector.

    In a checkout of this project a rule set becomes a canned one (NAME like orders/gift_notes); elsewhere it is a file
    NAME.rules in this folder. Functions and connectors are made in a checkout only. Nothing is overwritten.
    """
    if not _NAMES[kind].fullmatch(name):
        raise click.UsageError(f"{name!r} cannot be the name of a {kind}: small letters, digits and _, a letter first.")
    root = checkout(Path.cwd())
    if kind == "ruleset":
        made, steps = ruleset(name, root)
    elif root is None:
        raise output.Refusal(f"A {kind} is made in a checkout of this project, and this folder is none.")
    elif kind == "function":
        made, steps = function(name, root)
    else:
        made, steps = connector(name, root)
    for path, text in made.items():
        if path.exists() and path.name != "__init__.py":
            raise output.Refusal(f"{path} is there already; nothing was made.")
        if text == "":
            raise output.Refusal(f"{path} cannot be changed by itself: {steps[0]}")
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        output.data(str(path))
    for step in steps:
        output.say(f"Next: {step}")


def checkout(folder: Path) -> Path | None:
    """The root of the checkout that a folder lies in; None outside of one."""
    for place in (folder, *folder.parents):
        project = place / "pyproject.toml"
        if project.is_file() and 'name = "cloud-cart-connector"' in project.read_text(encoding="utf-8"):
            return place
    return None


def ruleset(name: str, root: Path | None) -> tuple[dict[Path, str], list[str]]:
    title = name.rpartition("/")[2].replace("_", " ").capitalize()
    values = {"title": title, "name": name, "alias": name.rpartition("/")[2]}
    rules = Template(RULES).substitute(values)
    if root is None:
        file = Path.cwd() / f"{name.rpartition('/')[2]}.rules"
        return {file: rules}, [
            f"write your rules into it, then: {output.called()} check {file.name} && {output.called()} test {file.name}"
        ]
    folder = root / "rulesets" / name
    file = folder / "1.0.rules"
    return (
        {file: rules, folder / "README.md": Template(PAGE).substitute(values)},
        [
            "write the rule, a test it acts on and one it leaves alone, then: "
            f"{output.called()} test {file.relative_to(root)} --mutate",
            "say on its page what it is for, and what each setting does",
        ],
    )


def function(name: str, root: Path) -> tuple[dict[Path, str], list[str]]:
    registry = root / "dsl" / "functions" / "__init__.py"
    text = registry.read_text(encoding="utf-8")
    imports = re.search(r"^from dsl\.functions import ([\w, ]+)$", text, re.MULTILINE)
    groups = re.search(r"for group in \(([\w, ]+)\)", text)
    changed = ""
    if imports and groups:
        modules = sorted({*re.split(r",\s*", imports[1]), name})
        changed = text.replace(imports[0], f"from dsl.functions import {', '.join(modules)}")
        changed = changed.replace(groups[0], f"for group in ({groups[1]}, {name})")
    return (
        {root / "dsl" / "functions" / f"{name}.py": Template(FUNCTION).substitute(name=name), registry: changed},
        [
            "say in its sentence what it does, and write the examples: they are its tests and stand in the reference",
            "./dev test tests/dsl tests/conformance",
            "./dev run cloudcart check on a file that uses it; ./dev docs writes it into the reference",
        ],
    )


def connector(name: str, root: Path) -> tuple[dict[Path, str], list[str]]:
    values = {"name": name, "class_name": name.capitalize()}
    return (
        {
            root / "connectors" / f"{name}.py": Template(CONNECTOR).substitute(values),
            root / "tests" / "connectors" / f"test_{name}_suite.py": Template(CONNECTOR_TEST).substitute(values),
        },
        [
            f"record what the system answers into tests/fixtures/{name}/, and map it in connectors/{name}.py",
            f"write a local server sandbox/{name}/ that answers as recorded; it shares no code with the connector",
            f"./dev test tests/connectors/test_{name}_suite.py: the suite that every connector passes",
            "tell the product of it: CONTRIBUTING.md, 'A connector', names the places",
        ],
    )
