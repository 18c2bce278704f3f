"""Progress as bars of tqdm, which huggingface_hub brings along; loaded only when there is one to show."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from gradio_client.domain.printable import on_one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradio_client.progress import Progress


def bars() -> Callable[[Progress], object] | None:
    """What shows each report as a bar; None where nobody would see it: neither terminal nor notebook."""
    return Bars().show if shown() else None


def shown() -> bool:
    """Whether somebody would see a bar: in a notebook, or at a terminal."""
    return _in_notebook() or _at_terminal()


class Bars:
    """One bar for each thing under way."""

    def __init__(self) -> None:
        self._bars: dict[int, Any] = {}

    def show(self, progress: Progress) -> None:
        """Take a report."""
        bar = self._bars.get(progress.number)
        if bar is None:
            bar = self._bars[progress.number] = _bar(progress)
        bar.set_description(_title(progress), refresh=False)
        bar.total = progress.total
        bar.n = progress.done or 0
        bar.refresh()
        if progress.ended:
            bar.close()
            del self._bars[progress.number]


def _bar(progress: Progress) -> Any:
    from tqdm.auto import tqdm  # type: ignore[import-untyped]  # noqa: PLC0415 - loaded only to show something

    size = {"unit": "B", "unit_scale": True, "unit_divisor": 1024}
    steps = {"unit": f" {progress.unit}"}
    return tqdm(
        total=progress.total, leave=progress.kind != "job", **(size if progress.unit == "B" else steps)
    )


def _title(progress: Progress) -> str:
    name = progress.name or on_one_line(progress.endpoint)
    return name if progress.kind == "job" else f"{progress.kind} {name}"


def _at_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def _in_notebook() -> bool:
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    return get_ipython is not None and "IPKernelApp" in getattr(get_ipython(), "config", ())


class CountingBar:
    """A bar of how many of some calls are over, which begins with the first that is."""

    def __init__(self) -> None:
        self._bar: Any = None

    def show(self, done: int, total: int | None) -> None:
        """Take a report; ``total`` is None while it is not known."""
        if self._bar is None:
            from tqdm.auto import tqdm  # noqa: PLC0415 - loaded only to show something

            self._bar = tqdm(unit=" call")
        self._bar.total, self._bar.n = total, done
        self._bar.refresh()

    def close(self) -> None:
        """End the line of the bar, if there is one."""
        if self._bar is not None:
            self._bar.close()
