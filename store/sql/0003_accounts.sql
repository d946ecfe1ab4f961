-- Who is it: which outside account is which person, who is signed in, by what, and how often somebody tried.

-- The subject of an OpenID provider, tied to one person or one member of staff by somebody who checked who stood
-- there; never by a name or a birthday. What is untied keeps its row: who tied whom is evidence.
create table identity.accounts (
    account_id  bigint generated always as identity primary key,
    issuer      text not null,             -- OpenID Connect Core 1.0, ID token claims iss and sub
    subject     text not null,
    person_id   bigint references health.people on delete cascade,
    staff_id    bigint references identity.staff,
    evidence    text not null,             -- how it was checked: 'マイナンバーカード', 'staff register', …
    linked_by   text not null,             -- 'staff:<id>', 'operator:<name>', 'demo'
    linked_at   timestamptz not null default now(),
    unlinked_by text,
    unlinked_at timestamptz,
    check (num_nonnulls(person_id, staff_id) = 1)
);
create unique index accounts_live on identity.accounts (issuer, subject) where unlinked_at is null;
create index on identity.accounts (person_id);
create index on identity.accounts (staff_id);

-- Somebody whom the provider knows and we do not: the number they are shown and take to the city's desk.
create table identity.link_codes (
    code_hash  bytea primary key,          -- sha256
    issuer     text not null,
    subject    text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    unique (issuer, subject)
);

-- A sign-in under way: between leaving for the provider and coming back. Good once, for ten minutes.
create table identity.sign_ins (
    state_hash   bytea primary key,        -- sha256 of OAuth's `state`
    browser_hash bytea not null,           -- sha256 of the cookie of the browser that began
    door         text not null check (door in ('citizen', 'staff')),
    nonce        text not null,
    verifier     text not null,            -- PKCE, RFC 7636
    after        text not null,            -- our own page to go to
    again        boolean not null,         -- asked to prove anew who they are
    source       text not null,            -- network address, for the limit
    started_at   timestamptz not null default now()
);
create index on identity.sign_ins (source, started_at);

-- Programs that sign in with a key of their own (private_key_jwt, RFC 7523): a clinic's system, an operator's, a
-- researcher's, the living lab's.
create table identity.clients (
    client_id  text primary key check (client_id ~ '^[a-z0-9][a-z0-9_-]{1,62}$'),
    role       text not null check (role in ('clinic', 'operator', 'researcher', 'living_lab')),
    facility   text,                       -- a clinic's code, as consents name it
    label      text not null default '',
    created_at timestamptz not null default now(),
    revoked_at timestamptz,
    check ((role = 'clinic') = (facility is not null))
);
create table identity.client_keys (
    client_id text not null references identity.clients,
    kid       text not null,
    jwk       jsonb not null check (not jwk ?| array['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']),  -- public keys alone
    added_at  timestamptz not null default now(),
    revoked_at timestamptz,
    primary key (client_id, kid)
);
create table identity.assertions (        -- used ones, until they expire: none is good twice
    digest     bytea primary key,          -- sha256 of client and jti
    expires_at timestamptz not null
);

-- A person's telephone app: a chain of refresh tokens, each good once. Removing the row ends all of it.
create table identity.apps (
    app_id       uuid primary key default gen_random_uuid(),
    person_id    bigint not null references health.people on delete cascade,
    device       text not null,            -- as the app names it
    connected_at timestamptz not null default now(),
    used_at      timestamptz not null default now()
);
create index on identity.apps (person_id);
create table identity.app_codes (
    code_hash  bytea primary key,          -- sha256; shown once, in a browser that has just signed in
    person_id  bigint not null references health.people on delete cascade,
    expires_at timestamptz not null
);
create index on identity.app_codes (person_id);
create table identity.refresh_tokens (
    token_hash bytea primary key,
    app_id     uuid not null references identity.apps on delete cascade,
    issued_at  timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at    timestamptz
);
create index on identity.refresh_tokens (app_id);

-- Sessions: a browser's, an app's access token, a program's access token.
alter table identity.sessions
    drop constraint sessions_check,
    add session_id       uuid not null unique default gen_random_uuid(),
    add client_id        text references identity.clients,
    add app_id           uuid references identity.apps on delete cascade,
    add account_id       bigint references identity.accounts on delete cascade,
    add label            text not null default '',        -- the browser, as its owner knows it
    add used_at          timestamptz not null default now(),
    add idle             interval not null default '2 hours',
    add signed_in_at     timestamptz,                     -- when its holder last proved who they are; null: unknown
    add second_factor_at timestamptz,
    add acting_by        bigint,                          -- in whose name its pages are shown: 0004_consents.sql
    add constraint one_holder check (num_nonnulls(person_id, staff_id, client_id) = 1);
