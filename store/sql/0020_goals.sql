-- What a person sets out to do, what they tap on, what they say about their week; and what the ranker's nights measured.

-- One goal. A changed goal is a new row; the one before has ended and stays.
create table health.goals (
    goal_id    bigint generated always as identity primary key,
    person_id  bigint not null references health.people,
    kind       text not null check (kind in ('steps', 'weigh_in', 'pressure', 'weight', 'dry_days', 'breakfast')),
    target     double precision not null check (target > 0),  -- steps a day; days a week; of weight: kg
    start      double precision,                -- of weight: kg when it was set
    since      date not null,
    until      date not null,                   -- the last day
    advice_id  bigint references health.advice,  -- accepted from this advice; null: their own idea
    created_at timestamptz not null default now(),
    ended_at   timestamptz,
    check (until > since and until <= since + 366),
    check ((kind = 'weight') = (start is not null)),
    check (kind in ('steps', 'weight') or target between 1 and 7)
);
create unique index one_goal_of_a_kind on health.goals (person_id, kind) where ended_at is null;
create index on health.goals (advice_id);

-- A day of which no device knows: no alcohol, breakfast eaten. Tapped again it is taken back.
create table health.goal_days (
    person_id bigint not null references health.people,
    kind      text not null check (kind in ('dry_days', 'breakfast')),
    day       date not null,
    at        timestamptz not null default now(),
    primary key (person_id, kind, day)
);

-- The answer to the one question of the weekly reflection. `week` is the Monday of the week looked back on; the last
-- answer counts, those before stay.
create table health.reflections (
    reflection_id bigint generated always as identity primary key,
    person_id     bigint not null references health.people,
    week          date not null check (extract(isodow from week) = 1),
    answer        text not null check (answer in ('continue', 'change', 'rest')),
    at            timestamptz not null default now()
);
create index on health.reflections (person_id, week);

call health.fence_own('health.goals');
call health.fence_own('health.goal_days');
call health.fence_own('health.reflections');

-- A proxy who may enter numbers taps for them, too, and says whether advice was followed.
create policy entered on health.goal_days to phr_api using (person_id = (select health.ward('enter')));
alter table health.feedback add column by_proxy boolean not null default false;
create policy entered on health.feedback for insert to phr_api with check (
    person_id = (select health.ward('enter')) and by_proxy and answer in ('done', 'not_yet', 'under_care'));

-- Why a chosen piece of advice came before the others, where that can be said: the person's own record ('own') or the
-- town's ('town') decided.
alter table health.choices add column because text not null default '' check (because in ('', 'own', 'town'));

-- The link of a message was followed.
alter table health.choice_outcomes drop constraint choice_outcomes_what_check;
alter table health.choice_outcomes add constraint choice_outcomes_what_check check (
    what in ('delivered', 'undelivered', 'opened', 'done', 'not_yet', 'not_for_me', 'helpful', 'reward'));

-- What the ranker's own log said each night: estimates of other policies, how far its inputs moved. Nobody is in it.
create table health.ranker_nights (
    day       date primary key,
    model_id  text not null references health.ranker_models,
    decisions integer not null,                -- rewarded pushes of the window
    effective double precision not null,       -- how many of them the newest model's estimate rests on
    estimates jsonb not null,                  -- [{"policy", "effective", "value", "low", "high"}]; of too few without value
    agreement jsonb not null,                  -- [{"expected", "observed", "n"}]: tenths of what was expected
    drift     jsonb not null                   -- [{"input", "psi", "line"}]
);
create trigger append_only before update or delete or truncate on health.ranker_nights
    for each statement execute function audit.refuse();
