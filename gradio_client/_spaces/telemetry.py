"""One anonymous event per process, for Spaces alone: that this client was used to connect to one.

It says nothing but the names and versions of this package, of Python and of what else huggingface_hub
names in its ``User-Agent``: no token, no address, not which Space. Apps elsewhere are nobody's business.
"""

from __future__ import annotations

import itertools
import logging
from typing import TYPE_CHECKING

from gradio_client._version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger("gradio_client.spaces")

#: Below ``/api/telemetry/`` of the Hub; that of gradio_client 2.7.2.
TOPIC = "py_client/initiated"
_YES = ("1", "ON", "YES", "TRUE")
_STOPPED_BY = ("HF_HUB_DISABLE_TELEMETRY", "DISABLE_TELEMETRY", "DO_NOT_TRACK", "HF_HUB_OFFLINE")

_earlier = itertools.count()  # events of this process


def allowed(environ: Mapping[str, str], *, analytics_enabled: bool) -> bool:
    """Whether the caller and the environment both allow telemetry.

    Args:
        environ: ``GRADIO_ANALYTICS_ENABLED=False`` forbids it, as do ``HF_HUB_DISABLE_TELEMETRY=1``,
            ``DISABLE_TELEMETRY=1``, ``DO_NOT_TRACK=1`` and ``HF_HUB_OFFLINE=1``.
        analytics_enabled: what the client was told.
    """
    if not analytics_enabled or environ.get("GRADIO_ANALYTICS_ENABLED", "True").upper() not in _YES:
        return False
    return not any(environ.get(name, "").upper() in _YES for name in _STOPPED_BY)


def send() -> None:
    """Send the event, if this process has not sent it yet. Blocks for a moment, and never fails."""
    if next(_earlier):
        return
    try:
        from huggingface_hub.utils import send_telemetry  # type: ignore[attr-defined] # noqa: PLC0415 - public

        send_telemetry(TOPIC, library_name="gradio_client", library_version=__version__)
    except Exception as error:  # noqa: BLE001 - nobody is to notice
        logger.debug("telemetry could not be sent: %r", error)
