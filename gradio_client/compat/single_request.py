"""One request to any host, without a client."""

from __future__ import annotations

import os

from gradio_client._http.cookies import CookieJar
from gradio_client._http.options import http_options
from gradio_client._http.outgoing import Answer, Outgoing
from gradio_client._http.pipeline import Pipeline
from gradio_client._http.transports import make_transport
from gradio_client._settings import user_agent
from gradio_client._version import __version__
from gradio_client.domain.source import origin
from gradio_client.hooks import Hooks
from gradio_client.transport import TransportOptions


async def single_request(method: str, url: str) -> Answer:
    """The answer to a request without credentials, sent by aiohttp; redirects are followed.

    Raises:
        GradioClientError: there was no answer, or it was not a success.
    """
    options = http_options(None, ssl_verify=True, headers=None, environ=os.environ)
    host, made_of = origin(url), TransportOptions(options.tls)
    pipeline = Pipeline(
        make_transport("aiohttp", made_of, Hooks(()).transports),
        options,
        base=host,
        cookies=CookieJar({}, host),
        defaults={"User-Agent": user_agent(__version__), "Accept": "*/*"},
        own={},
        made_of=made_of,
    )
    try:
        return await pipeline.require(Outgoing("download", method, url))
    finally:
        await pipeline.aclose()
