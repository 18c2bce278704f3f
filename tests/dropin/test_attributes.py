"""Clients, endpoints and jobs have the attributes that they have in gradio_client 2.7.2, with its values."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from dropin import attributes
from oracle.incumbent import environment

if TYPE_CHECKING:
    from core.conftest import Connect
    from core.fake_app import FakeApp
    from servers.process import Server

    from gradio_client import Client

DOCUMENTATION = Path(__file__).parents[2].joinpath("docs", "drop-in.md").read_text("utf-8")
#: The inside of 2.7.2; docs/drop-in.md lists it.
LEFT_OUT = {
    "Client": {
        *("executor", "heartbeat", "helper_executor", "pending_event_epoch"),
        *("pending_event_ids", "pending_lock", "pending_messages_per_event", "send_data", "stream_epoch"),
        *("stream_executor", "stream_messages", "stream_open", "streaming_future", "ws_url"),
    },
    "Endpoint": {
        *("download_files", "insert_empty_state", "make_cancel", "make_predict", "oauth_token_payload"),
        *("process_input_files", "process_predictions", "reduce_singleton_output", "value_is_file"),
        "remove_skipped_components",
    },
    "Job": {"cancel_fn", "communicator", "verbose"},
}
SECRETS = ("hf_s3cret", "oauth-s3cret", "cookie-s3cret", "pair-s3cret")


@pytest.fixture(scope="module", params=["6.31.0", "4.44.1"])
def both(gradio: Any, request: pytest.FixtureRequest) -> tuple[dict[str, Any], dict[str, Any]]:
    """Ours and theirs."""
    server: Server = gradio(request.param)
    program = [str(environment()), "-I", attributes.__file__, server.url]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return attributes.found(server.url), json.loads(done.stdout)


@pytest.mark.parametrize("kind", LEFT_OUT)
def test_nothing_is_missing_but_what_is_listed(
    kind: str, both: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    ours, theirs = (set(found["names"][kind]) for found in both)
    assert theirs - ours == LEFT_OUT[kind]


@pytest.mark.parametrize("name", sorted(set().union(*LEFT_OUT.values())))
def test_what_is_left_out_is_documented(name: str) -> None:
    assert f"`{name}`" in DOCUMENTATION


@pytest.mark.parametrize("part", ["client", "endpoints", "version"])
def test_the_values_are_the_same(part: str, both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    ours, theirs = both
    assert ours[part] == theirs[part]


@pytest.fixture
def secretive(connect: Connect) -> Client:
    kwargs = {"cookies": {"a": SECRETS[2]}, "auth": ("me", SECRETS[3])}
    return connect(token=SECRETS[0], oauth_token=SECRETS[1], httpx_kwargs=kwargs)


def test_what_was_given_is_told_and_not_shown(secretive: Client) -> None:
    assert (secretive.token, secretive.oauth_token) == SECRETS[:2]
    assert secretive.cookies == {"a": SECRETS[2]}
    assert secretive.httpx_kwargs == {"auth": ("me", SECRETS[3])}
    shown = repr(secretive) + repr(secretive._engine.settings)
    assert [secret for secret in SECRETS if secret in shown] == []


@pytest.mark.parametrize("name", ["headers", "cookies", "httpx_kwargs"])
def test_what_is_written_to_what_is_told_is_not_lost_in_silence(secretive: Client, name: str) -> None:
    shown = getattr(secretive, name)
    with pytest.raises(TypeError, match="headers="):
        shown["X-A"] = "1"
    with pytest.raises(TypeError, match="headers="):
        shown.update({"X-A": "1"})
    assert isinstance(shown, dict)  # httpx takes no other cookies
    assert type(copy.deepcopy(shown)) is type(pickle.loads(pickle.dumps(shown))) is dict


def test_a_client_with_secrets_is_not_pickled(secretive: Client) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(secretive)


def test_cookies_are_told_after_the_client_is_closed(app: FakeApp, secretive: Client) -> None:
    secretive.close()
    assert secretive.cookies == {"a": SECRETS[2]}


def test_a_job_is_its_own_future(connect: Connect) -> None:
    job = connect().submit(1, api_name="/echo")
    assert job.future is job
    assert job.future.result() == 1
    assert job.space_id is None
