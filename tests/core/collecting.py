"""Generators that are garbage-collected at the worst moment."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradio_client import Client

WAIT = 10.0  # seconds after which it hangs


def collect_within_a_post(client: Client, generator: Iterator[Any]) -> None:
    """End a generator in the middle of a post to the client's loop, which waits for that to be over.

    A collection may happen wherever memory is taken, also there.
    """

    def collect() -> None:
        with client._portal._posts._adding:
            client._portal.post(int)
            generator.close()  # type: ignore[attr-defined]  # an iterator that is a generator

    thread = threading.Thread(target=collect, daemon=True)
    thread.start()
    thread.join(WAIT)
    assert not thread.is_alive()
