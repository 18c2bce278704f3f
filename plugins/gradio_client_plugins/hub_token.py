"""Sends the Hugging Face token that is saved on this machine to Spaces, and to nobody else.

It goes in ``X-HF-Authorization``, which the Hub takes out before the app sees the request (protocol
section 3.2). A ``token=`` of the client wins. ``HF_HUB_DISABLE_IMPLICIT_TOKEN=1`` switches it off.
"""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gradio_client.hooks import RequestContext, hookimpl
from gradio_client_plugins.zero_gpu import is_space

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HEADER = "X-HF-Authorization"


def saved_token() -> str | None:
    """The token of the environment, or the one that ``hf auth login`` saved; None when there is none.

    Where the program has loaded huggingface_hub, as asking the Hub for a Space does, it decides: it knows
    further tokens, and renews those that expire.
    """
    if os.environ.get("HF_HUB_DISABLE_IMPLICIT_TOKEN", "").upper() in {"1", "ON", "YES", "TRUE"}:
        return None
    get_token = getattr(sys.modules.get("huggingface_hub.utils"), "get_token", None)
    try:
        token: str | None = (get_token or _found)()
    except (OSError, ValueError):  # of a file that cannot be read, or is no text
        return None
    return token


def _found() -> str | None:
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        if token := os.environ.get(name, "").strip():
            return token
    path = _file()
    return _read(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> str | None:  # noqa: ARG001 - read again when that is another
    return path.read_text("utf-8").strip() or None


def _file() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("HF_HOME") or f"{cache}/huggingface"
    return Path(os.environ.get("HF_TOKEN_PATH") or f"{home}/token").expanduser()


class HubToken:
    """The plugin.

    Args:
        token: gives the token; asked for each request to a Space, since tokens expire and are renewed.
    """

    def __init__(self, token: Callable[[], str | None] = saved_token) -> None:
        self._token = token

    @hookimpl
    def gradio_client_request_headers(self, context: RequestContext) -> Mapping[str, str] | None:
        """The token on every request to a Space."""
        if not context.same_origin or not is_space(context.client):
            return None
        token = self._token()
        return {HEADER: f"Bearer {token}"} if token else None


plugin = HubToken()
