"""What is built and installed is what the folders hold, under names of our own."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from configparser import ConfigParser
from email.parser import Parser
from importlib.metadata import requires
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from servers.environments import call, find_uv

from gradio_client import _version

if TYPE_CHECKING:
    from email.message import Message

ROOT = Path(__file__).resolve().parents[1]
NAME = "gradio_client-2.7.2+ports.1"
#: Each package and the folder it is in.
PACKAGES = {
    "gradio_client": ROOT,
    "gradio_client_adapters": ROOT / "adapters",
    "gradio_client_contract_tests": ROOT / "contract_tests",
    "gradio_client_plugins": ROOT / "plugins",
}
ENTRY_POINTS = {
    "adapters": "gradio_client_adapters.plugin",
    "hub_token": "gradio_client_plugins.hub_token:plugin",
    "zero_gpu": "gradio_client_plugins.zero_gpu:plugin",
}
PROBE = """
import gradio_client, gradio_client.transport, gradio_client_adapters, gradio_client_plugins
from importlib.metadata import entry_points
print(gradio_client.__version__, sorted(point.value for point in entry_points(group="gradio_client")))
"""


def build(source: Path, into: Path, *targets: str) -> None:
    """Build in this environment: nothing is fetched."""
    chosen = [word for target in targets for word in ("-t", target)]
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(into), *chosen]
    subprocess.run(command, cwd=source, check=True, capture_output=True)


def files(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build(ROOT, folder, "sdist", "wheel")
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    return built / f"{NAME}-py3-none-any.whl"


@pytest.fixture(scope="module")
def contents(wheel: Path) -> dict[str, bytes]:
    return files(wheel)


@pytest.fixture(scope="module")
def metadata(contents: dict[str, bytes]) -> Message:
    return Parser().parsestr(contents[f"{NAME}.dist-info/METADATA"].decode())


def test_the_wheel_holds_the_four_packages_and_nothing_else(contents: dict[str, bytes]) -> None:
    assert {name.partition("/")[0] for name in contents} == {*PACKAGES, f"{NAME}.dist-info"}


def test_the_wheel_holds_every_module(contents: dict[str, bytes]) -> None:
    modules = {
        path.relative_to(folder).as_posix()
        for package, folder in PACKAGES.items()
        for path in (folder / package).rglob("*.py")
    }
    assert {name for name in contents if name.endswith(".py")} == modules


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_a_package_is_marked_as_typed(contents: dict[str, bytes], package: str) -> None:
    assert f"{package}/py.typed" in contents


def test_the_adapters_and_our_plugins_are_registered(contents: dict[str, bytes]) -> None:
    points = ConfigParser()
    points.read_string(contents[f"{NAME}.dist-info/entry_points.txt"].decode())
    assert dict(points["gradio_client"]) == ENTRY_POINTS


def test_the_licence_is_in_the_wheel(contents: dict[str, bytes]) -> None:
    assert b"Apache License" in contents[f"{NAME}.dist-info/licenses/LICENSE"]


def test_the_version_satisfies_the_pin_of_gradio(metadata: Message) -> None:
    assert Requirement("gradio_client==2.7.2").specifier.contains(metadata["Version"])


def test_a_wheel_from_the_sdist_is_the_same(built: Path, contents: dict[str, bytes], tmp_path: Path) -> None:
    with tarfile.open(built / f"{NAME}.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    build(tmp_path / NAME, tmp_path, "wheel")
    assert files(tmp_path / f"{NAME}-py3-none-any.whl") == contents


def test_the_sdist_has_what_its_tests_need(built: Path) -> None:
    with tarfile.open(built / f"{NAME}.tar.gz") as archive:
        names = {name.removeprefix(f"{NAME}/") for name in archive.getnames()}
    assert {"Makefile", "CHANGELOG.md", "README.md", "LICENSE", ".ci/run", "docs/protocol.md"} <= names
    assert {"tests/conftest.py", "tests/servers/apps/echo.py"} <= names
    assert "tests/servers/wire/6.31.0/index.json" in names


def test_the_wheel_can_be_installed_and_imported_without_any_dependency(wheel: Path, tmp_path: Path) -> None:
    python = tmp_path / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    call(sys.executable, "-m", "venv", "--without-pip", str(tmp_path))
    install = ["install", "-q", "--no-deps", "--no-index", str(wheel)]
    if uv := find_uv():
        call(uv, "pip", *install, "--python", str(python))
    else:
        call(sys.executable, "-m", "pip", "--python", str(python), *install)
    done = subprocess.run([python, "-I", "-c", PROBE], capture_output=True, text=True, check=True)
    assert done.stdout == f"2.7.2+ports.1 {sorted(ENTRY_POINTS.values())}\n"


def test_folders_that_hold_packages_are_not_packages_themselves() -> None:
    for folder in ("adapters", "plugins", "contract_tests", "tests", "benchmarks"):
        assert not (ROOT / folder / "__init__.py").exists()


def test_a_source_tree_that_is_not_installed_knows_its_version(tmp_path: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert _version._of_source_tree(ROOT) == project["version"] == "2.7.2+ports.1"
    assert _version._of_source_tree(tmp_path) == "0+unknown"


@pytest.mark.parametrize("name", ["packaging", "tqdm"])  # for `client.app_version`, and for bars
def test_what_is_used_without_being_declared_comes_with_huggingface_hub(name: str) -> None:
    wanted = [Requirement(text) for text in requires("huggingface_hub") or ()]
    assert name in {requirement.name for requirement in wanted if requirement.marker is None}
