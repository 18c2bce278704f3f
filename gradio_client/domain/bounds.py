"""How much of a server's answers the client takes, and how long it waits for them.

These limits are for servers that mean harm, or are broken: no honest app comes near them. They hold
where the client itself buffers; what a caller asks for, such as a file, has limits of its own.
"""

from __future__ import annotations

MIB = 1 << 20

#: Bytes of the configuration, the API description or the page, decoded.
DOCUMENT = 32 * MIB
#: Bytes of any other answer that is read whole: to a join, an upload, a login, a cancellation.
ANSWER = 4 * MIB
#: Bytes of the body of an unsuccessful answer that are read; the rest is not looked at.
REFUSAL = MIB // 4
#: Bytes of one server-sent event.
EVENT = 128 * MIB
#: Lists and objects within each other in JSON.
DEPTH = 256
#: Lists and objects in one JSON text: each takes some 20 times the memory of its two brackets.
CONTAINERS = 4_000_000
#: Functions, inputs, outputs and parameters of an app in all.
PARTS = 100_000
#: Characters that the types of an app's parameters repeat, by references and shared components.
TYPES = 200_000
#: Characters of messages that a job keeps for ``outputs()``, texts that grow included each time.
KEPT = 1024 * MIB
#: Characters of early messages that a session keeps, of jobs whose submission is not answered yet.
EARLY = EVENT
#: Characters of the path, the address or the name of a file.
FILE_NAME = MIB // 16
#: Bytes of a playlist of streamed media, ...
PLAYLIST = 2 * MIB
#: ... its lines, ...
LINES = 100_000
#: ... and the segments that these name, which last about a second each.
SEGMENTS = 20_000
#: Bytes of one segment that is handed out whole.
SEGMENT = 16 * MIB
#: Seconds without a new segment after which streamed media are given up.
SILENCE = 60.0

#: So many times the longest silence may pass before an answer has to be there, ...
PATIENCE = 5
#: ... and a second more for each so many bytes of it, and of the request.
SLOWEST = 1024


def seconds_for(silence: float | None, size: int) -> float | None:
    """How long the transfer of some bytes may take in all, so that no drip is waited for for ever.

    Args:
        silence: the longest silence of the server, in seconds; None when the caller wants no limit.
        size: how many bytes have been, or are to be, transferred.
    """
    return None if silence is None else silence * PATIENCE + size / SLOWEST
