"""docs/tutorial.md: every command of the page is typed, and prints what the page shows"""

import json
import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

from sandbox import quickbooks, woocommerce
from sandbox.running import RunningSandbox
from tests.house.tree import ROOT

PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
BLOCKS = [(language, text) for language, text in re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)]
PROGRAM = "./dev run cloudcart "
SANDBOXES: dict[str, Callable[[], AbstractContextManager[RunningSandbox]]] = {
    "sandbox woocommerce": woocommerce.start,
    "sandbox quickbooks --set custom_transaction_numbers=true --set allow_shipping=true": lambda: quickbooks.start(
        quickbooks.Options(custom_transaction_numbers=True, allow_shipping=True)
    ),
}
#: What the page asks the person to write into the file, before the nth time that a command is typed: (what, by what).
EDITS = {
    ("check mine.rules", 2): (("when order.number", "when order.nmber"),),
    ("sync mine.rules", 1): (("when order.nmber", "when order.number"),),
    ("sync mine.rules", 2): (("more than 300", "more than 500"), ("301.00 USD", "501.00 USD")),
}


class Person:
    """Somebody who types what the page says, in an empty folder beside which the checkout's sandbox lies."""

    def __init__(self, folder: Path, stack: ExitStack, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.typed: Counter[str] = Counter()
        self._stack = stack
        self._monkeypatch = monkeypatch

    def type(self, line: str) -> str:
        """What the terminal shows then."""
        if line.startswith("export "):
            name, _, value = line.removeprefix("export ").partition("=")
            self._monkeypatch.setenv(name, value)
            return ""
        assert line.startswith(PROGRAM), line
        line, _, file = line.removeprefix(PROGRAM).partition(" > ")
        self.typed[line] += 1
        if line in SANDBOXES:
            served = self._stack.enter_context(SANDBOXES[line]())
            (self.folder / file).write_text(json.dumps(served.ready()), encoding="utf-8")
            return ""
        for what, by in EDITS.get((line, self.typed[line]), ()):
            rules = (self.folder / "mine.rules").read_text(encoding="utf-8")
            assert rules.count(what) == 1, what
            (self.folder / "mine.rules").write_text(rules.replace(what, by), encoding="utf-8")
        name, *arguments = shlex.split(line)
        done = CliRunner().invoke(import_module(f"cli.{name}").command, arguments)
        assert done.exit_code == (1 if self.typed[line] == 2 and name == "check" else 0), done.output
        if file:
            (self.folder / file).write_text(done.stdout, encoding="utf-8")
            return done.stderr
        return done.output


def shown(text: str) -> "re.Pattern[str]":
    """What a page shows as a pattern: `…` on a line of its own is any lines, inside a line any words."""
    lines = ("(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*?") + "\n" for line in text.splitlines())
    return re.compile("".join(lines))


@pytest.fixture
def person(tmp_path: Path, tmp_socket_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Person]:
    monkeypatch.setenv("CLOUDCART_DATA_DIR", str(tmp_socket_dir / "data"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sandbox").symlink_to(ROOT / "sandbox")
    with ExitStack() as stack:
        yield Person(tmp_path, stack, monkeypatch)


def test_whoever_types_what_the_page_says_sees_what_it_shows(person: Person) -> None:
    seen, compared = "", 0
    for language, text in BLOCKS:
        if text.startswith("ruleset"):
            (person.folder / "mine.rules").write_text(text, encoding="utf-8")
        elif language == "text":
            assert shown(text).fullmatch(seen), f"the page shows:\n{text}\nand this came:\n{seen}"
            compared += 1
        elif not text.startswith("./dev demo"):
            seen = "".join(person.type(line) for line in text.splitlines())
    assert compared >= 12
    assert {times for _, times in EDITS} <= set(person.typed.values())
    documents = [json.loads(line) for line in (person.folder / "became.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {"invoice", "sales_receipt"} & {each["type"] for line in documents for each in line["documents"]}
