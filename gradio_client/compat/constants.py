"""Constants that programs import from ``gradio_client.utils``; nothing in the client reads them."""

from __future__ import annotations

from gradio_client.domain.schema import SPELLED_OUT_FILE as CURRENT_FILE_DATA_FORMAT

__all__ = ["CURRENT_FILE_DATA_FORMAT", "INVALID_RUNTIME", "STATE_COMPONENT"]

STATE_COMPONENT = "state"

#: Stages of a Space that has no running app, and gets none by waiting.
INVALID_RUNTIME = ["NO_APP_FILE", "CONFIG_ERROR", "BUILD_ERROR", "RUNTIME_ERROR", "PAUSED"]
