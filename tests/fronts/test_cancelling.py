"""Cancelled jobs, once more, through every front."""

from __future__ import annotations

import pytest
from integration.test_cancelling import *  # noqa: F403 - every test of it

pytestmark = pytest.mark.long
