-- The ground of the product. Identity (who a person is) and health data lie in separate schemas:
-- workers that need no names have no reason to read `identity`.
-- Every query in the product runs on plain PostgreSQL; Timescale parts are in files of their own.

create extension if not exists btree_gist;

create schema identity;
create schema health;
create schema audit;

-- A value that only who has the key can read (store/sealing.py). 0xFF begins no text in UTF-8: none can slip in.
create domain identity.sealed as bytea check (length(value) > 37 and get_byte(value, 0) = 255);

-- People ---------------------------------------------------------------------------------------------

create table health.people (
    person_id  bigint generated always as identity primary key,
    public_id  uuid not null unique default gen_random_uuid(),  -- the only id that leaves the house
    birth_date date not null,
    sex        text not null check (sex in ('male', 'female', 'other', 'unknown')),
    town       text not null default '062049',                  -- 全国地方公共団体コード, 酒田市
    created_at timestamptz not null default now()
);

create table identity.persons (
    person_id bigint primary key references health.people,
    name      text not null,
    kana      text not null default '',
    phone     text,
    email     text,
    address   text
);

create table identity.identifiers (
    system    text not null,          -- FHIR identifier.system
    value     text not null,
    person_id bigint not null references health.people,
    added_at  timestamptz not null default now(),
    primary key (system, value)
);
create index on identity.identifiers (person_id);

create table identity.staff (
    staff_id bigint generated always as identity primary key,
    name     text not null,
    role     text not null check (role in ('nurse', 'supervisor')),  -- a supervisor is a nurse who sees others' openings too
    town     text not null default '062049',
    facility text check (facility ~ '^[0-9]{10}$'),  -- staff of one that gives guidance for the town: who agreed to it alone
    facility_name text check (facility_name <> ''),  -- as people read it
    left_at  timestamptz,                             -- from then on nobody signs in as them; who looked keeps their name
    ended_by text,                                    -- 'operator:<name>'
    check ((left_at is null) = (ended_by is null)),
    check ((facility is null) = (facility_name is null)),
    check (facility is null or role = 'nurse')       -- emergencies, and who watches over them, are the town's own
);

create table identity.sessions (
    token_hash bytea primary key,      -- sha256 of the bearer token; the token itself is never stored
    person_id  bigint references health.people,
    staff_id   bigint references identity.staff,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    check (num_nonnulls(person_id, staff_id) = 1)
);

create table health.households (
    household_id bigint generated always as identity primary key,
    created_at   timestamptz not null default now()
);

create table health.household_members (
    household_id bigint not null references health.households,
    person_id    bigint not null references health.people,
    valid        tstzrange not null default tstzrange(now(), null),
    exclude using gist (household_id with =, person_id with =, valid with &&)  -- who left and came back has two rows
);
create index on health.household_members (person_id);

-- Devices --------------------------------------------------------------------------------------------

create table health.gateways (
    gateway_id    text primary key check (gateway_id ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),  -- MQTT user name and topic prefix
    household_id  bigint references health.households,
    label         text not null default '',  -- what the citizen calls it: 居間のゲートウェイ
    password_hash text not null,       -- mosquitto's own PBKDF2 form ($7$…): no clear text anywhere
    created_at    timestamptz not null default now(),
    revoked_at    timestamptz
);

-- A one-time code with which a gateway of this household fetches its name and password (a QR picture in the app).
create table health.gateway_codes (
    code_hash    bytea primary key,    -- sha256; the code itself is shown once and never stored
    household_id bigint not null references health.households,
    label        text not null default '',
    asked_by     bigint references health.people,
    created_at   timestamptz not null default now(),
    expires_at   timestamptz not null,
    used_at      timestamptz,
    gateway_id   text references health.gateways
);

-- Whoever keeps the broker's password file hears at once of a gateway that is new, renamed or revoked.
create function health.gateways_changed() returns trigger language plpgsql as $$
begin
    perform pg_notify('phr_gateways', '');
    return null;
end $$;
create trigger told after insert or update or delete on health.gateways
    for each statement execute function health.gateways_changed();

-- Where a number came from. A device handed on gets a new source: old readings stay with the old person.
create table health.sources (
    source_id bigint generated always as identity primary key,
    kind      text not null check (kind in ('device', 'record', 'manual')),
    label     text not null,           -- what the citizen sees: 体重計(居間), ○○病院
    code      text unique,             -- kind 'record': the facility's code, whom the consent names
    entered_by text,                   -- kind 'manual': who typed it in: 'self', 'staff:<id>', 'kiosk:<name>'
    entered_how text check (entered_how in ('typed', 'paper', 'kiosk', 'telephone')),
    created_at timestamptz not null default now()
);

