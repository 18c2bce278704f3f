"""How long ``import gradio`` takes on this package, as a multiple of what it takes on gradio_client 2.7.2.

    python benchmarks/gradio_import.py [--times N] [--check]

Each import has a process of its own, and the two take turns, so that a busy machine slows both alike: trust
the ratios. All happens in one environment, in which nothing but the gradio_client that is found differs.

A fifth of the time goes to six or seven full passes of the garbage collector of up to 0.1 s each, and a few
objects more or less, anywhere, decide whether the seventh falls into the import. So the imports begin with
different numbers of objects, the same for both. What is compared are the two imports of each pair; a bar is
missed when the mean is above it by more than its standard error.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from dropin.environment import GRADIO, ours, packages, theirs

BAR = 1.02
OFFLINE = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}

# What a process holds before it imports: a full pass comes when there are a quarter more than at the last.
OBJECTS = range(0, 48_000, 6_000)

Cost = tuple[float, float]  # seconds on the wall, and of the processor
Pair = tuple[Cost, Cost]  # on this package, and on 2.7.2
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


def ratio(pairs: list[Pair], kind: int) -> tuple[float, float]:
    """What an import takes here, as a multiple of what it takes there; and the standard error of that."""
    logs = [math.log(mine[kind] / other[kind]) for mine, other in pairs]
    mean = math.exp(statistics.mean(logs))
    return mean, mean * statistics.stdev(logs) / math.sqrt(len(logs))


def is_missed(pairs: list[Pair]) -> bool:
    """Whether either kind of time is above the bar."""
    return any(mean - error > BAR for mean, error in (ratio(pairs, kind) for kind in range(len(KINDS))))


def main() -> int:
    """Measure, show, and check if asked to."""
    parser = argparse.ArgumentParser(description="Time `import gradio` on this package and on 2.7.2.")
    parser.add_argument(
        "--times",
        type=int,
        default=5,
        help=f"pairs with each of {len(OBJECTS)} numbers of objects (default: %(default)s)",
    )
    parser.add_argument("--check", action="store_true", help=f"fail above {BAR} times, of either time")
    args = parser.parse_args()
    python, pairs = ours(), []
    with tempfile.TemporaryDirectory() as scratch:
        folders = {name: Path(scratch, name) for name in ("ours", "2.7.2")}
        for folder, origin in zip(folders.values(), (python, theirs()), strict=True):
            folder.mkdir()
            (folder / "gradio_client").symlink_to(packages(origin) / "gradio_client")
            imported(python, folder, 0)  # the first writes byte code
        for turn, objects in enumerate([*OBJECTS] * args.times):
            order = [*folders] if turn % 2 else [*reversed(folders)]
            costs = {name: imported(python, folders[name], objects) for name in order}
            pairs.append((costs["ours"], costs["2.7.2"]))
    print(f"import gradio {GRADIO}, {len(pairs)} pairs")
    for kind, name in enumerate(KINDS):
        medians = (statistics.median(cost[kind] for cost in costs) for costs in zip(*pairs, strict=True))
        mean, error = ratio(pairs, kind)
        print("{:>10}: {:.3f} s and {:.3f} s, ".format(name, *medians) + f"x {mean:.3f} +- {error:.3f}")
    return 1 if args.check and is_missed(pairs) else 0


if __name__ == "__main__":
    sys.exit(main())
