"""Single requests to any host, and coroutines for threads without an event loop."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, Any

from gradio_client import _portal
from gradio_client._cookies import CookieJar
from gradio_client._http_options import http_options
from gradio_client._outgoing import Answer, Outgoing
from gradio_client._pipeline import Pipeline
from gradio_client._settings import user_agent
from gradio_client._transports import make_transport
from gradio_client._version import __version__
from gradio_client.compat.file_objects import is_http_url_like
from gradio_client.domain.errors import GradioClientError
from gradio_client.domain.source import origin
from gradio_client.hooks import Hooks
from gradio_client.transport import TransportOptions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def synchronize_async(func: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
    """Call an async function from a function that is not, and wait for its result.

    All such calls of a process run on one event loop, on a thread of its own that ends with the
    process; so what belongs to a loop, such as an HTTP client, may be shared between them.

    Raises:
        RuntimeError: called on that loop's own thread, where waiting would never end.
    """

    async def run() -> Any:
        return await func(*args, **kwargs)

    return _portal.background().call(run())


def fetch(url: str) -> Answer:
    """What is at a URL; redirects are followed.

    Raises:
        GradioClientError: there was no answer, or it was not a success.
    """
    answer: Answer = synchronize_async(_request, "GET", url)
    return answer


def probe_url(possible_url: str) -> bool:
    """Whether a URL answers with a success, to HEAD or, where that is not allowed, to GET.

    Redirects are followed. False for what is no text, and where no request can be made, such as when
    ``REQUESTS_CA_BUNDLE`` names no file of certificates.
    """
    if not isinstance(possible_url, str):
        return False
    try:
        synchronize_async(_request, "HEAD", possible_url)
    except GradioClientError as error:
        return error.where.status == 405 and _answers(possible_url)
    except (ValueError, OSError):
        return False
    return True


def is_valid_url(possible_url: str) -> bool:
    """Whether a text is a URL that answers with a success. Deprecated."""
    warnings.warn(
        "is_valid_url() is deprecated; use is_http_url_like() or probe_url().",
        DeprecationWarning,
        stacklevel=2,
    )
    return is_http_url_like(possible_url) and probe_url(possible_url)


def _answers(url: str) -> bool:
    try:
        fetch(url)
    except GradioClientError:
        return False
    return True


async def _request(method: str, url: str) -> Answer:
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
