"""How gradio_client 2.7.2 plays the scenarios, and where this client deliberately plays them otherwise."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oracle.incumbent import environment

TESTS = Path(__file__).resolve().parents[1]
PATIENCE = 300  # seconds


@dataclass(frozen=True, slots=True)
class Difference:
    """A scenario that this client plays otherwise.

    Attributes:
        why: what the incumbent does, and why that is not imitated.
        ours: the outcome with this client.
        hangs: whether the incumbent never comes back, so that it is not asked.
    """

    why: str
    ours: Any
    hangs: bool = False


def refusal(kind: str) -> list[Any]:
    return [{"raised": kind}]


CANCELLED = {
    "cancel": {"list": [True, False]},
    "is": {"list": [True, True]},
    "status": {"list": ["CANCELLED", False]},
    "end": None,
    "result": {"raised": "CancelledError"},
}

DIFFERENCES = {
    "an endpoint without its slash": Difference(
        "It asks whether a slash was meant. It was.", [{"result": "hello"}]
    ),
    "a name that is no text": Difference("It fails with AttributeError.", refusal("ValueError")),
    "one argument too many": Difference(
        "It sends surplus arguments, and the server ignores them: mistakes go unnoticed.",
        refusal("TypeError"),
    ),
    "an event that only cancels": Difference(
        "It sends the call, which the server answers with an error without a text.", refusal("ValueError")
    ),
    "NaN as an argument": Difference(
        "It raises ValueError; here every argument that cannot be sent is an error that is TypeError first.",
        refusal("TypeError"),
    ),
    "iterate a failing generator": Difference(
        "Iteration ends as if the job had succeeded.",
        [{"iterated": {"list": [0, 1]}, "end": "AppError"}],
    ),
    "iterate a failing job": Difference(
        "Iteration ends as if the job had succeeded.",
        [{"iterated": {"list": []}, "end": "AppError"}],
    ),
    "a cancelled generator": Difference(
        "Iteration goes on for ever, and result() raises KeyError.", [{"first": 0, **CANCELLED}], hangs=True
    ),
    "a cancelled generator by number": Difference(
        "Iteration goes on for ever, and result() raises KeyError.", [{"first": 1, **CANCELLED}], hangs=True
    ),
}


def played_by_incumbent(url: str) -> dict[str, Any]:
    """The outcomes of the scenarios and of ``view_api`` on a server; see ``play.main``."""
    left_out = [name for name, difference in DIFFERENCES.items() if difference.hangs]
    lines = ["import sys", f"sys.path.append({str(TESTS)!r})", "from integration.play import main"]
    program = "; ".join([*lines, f"main({url!r}, {left_out!r})"])
    # isolated, or the folder and the variables of the tests would show it our own gradio_client
    command = [str(environment()), "-I", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    if done.returncode:
        raise RuntimeError(f"gradio_client 2.7.2 could not play the scenarios:\n{done.stderr[-4000:]}")
    outcomes: dict[str, Any] = json.loads(done.stdout)
    return outcomes
