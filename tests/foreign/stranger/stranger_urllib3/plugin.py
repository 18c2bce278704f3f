"""What the entry point names: it offers the transport, and imports urllib3 when somebody wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradio_client.hooks import hookimpl

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradio_client.hooks import TransportFactory
    from gradio_client.transport import Transport, TransportOptions


@hookimpl
def gradio_client_register_transports(register: Callable[[str, TransportFactory], None]) -> None:
    """Offer ``urllib3``."""
    register("urllib3", _make)


def _make(options: TransportOptions) -> Transport:
    from stranger_urllib3.transport import Urllib3Transport  # noqa: PLC0415 - not before it is wanted

    return Urllib3Transport(options)
