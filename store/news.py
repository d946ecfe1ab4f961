"""Has anything changed of what one person sees? One cheap question, asked often."""

from __future__ import annotations

from datetime import date

import psycopg

# Each part is one index look-up or a handful of rows. The end of a consent is a change that nobody writes: which ones
# are in force at this moment is asked.
_VERSION = """
    select md5(concat_ws('|', %(today)s::date,
        (select string_agg(concat_ws(' ', metric, at, value), ',' order by metric)
           from health.last_values where person_id = %(me)s),
        (select max(updated_at) from health.days where person_id = %(me)s and day > %(today)s::date - 120),
        (select concat_ws(' ', max(advice_id), max(judged_at), max(closed_at))
           from health.advice where person_id = %(me)s),
        (select concat_ws(' ', max(opening_id), max(closed_at)) from audit.openings where person_id = %(me)s),
        (select max(feedback_id) from health.feedback where person_id = %(me)s),
        (select concat_ws(' ', count(*), max(received_at)) from health.records
          where person_id = %(me)s and released and not withdrawn),
        (select concat_ws(' ', max(given_at), max(withdrawn_at)) from health.consents where person_id = %(me)s),
        (select string_agg(consent_id::text, ',' order by consent_id) from health.consents
          where person_id = %(me)s and valid @> statement_timestamp() and withdrawn_at is null),
        (select concat_ws(' ', count(*) filter (where claimed_how is null),
                          max(u.at) filter (where claimed_how is null),
                          max(claimed_at) filter (where claimed_how = 'nobody'))
           from health.unclaimed as u join health.household_members as m using (household_id)
          where m.person_id = %(me)s),
        (select concat_ws(' ', count(*), max(claimed_at)) from health.unclaimed
          where claimed_by = %(me)s and claimed_at > %(today)s::date - 8)))
"""


def version(conn: psycopg.Connection, person_id: int, today: date) -> str:
    """A word that changes when anything does that the person's own page shows. It tells nothing else."""
    row = conn.execute(_VERSION, {"me": person_id, "today": today}).fetchone()
    assert row is not None
    return str(row[0])
