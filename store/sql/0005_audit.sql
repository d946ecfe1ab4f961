-- Who looked at or changed what of whom. A look is written by its own transaction into `audit.fresh`, which nobody has to
-- wait for; the sealer (store/sealer.py) moves it within seconds, in order, into `audit.sealed`, where each row carries
-- sha256(hash of the row before || the row itself). store/chain.py is the one place that computes it: not in here, so
-- that who rules the database does not rule the proof as well.

create table audit.fresh (
    look_id   bigint generated always as identity primary key,
    at        timestamptz not null default now(),
    actor     text not null,               -- 'person:<public id>', 'staff:<id>', 'worker:<name>', 'operator:<user>', 'gateway:<id>', 'anonymous'
    role      text not null,               -- as what
    person_id bigint,                      -- whose data
    action    text not null,               -- 'read', 'write', 'import', 'deny', …
    items     text not null,               -- which kinds of items, never values
    purpose   text not null,
    basis     text not null default '',    -- 'consent:<id>', 'opening:<id>'; of one's own data nothing is needed
    allowed   boolean not null,
    origin    text not null default ''     -- where from
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);

-- By the month of sealing, not of the look: so the rows of a month are one unbroken piece of the chain, and a month that
-- is old enough can go as a whole. No row of it is younger than the month says (a look is sealed after it was written).
create table audit.sealed (
    number    bigint not null,             -- 1, 2, 3 … without a gap
    sealed_at timestamptz not null,
    look_id   bigint not null,
    at        timestamptz not null,
    actor     text not null,
    role      text not null,
    person_id bigint,
    action    text not null,
    items     text not null,
    purpose   text not null,
    basis     text not null,
    allowed   boolean not null,
    origin    text not null,
    hash      bytea not null,
    primary key (number, sealed_at)
) partition by range (sealed_at);
create index on audit.sealed (person_id, look_id);

-- All of it. A look is moved in one transaction, so it is always there exactly once.
create view audit.looks with (security_invoker = true) as
    select look_id, at, actor, role, person_id, action, items, purpose, basis, allowed, origin, number, sealed_at
      from audit.sealed
    union all
    select look_id, at, actor, role, person_id, action, items, purpose, basis, allowed, origin, null, null
      from audit.fresh;

-- Where the chain ends. Who seals holds this row: there is one sealer at a time, however many copies run.
create table audit.head (
    the_one boolean primary key default true check (the_one),
    number bigint not null,
    hash   bytea not null
);
insert into audit.head (number, hash) values (0, decode(repeat('00', 32), 'hex'));

-- The head of every day. It is written to the sealer's log as well: who keeps that log finds a chain that was made anew.
create table audit.anchors (
    number      bigint primary key,
    hash        bytea not null,
    anchored_at timestamptz not null default now()
);

-- Months that were old enough to go, and where the chain goes on after them.
create table audit.retired (
    month      date primary key,
    last       bigint not null,
    hash       bytea not null,             -- of the last row
    retired_at timestamptz not null default now()
);

-- A 保健師 opened a person's data without consent, in an emergency: for how long, and why. The reason is for her
-- supervisors alone: it can tell of others. Whoever opens more of them in a day than is usual names whom of her supervisors
-- she told: nobody is kept from helping in a disaster, and whoever only looks around leaves a name that can be asked.
create table audit.openings (
    opening_id bigint generated always as identity primary key,
    staff_id   bigint not null,
    person_id  bigint not null,
    town       text not null,
    ground     text not null check (ground in ('life', 'disaster', 'safety')),
    reason     text not null check (length(reason) between 10 and 500),
    told       text check (length(told) between 1 and 100),
    opened_at  timestamptz not null default now(),
    until      timestamptz not null,
    closed_at  timestamptz,
    check (until > opened_at and until <= opened_at + interval '24 hours')
);
create index on audit.openings (person_id, opened_at);
create index on audit.openings (staff_id, until);

-- The one answer to "has this 保健師 opened this person's data": the opening's id, or null.
create function audit.opened(by_staff bigint, person bigint, moment timestamptz) returns bigint language sql stable as $$
    select opening_id from audit.openings
     where staff_id = by_staff and person_id = person and opened_at <= moment and moment < until
       and (closed_at is null or closed_at > moment)
     order by opening_id desc limit 1
$$;

-- The people of a town born on this day, with their sealed names: an emergency begins with somebody whom she may not see
-- yet, so this passes by row-level security. What it gives can be read by none but who has the key.
create function audit.born(in_town text, born date)
returns table (person_id bigint, public_id uuid, name bytea, kana bytea) language sql stable security definer
    set search_path = pg_catalog, pg_temp as $$
    select p.person_id, p.public_id, n.name::bytea, n.kana::bytea
      from health.people as p join identity.persons as n using (person_id)
     where p.town = in_town and p.birth_date = born
$$;

-- That her data were opened is told to the person by push too, once: a delivery without advice.
alter table health.deliveries alter column advice_id drop not null;
alter table health.deliveries add column opening_id bigint unique;
alter table health.deliveries add constraint of_one_thing check (num_nonnulls(advice_id, opening_id) = 1);

