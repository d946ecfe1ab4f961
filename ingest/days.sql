-- Day figures of the asked (person, civil day) pairs, always from raw readings: the outcome depends on which
-- readings are stored, never on when or in which order they came. Sums are ordered, so that even the last bit
-- is the same. The civil day is a fixed offset of +09:00 (store/clock.py).
with asked as (
    select distinct person_id, day from unnest(%(people)s::bigint[], %(days)s::date[]) as a (person_id, day)
),
-- The first counter reading of a day is compared with the day before, so a late one changes the next day too.
due as (
    select person_id, day from asked
    union
    select a.person_id, a.day + 1 from asked as a
     where exists (select from health.readings as r
                    where r.person_id = a.person_id and r.metric = 'steps_counter'
                      and r.at >= (a.day + 1)::timestamp at time zone interval '+09:00'
                      and r.at < (a.day + 2)::timestamp at time zone interval '+09:00')
),
spans as materialized (
    select person_id, day, day::timestamp at time zone interval '+09:00' as start,
           (day + 1)::timestamp at time zone interval '+09:00' as stop
      from due
),
measured as (
    select d.person_id, d.day, r.metric, count(*)::integer as n, null::double precision as total,
           avg(r.value order by r.at, r.source_id) as mean, min(r.value) as low, max(r.value) as high,
           (array_agg(r.value order by r.at desc, r.source_id desc))[1] as last
      from spans as d
      join health.readings as r
        on r.person_id = d.person_id and r.metric = any(%(measured)s) and r.at >= d.start and r.at < d.stop
     group by d.person_id, d.day, r.metric
),
-- Steps counted over an interval. One that crosses midnight gives each day its share of the time.
counted as (
    select d.person_id, d.day, r.source_id, count(*)::integer as n,
           sum(case when r.seconds = 0 then r.value
                    else r.value * extract(epoch from least(d.stop, r.at + make_interval(secs => r.seconds))
                                                      - greatest(d.start, r.at)) / r.seconds
               end order by r.at) as total
      from spans as d
      join health.readings as r
        on r.person_id = d.person_id and r.metric = 'steps' and r.at < d.stop
       and r.at > d.start - make_interval(secs => %(longest)s)
       and (r.at >= d.start or r.at + make_interval(secs => r.seconds) > d.start)
     group by d.person_id, d.day, r.source_id
),
-- A running counter: what it grew by since the reading before, at the latest of the day before. A lower value
-- is a reset (battery, midnight), and all of it is new. A reading with none before it tells nothing.
counters as (
    select d.person_id, d.day, d.start, r.source_id, r.at, r.value,
           lag(r.value) over (partition by d.person_id, d.day, r.source_id order by r.at) as before
      from spans as d
      join health.readings as r
        on r.person_id = d.person_id and r.metric = 'steps_counter'
       and r.at >= d.start - interval '24 hours' and r.at < d.stop
),
grown as (
    select person_id, day, source_id, count(*)::integer as n,
           sum(case when value >= before then value - before else value end order by at) as total
      from counters
     where at >= start and before is not null
     group by person_id, day, source_id
),
-- A day's total as the device says it: the last one said.
said as (
    select distinct on (d.person_id, d.day, r.source_id) d.person_id, d.day, r.source_id, 1 as n, r.value as total
      from spans as d
      join health.readings as r
        on r.person_id = d.person_id and r.metric = 'steps_day' and r.at >= d.start and r.at < d.stop
     order by d.person_id, d.day, r.source_id, r.at desc
),
-- A night belongs to the day of waking.
slept as (
    select d.person_id, d.day, r.source_id, count(*)::integer as n, sum(r.value order by r.at) as total
      from spans as d
      join health.readings as r
        on r.person_id = d.person_id and r.metric = 'sleep' and r.at < d.stop
       and r.at > d.start - make_interval(secs => %(longest)s)
       and r.at + make_interval(secs => greatest(r.seconds - 1, 0)) >= d.start
       and r.at + make_interval(secs => greatest(r.seconds - 1, 0)) < d.stop
     group by d.person_id, d.day, r.source_id
),
-- A telephone and a pedometer in one pocket count the same steps: the highest source stands for the day.
summed as (
    select distinct on (metric, person_id, day) person_id, day, metric, n, total
      from (select 'steps' as metric, * from counted
            union all select 'steps', * from grown
            union all select 'steps', * from said
            union all select 'sleep', * from slept) as sources
     order by metric, person_id, day, total desc, n desc
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
