"""Sends the Hugging Face token that is saved on this machine to Spaces, and to nobody else.

It goes in ``X-HF-Authorization``, which the Hub takes out before the app sees the request (protocol
section 3.2). A ``token=`` of the client wins. ``HF_HUB_DISABLE_IMPLICIT_TOKEN=1`` switches it off.
"""

from __future__ import annotations

import functools
import logging
import math
import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from gradio_client.hooks import RequestContext, hookimpl
from gradio_client_plugins.zero_gpu import is_space

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

logger = logging.getLogger("gradio_client.plugins")

HEADER = "X-HF-Authorization"
PATIENCE = 0.2  # seconds that a request waits for an answer, on the event loop
FRESH = 5.0  # seconds for which an answer serves


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
        token: gives the token. It may read files and ask servers, so it is asked in a thread: whenever a
            client connects, and when the last answer is older than five seconds, since tokens expire and
            are renewed. A request waits up to 0.2 seconds for the answer, unless the last one was slower:
            then the answer serves the requests after it.
        clock: seconds that pass steadily.
    """

    def __init__(
        self,
        token: Callable[[], str | None] = saved_token,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find = token
        self._clock = clock
        self._token: str | None = None
        self._outdated = -math.inf  # when it is time to ask again
        self._asking: threading.Thread | None = None
        self._quick = True  # whether the last answer was

    @hookimpl
    def gradio_client_request_headers(self, context: RequestContext) -> Mapping[str, str] | None:
        """The token on every request to a Space."""
        if not context.same_origin or not is_space(context.client):
            return None
        # A program may have logged in just before it connects.
        self._ask(anew=context.purpose == "config")
        return {HEADER: f"Bearer {self._token}"} if self._token else None

    def _ask(self, *, anew: bool) -> None:
        asking = self._asking
        if asking is None or (not asking.is_alive() and (anew or self._clock() >= self._outdated)):
            asking = threading.Thread(target=self._update, name="gradio-client-token", daemon=True)
            asking.start()
            self._asking = asking
        if self._quick:
            asking.join(PATIENCE)
            if asking.is_alive():
                self._quick = False

    def _update(self) -> None:
        begun = time.monotonic()
        try:
            self._token = self._find()
        except Exception:  # whatever keeps it from being found: apps that need none must go on
            logger.exception("the saved Hugging Face token could not be read")
            self._token = None
        self._outdated = self._clock() + FRESH
        self._quick = time.monotonic() - begun < PATIENCE


plugin = HubToken()
