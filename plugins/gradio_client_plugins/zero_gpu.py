"""Forwards whose ZeroGPU quota a call may use: the ``x-ip-token`` of the Gradio request being served.

Inside an event handler of a Gradio app, calls to Spaces carry the visitor's token (protocol section
3.4). It is read for each call from the context of that call and kept nowhere, so that one client may
serve all visitors.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gradio_client.hooks import ClientInfo, RequestContext, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HEADER = "x-ip-token"


def served_request() -> Any:
    """The request whose event handler runs; None outside an event handler of a Gradio app.

    Looks only at a Gradio that the program has loaded already: elsewhere there can be no request.
    """
    context = getattr(sys.modules.get("gradio.context"), "LocalContext", None)
    return None if context is None else context.request.get(None)


def forwarded_token() -> str | None:
    """The visitor's token; None outside an event handler of a Gradio app."""
    headers = getattr(served_request(), "headers", None)
    token = headers.get(HEADER) if headers is not None else None
    return token if isinstance(token, str) else None


class ZeroGPU:
    """The plugin.

    Args:
        also: URLs of apps that are Spaces under another address.
    """

    def __init__(self, also: Iterable[str] = ()) -> None:
        self._also = frozenset(url.rstrip("/") for url in also)

    @hookimpl
    def gradio_client_request_headers(self, context: RequestContext) -> Mapping[str, str] | None:
        """The token on the requests that submit a job, if they go to a Space."""
        # Of an app of Gradio 4.0 to 4.8 the handler sees the request for the job's own stream.
        submits = context.purpose == "join" or (context.purpose == "stream" and context.api_name is not None)
        if not submits or not context.same_origin or not self._trusts(context.client):
            return None
        token = forwarded_token()
        return {HEADER: token} if token else None

    def _trusts(self, client: ClientInfo) -> bool:
        return is_space(client) or client.url in self._also


def is_space(client: ClientInfo) -> bool:
    """Whether an app is a Space on Hugging Face, by its name or by its address there."""
    if client.space_id is not None:
        return True
    if ".hf.space" not in client.url:  # asked for each request, so the common case comes first
        return False
    parts = urlsplit(client.url)
    return parts.scheme == "https" and (parts.hostname or "").endswith(".hf.space")


plugin = ZeroGPU()
