from integration.test_cancelling import *  # noqa: F403 - every test of it
