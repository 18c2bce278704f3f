from integration.test_failures import *  # noqa: F403 - every test of it
