-- The city's living lab: day figures and answers of who takes part, for its own programs. The API's role reaches no row of
-- these people; it asks the functions here, each of which asks who asks, and the consent of this moment, again.

create index consents_living_lab on health.consents (person_id) where purpose = 'living_lab';

-- Whether it is a living lab's program that asks, and one that is let in.
create function health.lab_asks() returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce(current_setting('phr.role', true) = 'living_lab', false)
       and exists (select from identity.clients
                    where role = 'living_lab' and revoked_at is null
                      and 'client:' || client_id = current_setting('phr.holder', true))
$$;

-- Who takes part with this ('readings', 'answers') now, by which consent, and of which civil days (+09:00; `last` null:
-- without an end): from the day on which it began, never before. Nobody whose deletion is planned. Of a person no more
-- is told than the decade of birth (before 1930: 1920) and man or woman: what is rarer would name them.
create function health.lab_people(item text)
returns table (person_id bigint, consent_id bigint, first date, last date, born integer, sex text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select one.person_id, one.consent_id, (lower(one.valid) at time zone interval '9 hours')::date,
           (upper(one.valid) at time zone interval '9 hours')::date,
           greatest(1920, extract(year from who.birth_date)::integer / 10 * 10),
           case when who.sex in ('male', 'female') then who.sex end
      from health.consents_for(array(select consents.person_id from health.consents where purpose = 'living_lab'),
                               'living_lab', 'city', item, statement_timestamp(), 'living_lab') as agreed
      join health.consents as one on one.consent_id = agreed.consent_id
      join health.people as who on who.person_id = one.person_id
     where (select health.lab_asks())
       and not exists (select from identity.deletion_plans as leaving where leaving.person_id = one.person_id)
$$;

-- Of these people the figures of one metric, of civil days within their consent. A day in which a facility's value stands
-- is left out: they agreed to what is measured at home.
create function health.lab_days(whose bigint[], of_metric text, since date, until date)
returns table (person_id bigint, consent_id bigint, born integer, sex text, day date, n integer, total double precision,
               mean double precision, low double precision, high double precision)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select one.person_id, one.consent_id, one.born, one.sex, its.day, its.n, its.total, its.mean, its.low, its.high
      from health.lab_people('readings') as one join health.days as its on its.person_id = one.person_id
     where one.person_id = any(whose) and its.metric = of_metric
       and its.day between greatest(since, one.first) and least(until, one.last)
       and not exists (select from health.readings as r join health.sources as s on s.source_id = r.source_id
                        where s.kind = 'record' and r.person_id = one.person_id and r.metric = of_metric
                          and r.at >= its.day::timestamp at time zone interval '9 hours'
                          and r.at < (its.day + 1)::timestamp at time zone interval '9 hours')
$$;

-- Of these people the newest answer of those days to each piece of everyday advice by one of these rules.
create function health.lab_answers(whose bigint[], rules text[], since date, until date)
returns table (person_id bigint, consent_id bigint, born integer, sex text, day date, rule_id text, answer text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select distinct on (given.advice_id) one.person_id, one.consent_id, one.born, one.sex, said.day, told.rule_id, given.answer
      from health.lab_people('answers') as one
      join health.feedback as given on given.person_id = one.person_id
      join health.advice as told on told.advice_id = given.advice_id
     cross join lateral (select (given.at at time zone interval '9 hours')::date) as said (day)
     where one.person_id = any(whose) and told.kind = 'advice' and told.rule_id = any(rules)
       and said.day between greatest(since, one.first) and least(until, one.last)
     order by given.advice_id, given.feedback_id desc
$$;
