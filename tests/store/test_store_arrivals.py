from datetime import timedelta

import psycopg

from store import arrivals

ONE, TWO = arrivals.digest("phr/v1/a/scale", b"1"), arrivals.digest("phr/v1/a/scale", b"2")


def test_a_stored_message_is_known_by_packet_id_and_content(conn: psycopg.Connection) -> None:
    arrivals.remember(conn, "ingest-1", [(5, ONE)])
    assert arrivals.known(conn, "ingest-1", [(5, ONE), (5, TWO), (6, ONE)]) == {(5, ONE)}
    assert arrivals.known(conn, "ingest-2", [(5, ONE)]) == set()


def test_the_last_bearer_of_a_packet_id_counts(conn: psycopg.Connection) -> None:
    arrivals.remember(conn, "ingest-1", [(5, ONE), (6, ONE), (5, TWO)])
    assert arrivals.known(conn, "ingest-1", [(5, ONE), (5, TWO), (6, ONE)]) == {(5, TWO), (6, ONE)}
    arrivals.remember(conn, "ingest-1", [(6, TWO)])
    assert arrivals.known(conn, "ingest-1", [(6, ONE), (6, TWO)]) == {(6, TWO)}


def test_topic_and_payload_do_not_run_into_each_other() -> None:
    assert arrivals.digest("a", b"b") != arrivals.digest("ab", b"")


def test_a_message_without_the_flag_is_only_compared_with_what_was_stored_lately(conn: psycopg.Connection) -> None:
    arrivals.remember(conn, "ingest-1", [(5, ONE), (6, TWO)])
    conn.execute("update health.arrivals set stored_at = now() - interval '2 hours' where packet_id = 5")
    assert arrivals.known(conn, "ingest-1", [(5, ONE), (6, TWO)], within=timedelta(hours=1)) == {(6, TWO)}
    assert arrivals.known(conn, "ingest-1", [(5, ONE)]) == {(5, ONE)}
