-- Consents: for whose eyes, to which very words, by whom taken back; the signed paper; and who may act for somebody.

alter table health.consents
    add column audience     text[] not null default '{*}',  -- for whose eyes: 'person', 'nurse', …; '*': all that the words name
    add column words_sha256 text,                           -- fingerprint of the words that were shown
    add column withdrawn_by text,                           -- as given_by; 'replaced:<consent id>': a newer one took its place
    add check (cardinality(items) > 0 and cardinality(audience) > 0 and not isempty(valid));

-- A consent that begins or runs out is a change that nobody writes: whoever settles it looks these up (record_readings).
create index on health.consents (upper(valid)) where not upper_inf(valid);
create index on health.consents (lower(valid));

-- What a consent allows: the one place that says so. Asked for one person below, for many in consents_for.
create function health.allows(one health.consents, what_for text, to_whom text, item text, moment timestamptz,
                              seen_by text)
returns boolean language sql immutable as $$
    select one.purpose = what_for
       and one.recipient in (to_whom, '*')
       and (one.items @> array[item] or one.items @> array['*'])
       and (seen_by is null or one.audience && array[seen_by, '*'])
       and one.valid @> moment
       and (one.withdrawn_at is null or one.withdrawn_at > moment)
$$;

-- The one answer to "is there a consent in force for …", for these eyes (null: not asked). Deny by default.
create function health.consent_for(who bigint, what_for text, to_whom text, item text, moment timestamptz, seen_by text)
returns bigint language sql stable as $$
    select consent_id from health.consents
     where person_id = who and health.allows(consents, what_for, to_whom, item, moment, seen_by)
     order by consent_id limit 1
$$;

-- The same answer of many people at once: those of them who agreed, each with that consent.
create function health.consents_for(people bigint[], what_for text, to_whom text, item text, moment timestamptz,
                                    seen_by text)
returns table (person_id bigint, consent_id bigint) language sql stable as $$
    select person_id, min(consent_id) from health.consents
     where person_id = any(people) and health.allows(consents, what_for, to_whom, item, moment, seen_by)
     group by person_id
$$;

create or replace function health.consent_in_force(who bigint, what_for text, to_whom text, item text,
                                                   moment timestamptz)
returns bigint language sql stable as $$ select health.consent_for(who, what_for, to_whom, item, moment, null) $$;

-- Whoever agreed to the record itself (purpose 'phr') and no longer does, has left. Who was never asked has not.
create function health.has_left(who bigint, moment timestamptz) returns boolean language sql stable as $$
    select coalesce(not bool_or(valid @> moment and (withdrawn_at is null or withdrawn_at > moment)), false)
      from health.consents where person_id = who and purpose = 'phr' and lower(valid) <= moment
$$;

-- Who may do what for somebody: a parent until the child is 18, or a caregiver the person named.
--   consents  give and take back consents      see    advice, numbers, checkups, records
--   enter     type in numbers and put them right; nobody can do that without seeing them
create table health.entitlements (
    entitlement_id bigint generated always as identity primary key,
    person_id bigint not null references health.people,  -- for whom
    proxy_id  bigint not null references health.people,  -- who acts
    kind      text not null check (kind in ('parent', 'caregiver')),
    relation  text not null check (relation <> ''),      -- what the proxy is to the person: 母, 長男, ヘルパー; no name
    scope     text[] not null default '{consents}' check (
        scope <@ '{consents,see,enter}' and cardinality(scope) > 0 and (scope @> '{see}' or not scope @> '{enter}')),
    valid     tstzrange not null check (not isempty(valid)),
    evidence  text not null check (evidence <> ''),      -- which paper was seen, in words; never its content
    noted_by  text not null,                             -- 'staff:<id>'; 'self': who was invited by the person
    noted_at  timestamptz not null default now(),
    ended_at  timestamptz,
    ended_by  text,                                      -- 'self', 'proxy', 'staff:<id>', 'deletion'
    check (person_id <> proxy_id)
);
create index on health.entitlements (person_id);
create index on health.entitlements (proxy_id);

