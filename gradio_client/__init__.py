"""A client for Gradio apps: synchronous and asynchronous, on the HTTP library of your choice.

    from gradio_client import Client

    with Client("http://127.0.0.1:7860") as client:
        print(client.predict("Ada", api_name="/greet"))

Importing this package loads no HTTP library and no event loop; each name is loaded when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradio_client._async_calls import AsyncClientSession
    from gradio_client._calls import ClientSession
    from gradio_client._version import __version__
    from gradio_client.async_client import AsyncClient
    from gradio_client.async_job import AsyncJob
    from gradio_client.client import Client
    from gradio_client.data_classes import FileData
    from gradio_client.domain.retry import Retry
    from gradio_client.domain.spaces import SpaceStatus
    from gradio_client.downloads import Downloads
    from gradio_client.files import file, handle_file
    from gradio_client.job import Job
    from gradio_client.progress import Progress
    from gradio_client.remote_files import AsyncRemoteFile, RemoteFile
    from gradio_client.timeouts import Timeouts

__all__ = [
    "AsyncClient",
    "AsyncClientSession",
    "AsyncJob",
    "AsyncRemoteFile",
    "Client",
    "ClientSession",
    "Downloads",
    "FileData",
    "Job",
    "Progress",
    "RemoteFile",
    "Retry",
    "SpaceStatus",
    "Timeouts",
    "__version__",
    "file",
    "handle_file",
]

_HOME = {
    "AsyncClient": "async_client",
    "AsyncClientSession": "_async_calls",
    "AsyncJob": "async_job",
    "AsyncRemoteFile": "remote_files",
    "Client": "client",
    "ClientSession": "_calls",
    "Downloads": "downloads",
    "FileData": "data_classes",
    "Job": "job",
    "Progress": "progress",
    "RemoteFile": "remote_files",
    "Retry": "domain.retry",
    "SpaceStatus": "domain.spaces",
    "Timeouts": "timeouts",
    "__version__": "_version",
    "file": "files",
    "handle_file": "files",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
