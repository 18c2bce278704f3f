from integration.test_async_client import *  # noqa: F403 - every test of it
