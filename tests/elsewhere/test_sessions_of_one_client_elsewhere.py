from integration.test_sessions_of_one_client import *  # noqa: F403 - every test of it
