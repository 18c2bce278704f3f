"""A server behind a front, and what a client must be told to get through it."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import trustme
from fronts.relays import PASSWORD, USER, Proxy, Relay, TLSFront

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from servers.process import Server

FRONTS = ("proxy", "tls", "tls through a proxy")
HOST = "app.invalid"  # no name server knows it: only the proxy does
THREAD = "fronts"


@dataclass(frozen=True, slots=True)
class Papers:
    """A private authority, and what it has certified.

    Attributes:
        authority: a file with its certificate.
        client: a file with a client's certificate and key.
        serving: the context of a server that lets nobody in without a certificate.
    """

    authority: Path
    client: Path
    serving: ssl.SSLContext


def issue(folder: Path) -> Papers:
    """Found an authority, and certify a server and a client."""
    authority = trustme.CA()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", HOST).configure_cert(serving)
    authority.configure_trust(serving)
    serving.verify_mode = ssl.CERT_REQUIRED
    papers = Papers(folder / "authority.pem", folder / "client.pem", serving)
    authority.cert_pem.write_to_path(papers.authority)
    authority.issue_cert("client@app.invalid").private_key_and_cert_chain_pem.write_to_path(papers.client)
    return papers


class Behind:
    """A server that is to be spoken to through its front alone.

    Attributes:
        kind: one of ``FRONTS``.
        url: where the app is for a client.
        arguments: what the client must be given, as keywords.
        environ: the same as variables, as far as there are any.
        relays: what the front is made of, the outer one first.
        server: the server itself.
    """

    def __init__(self, kind: str, server: Server, papers: Papers) -> None:
        self.server, self.relays = server, list[Relay]()
        self.arguments: dict[str, Any] = {}
        self.environ: dict[str, str] = {}
        self.kind, self._papers = kind, papers

    def __getattr__(self, name: str) -> Any:
        return getattr(self.server, name)

    @property
    def inner_ports(self) -> set[int]:
        """Where nobody but the front has any business."""
        return {self.server.port, *(relay.port for relay in self.relays[1:])}

    async def start(self) -> None:
        """Begin to listen."""
        parts = urlsplit(self.server.url)
        place, port = f"http://{HOST}:{self.server.port}", self.server.port
        if "tls" in self.kind:
            port = await self._listen(TLSFront(port, self._papers.serving))
            place = f"https://127.0.0.1:{port}"
            self.arguments |= {"ssl_verify": str(self._papers.authority)}
            self.arguments["httpx_kwargs"] = {"cert": str(self._papers.client)}
            self.environ["SSL_CERT_FILE"] = str(self._papers.authority)
        if "proxy" in self.kind:
            place = place.replace("127.0.0.1", HOST)
            port = await self._listen(Proxy(port))
            proxy = f"http://{USER}:{PASSWORD.replace('@', '%40')}@127.0.0.1:{port}"
            self.arguments.setdefault("httpx_kwargs", {})["proxy"] = proxy
            self.environ |= {"HTTP_PROXY": proxy, "HTTPS_PROXY": proxy}
        self.url = place + parts.path

    async def _listen(self, relay: Relay) -> int:
        await relay.start()
        self.relays.insert(0, relay)
        return relay.port


class Fronts:
    """All fronts, on a thread of their own, and a watch over what goes past them.

    Attributes:
        past: the ports of connections that did not come from a front.
    """

    def __init__(self) -> None:
        self.past: list[int] = []
        self._all: list[Behind] = []
        self._inner: set[int] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=THREAD)
        self._thread.start()
        sys.addaudithook(self._watch)

    def put_before(self, server: Server, kind: str, papers: Papers) -> Behind:
        """The server behind a front of its own, the same one for the same server."""
        known = (made for made in self._all if made.server is server and made.kind == kind)
        if found := next(known, None):
            return found
        made = Behind(kind, server, papers)
        asyncio.run_coroutine_threadsafe(made.start(), self._loop).result(10)
        self._inner |= made.inner_ports
        self._all.append(made)
        return made

    def arguments(self, source: object) -> dict[str, Any]:
        """What a client of this source must be given."""
        found = (made for made in self._all if str(source).startswith(made.url.rstrip("/")))
        return next((made.arguments for made in found), {})

    def close(self) -> None:
        """Close them all."""
        self._inner.clear()
        for relay in (relay for made in self._all for relay in made.relays):
            asyncio.run_coroutine_threadsafe(relay.stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _watch(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event != "socket.connect" or not self._inner or threading.current_thread().name == THREAD:
            return
        address = arguments[1]
        if isinstance(address, tuple) and address[1] in self._inner:
            self.past.append(address[1])


@contextlib.contextmanager
def fronts_open() -> Iterator[Fronts]:
    """A place for fronts, for the length of a block."""
    made = Fronts()
    try:
        yield made
    finally:
        made.close()
