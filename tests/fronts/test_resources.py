"""How much a client takes, and that it gives it all back, once more, through every front.

Not here are the tests that count connections at the server, and those of whole programs in processes of
their own, which cannot be told how to get through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from integration.test_resources import (
    test_a_forgotten_job_does_not_keep_its_client,  # noqa: F401 - collected here
    test_clients_closed_in_the_middle_of_jobs_give_all_back,  # noqa: F401 - likewise
    test_closed_clients_give_threads_and_files_back,  # noqa: F401 - likewise
    test_each_thread_may_have_a_client_of_its_own,  # noqa: F401 - likewise
    test_forgotten_clients_give_heartbeats_back,  # noqa: F401 - likewise
    test_forgotten_clients_give_threads_and_files_back,  # noqa: F401 - likewise
    test_two_hundred_jobs_may_be_under_way_at_one_time,  # noqa: F401 - likewise
    test_two_hundred_threads_may_predict_at_one_time,  # noqa: F401 - likewise
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from fronts.front import Behind

pytestmark = [pytest.mark.long, pytest.mark.since("6.31.0")]


@pytest.fixture(scope="session")
def newest(kitchen_sink: Behind) -> Behind:
    return kitchen_sink


@pytest.fixture(scope="session")
def small(other_app: Callable[[str], Behind]) -> Behind:
    return other_app("echo")
