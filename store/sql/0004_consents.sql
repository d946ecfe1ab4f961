-- Consents: for whose eyes, to which very words, by whom taken back; the signed paper; and who may act for somebody.

alter table health.consents
    add column audience     text[] not null default '{*}',  -- for whose eyes: 'person', 'nurse', …; '*': all that the words name
    add column words_sha256 text,                           -- fingerprint of the words that were shown
    add column withdrawn_by text,                           -- as given_by; 'replaced:<consent id>': a newer one took its place
    add check (cardinality(items) > 0 and cardinality(audience) > 0 and not isempty(valid));

-- A consent that begins or runs out is a change that nobody writes: whoever settles it looks these up (record_readings).
create index on health.consents (upper(valid)) where not upper_inf(valid);
create index on health.consents (lower(valid));

-- The one answer to "is there a consent in force for …", for these eyes (null: not asked). Deny by default.
create function health.consent_for(who bigint, what_for text, to_whom text, item text, moment timestamptz, seen_by text)
returns bigint language sql stable as $$
    select consent_id from health.consents
     where person_id = who and purpose = what_for
       and recipient in (to_whom, '*')
       and (items @> array[item] or items @> array['*'])
       and (seen_by is null or audience && array[seen_by, '*'])
       and valid @> moment
       and (withdrawn_at is null or withdrawn_at > moment)
     order by consent_id limit 1
$$;

create or replace function health.consent_in_force(who bigint, what_for text, to_whom text, item text,
                                                   moment timestamptz)
returns bigint language sql stable as $$ select health.consent_for(who, what_for, to_whom, item, moment, null) $$;

-- Whoever agreed to the record itself (purpose 'phr') and no longer does, has left. Who was never asked has not.
create function health.has_left(who bigint, moment timestamptz) returns boolean language sql stable as $$
    select coalesce(not bool_or(valid @> moment and (withdrawn_at is null or withdrawn_at > moment)), false)
      from health.consents where person_id = who and purpose = 'phr' and lower(valid) <= moment
$$;

-- Who may give and take back consents for somebody: a parent until the child is 18, or a caregiver the person named.
create table health.entitlements (
    entitlement_id bigint generated always as identity primary key,
    person_id bigint not null references health.people,  -- for whom
    proxy_id  bigint not null references health.people,  -- who acts
    kind      text not null check (kind in ('parent', 'caregiver')),
    relation  text not null check (relation <> ''),      -- what the proxy is to the person: 母, 長男, ヘルパー; no name
    valid     tstzrange not null check (not isempty(valid)),
    evidence  text not null check (evidence <> ''),      -- which paper was seen, in words; never its content
    noted_by  text not null,                             -- 'staff:<id>'
    noted_at  timestamptz not null default now(),
    ended_at  timestamptz,
    ended_by  text,                                      -- 'self', 'proxy', 'staff:<id>'
    check (person_id <> proxy_id)
);
create index on health.entitlements (person_id);
create index on health.entitlements (proxy_id);

-- The one answer to "may this person act for that one now". Deny by default.
create function health.may_act_for(proxy bigint, who bigint, moment timestamptz) returns bigint
language sql stable security definer set search_path = '' as $$
    select entitlement_id from health.entitlements join health.people as ward using (person_id)
     where proxy_id = proxy and person_id = who and valid @> moment and (ended_at is null or ended_at > moment)
       and (kind <> 'parent'
            or extract(year from age((moment at time zone interval '9 hours')::date, birth_date)) < 18)
     order by entitlement_id limit 1
$$;

-- For whom somebody may act now. As the owner: whoever asks sees nothing else of these people.
create function health.wards(proxy bigint, moment timestamptz)
returns table (entitlement_id bigint, person_id bigint, public_id uuid, relation text, valid_to timestamptz)
language sql stable security definer set search_path = '' as $$
    select one.entitlement_id, one.person_id, ward.public_id, one.relation, upper(one.valid)
      from health.entitlements as one join health.people as ward on ward.person_id = one.person_id
     where one.proxy_id = proxy and health.may_act_for(proxy, one.person_id, moment) = one.entitlement_id
     order by one.entitlement_id
$$;

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
