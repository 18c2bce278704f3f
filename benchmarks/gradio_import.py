"""How long ``import gradio`` takes on this package, as a multiple of what it takes on gradio_client 2.7.2.

    python benchmarks/gradio_import.py [--times N] [--check]

Each import has a process of its own, and the two take turns, so that a busy machine slows both alike: trust
the ratios. All happens in one environment, in which nothing but the gradio_client that is found differs.

A fifth of the time goes to six or seven full passes of the garbage collector of up to 0.1 s each, and a few
objects more or less, anywhere, decide whether the seventh falls into the import. So the imports begin with
different numbers of objects, the same for both, and what is compared is the mean over these numbers of
the least that an import took.
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

# The two have to be equal; two runs of the same still differ by a hundredth.
BAR = 1.02
OFFLINE = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}

# What a process holds before it imports: a full pass comes when there are a quarter more than at the last.
OBJECTS = range(0, 48_000, 6_000)

Cost = tuple[float, float]  # seconds on the wall, and of the processor
Costs = dict[int, list[Cost]]  # by the number of objects
KINDS = ("wall", "processor")


def imported(python: Path, folder: Path, objects: int) -> Cost:
    """One import, in a process of its own, with the gradio_client of a folder."""
    hold = f"held = [[] for _ in range({objects})]"
    program = f"{hold}; import sys; sys.path.insert(0, {str(folder)!r}); import gradio"
    command = [str(python), "-I", "-c", program]
    start = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ | OFFLINE)
    _, status, used = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"{python} could not import gradio")
    return time.perf_counter() - start, used.ru_utime + used.ru_stime


def least(costs: Costs, kind: int) -> float:
    """Seconds of one kind that an import took at the least, as the mean over the numbers of objects."""
    return statistics.mean(min(cost[kind] for cost in some) for some in costs.values())


def ratios(ours: Costs, theirs: Costs) -> dict[str, float]:
    """What an import takes here, as a multiple of what it takes there, of each kind of time."""
    return {name: least(ours, kind) / least(theirs, kind) for kind, name in enumerate(KINDS)}


def is_missed(ours: Costs, theirs: Costs) -> bool:
    """Whether either kind of time is above the bar."""
    return max(ratios(ours, theirs).values()) > BAR


def main() -> int:
    """Measure, show, and check if asked to."""
    parser = argparse.ArgumentParser(description="Time `import gradio` on this package and on 2.7.2.")
    parser.add_argument(
        "--times",
        type=int,
        default=5,
        help=f"imports with each of {len(OBJECTS)} numbers of objects (default: %(default)s)",
    )
    parser.add_argument("--check", action="store_true", help=f"fail above {BAR} times, of either time")
    args = parser.parse_args()
    costs: dict[str, Costs] = {name: {objects: [] for objects in OBJECTS} for name in ("ours", "2.7.2")}
    python = ours()
    with tempfile.TemporaryDirectory() as scratch:
        folders = {name: Path(scratch, name) for name in costs}
        for folder, origin in zip(folders.values(), (python, theirs()), strict=True):
            folder.mkdir()
            (folder / "gradio_client").symlink_to(packages(origin) / "gradio_client")
            imported(python, folder, 0)  # the first writes byte code
        for objects in [*OBJECTS] * args.times:
            for name, folder in folders.items():
                costs[name][objects].append(imported(python, folder, objects))
    print(f"import gradio {GRADIO}, {args.times} times each with {len(OBJECTS)} numbers of objects")
    for kind, (name, ratio) in enumerate(ratios(*costs.values()).items()):
        mine, other = (least(some, kind) for some in costs.values())
        print(f"{name:>10}: least {mine:.3f} s and {other:.3f} s, x {ratio:.3f}")
    return 1 if args.check and is_missed(*costs.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
