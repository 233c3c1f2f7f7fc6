"""What every sandbox at work can do: say where it is, count its calls, wait and stop; it knows no shop and no books."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Self

from sandbox.server import RunningServer


class RunningSandbox(ABC):
    """A sandbox at work: `url` (no slash at the end), `port`; `stop()` may be called twice, `with` stops it."""

    kind: str

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        self.url = server.url
        self.port = server.port

    def ready(self) -> dict[str, Any]:
        """What a client needs, as `cloudcart sandbox KIND` prints it in one line of JSON."""
        told = {"v": 1, "kind": self.kind, "base_url": self.url, "admin_url": f"{self.url}/__sandbox__/"}
        return {**told, **self.credentials()}

    @abstractmethod
    def credentials(self) -> dict[str, Any]:
        """What opens it, and which one it is."""

    @abstractmethod
    def configure(self, **switches: Any) -> None:
        """Changes switches while it runs; ValueError for one that is none, or a value that it cannot have."""

    @abstractmethod
    def pass_time(self, seconds: float) -> None:
        """Moves its clock on."""

    @abstractmethod
    def clear_faults(self) -> None:
        """Nothing goes wrong any more of what was injected."""

    @abstractmethod
    def calls(self) -> dict[str, int]:
        """How often it was called so far, by what was asked; those of administration apart."""

    @abstractmethod
    def closed(self) -> None:
        """What has to end after the server has."""

    def stop(self) -> None:
        self.server.stop()
        self.closed()

    def wait(self) -> None:
        """Blocks until it is stopped (or the program interrupted)."""
        self.server.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()
