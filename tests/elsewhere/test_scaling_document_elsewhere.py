from integration.test_scaling_document import *  # noqa: F403 - every test of it
