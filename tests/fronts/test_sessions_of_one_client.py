"""Sessions of one client, once more, through every front.

Not here is the restart on the same port: a front ends with its server.
"""

from __future__ import annotations

from integration.test_sessions_of_one_client import (
    test_a_closed_session_disturbs_no_job_of_another,  # noqa: F401 - collected here
    test_each_session_has_state_of_its_own,  # noqa: F401 - likewise
)
