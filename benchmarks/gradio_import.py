"""How long ``import gradio`` takes on this package, as a multiple of what it takes on gradio_client 2.7.2.

    python benchmarks/gradio_import.py [--times N] [--check]

Each import has a process of its own, and the two take turns, so that a busy machine slows both alike: trust
the ratios. All happens in one environment, in which nothing but the gradio_client that is found differs.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from dropin.environment import GRADIO, ours, packages, theirs

# The two have to be equal; the least of many runs still differs by a hundredth between two runs of the same.
BAR = 1.02
OFFLINE = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}

Cost = tuple[float, float]  # seconds on the wall, and of the processor
KINDS = ("wall", "processor")


def imported(python: Path, folder: Path) -> Cost:
    """One import, in a process of its own, with the gradio_client of a folder."""
    program = f"import sys; sys.path.insert(0, {str(folder)!r}); import gradio"
    command = [str(python), "-I", "-c", program]
    start = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ | OFFLINE)
    _, status, used = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"{python} could not import gradio")
    return time.perf_counter() - start, used.ru_utime + used.ru_stime


def ratios(costs: dict[str, list[Cost]]) -> dict[str, float]:
    """The least that an import took here, by the least that it took there, of each kind of time."""
    ours, theirs = (tuple(map(min, zip(*costs[name], strict=True))) for name in ("ours", "2.7.2"))
    return {kind: mine / other for kind, mine, other in zip(KINDS, ours, theirs, strict=True)}


def is_missed(costs: dict[str, list[Cost]]) -> bool:
    """Whether either kind of time is above the bar."""
    return max(ratios(costs).values()) > BAR


def main() -> int:
    """Measure, show, and check if asked to."""
    parser = argparse.ArgumentParser(description="Time `import gradio` on this package and on 2.7.2.")
    parser.add_argument("--times", type=int, default=15, help="imports of each (default: %(default)s)")
    parser.add_argument("--check", action="store_true", help=f"fail above {BAR} times, of either time")
    args = parser.parse_args()
    costs: dict[str, list[Cost]] = {"ours": [], "2.7.2": []}
    python = ours()
    with tempfile.TemporaryDirectory() as scratch:
        folders = {name: Path(scratch, name) for name in costs}
        for folder, origin in zip(folders.values(), (python, theirs()), strict=True):
            folder.mkdir()
            (folder / "gradio_client").symlink_to(packages(origin) / "gradio_client")
            imported(python, folder)  # the first writes byte code
        for _ in range(args.times):
            for name, folder in folders.items():
                costs[name].append(imported(python, folder))
    print(f"import gradio {GRADIO}, {args.times} times each")
    for place, (what, ratio) in enumerate(ratios(costs).items()):
        mine, other = ([cost[place] for cost in costs[name]] for name in costs)
        medians = statistics.median(mine), statistics.median(other)
        print(
            f"{what:>10}: least {min(mine):.3f} s and {min(other):.3f} s, x {ratio:.3f}; "
            f"median {medians[0]:.3f} s and {medians[1]:.3f} s, x {medians[0] / medians[1]:.3f}"
        )
    return 1 if args.check and is_missed(costs) else 0


if __name__ == "__main__":
    sys.exit(main())
