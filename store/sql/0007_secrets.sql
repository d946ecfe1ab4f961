-- Names, contacts and identifiers are sealed (store/sealing.py): whoever holds a copy of the database holds none of
-- them without the master key, which is never in it. A column of the type identity.sealed takes no clear text.

-- The keys that values are sealed with, each wrapped by a master key.
create table identity.keys (
    key_id     bytea primary key check (length(key_id) = 8),  -- stands in front of every value that it sealed
    use        text not null check (use in ('seal', 'lookup')),
    wrapped    bytea not null,             -- AES-256-GCM under the master key: nonce, key, tag
    master     text not null,              -- which master key: a fingerprint, as `phr keys show` names it
    current    boolean not null default true,  -- seals what is new; the others only open
    created_at timestamptz not null default now()
);
create unique index on identity.keys (use) where current;

-- Both keys in use, held until the transaction ends: a rotation waits for who seals, so that no value is sealed with
-- a key that has gone. (Each statement of a volatile plpgsql function sees what is committed when it begins.)
create function identity.hold_keys() returns setof identity.keys language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('identity.keys', 0));
    return query select * from identity.keys where current;
end $$;

-- What stood in clear before: kept aside until `phr migrate`, which has the key, seals it and drops it.
do $$ begin
    if exists (select from identity.persons) then
        create table identity.clear_persons as select * from identity.persons;
        delete from identity.persons;
    end if;
    if exists (select from identity.identifiers) then
        create table identity.clear_identifiers as select * from identity.identifiers;
        delete from identity.identifiers;
    end if;
end $$;

alter table identity.persons
    drop column name, drop column kana, drop column phone, drop column email, drop column address,
    add column name    identity.sealed not null,
    add column kana    identity.sealed,
    add column phone   identity.sealed,
    add column email   identity.sealed,
    add column address identity.sealed;

-- Found by a keyed hash of system and value; the person stands in the key, so that a value opens for nobody else.
alter table identity.identifiers drop constraint identifiers_pkey, drop column value;
alter table identity.identifiers
    add column identifier_id uuid not null default gen_random_uuid(),
    add column value_hash    bytea not null,   -- HMAC-SHA256 under the lookup key
    add column value         identity.sealed not null,
    add primary key (person_id, identifier_id),
    add unique (system, value_hash);
alter table identity.second_factors alter column secret type identity.sealed;

-- Which VAPID key a browser subscribed with: its push service takes messages signed with that one alone (RFC 8292).
alter table health.push_subscriptions add column server_key text not null default '';
