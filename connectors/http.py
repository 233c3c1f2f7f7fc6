"""One safe HTTP session for connectors: what may be reached, how long it may take, how much may come back.

It knows no system's API. A request has a connect and a read time-out and one deadline for the whole of it; an answer
has a size limit; the address that was checked is the address that is connected to; redirects are followed by hand,
checked again each time, and credentials never go to another host. Whatever goes wrong becomes one of `connectors.errors`
in words, without any secret in them.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import urljoin, urlsplit

import requests
from requests.structures import CaseInsensitiveDict
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError as TransportError
from urllib3.exceptions import NameResolutionError, NewConnectionError

from connectors.answers import Answer, scrub
from connectors.errors import ConnectorError, Rejected, Retry, Unknown
from connectors.watched import InFlight, TooLarge, WatchedAdapter, in_flight

USER_AGENT = "CloudCartConnector/1 (+https://cloudcartconnector.com)"

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_ADDRESSES = 4

Resolver = Callable[[str, int], Sequence[str]]
"""Host and port to addresses as text; tests hand in their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Times in seconds, size in bytes. `deadline` is for one request from first to last byte, redirects included."""

    connect: float = 10.0
    read: float = 60.0
    deadline: float = 120.0
    size: int = 32 * 1024 * 1024
    redirects: int = 3


# --------------------------------------------------------------------------------------------- which hosts are allowed

_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})


class _Forbidden(Exception):
    """An address that may not be reached. Not an OSError, so that urllib3 does not turn it into something else."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.host = host


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet: not private, loopback, link-local, multicast, metadata…"""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def system_resolver(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, as the machine resolves them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class _Guard:
    """What a connection may reach, shared by all of one session."""

    def __init__(self, *, allow_private: bool, resolver: Resolver) -> None:
        self.allow_private = allow_private
        self.resolver = resolver

    def connect(self, connection: HTTPConnection) -> socket.socket:
        """Resolve once, refuse unless every address is public, connect to one of exactly these."""
        host = connection._dns_host  # urllib3 keeps the name with its trailing dot here
        try:
            addresses = list(self.resolver(host.strip("[]"), connection.port))
        except (socket.gaierror, UnicodeError) as error:
            raise NameResolutionError(host, connection, socket.gaierror(str(error))) from None
        if not addresses:
            raise NameResolutionError(host, connection, socket.gaierror("no address"))
        if not self.allow_private and not all(is_public(address) for address in addresses):
            raise _Forbidden(host)
        watched = in_flight()
        last: OSError | None = None
        for address in addresses[:_MOST_ADDRESSES]:
            timeout = connection.timeout if isinstance(connection.timeout, int | float) else 10.0
            timeout = min(timeout, watched.left()) if watched else timeout
            try:
                made = socket.create_connection((address, connection.port), timeout=timeout)
            except OSError as error:
                last = error
                continue
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return made
        raise NewConnectionError(connection, f"no connection: {last}") from last


# ------------------------------------------------------------------------------------------------------- the session


class HttpSession:
    """Requests to hosts that users typed. Safe to use from one thread at a time.

    `allow_private` lets private and loopback addresses and plain http through (tests and the sandbox only: the setting
    CLOUDCART_ALLOW_PRIVATE_HOSTS of whoever builds it); `allow_http` only plain http. `ca_file` holds further
    certificates to trust (PEM). `secrets` are cut out of every message.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        allow_http: bool | None = None,
        limits: Limits | None = None,
        ca_file: str | None = None,
        resolver: Resolver = system_resolver,
        secrets: Iterable[str] = (),
    ) -> None:
        self._allow_http = allow_private if allow_http is None else allow_http
        self._limits = limits or Limits()
        self._secrets = tuple(secrets)
        self._session = requests.Session()
        # Proxies and .netrc of the machine would go around the check of addresses, and send passwords of their own.
        self._session.trust_env = False
        self._session.verify = ca_file or True
        self._session.headers = CaseInsensitiveDict({"User-Agent": USER_AGENT, "Accept-Encoding": "gzip, deflate"})
        adapter = WatchedAdapter(_Guard(allow_private=allow_private, resolver=resolver).connect)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def close(self) -> None:
        self._session.close()

    def __enter__(self) -> HttpSession:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        secret_headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        follow: bool = True,
    ) -> Answer:
        """One request, whole answer, any status.

        `secret_headers` (Authorization and the like) go to the first host only. Redirects are followed for GET and HEAD
        (up to `limits.redirects`); the query, which may hold keys, is never carried to another host by us. Raises
        `Rejected` (address refused, certificate, too large, redirects), `Retry` (nothing happened) or, for a method
        that writes, `Unknown` where the request may have arrived.
        """
        method = method.upper()
        with InFlight(self._limits.deadline) as watched:
            first = here = url
            sent = dict(headers or {}) | dict(secret_headers or {})
            for hop in range(self._limits.redirects + 1):
                self._check_scheme(here)
                answer = self._once(method, here, sent, body, watched)
                target = answer.headers.get("Location") if answer.status in _REDIRECTS else None
                if not target or not follow or method not in SAFE_METHODS:
                    return Answer(
                        status=answer.status,
                        headers=answer.headers,
                        body=answer.body,
                        url=answer.url,
                        redirected=hop > 0,
                    )
                here = urljoin(here, target.strip())
                if origin(here) != origin(first):
                    sent = dict(headers or {})
            raise Rejected(
                f"{host_of(first)} sends us from one address to the next ({self._limits.redirects} times and more).",
                code="too_many_redirects",
                next_step="Open the address in a browser and use the one that the browser ends at.",
                scope="connection",
            )

    def _check_scheme(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            host, parts = None, urlsplit("")
        if parts.scheme not in ("https", "http") or not host or parts.username is not None:
            raise Rejected(
                f"“{scrub(url.partition('?')[0], self._secrets)[:120]}” is no web address that can be called.",
                code="bad_address",
                next_step="Type the address as the browser shows it, such as https://www.example.com.",
                scope="connection",
            )
        if parts.scheme == "http" and not self._allow_http:
            raise Rejected(
                f"{host} would be called without encryption (http), so that anybody on the way could read your keys.",
                code="https_required",
                next_step="Use the https:// address. If it has none, ask your host for an SSL certificate (they are free)."
                if host not in _THIS_MACHINE
                else "If this is a local shop for trying things out, allow it: set CLOUDCART_ALLOW_PRIVATE_HOSTS=true.",
                scope="connection",
            )

    def _once(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, watched: InFlight) -> Answer:
        limits = self._limits
        timeouts = (min(limits.connect, watched.left()), min(limits.read, watched.left()))
        try:
            request = self._session.prepare_request(requests.Request(method, url, headers=dict(headers), data=body))
            # The path goes out as it was built: its signature and its length were reckoned on that.
            got = self._session.send(
                request, stream=True, timeout=timeouts, allow_redirects=False, verify=self._session.verify, proxies={}
            )
            with contextlib.closing(got):
                content = watched.body(got, limits.size)
        except _Forbidden as error:
            raise Rejected(
                f"{error.host} is an address inside a private network, which is not called from here.",
                code="address_refused",
                next_step="Use the shop's public address.",
                scope="connection",
            ) from None
        except TooLarge:
            raise Rejected(
                f"{host_of(url)} answered with more than {limits.size // (1024 * 1024) or 1} MB.",
                code="answer_too_large",
                next_step="If it goes on, tell support which record is that large.",
            ) from None
        except (requests.RequestException, TransportError, OSError, ValueError) as error:
            raise self._explain(error, method, url, watched) from None
        return Answer(
            status=got.status_code,
            headers=CaseInsensitiveDict(got.headers),
            body=content,
            url=url.partition("?")[0],
        )

    def _explain(self, error: Exception, method: str, url: str, watched: InFlight) -> ConnectorError:
        """The error in words. Texts of the libraries are not passed on: they hold the whole URL, keys and all."""
        host = host_of(url)
        causes = list(_causes(error))
        certificate = next((one for one in causes if isinstance(one, ssl.SSLCertVerificationError)), None)
        if certificate is not None:
            return _certificate_error(host, certificate)
        if any(isinstance(one, NameResolutionError | socket.gaierror) for one in causes):
            return Retry(
                f"There is no server at {host}: the name is not known.",
                code="host_not_found",
                next_step="Check the address for typing errors; if it is right, wait until the site is back.",
                scope="connection",
                after=300.0,
            )
        refused = any(isinstance(one, NewConnectionError) for one in causes)
        timed_out = watched.expired or any(
            isinstance(one, requests.Timeout | TimeoutError | socket.timeout) or "timed out" in str(one)
            for one in causes
        )
        broke_off = any(isinstance(one, ssl.SSLEOFError | ssl.SSLZeroReturnError) for one in causes)
        if any(isinstance(one, ssl.SSLError) for one in causes) and not broke_off and not watched.expired:
            return Rejected(
                f"{host} does not speak https as it should, so no safe connection could be made.",
                code="tls_failed",
                next_step=f"Open https://{host} in a browser; if it warns there too, ask the site's host to mend its "
                "SSL certificate.",
                scope="connection",
            )
        if refused and not timed_out:
            return Retry(
                f"{host} does not accept connections just now.",
                code="connection_refused",
                next_step="Check that the site opens in a browser. It is tried again by itself.",
                scope="connection",
                after=60.0,
            )
        words = f"{host} did not answer in time." if timed_out else f"The connection to {host} broke off."
        code = "timeout" if timed_out else "connection_broken"
        if method in SAFE_METHODS or not watched.sent:
            return Retry(
                words,
                code=code,
                next_step="It is tried again by itself. If it lasts, ask the site's host why it is slow.",
                after=30.0,
            )
        return Unknown(
            words + " It may have arrived all the same.",
            code=code,
            next_step="It is looked up before it is sent again; nothing to do.",
        )


def _causes(error: BaseException) -> Iterable[BaseException]:
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]