-- For whom somebody may act now. As the owner: whoever asks sees nothing else of these people.
create function health.wards(proxy bigint, moment timestamptz)
returns table (entitlement_id bigint, person_id bigint, public_id uuid, relation text, scope text[], valid_to timestamptz)
language sql stable security definer set search_path = '' as $$
    select entitlement_id, person_id, ward.public_id, relation, scope, upper(valid)
      from health.entitlements join health.people as ward using (person_id)
     where proxy_id = proxy and valid @> moment and (ended_at is null or ended_at > moment)
       and (kind <> 'parent'
            or extract(year from age((moment at time zone interval '9 hours')::date, birth_date)) < 18)
     order by entitlement_id
$$;

-- The one answer to "may this person do that for this one now": by which entitlement. Deny by default.
create function health.may_act_for(proxy bigint, who bigint, what text, moment timestamptz) returns bigint
language sql stable security definer set search_path = '' as $$
    select entitlement_id from health.wards(proxy, moment) where person_id = who and what = any(scope)
     order by entitlement_id limit 1
$$;

-- A one-time code with which a person invites their proxy; the code itself (80 random bits) is stored nowhere.
create table health.invitations (
    code_hash  bytea primary key,                         -- sha256
    person_id  bigint not null references health.people,  -- who invites
    relation   text not null check (relation <> ''),
    scope      text[] not null,
    valid_to   timestamptz,                               -- of the entitlement; null: until somebody ends it
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at    timestamptz
);
create index on health.invitations (person_id);

-- Who invites by this code, and to what, while it is good: told to nobody but another person who holds the code.
create function health.invited(digest bytea, guest bigint)
returns table (person_id bigint, public_id uuid, name bytea, relation text, scope text[], valid_to timestamptz)
language plpgsql stable security definer set search_path = '' as $$
begin  -- plpgsql: the name is sealed in a later file
    return query
    select host.person_id, host.public_id, called.name::bytea, offer.relation, offer.scope, offer.valid_to
      from health.invitations as offer join health.people as host on host.person_id = offer.person_id
      left join identity.persons as called on called.person_id = offer.person_id
     where offer.code_hash = digest and offer.used_at is null and offer.expires_at > clock_timestamp()
       and offer.person_id <> guest and (offer.valid_to is null or offer.valid_to > clock_timestamp());
end $$;

-- The guest accepts: the code is used up, the entitlement stands. Null when the code is not good, or one's own. Of two
-- calls with one code the second waits for the first, and finds it used.
create function health.accept_invitation(digest bytea, guest bigint) returns bigint
language sql volatile security definer set search_path = '' as $$
    with used as (
        update health.invitations set used_at = clock_timestamp()
         where code_hash = digest and used_at is null and expires_at > clock_timestamp() and person_id <> guest
           and (valid_to is null or valid_to > clock_timestamp())
        returning person_id, relation, scope, valid_to)
    insert into health.entitlements (person_id, proxy_id, kind, relation, scope, valid, evidence, noted_by)
    select person_id, guest, 'caregiver', relation, scope, tstzrange(now(), valid_to), '本人の招待', 'self' from used
    returning entitlement_id
$$;

-- In whose name a browser shows its pages (null: the one's who signed in). It counts while the entitlement does.
alter table identity.sessions
    add foreign key (acting_by) references health.entitlements on delete set null;
create index on identity.sessions (acting_by);

-- The paper that was signed, as it was scanned.
create table health.consent_scans (
    consent_id bigint not null references health.consents,
    what       text not null check (what in ('given', 'withdrawn')),
    media_type text not null check (media_type in ('application/pdf', 'image/jpeg', 'image/png')),
    content    bytea not null check (octet_length(content) between 1 and 5000000),
    added_by   text not null,                            -- 'staff:<id>'
    added_at   timestamptz not null default now(),
    primary key (consent_id, what)
);

-- Whose insurance card (or other identifier) was shown at the counter: one person of this town, born on that day. The
-- API's own role can't look into identifiers; a member of staff with a signed paper in hand has to find one person.
-- plpgsql: the columns are of a later file.
create function identity.at_the_counter(of_system text, hashes bytea[], born date, of_town text)
returns bigint language plpgsql stable security definer set search_path = '' as $$
begin
    return (select person.person_id from identity.identifiers join health.people as person using (person_id)
             where system = of_system and value_hash = any(hashes) and birth_date = born and town = of_town);
end $$;
