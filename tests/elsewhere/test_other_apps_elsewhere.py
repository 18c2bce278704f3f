from integration.test_other_apps import *  # noqa: F403 - every test of it
