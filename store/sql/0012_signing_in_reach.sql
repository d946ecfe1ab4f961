-- The second fence before how people sign in: sessions, apps, tokens, second factors. Whoever is signed in reaches their
-- own and nobody else's, whatever the question.
--
-- Who holds the session of this request (store/reaching.py: phr.holder) stays the same while a proxy acts for somebody or a
-- 保健師 enters a paper. Before anybody is known the API's role can begin a session and read none: what is asked then goes
-- through functions that answer for one token, which whoever asks must hold.

create function identity.holder() returns text language sql stable as $$
    select nullif(current_setting('phr.holder', true), '')
$$;

do $$
declare
    fenced text;
begin
    foreach fenced in array '{sessions,apps,app_codes,refresh_tokens,second_factors,recovery_codes,known_browsers,accounts}'::text[] loop
        execute format('alter table identity.%I enable row level security', fenced);
        execute format('create policy others on identity.%I to phr_jobs using (true) with check (true)', fenced);
    end loop;
end $$;

create policy own on identity.sessions to phr_api using (
    identity.holder() = coalesce('person:' || person_id, 'staff:' || staff_id, 'client:' || client_id));
create policy begin on identity.sessions for insert to phr_api with check (identity.holder() is null);
create policy own on identity.apps to phr_api using (identity.holder() = 'person:' || person_id);
create policy own on identity.app_codes to phr_api using (identity.holder() = 'person:' || person_id);
create policy own on identity.refresh_tokens to phr_api using (app_id in (select app_id from identity.apps));
create policy own on identity.second_factors to phr_api using (identity.holder() = 'staff:' || staff_id);
create policy own on identity.recovery_codes to phr_api using (identity.holder() = 'staff:' || staff_id);
create policy own on identity.known_browsers to phr_api using (identity.holder() = 'staff:' || staff_id);
-- Only the demo ties accounts through the API, while nobody is known; in earnest an operator does (`phr accounts`).
create policy own on identity.accounts for select to phr_api using (
    identity.holder() = coalesce('person:' || person_id, 'staff:' || staff_id));
create policy tie on identity.accounts for insert to phr_api with check (identity.holder() is null);

-- Each for who holds the token, before anybody is known ------------------------------------------------------

-- Signing out: the session of this token ends.
create function identity.close(digest bytea) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
    delete from identity.sessions where token_hash = digest
$$;

-- Whose one-time code for an app this is, used up by this; null when it is not good.
create function identity.use_app_code(digest bytea) returns bigint
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
    delete from identity.app_codes where code_hash = digest and expires_at > now() returning person_id
$$;

-- Whose app holds or held this refresh token.
create function identity.app_of(digest bytea) returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select person_id from identity.refresh_tokens join identity.apps using (app_id) where token_hash = digest
$$;

-- A sign-in that was begun under this state in this browser, once.
create function identity.take_sign_in(state bytea, browser bytea, wanted text, ttl interval)
returns table (door text, nonce text, verifier text, after text, again boolean, started_at timestamptz)
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
    delete from identity.sign_ins as one
     where state_hash = state and browser_hash = browser and one.door = wanted and one.started_at > now() - ttl
    returning one.door, one.nonce, one.verifier, one.after, one.again, one.started_at
$$;

-- How many sign-ins this address began and did not finish.
create function identity.begun_from(address text, ttl interval) returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select count(*) from identity.sign_ins where source = address and started_at > now() - ttl
$$;

-- Whose account this is nobody said yet: a code to show at the city's desk. The one before is void.
create function identity.ask_link(digest bytea, iss text, sub text, ttl interval) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
    insert into identity.link_codes (code_hash, issuer, subject, expires_at) values (digest, iss, sub, now() + ttl)
    on conflict (issuer, subject) do update set code_hash = excluded.code_hash, expires_at = excluded.expires_at
$$;

-- Counting tries that failed tells of nobody; that a count can be forgotten is for who was right.
alter function identity.try_now(text, integer, integer) security definer set search_path = pg_catalog, pg_temp;
create function identity.forgive(what text) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
    delete from identity.tries where key = what
$$;
