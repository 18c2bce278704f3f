"""Jobs, once more, through every front."""

from __future__ import annotations

from integration.test_jobs import *  # noqa: F403 - every test of it
