"""A foreign distribution with a header provider and an auth: built, installed, discovered, disabled."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from core.fake_app import fake_app
from foreign.test_stranger import build
from servers.environments import call, find_uv

if TYPE_CHECKING:
    from core.fake_app import FakeApp
    from gradio_client_contract_tests.server import Seen

HERE = Path(__file__).resolve().parent
PROGRAM = """
import sys
from gradio_client import Client
with Client(sys.argv[1], verbose=False, transport="requests") as client:
    print(client.predict("hello", api_name="/echo"))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the distribution is installed, beside ours."""
    folder = tmp_path_factory.mktemp("enterprise")
    project = folder / "project"
    shutil.copytree(HERE / "enterprise", project, ignore=shutil.ignore_patterns("__pycache__"))
    wheel, site = build(project, folder / "dist"), folder / "site"
    what = ["install", "-q", "--no-deps", "--no-index", "--target", str(site), str(wheel)]
    if uv := find_uv():
        call(uv, "pip", *what)
    else:
        call(sys.executable, "-m", "pip", *what)
    return site


def run(app: FakeApp, site: Path, **environ: str) -> list[Seen]:
    """What an app sees of a program that knows nothing of the plugin."""
    known = {"PYTHONPATH": str(site), "ENTERPRISE_APP": app.url, "ENTERPRISE_TOKEN": "sso"}
    command = [sys.executable, "-W", "error", "-c", PROGRAM, app.url]
    done = subprocess.run(
        command, env=os.environ | known | environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == ("hello\n", "")
    return list(app.server.seen)


def test_it_is_discovered_and_reaches_every_request(site: Path) -> None:
    with fake_app() as app:
        seen = run(app, site)
    assert len(seen) >= 4
    assert all(one.header("X-Tenant") == ["research"] for one in seen)
    assert all(one.header("Authorization") == ["Bearer sso"] for one in seen)
    assert {one.header("X-Purpose")[0] for one in seen} >= {"config", "info", "join", "stream"}


def test_it_leaves_other_apps_alone(site: Path) -> None:
    with fake_app() as app:
        seen = run(app, site, ENTERPRISE_APP="https://apps.example.com")
    assert not any(one.header("X-Tenant") or one.header("Authorization") for one in seen)


def test_it_can_be_disabled_from_outside(site: Path) -> None:
    with fake_app() as app:
        seen = run(app, site, GRADIO_CLIENT_DISABLED_PLUGINS="enterprise")
    assert not any(one.header("X-Tenant") or one.header("Authorization") for one in seen)
