"""The Hub of these tests is understood by huggingface_hub and by gradio_client 2.7.2, as the real one is."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Literal

import pytest
from huggingface_hub import HfApi, SpaceHardware
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError
from oracle.incumbent import environment
from spaces.conftest import TOKEN
from spaces.hub import PAID

if TYPE_CHECKING:
    from pathlib import Path

    from spaces.world import World

INCUMBENT = """
import sys
from gradio_client import Client
print(Client("ada/demo", token=sys.argv[1]).predict("Ada", api_name="/greet"))
copy = Client.duplicate("bob/demo", "mine", token=sys.argv[1], private=True)
print(copy.space_id, copy.predict("Ada", api_name="/greet"))
"""


@pytest.fixture
def api(spaces: World) -> HfApi:
    return HfApi(endpoint=spaces.urls["hub"], token=TOKEN)


def test_a_space_is_read(spaces: World, api: HfApi) -> None:
    spaces.space(private=True)
    info = api.space_info("ada/demo")
    assert (info.id, info.private, info.host) == ("ada/demo", True, spaces.urls["space"])
    assert info.runtime is not None
    assert info.runtime.stage == "RUNNING"
    runtime = api.get_space_runtime("ada/demo")
    assert (runtime.stage, runtime.hardware, runtime.sleep_time) == ("RUNNING", "cpu-basic", None)


@pytest.mark.parametrize("token", [TOKEN, False])
def test_a_space_that_is_missing_or_private_is_not_found(
    spaces: World, api: HfApi, token: Literal[False] | str
) -> None:
    spaces.space("bob/secret", private=True)
    for name in ("ada/nothing", "bob/secret"):
        with pytest.raises(RepositoryNotFoundError):
            api.space_info(name, token=token)


def test_a_wrong_token_is_another_error(spaces: World, api: HfApi) -> None:
    spaces.space()
    with pytest.raises(HfHubHTTPError) as caught:
        api.space_info("ada/demo", token="hf_expiredOfAda")
    assert not isinstance(caught.value, RepositoryNotFoundError)


@pytest.mark.filterwarnings("ignore")
def test_a_space_is_copied_and_changed(spaces: World, api: HfApi) -> None:
    spaces.space("bob/demo")
    assert api.whoami()["name"] == "ada"
    copy = spaces.space("ada/copy", private=True)
    assert api.request_space_hardware("ada/copy", SpaceHardware.T4_SMALL).requested_hardware == PAID
    assert api.set_space_sleep_time("ada/copy", 300).sleep_time == 300
    api.add_space_secret("ada/copy", "KEY", "a value")
    assert (copy.hardware, copy.sleep, copy.secrets) == (PAID, 300, {"KEY": "a value"})
    with pytest.raises(HfHubHTTPError):
        api.request_space_hardware("bob/demo", SpaceHardware.T4_SMALL)


def test_the_incumbent_connects_and_copies(spaces: World, tmp_path: Path) -> None:
    spaces.space(private=True)
    spaces.space("bob/demo")
    environ = {**os.environ, "HF_ENDPOINT": spaces.urls["hub"], "HF_HOME": str(tmp_path)}
    command = [str(environment()), "-I", "-c", INCUMBENT, TOKEN]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ, timeout=60)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert f"Loaded as API: {spaces.urls['space']}" in lines[0]
    assert "Hello, Ada!" in lines
    assert lines[-1] == "ada/mine Hello, Ada!"
    assert spaces.hub.spaces["ada/mine"].private
