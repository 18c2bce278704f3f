from integration.test_resources import *  # noqa: F403 - every test of it
