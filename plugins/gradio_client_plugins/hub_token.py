"""Sends the Hugging Face token that is saved on this machine to Spaces, and to nobody else.

It goes in ``X-HF-Authorization``, which the Hub takes out before the app sees the request (protocol
section 3.2). A ``token=`` of the client wins. ``HF_HUB_DISABLE_IMPLICIT_TOKEN=1`` switches it off.
"""

from __future__ import annotations

import functools
import logging
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from gradio_client.hooks import RequestContext, hookimpl
from gradio_client_plugins.zero_gpu import is_space

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

logger = logging.getLogger("gradio_client.plugins")

HEADER = "X-HF-Authorization"
PATIENCE = 0.2  # seconds that a request waits for an answer


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
    except (OSError, ValueError):  # of a file that is not there, cannot be read, or is no text
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
        token: gives the token; asked for each request to a Space, since tokens expire and are renewed. It
            may read files and ask servers, so it is asked in a thread, and a slow answer counts for the
            requests after it.
    """

    def __init__(self, token: Callable[[], str | None] = saved_token) -> None:
        self._find = token
        self._token: str | None = None
        self._asking: threading.Thread | None = None

    @hookimpl
    def gradio_client_request_headers(self, context: RequestContext) -> Mapping[str, str] | None:
        """The token on every request to a Space."""
        if not context.same_origin or not is_space(context.client):
            return None
        self._ask()
        return {HEADER: f"Bearer {self._token}"} if self._token else None

    def _ask(self) -> None:
        if self._asking is None or not self._asking.is_alive():
            self._asking = threading.Thread(target=self._update, name="gradio-client-token", daemon=True)
            self._asking.start()
        self._asking.join(PATIENCE)  # mostly it is there at once; a request must not wait for a slow server

    def _update(self) -> None:
        try:
            self._token = self._find()
        except Exception:  # whatever keeps it from being found: apps that need none must go on
            logger.exception("the saved Hugging Face token could not be read")
            self._token = None


plugin = HubToken()