create table health.registrations (
    registration_id bigint generated always as identity primary key,
    gateway_id   text not null references health.gateways,
    device       text not null,        -- last level of the topic
    model        text not null,        -- devices.models id
    person_id    bigint references health.people,
    household_id bigint references health.households,
    source_id    bigint not null references health.sources,
    valid        tstzrange not null default tstzrange(now(), null),
    check (num_nonnulls(person_id, household_id) = 1),
    exclude using gist (gateway_id with =, device with =, valid with &&)
);
create index on health.registrations (gateway_id, device);  -- half the time of the other one
create index on health.registrations (household_id) where household_id is not null;

-- Grows with every change of what the workers go by, and with its transaction: who has asked under the same version
-- need not ask again. It is changed as the very last thing before the commit: no lock is waited for while its row is held.
create table health.registrations_version (version bigint not null);
insert into health.registrations_version values (1);
create function health.registrations_changed() returns trigger language plpgsql as $$
begin
    update health.registrations_version set version = version + 1 where xmin <> pg_current_xact_id()::xid;
    return null;
end $$;
create constraint trigger changed after insert or update or delete on health.registrations
    deferrable initially deferred for each row execute function health.registrations_changed();
create constraint trigger changed after insert or update or delete on health.household_members
    deferrable initially deferred for each row execute function health.registrations_changed();

-- Holds them as they are until the transaction ends, and tells their version, looked up *after* any wait (each statement
-- of a volatile plpgsql function sees what is committed when it begins).
create function health.hold_registrations() returns bigint language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('handing_on', 0));
    return (select version from health.registrations_version);
end $$;

-- Numbers --------------------------------------------------------------------------------------------

-- The civil days (+09:00) that an interval touches; an instant (0 seconds) touches one.
create function health.civil_days(at timestamptz, seconds integer) returns setof date language sql immutable as $$
    select (at at time zone interval '+09:00')::date + later
      from generate_series(0, ((at + make_interval(secs => greatest(seconds - 1, 0))) at time zone interval '+09:00')::date
                              - (at at time zone interval '+09:00')::date) as later
$$;

-- Narrow: one number a row. The key makes a redelivered reading the same row; samples of one measurement
-- (systolic, diastolic, pulse) share person, at and source. Ready to become a hypertable on `at`.
create table health.readings (
    person_id   bigint not null,
    metric      text collate "C" not null,     -- store/metrics.py
    at          timestamptz not null,          -- start of the interval when seconds > 0
    source_id   bigint not null,
    value       double precision not null,     -- canonical unit of the metric
    seconds     integer not null default 0,
    flags       smallint not null default 0,   -- store/model.py Flag
    utc_offset  smallint not null default 540, -- minutes: the zone in which the device said `at`
    received_at timestamptz not null default now(),
    primary key (person_id, metric, at, source_id)
);
create index readings_at_brin on health.readings using brin (at);

-- What else was said of a reading's time, where it says more than `at`: the device's own clock where `at` is not what
-- it showed, the gateway's clock where the message tells it. Of readings and unclaimed numbers alike (no owner here).
create table health.stated_times (
    source_id  bigint not null,
    metric     text collate "C" not null,
    at         timestamptz not null,
    device_at  timestamptz,
    gateway_at timestamptz,
    primary key (source_id, metric, at)
);
create index on health.stated_times (source_id, metric, device_at) where device_at is not null;

-- A typed number that was put right: what stood there before, and who changed it. Append-only.
create table health.corrections (
    correction_id bigint generated always as identity primary key,
    person_id     bigint not null,
    metric        text collate "C" not null,
    at            timestamptz not null,
    source_id     bigint not null references health.sources,
    old_value     double precision not null,
    new_value     double precision not null,
    corrected_by  text not null,               -- 'self' or 'staff:<id>', as sources.entered_by
    corrected_at  timestamptz not null default now()
);
create index on health.corrections (person_id, corrected_at);

-- Every number from a shared device of a household. Whose it is: nobody's until the gate assigns it or a member
-- claims it; then it is copied to health.readings, and taken out there again when that is undone.
create table health.unclaimed (
    household_id bigint not null references health.households,
    metric      text collate "C" not null,
    at          timestamptz not null,
    source_id   bigint not null references health.sources,
    value       double precision not null,
    seconds     integer not null default 0,
    flags       smallint not null default 0,
    utc_offset  smallint not null default 540,
    received_at timestamptz not null default now(),
    claimed_by  bigint references health.people,
    claimed_at  timestamptz,
    claimed_how text check (claimed_how in ('gate', 'person', 'nobody')),  -- 'nobody': a member said it is none of theirs
    probability real,                          -- of the gate's answer, also when it was too low to assign
    primary key (household_id, metric, at, source_id),
    check ((claimed_by is not null) = (coalesce(claimed_how, 'nobody') <> 'nobody'))
);
create index on health.unclaimed (source_id, at);
create index on health.unclaimed (claimed_by, claimed_at) where claimed_by is not null;

