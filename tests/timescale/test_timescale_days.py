"""The tests of the day figures again, on TimescaleDB."""

from test_ingest_days import *  # noqa: F403
