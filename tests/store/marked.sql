-- A row for the person in every table that the product's own doors left empty (tests/store/marked.py).
insert into identity.accounts (issuer, subject, person_id, evidence, linked_by) values ('i', 's', %(p)s, 'e',
    'demo');
insert into identity.link_codes values ('\x01', 'i', 's', now(), now());
insert into identity.apps (person_id, device) values (%(p)s, 'd');
insert into identity.app_codes values ('\x01', %(p)s, now());
insert into identity.refresh_tokens select '\x02', app_id, now(), now() from identity.apps where person_id =
    %(p)s;
insert into health.gateway_codes (code_hash, household_id, asked_by, expires_at) values ('\x01', %(h)s, %(p)s,
    now());
insert into health.stated_times select source_id, metric, at, at from health.readings where person_id = %(p)s
    limit 1;
insert into health.corrections (person_id, metric, at, source_id, old_value, new_value, corrected_by) values
    (%(p)s, 'weight', %(now)s, %(s)s, 1, 2, 'self');
insert into health.unclaimed (household_id, metric, at, source_id, value, claimed_by, claimed_how, claimed_at)
    values (%(h)s, 'weight', %(then)s, %(s)s, 60, %(p)s, 'person', now());
insert into health.not_mine values (%(h)s, %(s)s, %(now)s, %(p)s);
insert into health.device_order values (%(p)s, %(s)s, 0);
insert into health.due (work, day, people) values ('advice', '2026-01-01', array[%(p)s::bigint]);
insert into health.rejections (origin, gateway_id, device, reason, raw) select 'o', gateway_id, 'never seen',
    'r', 'x' from health.gateways where household_id = %(h)s;
insert into health.rejections (origin, reason, raw) values ('file', 'not_fhir', convert_to('… 0123456789 …',
    'UTF8'));
insert into health.posts values (%(p)s, 'k', 'd', '{}');
insert into health.set_aside (topic, payload, retained, received_at) select convert_to('phr/v1/' || gateway_id
    || '/scale', 'UTF8'), 'x', false, now() from health.gateways where household_id = %(h)s;
insert into health.consent_scans values (%(consent)s, 'given', 'image/png', 'x', 'staff:1');
insert into health.entitlements (person_id, proxy_id, kind, relation, valid, evidence, noted_by) select
    person_id, %(p)s, 'parent', 'r', tstzrange(now(), null), 'e', 'staff:1' from health.people where person_id
    <> %(p)s limit 1;
insert into health.invitations (code_hash, person_id, relation, scope, expires_at) values ('c', %(p)s, 'r', '{see}',
    now() + interval '7 days');
insert into health.correction_requests (person_id, record_id, facility, words) values (%(p)s, %(record)s, 'f',
    'w');
insert into health.feedback (advice_id, person_id, answer) values (%(advice)s, %(p)s, 'done');
insert into health.call_outcomes (advice_id, person_id, staff_id, outcome, day, note) values (%(advice)s, %(p)s, 1, 'seen', '2026-01-01', 'n');
insert into health.push_subscriptions (person_id, endpoint, p256dh, auth) values (%(p)s, 'e', 'p', 'a');
insert into health.channel_addresses (person_id, channel, address) values (%(p)s, 'sms', '\xff' ||
    convert_to(repeat('a', 40), 'UTF8'));
insert into health.line_links values ('\x03', %(p)s, now());
insert into health.deliveries (advice_id, person_id, channel, reason) values (%(advice)s, %(p)s, 'marked', 'e')
    on conflict do nothing;
insert into health.message_wishes (person_id, silent, channel, set_by) values (%(p)s, '{salt}', 'c',
    'self');
insert into health.non_use_notices values (%(p)s, now(), now());
insert into health.sources (kind, label, code) values ('manual', 'l', 'manual:' || %(p)s);
insert into audit.openings (staff_id, person_id, town, ground, reason, until) values (1, %(p)s, '062049',
    'life', 'a reason of some length', now() + interval '1 hour');
insert into audit.fresh (actor, role, person_id, action, items, purpose, allowed) values ('worker:x',
    'worker', %(p)s, 'read', 'i', 'own', true);
insert into identity.link_conflicts (person_id, holder_id, identifier_id, kind, evidence, noted_by) select %(p)s,
    person_id, gen_random_uuid(), 'insurance', 'e', 'staff:1' from health.people where person_id <> %(p)s limit 1;
insert into health.ranker_models values ('m', '{}', 0, now());
insert into health.choices select %(p)s, '2026-01-01', now(), 'm', 'r', 'h', '{}', 'h', '[]', 'none', null, null, 's', false;
insert into health.choice_outcomes values (%(p)s, '2026-01-01', 'reward', now(), 1);
insert into health.models (learned_id, kind, code_version, data_sha256, data_rows, parameters, sha256, metrics, gates)
    values ('l', 'k', 'c', 'd', '{}', '{}', encode(sha256('{}'), 'hex'), '{}', '[]');
insert into health.risk_orders select %(p)s, model_id, now(), 'p', 1, 1, '[]' from health.models;
insert into health.districts values (%(p)s, 'd');
insert into health.goals (person_id, kind, target, since, until, advice_id) values (%(p)s, 'steps', 6000,
    '2026-01-01', '2026-02-01', %(advice)s);
insert into health.goal_days (person_id, kind, day) values (%(p)s, 'dry_days', '2026-01-02');
insert into health.reflections (person_id, week, answer) values (%(p)s, '2026-01-05', 'continue');
