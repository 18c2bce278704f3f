"""The asynchronous client, once more, through every front."""

from __future__ import annotations

import pytest
from integration.test_async_client import *  # noqa: F403 - every test of it

pytestmark = pytest.mark.long
