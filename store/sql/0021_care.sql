-- What became of a red flag or a referral: the person says so (health.feedback), or the 保健師 who called them. The last
-- word counts, each stays. What it means for the rules stands in advice_engine/care.py.

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

call health.fence('health.call_outcomes');
create policy read on health.call_outcomes for select to phr_api using (
    person_id = (select health.subject()) or person_id in (select health.on_my_list()));
create policy called on health.call_outcomes for insert to phr_api with check (
    staff_id = (select health.staff_me()) and person_id in (select health.on_my_list()));
create policy listed on health.feedback for select to phr_api using (person_id in (select health.on_my_list()));