-- These fences are against mistakes: nobody but the owner can lift them, and what the owner does the chain tells.
create trigger append_only before update or truncate on audit.fresh
    for each statement execute function audit.refuse();
-- The argument names the setting that whoever does this on purpose has switched on.
create function audit.refuse_unless() returns trigger language plpgsql as $$
begin
    if coalesce(current_setting(tg_argv[0], true), '') <> 'on' then
        raise exception 'the audit is append-only';
    end if;
    return null;
end $$;
create trigger leaves_by_sealing before delete on audit.fresh
    for each statement execute function audit.refuse_unless('phr.sealing');
create trigger append_only before update or delete on audit.sealed  -- each month gets it by itself
    for each row execute function audit.refuse();
create trigger not_emptied before truncate on audit.sealed
    for each statement execute function audit.refuse();
create trigger append_only before update or delete or truncate on audit.anchors
    for each statement execute function audit.refuse();
create trigger append_only before update or delete or truncate on audit.retired
    for each statement execute function audit.refuse();
create trigger append_only before truncate on audit.openings
    for each statement execute function audit.refuse();
create trigger leaves_by_age before delete on audit.openings
    for each statement execute function audit.refuse_unless('phr.retiring');
create function audit.only_closed() returns trigger language plpgsql as $$
begin
    if old.closed_at is not null or to_jsonb(new) - 'closed_at' <> to_jsonb(old) - 'closed_at' then
        raise exception 'the audit is append-only';
    end if;
    return new;
end $$;
create trigger only_closed before update on audit.openings
    for each row execute function audit.only_closed();

-- Months ------------------------------------------------------------------------------------------------

-- Makes the partition of the month of this moment, if it is not there. Attaching does not lock readers out.
create function audit.prepare(moment timestamptz) returns void language plpgsql security definer
    set search_path = pg_catalog, pg_temp as $$
declare
    begins timestamptz := date_trunc('month', moment, 'UTC');
    ends timestamptz := date_trunc('month', begins + interval '32 days', 'UTC');
    name text := 'sealed_' || to_char(begins at time zone 'UTC', 'YYYY_MM');
begin
    if to_regclass('audit.' || name) is not null then
        return;
    end if;
    execute format('create table audit.%I (like audit.sealed including defaults including constraints)', name);
    execute format('alter table audit.%I add check (sealed_at >= %L and sealed_at < %L)', name, begins, ends);
    execute format('alter table audit.sealed attach partition audit.%I for values from (%L) to (%L)', name, begins, ends);
    execute format('create trigger not_emptied before truncate on audit.%I for each statement'
                   ' execute function audit.refuse()', name);
end $$;
select audit.prepare(now()), audit.prepare(now() + interval '31 days');

-- Lets go of months that ended so many years ago, the oldest first; returns which. The number of the last row and its
-- hash stay in audit.retired. Openings go when they are as old: their reasons can tell of people.
--
-- A clock that ran ahead must not empty the audit, so no clock is believed alone: a month goes once the chain was anchored
-- in as many months after it as make up the years (where nothing is looked at for a month, it is kept a month longer), and
-- an opening only when its month has gone.
create function audit.retire(years integer, moment timestamptz) returns setof date language plpgsql security definer
    set search_path = pg_catalog, pg_temp as $$
declare
    part record;
    ended date;
begin
    if years < 1 then
        raise exception 'an audit is kept for at least a year';
    end if;
    -- Whoever took over the sealer's login must not get rid of what tells of them. (current_user is the owner here.)
    if moment > clock_timestamp() + interval '1 day' and not pg_has_role(session_user, current_user, 'member') then
        raise exception 'this moment lies ahead';
    end if;
    for part in select relname from pg_inherits join pg_class on pg_class.oid = inhrelid
                 where inhparent = 'audit.sealed'::regclass order by relname loop
        ended := (to_date(right(part.relname, 7), 'YYYY_MM') + interval '1 month')::date;
        continue when ended + make_interval(years => years) > moment at time zone 'UTC'
            or (select count(distinct date_trunc('month', anchored_at, 'UTC')) from audit.anchors
                 where anchored_at at time zone 'UTC' >= ended) < 12 * years;
        execute format('insert into audit.retired (month, last, hash)'
                       ' select %L, number, hash from audit.%I order by number desc limit 1',
                       to_date(right(part.relname, 7), 'YYYY_MM'), part.relname);
        execute format('drop table audit.%I', part.relname);
        return next to_date(right(part.relname, 7), 'YYYY_MM');
    end loop;
    perform set_config('phr.retiring', 'on', true);
    delete from audit.openings where until < least(
        moment - make_interval(years => years, months => 1),
        (select min(to_date(right(relname, 7), 'YYYY_MM')::timestamp) at time zone 'UTC'
           from pg_inherits join pg_class on pg_class.oid = inhrelid where inhparent = 'audit.sealed'::regclass));
    perform set_config('phr.retiring', '', true);
end $$;
revoke execute on function audit.prepare, audit.retire, audit.born from public;
