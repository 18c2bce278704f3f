"""``async for update in job`` gives what it gives with gradio_client 2.7.2, except at the end of a job.

A failed job ends in an error instead of an update, and the last update holds the result.
"""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from dropin import updates
from dropin.environment import GRADIO
from oracle.incumbent import environment

if TYPE_CHECKING:
    from conftest import Gradio


@pytest.fixture(scope="module")
def both(gradio: Gradio) -> tuple[dict[str, Any], dict[str, Any]]:
    """Ours and theirs."""
    url = gradio(GRADIO).url
    program = [str(environment()), "-I", updates.__file__, url]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return updates.found(url), json.loads(done.stdout)


@pytest.mark.parametrize("name", updates.CALLS)
def test_the_updates_are_the_same(name: str, both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    ours, theirs = both
    assert ours[name] == theirs[name]
    assert ours[name][-1] in (["result"], [updates.END])
