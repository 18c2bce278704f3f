"""Every public name of gradio_client 2.7.2 is here with its parameters, or docs/drop-in.md says otherwise."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from dropin import surface
from oracle.incumbent import environment

DOCUMENTATION = Path(__file__).parents[2].joinpath("docs", "drop-in.md").read_text("utf-8")
#: Parts of the inside of 2.7.2, by what holds them; docs/drop-in.md lists them.
LEFT_OUT = {
    "client": (
        *("HEARTBEAT_RETRY_DELAY_MAX", "HEARTBEAT_RETRY_DELAY_MIN", "HEARTBEAT_RETRY_RESET_AFTER"),
        *("Communicator", "JobStatus", "Message", "ReplaceMe", "Update"),
    ),
    "client.Client": ("send_data", "stream_messages"),
    "client.Endpoint": (
        *("download_files", "insert_empty_state", "make_cancel", "make_predict", "oauth_token_payload"),
        *("process_input_files", "process_predictions", "reduce_singleton_output"),
        *("remove_skipped_components", "value_is_file"),
    ),
    "documentation": ("document_cls", "extract_instance_attr_doc", "generate_documentation"),
    "utils": (
        *("API_INFO_URL", "API_URL", "CANCEL_URL", "CONFIG_URL", "HEARTBEAT_URL", "LOGIN_URL"),
        *("RAW_API_INFO_URL", "RESET_URL", "SPACE_FETCHER_URL", "SPACE_URL", "SSE_DATA_URL"),
        *("SSE_DATA_URL_V0", "SSE_URL", "SSE_URL_V0", "UPLOAD_URL", "WS_URL", "FILE_DATA_FORMATS"),
        *("SKIP_COMPONENTS", "Communicator", "JobStatus", "Message", "Update", "check_for_cancel"),
        *("create_initial_status_update", "download_byte_stream", "download_tmp_copy_of_file"),
        *("extract_validation_message", "get_package_version", "get_pred_from_sse_v0"),
        *("get_pred_from_sse_v1plus", "get_type", "set_space_timeout", "stream_sse_v0", "stream_sse_v1plus"),
    ),
}
FILES = ["package.json", "templates/discord_chat.py", "types.json"]
#: An attribute of an object here, so that its class does not have it.
OF_OBJECTS = {"client.Endpoint.client"}
#: What takes something else; the words in docs/drop-in.md that say so.
OTHERWISE = {
    "client.Client.__init__": "`hf_token`",
    "client.Endpoint.__init__": "`Endpoint(...)`",
    "client.Job.__init__": "`Job(...)`",
    "utils.apply_diff": "`apply_diff`",
}


@pytest.fixture(scope="module")
def theirs() -> dict[str, Any]:
    command = [str(environment()), "-I", str(Path(surface.__file__))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def ours() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(surface.surface()))
    return found


def test_nothing_is_missing_but_what_is_listed(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    listed = {f"{holder}.{name}" for holder, names in LEFT_OUT.items() for name in names}
    missing = set(theirs["names"]) - set(ours["names"]) - OF_OBJECTS
    assert {name for name in missing if name.rpartition(".")[0] not in listed} == listed
    assert set(theirs["package"]) <= set(ours["package"])
    assert [name for name in theirs["files"] if name not in ours["files"]] == FILES


@pytest.mark.parametrize("name", sorted({*FILES, *(name for names in LEFT_OUT.values() for name in names)}))
def test_what_is_left_out_is_documented(name: str) -> None:
    left_out = DOCUMENTATION.partition("### Left out")[2].partition("## Known gaps")[0]
    assert f"`{name}`" in left_out


@pytest.mark.parametrize("words", OTHERWISE.values())
def test_what_takes_something_else_is_documented(words: str) -> None:
    assert words in DOCUMENTATION


def test_what_can_be_passed_there_can_be_passed_here(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    known = ours["names"]
    found = [name for name, given in theirs["names"].items() if given and not takes(known.get(name), given)]
    assert [name for name in found if name in known and not of_error(theirs, name)] == sorted(OTHERWISE)


def test_a_client_takes_the_same_in_the_same_places(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    mine, other = (found["names"]["client.Client.__init__"] for found in (ours, theirs))
    again = ["token", "KEYWORD_ONLY", "None"]  # another name of hf_token
    assert again in mine
    assert takes(
        [["token" if one[0] == "hf_token" else one[0], *one[1:]] for one in mine if one != again], other
    )


def of_error(theirs: dict[str, Any], name: str) -> bool:
    """Whether it is the constructor of an error, which takes anything there."""
    holder = name.removesuffix(".__init__").rpartition(".")[2]
    return holder in theirs["errors"] and theirs["names"][name][1:2] == [["args", "VAR_POSITIONAL", ""]]


def takes(ours: list[list[str]] | None, theirs: list[list[str]]) -> bool:
    """Whether every call that fits the one list of parameters fits the other, and means the same."""
    if ours is None:
        return False
    defaults = {name: default for name, _, default in theirs}
    # What has to be given there may be left out here.
    alike = [[name, kind, defaults.get(name) and default] for name, kind, default in ours if name in defaults]
    further = [one for one in ours if one[0] not in defaults]
    in_place = [one[0] for one in theirs if one[1].startswith("POSITIONAL")]
    return (
        sorted(alike) == sorted(theirs)
        and [one[0] for one in ours[: len(in_place)]] == in_place
        and all(default or kind.startswith("VAR") for _, kind, default in further)
    )


@pytest.mark.parametrize(
    ("ours", "takes_it"),
    [
        ("a, b=1, *, c=2", True),
        ("a=5, b=1, d=0, *, c=2, e=3", True),
        ("b=1, a=0, *, c=2", False),
        ("a, *, b=1, c=2", False),
        ("a, b=1, *, c=3", False),
        ("a, b=1", False),
        ("a, b=1, *, c=2, d", False),
    ],
)
def test_parameters_are_compared_with_their_order_and_kind(ours: str, *, takes_it: bool) -> None:
    made = [surface._parameters(eval(f"lambda {words}: None")) for words in (ours, "a, b=1, *, c=2")]
    assert made[1] is not None
    assert takes(made[0], made[1]) is takes_it


def test_constants_are_the_same(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    assert ours["constants"] == theirs["constants"]


def test_errors_are_of_the_same_builtin_kinds(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    ours, theirs = ours["errors"], theirs["errors"]
    assert [name for name, bases in theirs.items() if not set(bases) <= set(ours.get(name, ()))] == []
