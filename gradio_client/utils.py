"""Names that programs import from ``gradio_client.utils``; each is defined elsewhere."""

from gradio_client._version import __version__
from gradio_client.domain.errors import (
    InvalidAPIEndpointError,
    QueueError,
    SpaceDuplicationError,
    TooManyRequestsError,
)
from gradio_client.domain.status import OutputUpdate, ProgressUnit, Status, StatusUpdate
from gradio_client.files import file, handle_file

__all__ = [
    "InvalidAPIEndpointError",
    "OutputUpdate",
    "ProgressUnit",
    "QueueError",
    "SpaceDuplicationError",
    "Status",
    "StatusUpdate",
    "TooManyRequestsError",
    "__version__",
    "file",
    "handle_file",
]
