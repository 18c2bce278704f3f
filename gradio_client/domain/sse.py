"""Server-sent events, from bytes to the data of each event (protocol section 5.5).

Lines are told apart in the bytes, never in the text: JSON holds U+2028, U+0085 and others that
text functions take for line ends.
"""

from __future__ import annotations

from gradio_client.domain.bounds import EVENT
from gradio_client.domain.errors import ServerError

_BOM = b"\xef\xbb\xbf"


class SSEDecoder:
    """Turns the body of an event stream, cut anywhere, into the data of its events.

    Takes time linear in the bytes fed, whatever the cuts, and keeps no more than one unfinished
    event. One decoder reads one stream.

    Args:
        max_event: bytes an event may have; a limit against servers that fill the memory.
    """

    def __init__(self, max_event: int = EVENT) -> None:
        self._max_event = max_event
        self._held = bytearray()  # an unfinished event, its line ends all LF
        self._head: bytes | None = b""  # what may be the start of a BOM; None after the stream's start
        self._after_cr = False

    @property
    def pending(self) -> bool:
        """Whether part of an event is held: at the end of a stream, this event was cut off."""
        return bool(self._held or self._head)

    def feed(self, data: bytes) -> list[str]:
        r"""The data of each event that these bytes complete, in order.

        Several data lines are joined by ``"\n"``; an event without any is skipped, as are comments
        and other fields. Bytes that are no UTF-8 become U+FFFD.

        Raises:
            ServerError: an event is larger than ``max_event``. The decoder is of no use after that.
        """
        data = self._with_lf(self._without_bom(data))
        if not self._held:
            data = data.lstrip(b"\n")
        end = data.rfind(b"\n\n")
        if end < 0 and not (data[:1] == b"\n" and self._held.endswith(b"\n")):
            self._held += data
            self._check(len(self._held))
            return []
        blocks = self._take(data, end + 2).split(b"\n\n")
        return [text for block in blocks if (text := _event_data(block)) is not None]

    def _take(self, data: bytes, end: int) -> bytes:
        complete = b"".join((self._held, data[:end])) if self._held else data[:end]
        if len(complete) > self._max_event:
            self._check(max(map(len, complete.split(b"\n\n"))))
        self._held = bytearray(data[end:])
        self._check(len(self._held))
        return complete

    def _check(self, size: int) -> None:
        if size > self._max_event:
            self._held.clear()
            raise ServerError(f"The server sent an event of more than {self._max_event} bytes.")

    def _without_bom(self, data: bytes) -> bytes:
        if self._head is None:
            return data
        data = self._head + data
        if len(data) < len(_BOM) and _BOM.startswith(data):
            self._head = data
            return b""
        self._head = None
        return data.removeprefix(_BOM)

    def _with_lf(self, data: bytes) -> bytes:
        """The data with each CRLF and CR as an LF; a CRLF may be cut between two calls."""
        if not data:
            return data
        if self._after_cr:
            data = data.removeprefix(b"\n")
        self._after_cr = data.endswith(b"\r")
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return data


def _event_data(block: bytes) -> str | None:
    if block.startswith(b"data: ") and b"\n" not in block:  # all that Gradio sends
        return block[6:].decode("utf-8", "replace")
    values = []
    for line in block.split(b"\n"):
        name, _, value = line.partition(b":")
        if name == b"data":
            values.append(value.removeprefix(b" "))
    return b"\n".join(values).decode("utf-8", "replace") if values else None
