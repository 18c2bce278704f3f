"""What ``gradio_client`` 2.7.2 tells of a client in attributes: what it was given, and the app's routes.

They are for reading: what is written to one of the dictionaries is a TypeError, not lost in silence. Some
hold secrets, as what was given does; none is in the client's ``repr``.
"""

from __future__ import annotations

from abc import abstractmethod
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from gradio_client._read_only import ReadOnly
from gradio_client.files import DEFAULT_TEMP_DIR

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from gradio_client._concurrency.portal import Portal
    from gradio_client._engine import Engine
    from gradio_client.domain.source import AppURLs
    from gradio_client.downloads import Downloads
    from gradio_client.transport.tls import Verify


class Attributes:
    """The part of a client that says what it is."""

    _portal: Portal
    _given: dict[str, Any]

    @property
    @abstractmethod
    def _engine(self) -> Engine: ...

    @property
    def token(self) -> str | None:
        """The Hugging Face token that it was given, as ``token=`` or ``hf_token=``."""
        return self._engine.settings.token

    @property
    def oauth_token(self) -> str | None:
        """The token for the app's own code that it was given."""
        return self._engine.settings.oauth_token

    @property
    def download_files(self) -> str | os.PathLike[str] | bool | Downloads | None:
        """What it was given: a folder, ``Downloads``, or a boolean."""
        given: str | os.PathLike[str] | bool | Downloads | None = self._given["download_files"]
        return given

    @property
    def output_dir(self) -> str:
        """The folder for files that the app returns."""
        downloads = self._engine.settings.downloads
        return str((downloads and downloads.folder) or DEFAULT_TEMP_DIR)

    @property
    def ssl_verify(self) -> Verify:
        """What it was given."""
        given: Verify = self._given["ssl_verify"]
        return given

    @property
    def httpx_kwargs(self) -> Mapping[str, Any]:
        """What it was given, without cookies: see ``cookies``."""
        given = self._given["httpx_kwargs"] or {}
        return ReadOnly({name: value for name, value in given.items() if name != "cookies"})

    @property
    def cookies(self) -> Mapping[str, str]:
        """The cookies that are sent to the app now: those it was given, and those the app has set."""
        with suppress(RuntimeError):  # the loop has ended, so nothing changes them any more
            return ReadOnly(self._portal.ask(self._engine.cookies))
        return ReadOnly(self._engine.cookies())

    @property
    def analytics_enabled(self) -> bool:
        """Whether telemetry may be sent."""
        return self._engine.settings.analytics_enabled

    @property
    def src_prefixed(self) -> str:
        """The address below which the app's routes are, with a slash at its end."""
        return f"{self._urls.base}{self._urls.prefix}/"

    @property
    def api_prefix(self) -> str:
        """What the server puts before most routes: ``"gradio_api/"``, or ``"/"`` alone before Gradio 5."""
        return f"{self._urls.prefix.removeprefix('/')}/"

    @property
    def api_url(self) -> str:
        """Where functions run without the queue."""
        return f"{self.src_prefixed}api/predict/"

    @property
    def sse_url(self) -> str:
        """Where streams are read; in the dialect ``sse``, where jobs are submitted too."""
        return self._urls.join() if self._per_job else self._urls.queue_data()

    @property
    def sse_data_url(self) -> str:
        """Where jobs are submitted; in the dialect ``sse``, where their data are sent."""
        return self._urls.data_v0() if self._per_job else self._urls.join()

    @property
    def heartbeat_url(self) -> str:
        """Where the heartbeat of a session is, with ``{session_hash}`` for its name."""
        return f"{self.src_prefixed}heartbeat/{{session_hash}}"

    @property
    def upload_url(self) -> str:
        """Where files are sent."""
        return self._urls.upload()

    @property
    def reset_url(self) -> str:
        """Where generators were stopped before Gradio 4.31."""
        return self._urls.reset()

    @property
    def _urls(self) -> AppURLs:
        return self._engine.app.urls

    @property
    def _per_job(self) -> bool:
        return self._engine.app.config.dialect.one_stream_per_job