-- "That was not me": a measurement that the gate must not give to this person (again).
create table health.not_mine (
    household_id bigint not null references health.households,
    source_id    bigint not null,
    at           timestamptz not null,
    person_id    bigint not null references health.people,
    said_at      timestamptz not null default now(),
    primary key (household_id, source_id, at, person_id)
);

-- Which of a person's step sources counts where two of them counted at the same time: 0 before 1. Without a row: after
-- those that have one, in the order of ingest/steps.py.
create table health.device_order (
    person_id bigint not null references health.people,
    source_id bigint not null references health.sources,
    rank      smallint not null,
    primary key (person_id, source_id)
);

create table health.last_values (
    person_id bigint not null,
    metric    text collate "C" not null,
    at        timestamptz not null,
    value     double precision not null,
    source_id bigint not null,
    primary key (person_id, metric)
) with (fillfactor = 70);  -- room to replace a row on its page: its index need not change

-- Day figures, always recomputed from raw readings of the civil day (+09:00).
create table health.days (
    person_id  bigint not null,
    day        date not null,
    metric     text collate "C" not null,
    n          integer not null,
    total      double precision,           -- steps, sleep: the day's sum; else null
    mean       double precision not null,
    low        double precision not null,
    high       double precision not null,
    last       double precision not null,
    updated_at timestamptz not null default now(),
    primary key (person_id, day, metric)
);
create index on health.days (metric, day);

-- Due marks: how workers meet. Append-only, so a writer never waits; a reader deletes what it takes
-- (FOR UPDATE SKIP LOCKED). The trigger wakes the readers; their schedule is the safety net.
create table health.due (
    due_id    bigint generated always as identity (cache 100),
    work      text not null check (work in ('days', 'advice', 'gate', 'days_parked', 'gate_parked')),
    day       date not null,
    people    bigint[] not null,               -- whose day it is; of 'gate': households
    marked_at timestamptz not null default now(),
    primary key (work, day, due_id)            -- of a backlog of old days, today's marks are taken first
);

-- Marks of at least `most` people, the newest days first: the order is that of the key, so a backlog of a hundred
-- thousand marks is neither sorted nor waded through. A cursor locks no mark that it does not take.
create function health.take_due(wanted text, since date, most bigint)
returns table (day date, people bigint[]) language plpgsql as $$
declare
    marks cursor for select d.day, d.people from health.due as d where d.work = wanted and d.day >= since
                      order by d.day desc, d.due_id desc for update skip locked;
begin
    for mark in marks loop
        delete from health.due where current of marks;
        day := mark.day;
        people := mark.people;
        return next;
        most := most - cardinality(mark.people);
        exit when most <= 0;
    end loop;
end $$;

create function health.wake() returns trigger language plpgsql as $$
begin
    perform pg_notify('phr_' || work, '') from (select distinct work from added) as works;
    return null;
end $$;
create trigger wake after insert on health.due
    referencing new table as added for each statement execute function health.wake();

-- What could not be understood, kept whole with its reason.
create table health.rejections (
    rejection_id bigint generated always as identity primary key,
    origin       text not null,            -- MQTT topic, 'post:<model>/<device>' or file name
    gateway_id   text,
    device       text,                     -- last level of the topic
    person_id    bigint,                   -- who posted it
    reason       text not null,
    detail       text not null default '',
    raw          bytea not null,
    retained     boolean not null default false,
    received_at  timestamptz not null default now(),
    times        bigint not null default 1,  -- so often the same was said within the hour; of these the first is here
    last_at      timestamptz,                -- and the last came then
    resolved_at  timestamptz,
    resolution   text                      -- 'replayed', 'dismissed'
);
create index on health.rejections (reason, received_at);
create index on health.rejections (received_at) where resolved_at is null;

-- Nobody needs the bytes of what was replayed or dismissed long ago, and they can hold health values: the row stays,
-- its content goes. Returns how many. To be called once a day (TimescaleDB does it by itself).
create function health.forget_raw(older interval default interval '90 days') returns bigint language sql as $$
    with forgotten as (
        update health.rejections set raw = '' where resolved_at < now() - older and raw <> '' returning 1
    )
    select count(*) from forgotten
