-- The life of a message: ten states, which of them may follow which, a row for each change; and what a person wishes of
-- messages. docs/messages.md draws it.

drop index health.deliveries_next_at_idx;
alter table health.deliveries drop constraint deliveries_status_check;
alter table health.deliveries add check (status in ('planned', 'due', 'sending', 'throttled', 'retrying', 'sent', 'delivered',
                                                    'opened', 'failed', 'dropped'));
alter table health.deliveries rename column error to reason;         -- a slug, never words about a person
-- The message's own opaque word: its link carries it, a receipt names it. The same at every try.
alter table health.deliveries add column token uuid not null default gen_random_uuid() unique;
alter table health.deliveries add column urgent boolean not null default false;  -- it rings at night, too
alter table health.deliveries add column changed_at timestamptz not null default now();
-- The rule of its advice, kept here as well: when each rule last rang is asked of everybody each night, and years of messages
-- would each have to be looked up.
alter table health.deliveries add column rule text;
drop index health.deliveries_person_id_sent_at_idx;
create index on health.deliveries (person_id, sent_at) include (rule);
-- The Monday of the week that it looks back on: a delivery of the weekly reflection.
alter table health.deliveries add column week date;
alter table health.deliveries add constraint one_reflection_a_week unique (person_id, week);
alter table health.deliveries drop constraint of_one_thing;
alter table health.deliveries add constraint of_one_thing check (num_nonnulls(advice_id, opening_id, week) = 1);
-- Of one piece of advice there is one message, whatever way it takes. One for which no way was set up, and which nobody
-- tried to send, was none: the same advice may be told as soon as there is a way.
alter table health.deliveries drop constraint deliveries_advice_id_channel_key;
create unique index deliveries_once on health.deliveries (advice_id)
    where attempts > 0 or status <> 'dropped' or reason is distinct from 'no_channel';
-- The other side has it, or it has not.
alter table health.deliveries add constraint taken_when_sent check (
    (status in ('sent', 'delivered', 'opened')) = (sent_at is not null));
create index deliveries_waiting on health.deliveries (urgent desc, next_at)
    where status in ('planned', 'due', 'sending', 'throttled', 'retrying');

-- Which state may follow which. Who was sent again at the end of a lease is 'sending' twice. A receipt can overtake our
-- own note that it was sent, and can come for what we took for failed.
create table health.delivery_moves (
    was     text not null,
    becomes text not null,
    primary key (was, becomes)
);
insert into health.delivery_moves (was, becomes) values
    ('planned', 'due'), ('planned', 'dropped'),
    ('due', 'planned'), ('due', 'sending'), ('due', 'dropped'),
    ('sending', 'sending'), ('sending', 'sent'), ('sending', 'throttled'), ('sending', 'retrying'),
    ('sending', 'failed'), ('sending', 'dropped'), ('sending', 'delivered'), ('sending', 'opened'),
    ('throttled', 'sending'), ('throttled', 'dropped'), ('throttled', 'delivered'), ('throttled', 'opened'),
    ('retrying', 'sending'), ('retrying', 'dropped'), ('retrying', 'failed'), ('retrying', 'delivered'), ('retrying', 'opened'),
    ('sent', 'delivered'), ('sent', 'opened'), ('sent', 'failed'),
    ('delivered', 'opened'),
    ('failed', 'delivered'), ('failed', 'opened'),
    ('dropped', 'delivered'), ('dropped', 'opened');

-- Every change of every message, in order. No health value: a state, a moment, a slug.
create table health.delivery_events (
    event_id    bigint generated always as identity primary key,
    delivery_id bigint not null references health.deliveries on delete cascade,
    person_id   bigint not null,
    state       text not null,
    at          timestamptz not null,
    reason      text
);
create index on health.delivery_events (delivery_id);
create index on health.delivery_events (person_id);
create trigger append_only before update or truncate on health.delivery_events
    for each statement execute function audit.refuse();
create trigger goes_with_its_person before delete on health.delivery_events
    for each row execute function audit.refuse_unless_old();

create function health.note_new_deliveries() returns trigger language plpgsql security definer
    set search_path = pg_catalog, pg_temp as $$
begin
    insert into health.delivery_events (delivery_id, person_id, state, at, reason)
    select delivery_id, person_id, status, changed_at, reason from added order by delivery_id;
    return null;
end $$;
create trigger note_new after insert on health.deliveries
    referencing new table as added for each statement execute function health.note_new_deliveries();

-- Refuses a change that the table of moves does not know, and notes the others. A new try is a change, too. Row by row:
-- joining the rows of before with those of after took minutes when a whole town's messages moved.
create function health.note_delivery_moves() returns trigger language plpgsql security definer
    set search_path = pg_catalog, pg_temp as $$
begin
    if not exists (select from health.delivery_moves where was = old.status and becomes = new.status) then
        raise exception 'a message does not go from % to %', old.status, new.status using errcode = 'check_violation';
    end if;
    insert into health.delivery_events (delivery_id, person_id, state, at, reason)
    values (new.delivery_id, new.person_id, new.status, new.changed_at, new.reason);
    return null;
end $$;
create trigger note_moves after update on health.deliveries for each row
    when (old.status <> new.status or old.attempts <> new.attempts) execute function health.note_delivery_moves();

-- What came back from the other side: false when no message of this channel has this token, or none was ever sent by it.
-- The same again, or one that comes late (delivered after opened), changes nothing. Whether it may be believed, who calls
-- has asked (phr_api/routes/receipts.py).
create function health.take_receipt(by_channel text, of_token uuid, state text, moment timestamptz) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update health.deliveries
       set status = state, changed_at = moment, reason = case when state = 'failed' then 'undeliverable' else reason end,
           sent_at = case when state = 'failed' then null else coalesce(sent_at, moment) end
     where token = of_token and channel = by_channel and attempts > 0 and state in ('delivered', 'failed')
       and (status, state) <> ('sending', 'failed')  -- what is being sent is settled by who sends it
       and exists (select from health.delivery_moves where was = status and becomes = state);
    return exists (select from health.deliveries where token = of_token and channel = by_channel and attempts > 0);
end $$;

-- The citizen who asks followed the link of this message of theirs; false when it is not theirs.
create function health.open_message(of_token uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update health.deliveries set status = 'opened', changed_at = now(), sent_at = coalesce(sent_at, now())
     where token = of_token and person_id = health.me() and attempts > 0
       and exists (select from health.delivery_moves where was = status and becomes = 'opened');
    return exists (select from health.deliveries where token = of_token and person_id = health.me() and attempts > 0);
end $$;

-- What a person wishes of messages. Facts of delivery, not of advice: the screen shows everything all the same. No row: the
-- town's ways.
create table health.message_wishes (
    person_id    bigint primary key references health.people,
    a_week       smallint not null default 3 check (a_week between 0 and 3),  -- at most so many, besides red flags and referrals
    silent       text[] not null default '{}',     -- families and kinds that are not to ring
    channel      text,                             -- rather by this one, where it reaches the person
    quiet_from   smallint check (quiet_from between 0 and 23),     -- hours in Japan, in place of the town's
    quiet_until  smallint check (quiet_until between 0 and 23),
    paused_until date,                             -- the first day on which they ring again
    set_by       text not null,                    -- 'self', 'proxy:<id>', 'paper:<staff>'
    set_at       timestamptz not null default now(),
    check ((quiet_from is null) = (quiet_until is null))
);

call health.fence_own('health.delivery_events');
call health.fence_private('health.message_wishes');
