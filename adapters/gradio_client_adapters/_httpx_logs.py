"""What httpx and httpcore log of the exchanges of our transport: no cookies, no queries."""

from __future__ import annotations

import logging
import re
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PARTS = ("", ".connection", ".http11", ".http2", ".proxy", ".socks")
_LOGGERS = tuple(f"{name}{part}" for name in ("httpcore", "httpcore2", "httpx", "httpx2") for part in _PARTS)
_SECRET = re.compile(r"(?<=return_value=).*|\?[^\s\"']*", re.DOTALL)

_within: ContextVar[bool] = ContextVar("gradio_client_httpx_within", default=False)


@contextmanager
def discreetly() -> Iterator[None]:
    """What the libraries log within this block, and nothing else, is logged without what may be secret."""
    token = _within.set(True)
    try:
        yield
    finally:
        _within.reset(token)


def _discreet(record: logging.LogRecord) -> bool:
    if _within.get():
        record.msg, record.args = _SECRET.sub("...", record.getMessage()), ()
    return True


for _name in _LOGGERS:
    logging.getLogger(_name).addFilter(_discreet)
