from integration.test_main_job import *  # noqa: F403 - every test of it
