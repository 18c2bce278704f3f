"""Everything that Gradio and hf-gradio take from gradio_client is here.

A newer Gradio that needs more fails here with the names to add.
"""

from __future__ import annotations

import importlib
import subprocess
from typing import TYPE_CHECKING

import pytest
from dropin.environment import packages
from dropin.needed_names import needed, used

from gradio_client import utils

if TYPE_CHECKING:
    from pathlib import Path

USERS = ("gradio", "hf_gradio")


def exists(name: str) -> bool:
    """Whether a dotted name is a module, or an attribute of what precedes it."""
    try:
        importlib.import_module(name)
    except ImportError:
        parent, _, attribute = name.rpartition(".")
        return bool(parent) and hasattr(value(parent), attribute)
    return True


def value(name: str) -> object:
    parent, _, attribute = name.rpartition(".")
    try:
        return importlib.import_module(name)
    except ImportError:
        return getattr(value(parent), attribute) if parent else None


def test_nothing_that_gradio_needs_is_missing(our_python: Path) -> None:
    names = needed(packages(our_python), *USERS)
    assert len(names) > 40
    assert "gradio_client.utils.traverse" in names
    assert [name for name in sorted(names) if not exists(name)] == []


def test_every_module_of_gradio_can_be_imported(our_python: Path) -> None:
    program = """
import importlib, pathlib, sys, gradio
root = pathlib.Path(gradio.__file__).parent
for path in sorted(root.rglob("*.py")):
    if "gradio_client" in path.read_text() and "cli" not in path.parts and "themes" not in path.parts:
        name = ".".join(path.relative_to(root.parent).with_suffix("").parts).removesuffix(".__init__")
        importlib.import_module(name)
        print(name)
"""
    done = subprocess.run([our_python, "-I", "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) > 80


def test_the_installed_packages_agree(our_python: Path) -> None:
    done = subprocess.run([our_python, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "No broken requirements found.")


def test_all_that_utils_lists_can_be_had() -> None:
    assert len(set(utils.__all__)) == len(utils.__all__)
    assert [name for name in utils.__all__ if not hasattr(utils, name)] == []


def test_utils_has_no_other_names() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        utils.nonsense  # noqa: B018


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("from gradio_client import Client as C", {"gradio_client.Client"}),
        ("import gradio_client.utils as u\nu.x", {"gradio_client.utils", "gradio_client.utils.x"}),
        ("import gradio_client.client\ngradio_client.x", {"gradio_client.client", "gradio_client.x"}),
        (
            "from gradio_client import utils\nif utils.Status.IN_QUEUE: pass",
            {"gradio_client.utils", "gradio_client.utils.Status", "gradio_client.utils.Status.IN_QUEUE"},
        ),
        ("def f():\n    from gradio_client.utils import traverse", {"gradio_client.utils.traverse"}),
        ("from gradio import utils\nutils.traverse", set()),
        ("import gradio_clients", set()),
    ],
)
def test_names_are_found_in_source(source: str, names: set[str]) -> None:
    assert used(source) == names
