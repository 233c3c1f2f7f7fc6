"""`cloudcart demo`: a shop, a company, workers and a rule set, all real and all on this machine, shown at work."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import click

from cli import output
from cli.workplace import Workplace, read_settings, refusing

if TYPE_CHECKING:
    from rich.console import Console

    from engine.publishing import FlowRow
    from engine.settings import Settings

#: What the company of the demo has set up for sales tax: code -> (its rates: name, percent, agency's id).
TAX_CODES: dict[str, tuple[tuple[str, str], ...]] = {
    "Maryland": (("Maryland State", "6"),),
    "New York City": (("New York State", "4"), ("City of New York", "4.5"), ("Metropolitan Commuter", "0.375")),
    "California State": (("California base", "7.25"),),
    "Los Angeles": (("California", "7.25"), ("Los Angeles County", "2.25")),
}
WORKERS = 2
PATIENCE = 240.0  # seconds; the demo itself takes a tenth of it


@click.command()
@click.option("--once", is_flag=True, help="End after the summary, in place of staying up for exploring.")
@click.option("--fresh", is_flag=True, help="Forget an earlier demo: empty books, nothing fetched yet.")
@click.option(
    "--rules",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A rule set of your own, in place of the demo's.",
)
def command(once: bool, fresh: bool, rules: Path | None) -> None:
    """Show the whole way of an order on this machine: shop, rules, workers, books.

    A local WooCommerce and a local QuickBooks run as real HTTP servers; nothing leaves this machine. Run it again, and
    nothing is posted twice.
    """
    from rich.console import Console

    from cli.demo_summary import Cost, Summary

    started = time.monotonic()
    console = Console(stderr=True, highlight=False)
    settings = read_settings()
    folder = settings.data_dir / "demo"
    file = rules or rules_file()
    with ExitStack() as stack:
        stack.enter_context(alone(settings))
        if fresh and folder.exists():
            import shutil

            shutil.rmtree(folder)
        demo = stack.enter_context(prepared(folder, console))
        try:
            stood, before = demo.standing(), demo.calls()
            flow = demo.publish(file)
            written = demo.run(flow)
            cost = Cost(time.monotonic() - started, demo.calls() - before, written, stood)
            Summary(demo.place, flow, cost, file, demo.ask, staying=not once).show()
            if not once:
                demo.stay()
        except KeyboardInterrupt:
            output.say("Stopping; what is just being sent ends first. Run it again: it goes on where it was.")
            raise


def rules_file() -> Path:
    """The rule set that the demo runs, where it lies in this installation."""
    from importlib.resources import files

    return Path(str(files("rulesets") / "demo" / "web_orders.rules"))


@contextmanager
def alone(settings: "Settings") -> Iterator[None]:
    """One demo at a time in a data folder: a second one would read the first one's servers for its own."""
    import fcntl

    with refusing():
        settings.make_data_dir()
    try:
        lock = (settings.data_dir / "demo.lock").open("a")
    except OSError as error:
        raise output.Refusal(
            f"The demo cannot write into {settings.data_dir} ({error.strerror}); set CLOUDCART_DATA_DIR to a folder that is"
            " yours."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise output.Refusal(
                f"A demo runs in {settings.data_dir} already. End it with Ctrl-C where it runs, or give this one a folder of"
                " its own: CLOUDCART_DATA_DIR=another-folder."
            ) from error
        yield


@contextmanager
def prepared(folder: Path, console: "Console") -> "Iterator[Demo]":
    """The demo's own data folder, with both servers, a wake-up server and a database; all of it ends with the demo."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CLOUDCART_")},
        "CLOUDCART_DATA_DIR": str(folder),
        "CLOUDCART_ALLOW_PRIVATE_HOSTS": "1",
    }
    os.environ.update({name: environment[name] for name in ("CLOUDCART_DATA_DIR", "CLOUDCART_ALLOW_PRIVATE_HOSTS")})
    for name in ("CLOUDCART_DATABASE_URL", "CLOUDCART_REDIS_URL", "CLOUDCART_SECRET_KEYS"):
        os.environ.pop(name, None)

    from cli.workplace import workplace
    from engine.valkey import EmbeddedValkey

    with ExitStack() as stack, console.status("Starting a shop, a company and a wake-up server …") as status:
        ports = Ports(folder / "ports.json")
        shop = stack.enter_context(served("woocommerce", folder, ports, environment, ["name=Acme Outdoors"]))
        books = stack.enter_context(
            served(
                "quickbooks",
                folder,
                ports,
                environment,
                [
                    "empty=true",
                    "custom_transaction_numbers=true",
                    "allow_shipping=true",
                    "company_name=Acme Outdoors LLC",
                ],
            )
        )
        place = stack.enter_context(workplace())
        valkey = EmbeddedValkey(place.settings).start()
        stack.callback(valkey.stop)
        demo = Demo(place, shop, books, folder, {**environment, "CLOUDCART_REDIS_URL": valkey.url}, console, stack)
        status.update("Connecting both sides …")
        demo.connect()
        status.stop()
        yield demo


def writes(request: Mapping[str, Any]) -> bool:
    """Whether a logged request to the books writes documents or names: by itself, or in a batch."""
    last = str(request["path"]).rstrip("/").rpartition("/")[2]
    if last == "batch":
        return '"operation"' in str(request["request"])
    return request["method"] == "POST" and "/company/" in str(request["path"]) and last != "query"


class Ports:
    """Which ports the servers had the last time: a shop on another port would be another shop."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._held: dict[str, int] = {}
        with suppress(OSError, ValueError):
            self._held = json.loads(file.read_text(encoding="utf-8"))

    def of(self, kind: str) -> int:
        return self._held.get(kind, 0)

    def keep(self, kind: str, port: int) -> None:
        self._held[kind] = port
        self._file.write_text(json.dumps(self._held), encoding="utf-8")


@contextmanager
def served(
    kind: str, folder: Path, ports: Ports, environment: dict[str, str], switches: list[str]
) -> Iterator[dict[str, Any]]:
    """A local server in a process of its own; gives what it said of itself when it was ready."""
    from engine import child_process

    told = folder / f"{kind}.ready"
    command = [
        sys.executable, "-c", "from cli.main import main; main()", "sandbox", kind,
        "--port", str(ports.of(kind)), "--data", str(folder / f"{kind}.data"), "--log", str(folder / f"{kind}.log"),
        *(part for switch in switches for part in ("--set", switch)),
    ]  # fmt: skip
    with told.open("wb") as out, (folder / f"{kind}.err").open("wb") as err:
        process = subprocess.Popen(
            child_process.dying_with(os.getpid(), command),
            stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=folder, env=environment, start_new_session=True,
        )  # fmt: skip
    try:
        yield wait_until_ready(process, kind, told, folder, ports)
    finally:
        child_process.stop(process)


def wait_until_ready(
    process: subprocess.Popen[bytes], kind: str, told: Path, folder: Path, ports: Ports
) -> dict[str, Any]:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        text = told.read_text(encoding="utf-8")
        if text.endswith("\n"):
            ready: dict[str, Any] = json.loads(text)
            ports.keep(kind, int(str(ready["base_url"]).rpartition(":")[2]))
            return ready
        if process.poll() is not None:
            words = (folder / f"{kind}.err").read_text(encoding="utf-8").strip().removeprefix("Error: ")
            raise output.Refusal(
                f"The local {kind} server did not start. {words}\n"
                f"It wants port {ports.of(kind)}, where it was the last time. End what uses that port, or begin anew with"
                " --fresh: then the books are empty."
                if ports.of(kind)
                else f"The local {kind} server did not start. {words}"
            )
        time.sleep(0.02)
    raise output.Refusal(f"The local {kind} server was not ready within a minute; see {folder}.")


@dataclass
class Demo:
    """The demo at work."""

    place: Workplace
    shop: dict[str, Any]
    books: dict[str, Any]
    folder: Path
    environment: dict[str, str]
    console: "Console"
    stack: ExitStack

    # -- before ---------------------------------------------------------------------------------------------------------

    def connect(self) -> None:
        """Connect shop and company, as `cloudcart connect` does, and set up the company's taxes as a person would."""
        from engine import connecting

        for kind, name, ready in (
            ("woocommerce", "Acme web store", self.shop),
            ("quickbooks", "Acme books", self.books),
        ):
            connecting.connect(
                self.place.office,
                kind=kind,
                name=name,
                credentials=connecting.understood(kind, ready),
                send_browser_to=lambda url: None,
                redirect_port=0,
            )
        known = {code.get("Name") for code in self.ask("TaxCode")}
        for code, rates in TAX_CODES.items():
            if code not in known:
                self.add_tax_code(code, rates)

    def ask(self, entity: str) -> list[dict[str, Any]]:
        """Rows of the company, read as its own screens would."""
        query = quote(" ".join(("select * from", entity, "maxresults 1000")))
        return list(self.company("GET", f"query?query={query}").get("QueryResponse", {}).get(entity, []))

    def company(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """What the company's own screens would do, beside everything that we do. Figures are decimals."""
        line = http.client.HTTPConnection(urlsplit(self.books["base_url"]).netloc, timeout=30)
        try:
            line.request(
                method,
                f"/v3/company/{self.books['realm_id']}/{path}",
                body=None if body is None else json.dumps(body),
                headers={
                    "Authorization": f"Bearer {self.books['access_token']}",
                    "Accept": "application/json",
                    "Content-Type": "application/json",
                },
            )
            answer = line.getresponse()
            text = answer.read()
        finally:
            line.close()
        if answer.status != http.HTTPStatus.OK:
            raise output.Refusal(f"The local company answered {answer.status} to {path}: {text[:300]!r}.")
        told: dict[str, Any] = json.loads(text, parse_float=Decimal)
        return told

    def standing(self) -> Counter[str]:
        """How many documents of each kind stand in the company."""
        from cli.demo_summary import KINDS

        return Counter({kind: len(self.ask(kind)) for kind in KINDS})

    def add_tax_code(self, code: str, rates: tuple[tuple[str, str], ...]) -> None:
        details = [
            {"TaxRateName": f"{name} {percent}%", "RateValue": percent, "TaxAgencyId": "1", "TaxApplicableOn": "Sales"}
            for name, percent in rates
        ]
        self.company("POST", "taxservice/taxcode", {"TaxCode": code, "TaxRateDetails": details})

    def publish(self, file: Path) -> "FlowRow":
        from cli.sync import publish

        return publish(self.place, file)[0]

    # -- the run ----------------------------------------------------------------------------------------------------------

    def calls(self) -> Counter[str]:
        """How many requests each server has answered, by its log; those to the books by what they were for."""
        with (self.folder / "woocommerce.log").open("rb") as log:
            counts = Counter(shop=sum(1 for _ in log))
        with (self.folder / "quickbooks.log").open("rb") as log:
            counts.update("posting" if writes(json.loads(line)) else "reading" for line in log)
        return counts

    def run(self, flow: "FlowRow") -> int:
        """Wake the workers and watch until everything is settled; gives how many operations they carried out."""
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

        from engine import child_process, schedule
        from engine.signals import Signals, connect

        command = [sys.executable, "-c", "from cli.main import main; main()", "worker", "--tick", "0.5"]
        logs = [self.folder / f"worker-{number + 1}.log" for number in range(WORKERS)]
        workers = []
        for log in logs:
            log.unlink(missing_ok=True)
            workers.append(
                child_process.start(
                    child_process.dying_with(os.getpid(), command), log=log, cwd=self.folder, env=self.environment
                )
            )
            self.stack.callback(child_process.stop, workers[-1])
        # All are told before one is waited for: each ends what it is just doing first.
        for worker in workers:
            self.stack.callback(worker.terminate)
        now = self.place.clock.now()
        with self.place.store.write() as session:
            run_id, _ = schedule.press(self.place.scope, session, flow.id, at=now)
        Signals(connect(self.environment["CLOUDCART_REDIS_URL"])).fetch(self.place.scope.tenant_id, flow.id)
        _, _, earlier, _, _ = self.state(flow, run_id)
        until = time.monotonic() + PATIENCE
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=self.console, transient=True) as progress:
            read = progress.add_task("Orders read from the shop", total=None)
            judged = progress.add_task("Orders decided by the rules", total=None)
            posted = progress.add_task("Written into QuickBooks", total=None)
            while time.monotonic() < until:
                seen, decided, done, left, running = self.state(flow, run_id)
                progress.update(read, completed=seen, total=None if running else seen)
                progress.update(judged, completed=decided, total=seen or None)
                progress.update(posted, completed=done - earlier, total=(done - earlier + left) or None)
                if not running and not left:
                    return done - earlier
                time.sleep(0.1)
        complaints = [line for log in logs for line in log.read_text(encoding="utf-8").splitlines() if "Error" in line]
        said = f" The last complaint: {complaints[-1]}" if complaints else ""
        raise output.Refusal(
            f"The demo is not done after {PATIENCE:g} s; the workers' words are in {self.folder}.{said}"
        )

    def state(self, flow: "FlowRow", run_id: int) -> tuple[int, int, int, int, bool]:
        """(orders read, orders decided, operations done, operations on their way, whether the run is under way)."""
        from engine import progress

        with self.place.store.read() as session:
            return progress.of_run(self.place.scope, session, flow, run_id)

    # -- after ------------------------------------------------------------------------------------------------------------

    def stay(self) -> None:
        """Leave everything up until Ctrl-C."""
        self.console.print(
            f"\n[bold]Everything stays up.[/bold] Shop {self.shop['base_url']}, books {self.books['base_url']}.\n"
            "Ctrl-C ends it; nothing is lost.",
            soft_wrap=True,
        )
        with suppress(KeyboardInterrupt):
            signal.pause()
