"""No test of tests/integration/ is forgotten."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
COUNTS = "it counts connections at the server, and those are the front's"
PROGRAM = "a program in a process of its own makes the clients, and cannot be told how to get through"
OWN = "it has a test of its own here, which puts the front's address aside"

#: The tests that no front is put before, and why not.
NOT_HERE = {
    "test_resources.test_many_calls_one_after_another_share_three_connections": COUNTS,
    "test_resources.test_calls_of_older_servers_share_three_connections": COUNTS,
    "test_resources.test_a_client_that_could_not_connect_gives_everything_back": "it reaches no server",
    "test_resources.test_a_program_with_unclosed_clients_ends_silently": PROGRAM,
    "test_resources.test_a_program_with_unclosed_clients_without_heartbeats_ends_silently": PROGRAM,
    "test_resources.test_an_asynchronous_program_ends_silently": PROGRAM,
    "test_same_as_incumbent.test_a_call_ends_as_with_the_incumbent": OWN,
    "test_same_as_incumbent.test_the_api_is_described_as_by_the_incumbent": OWN,
    "test_same_as_incumbent.test_a_difference_is_one": "it asks the incumbent alone",
    "test_same_as_incumbent.test_the_scenarios_cover_every_public_endpoint": "it is about the scenarios",
    "test_same_as_incumbent.test_scenarios_have_names_of_their_own": "it is about the scenarios",
    "test_scaling_document.test_a_thousand_calls_from_two_worker_processes_of_dask": PROGRAM,
    "test_sessions_of_one_client.test_a_restart_is_noticed_by_the_next_call": "a front ends with its server",
}


def all_of(folder: str) -> set[str]:
    """The tests that the modules of a folder have, their own and those they import."""
    stems = [path.stem for path in HERE.with_name(folder).glob("test_*.py")]
    modules = {stem: import_module(f"{folder}.{stem}") for stem in stems}
    return {f"{stem}.{name}" for stem, module in modules.items() for name in vars(module) if is_test(name)}


def is_test(name: str) -> bool:
    return name.startswith("test_")


def test_every_integration_test_is_taken_or_left_out_by_name() -> None:
    left_out = all_of("integration") - all_of("fronts")
    assert sorted(left_out - NOT_HERE.keys()) == [], "import them here, or say why there is no front"
    assert sorted(NOT_HERE.keys() - left_out) == [], "they are here, or are no more"
