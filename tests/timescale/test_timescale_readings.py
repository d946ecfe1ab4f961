"""The tests of ``store.readings`` again, on TimescaleDB."""

from test_store_readings import *  # noqa: F403
