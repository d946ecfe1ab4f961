-- An invented town for `phr bench advise`, filled set by set. Everything about a person hangs on their own draws in
-- bench.people; figures wander about them. Spreads are ours, rounded from the national surveys; half as many red flags or
-- twice as many would change little of what is measured.

create schema bench;

create function bench.normal() returns double precision language sql volatile as $$
    select (random() + random() - 1) * 2.45  -- not normal, and near enough
$$;
create function bench.today() returns date language sql stable as $$ select current_setting('bench.today')::date $$;

-- People: a third past 65.
insert into health.people (birth_date, sex)
select bench.today() - (case when n % 3 = 0 then 65 + n * 7 % 30 else 18 + n * 7 % 47 end * 365.25)::integer - n % 365,
       case when n % 2 = 0 then 'male' else 'female' end
  from generate_series(1, current_setting('bench.people')::integer) as n;

create table bench.people as
select person_id, sex, 4000 + 4000 * random() as steps, 60 + 10 * bench.normal() as kg, 400 + 40 * bench.normal() as sleep,
       128 + 14 * bench.normal() as sys, 78 + 9 * bench.normal() as dia, 160 + 7 * bench.normal() as cm,
       5.6 + 0.5 * bench.normal() as hba1c, random() as luck,
       person_id % 2 = 0 as scale, person_id % 5 < 2 as band, person_id % 3 = 0 as cuff, person_id % 10 < 7 as examined
  from health.people;
create unique index on bench.people (person_id);
analyze bench.people;

insert into health.consents (person_id, purpose, recipient, items, valid, text_version, given_by)
select person_id, purpose, '*', '{*}', tstzrange(now() - interval '500 days', null), '1', 'self'
  from bench.people, unnest('{phr,phr_records,push}'::text[]) as purpose;

-- Devices, one gateway a person.
insert into health.gateways (gateway_id, password_hash) select 'bench-' || person_id, '$7$' from bench.people;
insert into health.sources (kind, label, code) values
    ('device', 'bench', null), ('record', '健診センター', '0611234567'), ('record', '病院', '0611234575');
insert into health.registrations (gateway_id, device, model, person_id, source_id, valid)
select 'bench-' || person_id, device, model, person_id, 1, tstzrange(now() - interval '400 days', null)
  from bench.people, (values ('pedometer', 'pedometer_counter', true, false, false), ('scale', 'xiaomi_scale_181d', false, true, false),
                             ('cuff', 'gatt_blood_pressure_2a35', false, false, true)) as kind (device, model, always, weighs, presses)
 where always or weighs and scale or presses and cuff;

-- Day figures, day by day as they come in: a person's own lie far apart.
create procedure bench.figures(wanted text, first date, last date) language sql as $$
    insert into health.days (person_id, day, metric, n, total, mean, low, high, last)
    select person_id, day, wanted, 1, case when wanted in ('steps', 'sleep') then value end, value, value, value, value
      from generate_series(first, last, interval '1 day') as day cross join bench.people
     cross join lateral (select case wanted
        when 'steps' then round(greatest(200, steps * (1 + 0.35 * bench.normal())))
        when 'sleep' then round(greatest(120, sleep + 45 * bench.normal()))
        when 'weight' then round((kg + 0.4 * bench.normal() + (luck - 0.5) * (last - day::date) / 200) * 20) / 20
        else round(260 + 5 * bench.normal()) / 10 end as value) as one
     where random() < 0.9
       and case wanted when 'steps' then true when 'sleep' then band when 'weight' then scale else scale and luck < 0.5 end
$$;

create procedure bench.press(first date, last date) language sql as $$
    insert into health.readings (person_id, metric, at, source_id, value)
    select person_id, metric, day + hours * interval '1 hour' + person_id % 3600 * interval '1 second', 1, round(value)
      from generate_series(first, last, interval '1 day') as day, (values (-2), (11)) as twice (hours), bench.people
     cross join lateral (values ('bp_sys', sys + 8 * bench.normal()), ('bp_dia', dia + 5 * bench.normal()),
                                ('pulse', 66 + 6 * bench.normal())) as one (metric, value)
     where cuff and (day::date - first + person_id) % 7 <> 0
