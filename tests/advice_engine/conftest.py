import psycopg
import pytest
from small_town import Town


@pytest.fixture
def town(conn: psycopg.Connection) -> Town:
    """Writes people and what is known of them into this test's own database."""
    return Town(conn)
