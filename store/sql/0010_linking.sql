-- Identifiers tied to people with evidence, and untied again: a row of identity.identifiers is a link.
--
-- It says who a number (被保険者番号, a hospital's patient number, ちょうかいネット's) means, on which civil days, how that was
-- checked and by whom. It is ended (the insurer changed: what is dated before still finds its person) or undone (it never
-- was theirs: what came in by it leaves them); it is not deleted.

alter table identity.identifiers drop constraint identifiers_system_value_hash_key;
alter table identity.identifiers
    add column kind     text not null default 'other' check (kind in ('insurance', 'network', 'facility', 'other')),
    add column evidence text not null default 'taken over' check (evidence <> ''),  -- what was seen or said; never its content
    add column noted_by text not null default 'system',      -- 'staff:<id>', 'operator:<user>', 'system'
    add column valid    daterange not null default '(,)' check (not isempty(valid)),  -- civil days on which it means them
    add column ended_by text,
    add column undone_at timestamptz,
    add column undone_by text,
    add column undone_why text,
    add column mended_at timestamptz,                         -- what came in by it has left
    add column taken_up_at timestamptz,                       -- files that had found nobody were looked at once more
    add check ((undone_at is null) = (undone_by is null) and (undone_at is null) = (undone_why is null)),
    add constraint one_person_at_a_time
        exclude using gist (system with =, value_hash with =, valid with &&) where (undone_at is null);
create index on identity.identifiers (system, value_hash);
create unique index on identity.identifiers (identifier_id);
create index on identity.identifiers (undone_at) where undone_at is not null and mended_at is null;
create index on identity.identifiers (added_at) where taken_up_at is null;

-- By which links a document or record was given to its person: none left, and it is not theirs.
-- `held_for`: the link that was undone, or ended before that day. Nobody sees such a row; the bridge's worker gives it to whom it belongs, or removes it.
alter table health.documents
    add column links    uuid[] not null default '{}',
    add column born     date,                                 -- the birthday that the file said, to be compared again
    add column held_for uuid;
alter table health.records
    add column links    uuid[] not null default '{}',
    add column held_for uuid;
create index on health.documents using gin (links) where links <> '{}';
create index on health.records using gin (links) where links <> '{}';
create index on health.documents (held_for) where held_for is not null;
create index on health.records (held_for) where held_for is not null;
create or replace view health.shown_records with (security_invoker = true) as
    select record.* from health.records as record join health.sources as source using (source_id)
     where record.released and not record.withdrawn and record.held_for is null
       and health.consent_in_force(record.person_id, 'phr_records', coalesce(source.code, ''), record.kind,
                                      statement_timestamp())
           is not null;

-- What was asked of a record that turned out to be another person's stays with who asked, without the record.
alter table health.correction_requests alter column record_id drop not null;

-- A number that was shown for one person and is tied to another: for somebody to look into.
create table identity.link_conflicts (
    conflict_id   bigint generated always as identity primary key,
    person_id     bigint not null references health.people,  -- for whom it was shown
    holder_id     bigint not null references health.people,  -- who has it
    identifier_id uuid not null,                             -- the link that stands
    kind          text not null,
    evidence      text not null,
    noted_by      text not null,
    noted_at      timestamptz not null default now(),
    settled_at    timestamptz,
    settled_by    text,
    outcome       text check (outcome in ('moved', 'stays'))
);
create unique index link_conflicts_open on identity.link_conflicts (person_id, identifier_id) where settled_at is null;
create index on identity.link_conflicts (holder_id);
alter table identity.link_conflicts enable row level security;
create policy others on identity.link_conflicts to phr_jobs using (true) with check (true);
create policy town on identity.link_conflicts to phr_api using (
    (select health.my_town()) is not null
    and exists (select from health.people as p where p.person_id = link_conflicts.person_id and town = (select health.my_town())));

-- At the counter. Each runs as the owner and answers for the member of staff who asks, and for people of her town alone.

-- Whose insurance card (or other identifier) was shown: one person of this town, born on that day.
create or replace function identity.at_the_counter(of_system text, hashes bytea[], born date, of_town text)
returns bigint language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select person.person_id from identity.identifiers as link join health.people as person using (person_id)
     where link.system = of_system and link.value_hash = any(hashes) and link.undone_at is null
       and link.valid @> (now() at time zone interval '+09:00')::date
       and person.birth_date = born and person.town = of_town and of_town = health.my_town()
$$;

-- Who shows this number of our own (public id): born on that day, of her town.
create function identity.present(public uuid, born date) returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select person_id from health.people
     where public_id = public and birth_date = born and town = health.my_town() and health.staff_me() is not null
$$;

