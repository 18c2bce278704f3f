"""Whether and what a URL answers, and coroutines for threads without an event loop."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from gradio_client._concurrency import portal
from gradio_client.compat.file_objects import is_http_url_like
from gradio_client.domain.errors import GradioClientError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gradio_client._http.outgoing import Answer


def synchronize_async(func: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
    """Call an async function from a function that is not, and wait for its result.

    All such calls of a process run on one event loop, on a thread of its own that ends with the
    process; so what belongs to a loop, such as an HTTP client, may be shared between them.

    Raises:
        RuntimeError: called on that loop's own thread, where waiting would never end.
    """

    async def run() -> Any:
        return await func(*args, **kwargs)

    return portal.background().call(run())


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
    # Not before: Gradio imports this module for synchronize_async(), and makes no request.
    from gradio_client.compat.single_request import single_request  # noqa: PLC0415

    return await single_request(method, url)
