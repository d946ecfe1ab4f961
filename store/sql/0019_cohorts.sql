-- Which part of the town is otherwise than it was: weekly shifts of a district's age band against its own usual, the town's
-- common move taken out. Counted here, so that no worker but the database sees whose days they were; what is kept are
-- groups of at least ten.

-- Where in the town somebody lives, as coarse as a nurse's round: a former municipality or a 学区, never an address. Nobody
-- but the functions here reads it.
create table health.districts (
    person_id bigint primary key references health.people,
    district  text not null check (length(district) between 1 and 30)
);
create index on health.districts (district);
call health.fence('health.districts');

create table health.cohort_alerts (
    town     text not null,                    -- 全国地方公共団体コード
    metric   text not null,
    district text not null,
    ages     text not null check (ages ~ '^([0-9]{2}-[0-9]{2}|75-)$'),
    week     date not null check (extract(isodow from week) = 1),  -- its Monday; the week before was shifted, too
    people   integer not null check (people >= 10),
    shift    double precision not null,        -- of the mean person against their own usual, the town's move taken out
    town_move double precision not null,
    weeks    jsonb not null,                   -- [{"week", "people", "shift"}], the newest last; none of fewer than ten
    made_at  timestamptz not null default now(),
    primary key (town, week, metric, district, ages)
);
alter table health.cohort_alerts enable row level security;
create policy others on health.cohort_alerts to phr_advice, phr_jobs using (true) with check (true);
create policy read on health.cohort_alerts for select to phr_api using (town = (select health.my_town()));

-- Whose days may be counted at this moment for the town's 保健師: she may see their readings and what facilities measured (a
-- day's figure can hold both), and they have neither left nor asked to be deleted.
create function health.cohort_people(of_town text, on_day date) returns table (person_id bigint, district text, ages text)
language sql stable set search_path = pg_catalog, pg_temp as $$
    with there as materialized (
        select one.person_id, its.district, extract(year from age(on_day, one.birth_date))::integer as years
          from health.people as one join health.districts as its using (person_id)
         where one.town = of_town
           and not exists (select from identity.deletion_plans as leaving where leaving.person_id = one.person_id)
           and not health.has_left(one.person_id, statement_timestamp())
    ), agreed as materialized (
        select consent.person_id
          from unnest('{readings,checkup_item}'::text[]) as item,
               health.consents_for(array(select there.person_id from there), 'guidance', 'city', item,
                                   statement_timestamp(), null) as consent
         group by consent.person_id having count(*) = 2
    )
    select there.person_id, there.district,
           case when years >= 75 then '75-' when years >= 65 then '65-74' when years >= 40 then '40-64' else '18-39' end
      from there join agreed using (person_id) where years >= 18
$$;

-- Of each district and age band, week by week (Monday to Sunday, `weeks` of them up to `newest`, a Monday): of how many people
-- the week can be held against their own usual, and mean and spread of the difference. A week needs two measured days;
-- the usual is the mean of four weeks or more of the eight that ended a week before. Groups under ten are not there.
create function health.cohort_cells(of_town text, of_metric text, newest date, weeks integer)
returns table (district text, ages text, week date, people bigint, mean double precision, sd double precision)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    with weekly as (
        select who.person_id, who.district, who.ages, (day - newest + 700) / 7 as turn,
               avg(coalesce(its.total, its.mean)) as value
          from health.cohort_people(of_town, newest) as who join health.days as its using (person_id)
         where its.metric = of_metric and day >= newest - 7 * (weeks + 8) and day < newest + 7
         group by who.person_id, who.district, who.ages, turn having count(*) >= 2
    ), held as (
        select district, ages, turn, value - avg(value) over before as off, count(*) over before as known
          from weekly
        window before as (partition by person_id order by turn range between 9 preceding and 2 preceding)
    )
    select district, ages, newest + 7 * (turn - 100), count(*), avg(off), coalesce(stddev_samp(off), 0)
      from held where known >= 4 and turn > 100 - weeks
     group by district, ages, turn having count(*) >= 10
$$;

-- The towns of whose people a district is known.
create function health.cohort_towns() returns setof text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select distinct town from health.people join health.districts using (person_id) order by 1
$$;
