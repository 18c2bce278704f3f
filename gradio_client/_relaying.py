"""What Gradio uses of a client beyond its public API, when it passes one app's calls on to another.

``gr.load`` builds an app whose functions are another app's endpoints; the MCP server and workflows
call apps for others. Such a client is made with ``_skip_components=False``.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from gradio_client._read_only import ReadOnly

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.version import Version

    from gradio_client._endpoint_view import Endpoint
    from gradio_client._engine import Engine

#: Fields of a request that say how it was sent; the next request says that for itself.
_OF_ONE_CONNECTION = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_USER = "x-gradio-user"  # who calls: "api", or "mcp"


class Relaying:
    """The part of a client that Gradio's ``load`` and its servers rely on."""

    @property
    @abstractmethod
    def _engine(self) -> Engine:
        """The client without its face, connected."""

    @property
    def endpoints(self) -> dict[int, Endpoint]:
        """The app's functions by number, also those that cannot be called."""
        from gradio_client._endpoint_view import endpoints_of  # noqa: PLC0415 - it needs the client

        return endpoints_of(self)  # type: ignore[arg-type] # every Relaying is a Client

    @property
    def app_version(self) -> Version:
        """The version of Gradio that the app runs on, as 2.7.2 gives it: it can be compared with others."""
        # packaging comes with huggingface_hub.
        from packaging.version import InvalidVersion, parse  # noqa: PLC0415 - loaded only where it is asked for

        try:
            return parse(self._engine.app.config.version_text)
        except InvalidVersion:
            return parse(".".join(map(str, self._engine.app.config.version)) or "2.0")

    @property
    def protocol(self) -> str:
        """The app's dialect of the queue's protocol, such as ``"sse_v3"``."""
        return self._engine.app.config.dialect.value

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers that every request to the app has, for reading; they hold secrets."""
        return ReadOnly(self._engine.own_headers())

    def new_helper(self, fn_index: int, headers: Mapping[str, str] | None = None) -> CallHeaders:  # noqa: ARG002
        """What ``Endpoint.make_end_to_end_fn`` wants beside the endpoint: headers for its calls."""
        return CallHeaders(headers or {})


class CallHeaders(dict[str, str]):
    """Headers for the calls of one function that was made from an endpoint."""


def forwarded(headers: Mapping[str, str] | None, own: Mapping[str, str]) -> dict[str, str]:
    """The headers of a request that was received, as headers of one that is made for it.

    Args:
        headers: all that came.
        own: the client's headers; what they say of the user stays.
    """
    kept = {name: text for name, text in (headers or {}).items() if name.lower() not in _OF_ONE_CONNECTION}
    user = {name: text for name, text in own.items() if name.lower() == _USER}
    return {name: text for name, text in kept.items() if not user or name.lower() != _USER} | user


def as_body(value: Any) -> dict[str, Any]:
    """The result of a call as the server sent it: its outputs in a list, at ``data``."""
    return {"data": list(value) if isinstance(value, tuple) else [value]}
