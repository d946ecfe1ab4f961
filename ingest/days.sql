-- Writes the day figures of the asked (person, civil day) pairs: measured metrics always from raw readings, steps and
-- sleep as they were merged (ingest/merging.py). The outcome depends on which readings are stored, never on when or in
-- which order they came. Sums are ordered, so that even the last bit is the same. The civil day is a fixed offset of
-- +09:00 (store/clock.py).
with due as (
    select distinct person_id, day from unnest(%(people)s::bigint[], %(days)s::date[]) as a (person_id, day)
),
-- What no body can have measured (an impossible jump) stays stored, and out of the figure.
measured as (
    select d.person_id, d.day, r.*
      from due as d cross join lateral (
           select metric, count(*)::integer as n, null::double precision as total,
                  avg(value order by at, source_id) as mean, min(value) as low, max(value) as high,
                  (array_agg(value order by at desc, source_id desc))[1] as last
             from health.readings
            where person_id = d.person_id and metric = any(%(measured)s)
              and at >= d.day::timestamp at time zone interval '+09:00'
              and at < (d.day + 1)::timestamp at time zone interval '+09:00'
              and flags & %(jump)s = 0
            group by metric) as r
),
summed as (
    select * from unnest(%(sum_people)s::bigint[], %(sum_days)s::date[], %(sum_metrics)s::text[],
                         %(sum_ns)s::integer[], %(totals)s::double precision[]) as s (person_id, day, metric, n, total)
),
figures as (
    select * from measured
    union all
    select person_id, day, metric, n, total, total, total, total, total from summed
),
gone as (
    delete from health.days as d using due
     where d.person_id = due.person_id and d.day = due.day
       and not exists (select from figures as f
                        where f.person_id = d.person_id and f.day = d.day and f.metric = d.metric)
)
insert into health.days as d (person_id, day, metric, n, total, mean, low, high, last)
select person_id, day, metric, n, total, mean, low, high, last from figures order by person_id, day, metric
on conflict (person_id, day, metric) do update
   set n = excluded.n, total = excluded.total, mean = excluded.mean, low = excluded.low,
       high = excluded.high, last = excluded.last, updated_at = now()
 where (d.n, d.total, d.mean, d.low, d.high, d.last)
       is distinct from (excluded.n, excluded.total, excluded.mean, excluded.low, excluded.high, excluded.last)
