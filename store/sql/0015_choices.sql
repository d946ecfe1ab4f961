-- Which one piece of advice was pushed, and with what chance each other would have been: the ranker's log.

-- What the ranker knew of the town when it chose; `model_id` is the digest of `parameters` (sha256 of their one JSON text).
create table health.ranker_models (
    model_id   text primary key,
    parameters jsonb not null,
    tries      integer not null,               -- rewarded pushes that they rest on
    made_at    timestamptz not null default now()
);

-- One choice a person and civil day. With the model and the snapshot it can be drawn again bit for bit.
create table health.choices (
    person_id     bigint not null references health.people,
    day           date not null,
    at            timestamptz not null,
    model_id      text not null references health.ranker_models,
    rules_version text not null,               -- digest of the rules that admitted
    facts_hash    text not null,
    snapshot      jsonb not null,              -- {"family": [done, tried]}: what was known of this person's own record
    snapshot_hash text not null,
    options       jsonb not null,              -- [{"family", "rule", "chance"}], 'none' first
    family        text not null,               -- what was taken; 'none'
    rule_id       text,
    advice_id     bigint references health.advice,
    seed          text not null,
    uniform       boolean not null,
    primary key (person_id, day),
    check ((family = 'none') = (rule_id is null) and (family = 'none') = (advice_id is null)),
    check (jsonb_typeof(options) = 'array')
);
create index on health.choices (at);
create index on health.choices (advice_id);

-- What became of it, each once, as it came to be known.
create table health.choice_outcomes (
    person_id bigint not null,
    day       date not null,
    what      text not null check (what in ('delivered', 'undelivered', 'done', 'not_yet', 'not_for_me', 'helpful', 'reward')),
    at        timestamptz not null,            -- when it happened; of a reward: when it was counted
    value     double precision,                -- of a reward: 0 or 1
    primary key (person_id, day, what),
    foreign key (person_id, day) references health.choices on delete cascade,
    check ((what = 'reward') = (value is not null))
);

create trigger append_only before update or delete or truncate on health.ranker_models
    for each statement execute function audit.refuse();
create trigger append_only before update or truncate on health.choices
    for each statement execute function audit.refuse();
create trigger goes_with_its_person before delete on health.choices
    for each row execute function audit.refuse_unless_old();
create trigger append_only before update or truncate on health.choice_outcomes
    for each statement execute function audit.refuse();
create trigger goes_with_its_person before delete on health.choice_outcomes
    for each row execute function audit.refuse_unless_old();

call health.fence_own('health.choices');
call health.fence_own('health.choice_outcomes');
