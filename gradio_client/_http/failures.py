"""What the failure of an exchange means to the caller: the client's errors for those of transports."""

from __future__ import annotations

from gradio_client.domain.errors import (
    ClientClosedError,
    ConnectionLost,
    DeadlineError,
    GradioClientError,
    UnreachableError,
    Where,
)
from gradio_client.transport import (
    ConnectError,
    ConnectTimeoutError,
    ProxyError,
    ReadTimeoutError,
    TLSError,
    TransportClosedError,
    TransportError,
)

_REMEDIES: tuple[tuple[type[ConnectError], str], ...] = (
    (
        ConnectTimeoutError,
        "Check the address and the network, or allow more time with timeouts=Timeouts(connect=...).",
    ),
    (TLSError, "Check the address; ssl_verify= takes the file of a private certificate authority."),
    (ProxyError, "Check the proxy in httpx_kwargs and the environment (HTTP_PROXY, HTTPS_PROXY, NO_PROXY)."),
)
_NOBODY = "Check the address, and that the app runs."


def failure(error: TransportError, app: str) -> GradioClientError:
    """The client's error for a transport's, which is to be its ``__cause__``.

    What the library raised is not in the chain any more: it repeats queries and header fields. What can
    be told of it is in the text.
    """
    error.__cause__ = error.__context__ = None
    where = Where(app=app)
    text = str(error) or type(error).__name__
    if isinstance(error, ConnectError):
        remedy = next((remedy for kind, remedy in _REMEDIES if isinstance(error, kind)), _NOBODY)
        told = f"The app could not be reached ({text}); nothing was sent. {remedy}"
        return UnreachableError(told, where=where)
    if isinstance(error, ReadTimeoutError):
        return DeadlineError(
            f"The server was silent for too long ({text}). It may be busy, or the network broken: allow more "
            "time with timeouts=Timeouts(read=..., transfer=...), or call again if that does no harm.",
            where=where,
        )
    if isinstance(error, TransportClosedError):
        return ClientClosedError(
            f"The client can send nothing any more: {text}. Make a new one.", where=where
        )
    return ConnectionLost(
        f"The connection broke before the answer was complete ({text}). Call again if that does no harm.",
        where=where,
    )
