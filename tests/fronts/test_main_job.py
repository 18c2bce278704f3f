"""The main job, once more, through every front."""

from __future__ import annotations

from integration.test_main_job import *  # noqa: F403 - every test of it
