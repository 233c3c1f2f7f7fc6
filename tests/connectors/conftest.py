"""What the tests of connectors share: a certificate authority of their own."""

from __future__ import annotations

import ssl
from datetime import datetime
from pathlib import Path

import pytest
import trustme


class Authority:
    """A certificate authority and the file that makes a client trust it (and the usual ones no longer)."""

    def __init__(self, folder: Path) -> None:
        self._ca = trustme.CA()
        self.file = str(folder / "authority.pem")
        self._ca.cert_pem.write_to_path(self.file)

    def server(self, *names: str, not_after: datetime | None = None) -> ssl.SSLContext:
        """What a server needs to be those hosts, until that moment."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(*(names or ("localhost", "127.0.0.1")), not_after=not_after).configure_cert(context)
        return context


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))
