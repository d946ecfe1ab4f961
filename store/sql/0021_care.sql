-- What became of a red flag or a referral: the person says so (health.feedback), or the 保健師 who called them. The last
-- word counts, each stays. What it means for the rules stands in advice_engine/care.py.

create table health.call_outcomes (
    call_id   bigint generated always as identity primary key,
    advice_id bigint not null references health.advice,
    person_id bigint not null references health.people,
    staff_id  bigint not null,
    outcome   text not null check (outcome in ('seen', 'treated', 'unreached', 'open')),  -- open: what was said is taken back
    day       date not null,                   -- of the call, or when they were seen
    note      text not null default '' check (length(note) <= 500),  -- the person can read it
    at        timestamptz not null default now()
);
create index on health.call_outcomes (person_id);
create index on health.call_outcomes (advice_id);
create index on health.call_outcomes (at);
create index care_said on health.feedback (at) where answer in ('done', 'under_care');  -- who said so lately

-- Of each person and rule the last word on whether a doctor has been seen. "Not reached" says nothing of that.
create view health.care_answers with (security_invoker = true) as
    select distinct on (person_id, rule_id) person_id, rule_id, advice_id, what, who, day, note, at
      from (select said.person_id, about.rule_id, said.advice_id,
                   case answer when 'done' then 'seen' when 'under_care' then 'treated' else 'open' end as what,
                   case when by_proxy then 'proxy' else 'self' end as who,
                   (said.at at time zone interval '+09:00')::date as day, '' as note, said.at
              from health.feedback as said join health.advice as about using (advice_id)
             where about.kind in ('red_flag', 'referral') and answer in ('done', 'under_care', 'not_yet')
             union all
            select called.person_id, about.rule_id, called.advice_id, outcome, 'staff:' || staff_id, day, note, called.at
              from health.call_outcomes as called join health.advice as about using (advice_id)
             where outcome <> 'unreached') as every
     order by person_id, rule_id, at desc;

-- As in 0008_reach.sql; for thirty days also who said that they have been seen, so that she can see it and take it back.
create or replace function health.on_my_list() returns setof bigint
language sql stable security definer set search_path = pg_catalog, pg_temp rows 500 as $$
    select person_id from health.people where town = (select health.duty_town())
       and person_id = any(array(select person_id from health.advice
                                  where closed_at is null and kind in ('red_flag', 'referral') and audience in ('nurse', 'both')
                                  union select said.person_id from health.feedback as said join health.advice using (advice_id)
                                   where said.at >= now() - interval '30 days' and answer in ('done', 'under_care')
                                     and kind in ('red_flag', 'referral') and audience in ('nurse', 'both')
                                  union select person_id from health.call_outcomes where at >= now() - interval '30 days'))
       and exists (select from health.consents
                    where consents.person_id = people.person_id
                      and health.allows(consents, 'guidance', coalesce(health.my_facility(), 'city'), 'advice',
                                        statement_timestamp(), null))
$$;

call health.fence('health.call_outcomes');
create policy read on health.call_outcomes for select to phr_api using (
    person_id = (select health.subject()) or person_id in (select health.on_my_list()));
create policy called on health.call_outcomes for insert to phr_api with check (
    staff_id = (select health.staff_me()) and person_id in (select health.on_my_list()));
create policy listed on health.feedback for select to phr_api using (person_id in (select health.on_my_list()));