-- Ties it, or says why not: 'linked', 'known' (theirs already), 'taken' (somebody else's on one of these days: noted).
create function identity.link(who bigint, link_id uuid, of_system text, hashes bytea[], sealed bytea, of_kind text,
                              seen text, days daterange)
returns text language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
    by_whom constant text := 'staff:' || health.staff_me();
    holder bigint;
    held uuid;
begin
    if by_whom is null or not exists (select from health.people where person_id = who and town = health.my_town()) then
        raise exception 'nobody of her town' using errcode = 'insufficient_privilege';
    end if;
    insert into identity.identifiers (person_id, identifier_id, system, value_hash, value, kind, evidence, noted_by, valid)
    select who, link_id, of_system, hashes[1], sealed, of_kind, seen, by_whom, days
     where not exists (select from identity.identifiers as other where other.system = of_system
                          and other.value_hash = any(hashes) and other.undone_at is null and other.valid && days)
    on conflict do nothing;
    if found then
        return 'linked';
    end if;
    select person_id, identifier_id into holder, held from identity.identifiers as other
     where other.system = of_system and other.value_hash = any(hashes) and other.undone_at is null and other.valid && days
     order by (person_id = who), added_at limit 1;
    if holder = who then
        return 'known';
    end if;
    insert into identity.link_conflicts (person_id, holder_id, identifier_id, kind, evidence, noted_by)
    values (who, holder, held, of_kind, seen, by_whom)
    on conflict (person_id, identifier_id) where settled_at is null do nothing;
    return 'taken';
end $$;

-- A person's links, for who serves them at the counter: never the numbers.
create function identity.links_of(who bigint)
returns table (identifier_id uuid, kind text, system text, evidence text, noted_by text, added_at timestamptz,
               valid_from date, valid_to date, undone_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select link.identifier_id, link.kind, link.system, link.evidence, link.noted_by, link.added_at, lower(link.valid),
           upper(link.valid), link.undone_at
      from identity.identifiers as link join health.people as person using (person_id)
     where person_id = who and person.town = health.my_town() and health.staff_me() is not null
     order by link.added_at desc, link.identifier_id
$$;

-- May she undo or end it: a link of a person of her town, or one that somebody of her town is in conflict with.
create function identity.may_mend(link_id uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select health.staff_me() is not null and (
        exists (select from identity.identifiers join health.people using (person_id)
                 where identifier_id = link_id and town = health.my_town())
        or exists (select from identity.link_conflicts as c join health.people as p on p.person_id = c.person_id
                    where c.identifier_id = link_id and c.settled_at is null and p.town = health.my_town()))
$$;

-- What came by this link alone and is dated `since` or later is held: nobody sees it from now on. Whether there is any.
create function identity.hold_back(link_id uuid, whose bigint, since date) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
    papers bigint;
    loose bigint;
begin
    perform pg_advisory_xact_lock(hashtextextended('records:' || whose, 0));  -- as who imports holds them
    update health.records as record set links = array_remove(links, link_id),
           held_for = case when links <@ array[link_id] then link_id else held_for end
     where links @> array[link_id]  -- its number was matched on the document's day
       and coalesce((select paper.at from health.documents as paper where paper.document_id = record.document_id),
                    (record.at at time zone interval '9 hours')::date) >= since;
    get diagnostics loose = row_count;
    update health.documents set links = array_remove(links, link_id),
           held_for = case when links <@ array[link_id] then link_id else held_for end
     where links @> array[link_id] and at >= since;
    get diagnostics papers = row_count;
    return papers + loose > 0;
end $$;

-- Copies that hold another person's records, or number, are stopped.
create function identity.stop_copies(whose bigint) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
    with stopped as (
        update identity.exports set state = 'stopped', why = 'fault', key = null
         where person_id = whose and state in ('working', 'ready') returning export_id
    )
    delete from identity.export_pieces where export_id in (select export_id from stopped);
$$;

-- The last civil day on which it means them was the one before `until`; what it brought that is dated later is held.
-- Whose it is, or null.
create function identity.end_link(link_id uuid, until date) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
    whose bigint;
begin
    update identity.identifiers set valid = daterange(lower(valid), until), ended_by = 'staff:' || health.staff_me()
     where identifier_id = link_id and undone_at is null and valid @> (until - 1) and identity.may_mend(link_id)
    returning person_id into whose;
    if whose is not null and identity.hold_back(link_id, whose, until) then
        perform identity.stop_copies(whose);
    end if;
    return whose;
end $$;

-- It never was theirs: nothing is found by it any more, and what only it brought is dark from now on. Whose it was, or null.
create function identity.undo_link(link_id uuid, why text) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
    whose bigint;
begin
    update identity.identifiers set undone_at = now(), undone_by = 'staff:' || health.staff_me(), undone_why = why
     where identifier_id = link_id and undone_at is null and identity.may_mend(link_id)
    returning person_id into whose;
    if whose is null then
        return null;
    end if;
    perform identity.hold_back(link_id, whose, '-infinity');
    perform identity.stop_copies(whose);
    update identity.link_conflicts set settled_at = now(), settled_by = 'staff:' || health.staff_me(), outcome = 'moved'
     where identifier_id = link_id and settled_at is null;
    return whose;
end $$;

-- What is needed to tie the number of a conflict to who showed it: how it stands with its holder.
create function identity.conflicting(conflict bigint)
returns table (person_id bigint, holder_id bigint, identifier_id uuid, system text, value bytea, valid daterange)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select c.person_id, c.holder_id, c.identifier_id, link.system, link.value::bytea, link.valid
      from identity.link_conflicts as c join health.people as p on p.person_id = c.person_id
      join identity.identifiers as link on link.person_id = c.holder_id and link.identifier_id = c.identifier_id
     where c.conflict_id = conflict and c.settled_at is null and p.town = health.my_town() and health.staff_me() is not null
$$;
-- Ties the account whose holder was shown this code; the code is used up by it. False: it is not good.
create function identity.tie(who bigint, digest bytea, seen text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
    asked record;
begin
    if health.staff_me() is null or not exists (select from health.people where person_id = who and town = health.my_town()) then
        raise exception 'nobody of her town' using errcode = 'insufficient_privilege';
    end if;
    delete from identity.link_codes where code_hash = digest and expires_at > now() returning issuer, subject into asked;
    if asked.issuer is null then
        return false;
    end if;
    insert into identity.accounts (issuer, subject, person_id, evidence, linked_by)
    values (asked.issuer, asked.subject, who, seen, 'staff:' || health.staff_me()) on conflict do nothing;
    return found;
end $$;
revoke execute on function identity.at_the_counter, identity.present, identity.tie, identity.link, identity.links_of, identity.may_mend,
    identity.hold_back, identity.stop_copies, identity.end_link, identity.undo_link, identity.conflicting from public;

-- The desk of what citizens ask ------------------------------------------------------------------------------

-- What people of her town asked facilities to put right, in their own words, until the facility has answered: with the
-- day and title of the record and the (sealed) name, which the facility has to be told. They asked for that.
alter table health.correction_requests
    add column passed_on_by text,                            -- 'staff:<id>'
    add column answered_by  text;
create function health.correction_desk()
returns table (request_id bigint, person_id bigint, public_id uuid, facility text, title text, at timestamptz, words text,
               asked_at timestamptz, passed_on_at timestamptz, name bytea)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select asked.request_id, asked.person_id, person.public_id, asked.facility, record.title, record.at, asked.words,
           asked.asked_at, asked.passed_on_at, named.name::bytea
      from health.correction_requests as asked join health.people as person using (person_id)
      left join health.records as record on record.record_id = asked.record_id and record.held_for is null
      left join identity.persons as named on named.person_id = asked.person_id
     where asked.answered_at is null and person.town = health.my_town() and health.staff_me() is not null
     order by asked.request_id
$$;
-- She told the facility (`said` null), or writes down what it answered. Whose it is, or null.
create function health.correction_step(one bigint, said text) returns bigint
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
    update health.correction_requests as asked
       set passed_on_at = coalesce(passed_on_at, now()),
           passed_on_by = coalesce(passed_on_by, 'staff:' || health.staff_me()),
           answered_at = case when said is null then answered_at else now() end,
           answered_by = case when said is null then answered_by else 'staff:' || health.staff_me() end,
           answer = coalesce(said, answer)
      from health.people as person
     where person.person_id = asked.person_id and person.town = health.my_town() and health.staff_me() is not null
       and asked.request_id = one and asked.answered_at is null and (said is not null or asked.passed_on_at is null)
    returning asked.person_id
$$;
revoke execute on function health.correction_desk, health.correction_step from public;

-- Why somebody was told something, or was not, is kept for years (store/retention.py), not for ever.
create function audit.refuse_unless_old() returns trigger language plpgsql as $$
begin
    if old.at < now() - interval '1 year'
       or exists (select from identity.deletion_plans where person_id = old.person_id and shut_at is not null)
       or not exists (select from health.people where person_id = old.person_id) then
        return old;
    end if;
    raise exception 'append-only: a row goes with its person, or after a year';
end $$;
drop trigger goes_with_its_person on health.decisions;
create trigger goes_with_its_person before delete on health.decisions
    for each row execute function audit.refuse_unless_old();
