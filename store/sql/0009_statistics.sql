-- Statistics: tables that are made once a month and never change, in which nobody is. Who asks for them reads these tables
-- and nothing else; what they are made from is counted here, so that no worker but the database sees whose it was.
create schema statistics;

create table statistics.releases (
    release_id bigint generated always as identity primary key,
    town       text not null,                    -- 全国地方公共団体コード
    month      date not null check (month = date_trunc('month', month)),
    smallest   integer not null check (smallest >= 3),   -- groups of fewer are hidden
    made_at    timestamptz not null default now(),
    unique (town, month)
);

-- One group of one table. Null figures are hidden; so is the number of people in a group that is hidden itself.
create table statistics.cells (
    release_id bigint not null references statistics.releases,
    what       text not null,                    -- 'steps', 'weight', …; 'advice: salt', …
    sex        text not null check (sex in ('male', 'female', 'all')),
    ages       text not null check (ages ~ '^([0-9]{1,2}-[0-9]{2}|90-|all)$'),
    people     integer check (people % 10 = 0),
    q1         double precision,
    median     double precision,
    q3         double precision,
    share      integer check (share between 0 and 100),  -- percent of these people
    primary key (release_id, what, sex, ages)
);

create function statistics.refuse() returns trigger language plpgsql as $$
begin
    raise exception 'what was released stays as it is';
end $$;
create trigger unchanged before update or delete or truncate on statistics.cells
    for each statement execute function statistics.refuse();
create trigger unchanged before update or delete or truncate on statistics.releases
    for each statement execute function statistics.refuse();

-- Of whom this may be counted at this moment, by group: people of the town whose consent to statistics is in force for all
-- of these items. Men and women alone: of others there are so few that the difference to all would name them.
create function statistics.agreed(of_town text, of_month date, items text[])
returns table (person_id bigint, sex text, ages text) language sql stable set search_path = pg_catalog, pg_temp as $$
    with there as materialized (
        select one.person_id, one.sex, extract(year from age(of_month, one.birth_date))::integer / 10 * 10 as decade
          from health.people as one
         where one.town = of_town and one.sex in ('male', 'female') and one.birth_date <= of_month
           and not exists (select from identity.deletion_plans as leaving where leaving.person_id = one.person_id)
    ), counted as materialized (
        select agreed.person_id
          from unnest(items) as item,
               health.consents_for(array(select there.person_id from there), 'statistics', 'city', item,
                                   statement_timestamp(), 'statistics') as agreed
         group by agreed.person_id having count(*) = cardinality(items)
    )
    select there.person_id, there.sex, case when decade >= 90 then '90-' else decade || '-' || decade + 9 end
      from there join counted using (person_id)
$$;

-- What of one metric the people of each group had in that month: a person counts once, with the mean of their days.
create function statistics.tally_figures(of_town text, of_month date, of_metric text, items text[])
returns table (sex text, ages text, people bigint, hits bigint, q1 double precision, median double precision,
               q3 double precision)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce(sex, 'all'), coalesce(ages, 'all'), count(*), null::bigint,
           percentile_cont(0.25) within group (order by value), percentile_cont(0.5) within group (order by value),
           percentile_cont(0.75) within group (order by value)
      from statistics.agreed(of_town, of_month, items)
      join (select person_id, avg(coalesce(total, mean)) as value from health.days
             where metric = of_metric and day >= of_month and day < (of_month + interval '1 month')::date
             group by person_id) as month using (person_id)
     group by grouping sets ((sex, ages), (sex), (ages), ())
    having count(*) > 0
$$;

-- Of how many people of each group one of these rules spoke in that month.
create function statistics.tally_advice(of_town text, of_month date, rules text[], items text[])
returns table (sex text, ages text, people bigint, hits bigint, q1 double precision, median double precision,
               q3 double precision)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    with told as materialized (
        select distinct person_id from health.advice
         where rule_id = any(rules) and created_at < (of_month + interval '1 month') at time zone interval '9 hours'
           and (closed_at is null or closed_at >= of_month::timestamp at time zone interval '9 hours')
    )
    select coalesce(sex, 'all'), coalesce(ages, 'all'), count(*), count(told.person_id), null::float8, null::float8, null::float8
      from statistics.agreed(of_town, of_month, items) left join told using (person_id)
     group by grouping sets ((sex, ages), (sex), (ages), ())
    having count(*) > 0
$$;

-- A digest of who is counted at this moment. The same one before and after counting: nobody left meanwhile, however long
-- ago a withdrawal that was committed only now is dated.
create function statistics.counted(of_town text, of_month date, items text[]) returns text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select encode(sha256(convert_to(coalesce(string_agg(person_id::text, ',' order by person_id), ''), 'UTF8')), 'hex')
      from statistics.agreed(of_town, of_month, items)
$$;

-- The towns of whose people somebody agreed to statistics.
create function statistics.towns() returns setof text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select distinct town from health.people join health.consents using (person_id) where purpose = 'statistics' order by 1
$$;
