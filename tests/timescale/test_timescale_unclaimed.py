"""The tests of what shared devices measured again, on TimescaleDB."""

from test_store_unclaimed import *  # noqa: F403