$$;

-- What a telephone posted and was told, by its Idempotency-Key: the same post again gets the same answer.
create table health.posts (
    person_id bigint not null references health.people,
    key       text not null,
    digest    bytea not null,              -- of what was posted: another body under the same key is a mistake
    answer    jsonb not null,
    posted_at timestamptz not null default now(),
    primary key (person_id, key)
);

-- The ingest workers' MQTT sessions. A slot that once subscribed has a queue at the broker that somebody must drain.
create table health.slots (
    slot       text primary key,               -- MQTT client id
    held_since timestamptz,                    -- who holds it has the advisory lock too
    subscribed_at timestamptz,                 -- since when its holder's subscription stands at the broker
    drained_at timestamptz                     -- unsubscribed and empty: nothing waits in it
);

-- Long messages of a catch-up (six weeks of a pedometer), taken in as they are so that live readings need not wait behind
-- them: decoded and stored in quiet portions (ingest/aside.py).
create table health.set_aside (
    aside_id    bigint generated always as identity primary key,
    topic       bytea not null,
    payload     bytea not null,
    retained    boolean not null,
    received_at timestamptz not null
);

-- Messages of an MQTT session that are stored but carry no time of their own: the broker may send them again
-- under the same packet id (store/arrivals.py). At most 65,535 rows a session.
create table health.arrivals (
    slot      text not null,               -- MQTT client id of the ingest worker
    packet_id integer not null,
    digest    bytea not null,              -- of topic and payload
    stored_at timestamptz not null default now(),
    primary key (slot, packet_id)
);

-- Records --------------------------------------------------------------------------------------------

create table health.consents (
    consent_id   bigint generated always as identity primary key,
    person_id    bigint not null references health.people,
    purpose      text not null,            -- 'phr_records', 'guidance', 'push', …
    recipient    text not null,            -- facility code, 'city', '*'
    items        text[] not null,          -- record kinds, or {'*'}
    valid        tstzrange not null,
    text_version text not null,            -- which words were shown
    given_by     text not null,            -- 'self', 'proxy:<id>', 'paper:<staff>'
    given_at     timestamptz not null default now(),
    withdrawn_at timestamptz
);
create index on health.consents (person_id, purpose);

-- The one answer to "is there a consent in force for …". Deny by default.
create function health.consent_in_force(who bigint, what_for text, to_whom text, item text, moment timestamptz)
returns bigint language sql stable as $$
    select consent_id from health.consents
     where person_id = who and purpose = what_for
       and recipient in (to_whom, '*')
       and (items @> array[item] or items @> array['*'])
       and valid @> moment
       and (withdrawn_at is null or withdrawn_at > moment)
     order by consent_id limit 1
$$;

-- A document that came in whole: a checkup report, a referral letter, a bundle of results.
create table health.documents (
    document_id bigint generated always as identity primary key,
    person_id   bigint not null references health.people,
    source_id   bigint not null references health.sources,
    consent_id  bigint not null references health.consents,
    kind        text not null,             -- 'checkup', 'bundle', 'referral', …
    identifier  text not null,             -- system|value of the bundle
    title       text not null,
    facility    text not null default '',
    at          date not null,             -- day of the examination
    stated_at   timestamptz,               -- when the facility said so: an older copy never replaces a newer one
    received_at timestamptz not null default now(),
    unique (identifier, person_id)
);
create index on health.documents (person_id, kind, at);

create table health.records (
    record_id   bigint generated always as identity primary key,
    person_id   bigint not null references health.people,
    document_id bigint references health.documents,
    source_id   bigint not null references health.sources,
    consent_id  bigint not null references health.consents,
    key         text not null,             -- idempotent: the same resource again is the same row
    kind        text not null,             -- 'checkup_item', 'lab', 'prescription', 'condition', 'allergy', …
    at          timestamptz not null,
    title       text not null,             -- Japanese, for the screen
    code_system text not null default '',
    code        text not null default '',
    metric      text,                      -- store/metrics.py word or answer word, where known
    value       double precision,          -- canonical unit, or the answer's code
    value_text  text not null default '',  -- what the screen shows
    unit        text not null default '',
    reference   text not null default '',  -- reference range in words
    interpretation text not null default '',  -- the facility's own mark: H, L, N, HH, LL, HX, LX, A, …
    facility    text not null default '',
    released    boolean not null,          -- false: the doctor withholds it; never shown to the citizen
    withdrawn   boolean not null default false,
    stated_at   timestamptz,               -- when the facility said so: an older copy never replaces a newer one
    received_at timestamptz not null default now(),
    unique (person_id, key)
);
create index on health.records (person_id, at);
create index on health.records (document_id);

