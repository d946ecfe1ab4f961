-- A person's rights: a copy of everything, corrections, deletion, and an end to what nobody needs any more.

-- A copy of everything of one person, made by `python -m phr_api.jobs`. The file lies in pieces, encrypted with a key of
-- its own; that key is sealed, so the pieces are worth nothing without the master key.
create table identity.exports (
    export_id  uuid primary key default gen_random_uuid(),
    person_id  bigint not null references health.people,
    state      text not null default 'waiting'
               check (state in ('waiting', 'working', 'ready', 'stopped', 'failed', 'gone')),
    why        text not null default '' check (why in ('', 'consent', 'deletion', 'fault', 'person', 'time')),
    step       text not null default '',       -- what is being written now: a word of phr_api/export_job.py
    done       integer not null default 0,     -- rows written, of `total`
    total      integer not null default 0,
    attempts   integer not null default 0,     -- how often a worker began it
    asked_at   timestamptz not null default now(),
    ready_at   timestamptz,
    expires_at timestamptz,                    -- the file goes then
    fetched_at timestamptz,
    bytes      bigint,
    consents   bigint[] not null default '{}', -- the file holds records that may be seen under these alone
    key        identity.sealed
);
create unique index exports_running on identity.exports (person_id) where state in ('waiting', 'working');
create index on identity.exports (person_id, asked_at);

create table identity.export_pieces (
    export_id uuid not null references identity.exports,
    number    integer not null,
    person_id bigint not null references health.people,
    content   bytea not null,                  -- AES-256-GCM: nonce, ciphertext, tag
    primary key (export_id, number)
);
create index on identity.export_pieces (person_id);

-- A deletion that is to come. It can be taken back until it begins (the row goes); once done, nothing of it is left but
-- the evidence in audit.deletions.
create table identity.deletion_plans (
    person_id bigint primary key references health.people,
    plan_id   uuid not null unique default gen_random_uuid(),
    asked_by  text not null,                   -- 'self', 'proxy:<person id>', 'staff:<id>', 'non_use'
    asked_at  timestamptz not null default now(),
    due_at    timestamptz not null,
    shut_at   timestamptz,                     -- it has begun: nothing comes in any more
    failed_at timestamptz                      -- its last step could not be carried out: later again, others first
);
create index on identity.deletion_plans (due_at);

-- Evidence of a deletion (PHR指針 2025-04, 消去): whom by the public id, when, and how many rows of which table. No health data.
create table audit.deletions (
    deletion_id bigint generated always as identity primary key,
    person_id   bigint not null,
    public_id   uuid not null,
    asked_by    text not null,
    asked_at    timestamptz not null,
    due_at      timestamptz not null,
    done_at     timestamptz not null default now(),
    removed     jsonb not null                 -- {"health.readings": 1234, …}
);
create index on audit.deletions (done_at);
create trigger append_only before update or delete or truncate on audit.deletions
    for each statement execute function audit.refuse();

-- Who has not been here for long and was told that everything will be deleted (PHR指針: after long non-use).
create table health.non_use_notices (
    person_id  bigint primary key references health.people,
    last_use   timestamptz not null,
    noticed_at timestamptz not null default now()
);

-- "This is wrong": what a person asks a facility to put right. We change nothing that a facility said; the facility does.
create table health.correction_requests (
    request_id  bigint generated always as identity primary key,
    person_id   bigint not null references health.people,
    record_id   bigint not null references health.records,
    facility    text not null,
    words       text not null,                 -- the person's own
    asked_at    timestamptz not null default now(),
    passed_on_at timestamptz,                  -- staff told the facility
    answered_at timestamptz,
    answer      text not null default ''       -- the facility's
);
create index on health.correction_requests (person_id);

-- Decisions and corrections are never changed. They go with their person alone, once that deletion has begun.
create function audit.refuse_unless_deleted() returns trigger language plpgsql as $$
begin
    if exists (select from identity.deletion_plans where person_id = old.person_id and shut_at is not null)
       or not exists (select from health.people where person_id = old.person_id) then  -- what came after all
        return old;
    end if;
    raise exception 'append-only: a row goes with its person alone';
end $$;
drop trigger append_only on health.decisions;
create trigger append_only before update or truncate on health.decisions
    for each statement execute function audit.refuse();
create trigger goes_with_its_person before delete on health.decisions
    for each row execute function audit.refuse_unless_deleted();
drop trigger append_only on health.corrections;
create trigger append_only before update or truncate on health.corrections
    for each statement execute function audit.refuse();
create trigger goes_with_its_person before delete on health.corrections
    for each row execute function audit.refuse_unless_deleted();

-- A withdrawn consent stops an export that is being made, and takes the file away that rests on it, in the very
-- transaction that withdraws. As the owner: whoever withdraws need have no right on exports.
create function identity.stop_exports() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    stopped uuid[];
begin
    with ended as (
        update identity.exports set state = 'stopped', why = 'consent', key = null
         where person_id = new.person_id and (state = 'working' or state = 'ready' and new.consent_id = any(consents))
        returning export_id
    )
    select array_agg(export_id) into stopped from ended;
    -- A statement of its own: the update may have waited for the file's last step, whose pieces only now can be seen.
    delete from identity.export_pieces where export_id = any(stopped);
    return null;
end $$;
create trigger stops_exports after update of withdrawn_at on health.consents for each row
    when (new.withdrawn_at is not null and new.purpose in ('phr', 'phr_records'))
    execute function identity.stop_exports();

-- The worker hears at once.
create function identity.wake_jobs() returns trigger language plpgsql as $$
begin
    perform pg_notify('phr_jobs', '');
    return null;
end $$;
create trigger wake after insert on identity.exports for each statement execute function identity.wake_jobs();
create trigger wake after insert or update on identity.deletion_plans
    for each statement execute function identity.wake_jobs();
