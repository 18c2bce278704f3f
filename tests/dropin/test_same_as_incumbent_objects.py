"""Type hints, docstrings, traversal and signatures are treated as by gradio_client 2.7.2."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from dropin import probe
from oracle.incumbent import environment

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENTATION = Path(__file__).parents[2].joinpath("docs", "drop-in.md").read_text("utf-8")
#: Parts of the inside of 2.7.2 which are left out; docs/drop-in.md lists them.
LEFT_OUT = {
    "Communicator",
    "JobStatus",
    "Message",
    "Update",
    "check_for_cancel",
    "create_initial_status_update",
    "download_byte_stream",
    "download_tmp_copy_of_file",
    "extract_validation_message",
    "get_package_version",
    "get_pred_from_sse_v0",
    "get_pred_from_sse_v1plus",
    "get_type",
    "set_space_timeout",
    "stream_sse_v0",
    "stream_sse_v1plus",
}
LEFT_OUT_METHODS = {"send_data", "stream_messages"}
#: What programs do not make themselves; and parameters that are called differently.
MADE_BY_OTHERS = {"apply_diff", "Job.__init__"}


@pytest.fixture(scope="module")
def theirs() -> dict[str, Any]:
    command = [str(environment()), "-I", str(Path(probe.__file__))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])  # that one prints what it refuses
    return found


@pytest.fixture(scope="module")
def ours() -> dict[str, Any]:
    return probe.probe()


@pytest.mark.parametrize("part", ["schemas", "documentation", "traversals"])
def test_answers_are_the_same(part: str, ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    assert ours[part] == theirs[part]


def test_nothing_is_missing_but_what_is_listed(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    ours, theirs = ours["surface"], theirs["surface"]
    assert {name for name in set(theirs["utils"]) - set(ours["utils"]) if name[0] != "_"} == LEFT_OUT
    for kind in ("Client", "Job"):
        assert set(theirs[kind]) - set(ours[kind]) <= LEFT_OUT_METHODS


@pytest.mark.parametrize("name", sorted(LEFT_OUT | LEFT_OUT_METHODS))
def test_what_is_left_out_is_documented(name: str) -> None:
    assert name in DOCUMENTATION


def test_what_can_be_passed_there_can_be_passed_here(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    found = list(_narrowed(ours["surface"], theirs["surface"]))
    assert [name for name in found if name not in MADE_BY_OTHERS] == []


def _narrowed(ours: dict[str, Any], theirs: dict[str, Any]) -> Iterator[str]:
    for kind in ("Client", "Job", "utils"):
        for name, parameters in theirs[kind].items():
            known = ours[kind].get(name)
            if known and parameters and not parameters.items() <= known.items():
                yield name if kind == "utils" else f"{kind}.{name}"


def test_errors_are_of_the_same_builtin_kinds(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    ours, theirs = ours["surface"]["errors"], theirs["surface"]["errors"]
    assert [name for name, bases in theirs.items() if not set(bases) <= set(ours.get(name, ()))] == []