_CERTIFICATE_WORDS: Mapping[int, tuple[str, str]] = {
    9: ("certificate_not_yet_valid", "is not valid yet (or the clock of this machine is wrong)"),
    10: ("certificate_expired", "has expired"),
    18: ("certificate_self_signed", "was made by the site itself (self-signed), so nobody vouches for it"),
    19: ("certificate_self_signed", "was made by the site itself (self-signed), so nobody vouches for it"),
    20: ("certificate_unknown_issuer", "comes from an issuer that is not known, or its intermediate is missing"),
    21: ("certificate_unknown_issuer", "comes from an issuer that is not known, or its intermediate is missing"),
    23: ("certificate_revoked", "was revoked"),
    62: ("certificate_wrong_name", "is for another name than the address that was typed"),
    64: ("certificate_wrong_name", "is for another name than the address that was typed"),
}


def _certificate_error(host: str, error: ssl.SSLCertVerificationError) -> Rejected:
    code, words = _CERTIFICATE_WORDS.get(error.verify_code, ("certificate_refused", "was not accepted"))
    step = (
        "Use the address that the certificate is for (often with or without www.)."
        if code == "certificate_wrong_name"
        else "Ask the site's host to renew or mend its SSL certificate, then connect again."
    )
    return Rejected(
        f"The SSL certificate of {host} {words}.", code=code, next_step=step, scope="connection", status=None
    )


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port: what credentials belong to."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    return parts.scheme, (parts.hostname or "").lower(), port or {"https": 443, "http": 80}.get(parts.scheme, 0)


def host_of(url: str) -> str:
    """The host as a text for people."""
    try:
        return urlsplit(url).hostname or "the site"
    except ValueError:
        return "the site"
