"""The app that attacks, behind https, with a certificate that the user trusts."""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import trustme
from gradio_client_contract_tests.server import hostile_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from core.fake_app import Route
    from malicious.victim import Victim


@contextmanager
def encrypted(victim: Victim, routes: Mapping[str, Route] | None = None) -> Iterator[dict[str, Any]]:
    """The arguments of a client that calls the app by https; some routes may differ there."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    certificate = victim.downloads / "ca.pem"
    authority.cert_pem.write_to_path(certificate)
    with hostile_server(context) as server:
        victim.app.config["root"] = server.url

        def handler(connection: Any) -> None:
            while True:
                seen = connection.read_request()
                path = seen.target.partition("?")[0]
                route = (routes or {}).get(path) or victim.app.routes.get(path, victim.app.otherwise)
                route(connection, seen)

        server.serve(handler)
        yield {"src": server.url, "ssl_verify": str(certificate)}
