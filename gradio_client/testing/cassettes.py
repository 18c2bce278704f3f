"""Cassettes as ``transport=``: recorded when there is none, played from then on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gradio_client._http.transports import make_transport
from gradio_client.hooks import Hooks
from gradio_client.testing.cassette_file import LIMIT, CassetteError
from gradio_client.testing.recording import Recording, RecordingTransport
from gradio_client.testing.replaying import ReplayingTransport, Tape

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from gradio_client._http.transports import TransportChoice
    from gradio_client.transport import Transport, TransportOptions

Mode = Literal["once", "replay", "record"]
_MODES = ("once", "replay", "record")

__all__ = [
    "LIMIT",
    "Cassette",
    "CassetteError",
    "Mode",
    "RecordingTransport",
    "ReplayingTransport",
    "cassette",
]


class Cassette:
    """Makes transports that all record to one file, or all play it. See ``cassette``.

    Args:
        path: of the file.
        mode: as for ``cassette``.
        inner: the transport that sends what is recorded.
        scrub: as for ``RecordingTransport``.
        limit: bytes of one body that are recorded at most; 1 MiB by default.
        saves: whether the file is written when a transport is closed; else by ``save``.

    Attributes:
        path: of the file.
        recording: whether exchanges are sent and recorded.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        mode: Mode = "once",
        *,
        inner: TransportChoice = "aiohttp",
        scrub: Callable[[str], str] | None = None,
        limit: int = LIMIT,
        saves: bool = True,
    ) -> None:
        if mode not in _MODES:
            raise ValueError(f"There is no mode {mode!r} of a cassette. Available: {', '.join(_MODES)}.")
        self.path = Path(path)
        self.recording = mode == "record" or (mode == "once" and not self.path.exists())
        self._inner = inner
        self._saves = saves
        self._recorded = Recording(path, scrub=scrub, limit=limit) if self.recording else None
        self._tape = None if self.recording else Tape(path, scrub=scrub)

    def __call__(self, options: TransportOptions) -> Transport:
        """Make a transport; this is what makes a cassette a ``transport=``."""
        if self._tape is not None:
            return ReplayingTransport(self._tape)
        inner = make_transport(self._inner, options, Hooks().transports)
        return _Saving(inner, self) if self._saves else RecordingTransport(inner, self._made())

    def save(self) -> None:
        """Write what was recorded so far; nothing happens when it is being played.

        Raises:
            CassetteError: what was recorded is not fit for a cassette.
        """
        if self._recorded is not None:
            self._recorded.save()

    def check(self) -> None:
        """Fail if a request came that the cassette does not have.

        Raises:
            UnexpectedRequestError: the first one's.
        """
        if self._tape is not None:
            self._tape.check()

    def _made(self) -> Recording:
        assert self._recorded is not None  # noqa: S101 - it is being recorded
        return self._recorded


class _Saving(RecordingTransport):
    def __init__(self, inner: Transport, cassette: Cassette) -> None:
        super().__init__(inner, cassette._made())  # noqa: SLF001 - one module
        self._cassette = cassette

    async def aclose(self) -> None:
        await super().aclose()
        self._cassette.save()


def cassette(
    path: str | os.PathLike[str],
    mode: Mode = "once",
    *,
    inner: TransportChoice = "aiohttp",
    scrub: Callable[[str], str] | None = None,
    limit: int = LIMIT,
) -> Cassette:
    """A cassette to give to a client: ``Client(url, transport=cassette("greet.json"))``.

    What is recorded is written when a client is closed. Header values, cookies, form fields and query
    parameters are not written down, and are taken out of everything else as well; the arguments and
    results of calls are written as they are.

    Args:
        path: of the file.
        mode: ``"once"`` records when there is no file, and plays it when there is; ``"replay"`` never sends
            anything; ``"record"`` always records anew.
        inner: what sends while recording; as ``transport=`` of a client.
        scrub: changes every text before it is written down, besides what is always done; has to give the
            same for the same text, for it is applied to requests when they are played too.
        limit: the most bytes that a body may have: one MiB, for these are files to read and to review.

    Raises:
        CassetteError: the file is to be played, and there is none, or it cannot be read.
        ValueError: there is no such mode.
    """
    return Cassette(path, mode, inner=inner, scrub=scrub, limit=limit)