create index on identity.sessions (person_id);
create index on identity.sessions (staff_id);
create index on identity.sessions (app_id);
create index on identity.sessions (account_id);
create index on identity.sessions (expires_at);

-- Staff's second factor (TOTP, RFC 6238). `last_step`: the newest 30 s step that was used; none is good twice.
create table identity.second_factors (
    staff_id     bigint primary key references identity.staff on delete cascade,
    secret       bytea not null,
    begun_at     timestamptz not null default now(),
    confirmed_at timestamptz,
    last_step    bigint not null default 0
);
create table identity.recovery_codes (
    staff_id  bigint not null references identity.staff on delete cascade,
    code_hash bytea not null,
    used_at   timestamptz,
    primary key (staff_id, code_hash)
);
-- A browser in which a member of staff gave a right second factor before: tries elsewhere do not make her wait here.
create table identity.known_browsers (
    token_hash bytea primary key,
    staff_id   bigint not null references identity.staff on delete cascade,
    expires_at timestamptz not null
);

-- Tries that failed, by what they have in common ('token|203.0.113.7', 'second_factor|17'). `open_at`: none before.
create table identity.tries (
    key      text primary key,
    failures integer not null,
    open_at  timestamptz not null
);

-- Counts a try as failed and says how long to wait: 0 when it was let through. The first `free` ones cost nothing, then
-- the distance doubles from a second to `longest` seconds; an hour of peace forgets. Who shares the key waits here for
-- the transaction of the one before, so that no two tries pass side by side.
create function identity.try_now(what text, free integer, longest integer) returns double precision
language plpgsql as $$
declare
    passed boolean;
    until timestamptz;
begin
    insert into identity.tries as t (key, failures, open_at) values (what, 1, clock_timestamp())
    on conflict (key) do update
       set failures = case when t.open_at < clock_timestamp() - interval '1 hour' then 1 else t.failures + 1 end,
           open_at = clock_timestamp() + make_interval(secs => case
               when t.open_at < clock_timestamp() - interval '1 hour' or t.failures + 1 < free then 0
               else least(2.0 ^ least(t.failures + 1 - free, 30), longest) end)
     where t.open_at <= clock_timestamp()
    returning true into passed;
    if passed then
        return 0;
    end if;
    select open_at into until from identity.tries where key = what;
    return greatest(extract(epoch from until - clock_timestamp()), 1);
end $$;

-- Before anybody is known: who holds this token. Runs with its owner's rights, so that the API's role needs none to
-- look through sessions; whoever asks must hold the token.
create function identity.session_of(digest bytea)
returns table (session_id uuid, person_id bigint, public_id uuid, staff_id bigint, name text, town text, client_id text,
               role text, facility text, app_id uuid, fresh boolean, second_factor boolean, stale boolean, acting_by bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select s.session_id, s.person_id, person.public_id, s.staff_id, staff.name, staff.town, s.client_id,
           coalesce(client.role, staff.role), coalesce(client.facility, staff.facility), s.app_id, coalesce(s.signed_in_at > now() - interval '10 minutes', false),
           s.second_factor_at is not null, s.used_at < now() - interval '1 minute', s.acting_by
      from identity.sessions as s
      left join health.people as person on person.person_id = s.person_id
      left join identity.staff as staff on staff.staff_id = s.staff_id
      left join identity.clients as client on client.client_id = s.client_id
     where s.token_hash = digest and s.expires_at > now() and s.used_at + s.idle > now() and client.revoked_at is null
       and staff.left_at is null
$$;

-- Before anybody is known: whose account this is.
create function identity.account_of(iss text, sub text)
returns table (account_id bigint, person_id bigint, staff_id bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select account_id, person_id, staff_id from identity.accounts
     where issuer = iss and subject = sub and unlinked_at is null
$$;

-- Forgets everything of signing in that has expired, whosever it is.
create function identity.sweep() returns bigint
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
    with old_sessions as (
        delete from identity.sessions where expires_at <= now() or used_at + idle <= now() returning 1
    ), old_sign_ins as (
        delete from identity.sign_ins where started_at <= now() - interval '10 minutes'
    ), old_codes as (
        delete from identity.app_codes where expires_at <= now()
    ), old_link_codes as (
        delete from identity.link_codes where expires_at <= now()
    ), old_assertions as (
        delete from identity.assertions where expires_at <= now()
    ), old_browsers as (
        delete from identity.known_browsers where expires_at <= now()
    ), old_tries as (
        delete from identity.tries where open_at <= now() - interval '1 hour'
    ), old_apps as (
        delete from identity.apps where not exists (
            select from identity.refresh_tokens as r
             where r.app_id = apps.app_id and r.used_at is null and r.expires_at > now())
    )
    select count(*) from old_sessions
$$;
