from integration.test_jobs import *  # noqa: F403 - every test of it