-- The records that may be looked at now: released, not withdrawn, and the person's consent for this facility and
-- kind is in force at this moment. Whatever shows or judges records reads this view, never the table.
create view health.shown_records as
    select record.* from health.records as record join health.sources as source using (source_id)
     where record.released and not record.withdrawn
       and health.consent_in_force(record.person_id, 'phr_records', coalesce(source.code, ''), record.kind,
                                      statement_timestamp())
           is not null;

create table health.cursors (
    name       text primary key,
    value      jsonb not null,
    updated_at timestamptz not null default now()
);

-- Advice ---------------------------------------------------------------------------------------------

-- One open row a person and rule. A rule that falls silent closes its row; one that speaks again later
-- opens a new one. `reason` is for people; `rests_on` names the readings; `source` the guideline.
create table health.advice (
    advice_id  bigint generated always as identity primary key,
    person_id  bigint not null references health.people,
    rule_id    text not null,
    kind       text not null check (kind in ('red_flag', 'referral', 'advice', 'praise', 'information')),
    urgency    smallint not null check (urgency between 0 and 4),   -- 4 today, 3 soon, 2 in a month, 1 normal, 0 no hurry
    audience   text not null check (audience in ('citizen', 'nurse', 'both')),
    title      text not null,
    body       text not null,
    reason     text not null,
    rests_on   jsonb not null,             -- [{"metric", "at", "value", "unit", "what"}]
    source     jsonb not null,             -- {"guideline", "year", "section"}
    rank       smallint not null default 0,-- order on the screen, 0 first
    english    jsonb not null default '{}',-- {"title", "body"}: the same words for who reads English
    digest     bigint not null default 0,  -- of all the columns above but the ids: whether a judgement says the same
    judged_at  timestamptz not null,
    created_at timestamptz not null default now(),
    closed_at  timestamptz,
    check (jsonb_typeof(rests_on) = 'array')
);
create unique index advice_open on health.advice (person_id, rule_id) where closed_at is null;
create index advice_for_nurses on health.advice (person_id)
    where closed_at is null and kind in ('red_flag', 'referral') and audience in ('nurse', 'both');

create table health.feedback (
    feedback_id bigint generated always as identity primary key,
    advice_id   bigint not null references health.advice,
    person_id   bigint not null references health.people,
    answer      text not null check (answer in ('done', 'not_yet', 'under_care', 'not_for_me', 'helpful')),
    at          timestamptz not null default now()
);
create index on health.feedback (advice_id);
create index on health.feedback (person_id);
create index care_said on health.feedback (at) where answer in ('done', 'under_care');  -- who said so lately

-- What came of a 保健師's call about a red flag or referral.
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

-- What was decided and why, append-only: also why nothing was sent.
create table health.decisions (
    decision_id bigint generated always as identity primary key,
    person_id   bigint not null references health.people,
    at          timestamptz not null default now(),
    facts_hash  text not null,
    spoke       text[] not null,
    shown       text[] not null,
    held        jsonb not null,            -- {"rule": "why it was not shown"}
    push        jsonb not null default '{}'  -- of what is new: {"rule": "channel" or "held: why not"}
);
create index on health.decisions (person_id, at);

create table health.push_subscriptions (
    subscription_id bigint generated always as identity primary key,
    person_id  bigint not null references health.people,
    endpoint   text not null unique,
    p256dh     text not null,
    auth       text not null,
    created_at timestamptz not null default now()
);
create index on health.push_subscriptions (person_id);

create table health.deliveries (
    delivery_id bigint generated always as identity primary key,
    advice_id   bigint not null references health.advice,
    person_id   bigint not null references health.people,
    channel     text not null,
    status      text not null default 'due' check (status in ('due', 'sent', 'failed', 'expired')),
    attempts    integer not null default 0,
    next_at     timestamptz not null default now(),
    sent_at     timestamptz,
    error       text,
    created_at  timestamptz not null default now(),
    unique (advice_id, channel)
);
create index on health.deliveries (next_at) where status = 'due';
create index on health.deliveries (person_id, sent_at);  -- when was this person told last

-- Audit ----------------------------------------------------------------------------------------------

create function audit.refuse() returns trigger language plpgsql as $$
begin
    raise exception 'the audit is append-only';
end $$;
create trigger append_only before update or delete or truncate on health.decisions
    for each statement execute function audit.refuse();
create trigger append_only before update or delete or truncate on health.corrections
    for each statement execute function audit.refuse();
