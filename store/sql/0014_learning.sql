-- What was learnt: every fitted model with its numbers, and which one stands. A model is plain JSON; its digest is checked
-- here when it is kept and by whoever loads it. A person approves; taking it back is a change of one pointer.

create table health.models (
    model_id     bigint generated always as identity primary key,
    learned_id   text not null,                -- the file in advice_engine/learned
    kind         text not null,
    created_at   timestamptz not null default now(),
    code_version text not null,
    data_sha256  text not null,                -- of what it was fitted on
    data_rows    jsonb not null,               -- {"train": 28855, …}
    parameters   text not null,                -- JSON, kept to the byte
    sha256       text not null constraint digest check (sha256 = encode(sha256(convert_to(parameters, 'UTF8')), 'hex')),
    metrics      jsonb not null,               -- {"female 40-54": {"n", "events", "auc", "brier", "o_e"}, …}
    gates        jsonb not null,               -- [{"name", "measured", "bar", "passed"}]
    state        text not null default 'candidate' check (state in ('candidate', 'shadow', 'active', 'retired')),
    shadow_since timestamptz,
    approver     text,
    approved_at  timestamptz,
    check (state <> 'active' or approver is not null)
);
create unique index one_active on health.models (learned_id) where state = 'active';

-- Which model stands for a learned part. No row: none does, and nothing is ordered by it.
create table health.model_pointers (
    learned_id text primary key,
    model_id   bigint not null references health.models,
    set_at     timestamptz not null default now()
);

-- Who made what of which model, and why. Append-only.
create table health.model_changes (
    change_id bigint generated always as identity primary key,
    model_id  bigint not null references health.models,
    state     text not null,
    by        text not null check (by <> ''),
    reason    text not null default '',
    at        timestamptz not null default clock_timestamp()
);
create trigger append_only before update or delete or truncate on health.model_changes
    for each statement execute function audit.refuse();

-- What was fitted is never changed afterwards: only its state, its approval.
create function health.keep_model() returns trigger language plpgsql as $$
begin
    if (new.learned_id, new.kind, new.created_at, new.code_version, new.data_sha256, new.data_rows, new.parameters,
        new.metrics, new.gates) is distinct from
       (old.learned_id, old.kind, old.created_at, old.code_version, old.data_sha256, old.data_rows, old.parameters,
        old.metrics, old.gates) then
        raise exception 'a model is kept as it was fitted';
    end if;
    return new;
end $$;
create trigger stays before update on health.models for each row execute function health.keep_model();

-- In which order a 保健師 may want to call people of the same age and sex: a place, and in words what made it. No chance is
-- kept, and no citizen reads it. Rows of models in the shadow are for their comparison alone.
create table health.risk_orders (
    person_id  bigint not null references health.people,
    model_id   bigint not null references health.models,
    at         timestamptz not null,
    peers      text not null,                  -- 'female 40-54'
    place      integer not null check (place >= 1),
    people     integer not null,               -- among so many
    terms      jsonb not null,                 -- [{"parts": [{"input", "value", "usual"}], "raises"}], the three largest
    primary key (person_id, model_id)
);
create index on health.risk_orders (model_id);

-- Whom a 保健師 may see at this moment, all at once: of her town, and agreed that she sees advice, readings and checkups.
create function health.guided() returns setof bigint
language sql stable security definer set search_path = pg_catalog, pg_temp rows 500 as $$
    select person_id from health.people
     where town = (select health.duty_town())
       and not exists (
           select from unnest('{advice,readings,checkup_item}'::text[]) as item
            where not exists (
                select from health.consents
                 where consents.person_id = people.person_id
                   and health.allows(consents, 'guidance', coalesce(health.my_facility(), 'city'), item,
                                     statement_timestamp(), null)))
$$;

alter table health.risk_orders enable row level security;
create policy others on health.risk_orders to phr_advice, phr_jobs using (true) with check (true);
create policy read on health.risk_orders for select to phr_api using (
    (select health.duty_town()) is not null and person_id in (select health.guided()));
