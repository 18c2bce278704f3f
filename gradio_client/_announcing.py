"""What a client tells the program that makes it: lines of ``verbose=True``, and statuses of a Space."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradio_client.domain.spaces import SpaceStatus


class Announcing:
    """Prints what ``gradio_client`` 2.7.2 prints, and calls ``on_status``.

    Args:
        on_status: the caller's.
        verbose: whether to print.
    """

    def __init__(self, on_status: Callable[[SpaceStatus], object] | None, *, verbose: bool) -> None:
        self._on_status = on_status
        self._verbose = verbose
        self._said_building = False

    def address(self, base: str) -> None:
        """The app is at this address, and is about to be read."""
        if self._verbose:
            print(f"Loaded as API: {base}/")  # noqa: T201 - what verbose=True promises

    def status(self, status: SpaceStatus) -> None:
        """The Space's status is a new one."""
        if self._verbose and status.stage == "BUILDING" and not self._said_building:
            self._said_building = True
            print("Space is still building. Please wait...")  # noqa: T201
        if self._on_status is not None:
            self._on_status(status)