$$;

-- Checkups of two years: 21 values and 22 answers each; conditions and prescriptions of a hospital.
insert into health.documents (person_id, source_id, consent_id, kind, identifier, title, facility, at)
select person_id, 2, consent_id, 'checkup', 'bench|' || person_id || '-' || year, '特定健診', '健診センター',
       bench.today() - 365 * year - 30 - person_id::integer % 200
  from bench.people join health.consents using (person_id), generate_series(0, 1) as year
 where examined and purpose = 'phr_records';

insert into health.records (person_id, document_id, source_id, consent_id, key, kind, at, title, code, metric, value, released)
select person_id, document_id, 2, consent_id, document_id || '|' || metric, 'checkup_item', at, metric, '', metric,
       round(value::numeric, 1), true
  from health.documents join bench.people using (person_id)
 cross join lateral (values
    ('height', cm), ('checkup_weight', kg), ('bmi', kg / (cm / 100) ^ 2), ('waist', 84 + 9 * bench.normal()),
    ('office_bp_sys', sys + 6 * bench.normal()), ('office_bp_dia', dia + 5 * bench.normal()),
    ('tg_fasting', greatest(40, 110 + 60 * bench.normal())), ('hdl', greatest(25, 60 + 14 * bench.normal())),
    ('ldl', greatest(50, 120 + 28 * bench.normal())), ('ast', greatest(10, 23 + 7 * bench.normal())),
    ('alt', greatest(8, 21 + 10 * bench.normal())), ('ggt', greatest(10, 34 + 22 * bench.normal())),
    ('creatinine', greatest(0.4, 0.8 + 0.15 * bench.normal())), ('egfr', greatest(20, 73 + 13 * bench.normal())),
    ('uric_acid', greatest(2, 5.3 + 1.2 * bench.normal())), ('fpg', greatest(65, 98 + 14 * bench.normal())), ('hba1c', hba1c),
    ('hemoglobin', 14 + bench.normal()), ('urine_protein', case when random() < 0.95 then 1 else 3 end), ('urine_glucose', 1),
    ('blood_draw', 2), ('q_med_bp', 2 - (luck < 0.3)::integer), ('q_med_glucose', 2 - (luck < 0.06)::integer),
    ('q_med_lipid', 2 - (luck > 0.8)::integer), ('q_stroke', 2 - (luck < 0.03)::integer), ('q_heart', 2 - (luck > 0.95)::integer),
    ('q_kidney', 2), ('q_anemia', 2), ('q_smoking', 1 + 2 * (random() > 0.2)::integer), ('q_weight_gain', 1 + (random() > 0.3)::integer),
    ('q_exercise', 1 + (random() > 0.4)::integer), ('q_walking', 1 + (random() > 0.5)::integer), ('q_walk_speed', 1 + (random() > 0.5)::integer),
    ('q_chewing', 1), ('q_eat_fast', 1 + (random() > 0.3)::integer), ('q_late_dinner', 1 + (random() > 0.2)::integer),
    ('q_snack', 1 + (random() > 0.2)::integer), ('q_skip_breakfast', 1 + (random() > 0.15)::integer),
    ('q_drink_frequency', 1 + floor(7 * random())), ('q_drink_amount', 1 + floor(3 * random())),
    ('q_sleep_rest', 1 + (random() > 0.6)::integer), ('q_will', 1 + floor(5 * random())), ('q_guidance_before', 2)
 ) as one (metric, value);

insert into health.records (person_id, source_id, consent_id, key, kind, at, title, code, released)
select person_id, 3, consent_id, 'bench|' || person_id || one.kind, one.kind, now() - interval '100 days', one.code, one.code, true
  from bench.people join health.consents using (person_id)
 cross join (values ('condition', 'I10'), ('prescription', '2149039F1031')) as one (kind, code)
 where luck < 0.3 and purpose = 'phr_records';
