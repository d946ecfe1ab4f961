-- Whom and what the API's own role reaches: row-level security, a second fence behind phr_api/doors.py and reach.py.
--
-- Each request says who asks (store/reaching.py: phr.role, phr.person, phr.staff, phr.town, phr.facility, good until the
-- transaction ends). Who says nothing sees nothing. The functions here that run with their owner's rights (`security definer`) answer
-- one question each, with a fixed search path. Conditions stand as `= (select …)`: asked once a query, not once a row,
-- and an index on person_id still serves.

-- Who asks: the citizen, or null. Nobody while a proxy acts for somebody (phr.ward): neither's own things are in reach.
create function health.me() returns bigint language sql stable as $$
    select case when coalesce(current_setting('phr.ward', true), '') = ''
                then nullif(current_setting('phr.person', true), '')::bigint end
$$;
-- For whom a proxy asks who may do this ('see', 'enter') for them at this moment, or null.
create function health.ward(what text) returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select ward from (select nullif(current_setting('phr.ward', true), '')::bigint as ward) as acted_for
     where health.may_act_for(nullif(current_setting('phr.person', true), '')::bigint, ward, what,
                              statement_timestamp()) is not null
$$;
-- The member of staff who asks, or null.
create function health.staff_me() returns bigint language sql stable as $$
    select nullif(current_setting('phr.staff', true), '')::bigint
$$;
-- For which town (全国地方公共団体コード) a 保健師 asks, or null: the town's own, or of a facility that works for it.
create function health.duty_town() returns text language sql stable as $$
    select case when current_setting('phr.role', true) = 'nurse' then nullif(current_setting('phr.town', true), '') end
$$;
-- The facility whose 保健師 asks, or null.
create function health.my_facility() returns text language sql stable as $$
    select case when current_setting('phr.role', true) = 'nurse' then nullif(current_setting('phr.facility', true), '') end
$$;
-- The town whose own 保健師 asks, or null. The counter and emergencies are hers alone.
create function health.my_town() returns text language sql stable as $$
    select case when health.my_facility() is null then health.duty_town() end
$$;
-- Whether she answers for the others of her town.
create function health.supervises() returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select exists (select from identity.staff
                    where staff_id = health.staff_me() and role = 'supervisor' and left_at is null)
           and health.my_town() is not null
$$;
-- The one person of her town whom she serves at the counter, by the card that they showed, or null.
create function health.served() returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select person_id from health.people
     where person_id = nullif(current_setting('phr.served', true), '')::bigint and town = health.my_town()
$$;

-- May this 保健師 see all of these kinds of the person: in her town and agreed to, for the town ('city') or for her
-- facility; or opened in an emergency.
create function health.may_see(nurse bigint, her_town text, who bigint, items text[], hers text) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select exists (select from health.people where person_id = who and town = her_town)
           and (not exists (select from unnest(items) as item
                             where health.consent_in_force(who, 'guidance', hers, item, statement_timestamp()) is null)
                or hers = 'city' and audit.opened(nurse, who, statement_timestamp()) is not null)
$$;

-- As in 0005_audit.sql, for the 保健師 of that town alone.
create or replace function audit.born(in_town text, born date)
returns table (person_id bigint, public_id uuid, name bytea, kana bytea) language sql stable security definer
    set search_path = pg_catalog as $$
    select p.person_id, p.public_id, n.name::bytea, n.kana::bytea
      from health.people as p join identity.persons as n using (person_id)
     where p.town = in_town and p.birth_date = born and in_town = health.my_town()
$$;

-- Everybody with open advice for her who agreed that this 保健師 sees it: her work list; for thirty days also who said that
-- they have been seen by a doctor, so that she can see it and take it back. The set at once: a question a row would be
-- asked thousands of times.
create function health.on_my_list() returns setof bigint
language sql stable security definer set search_path = pg_catalog, pg_temp rows 500 as $$
    select person_id from health.people where town = (select health.duty_town())
       and person_id = any(array(select person_id from health.advice
                                  where closed_at is null and kind in ('red_flag', 'referral') and audience in ('nurse', 'both')
                                  union select said.person_id from health.feedback as said join health.advice using (advice_id)
                                   where said.at >= now() - interval '30 days' and answer in ('done', 'under_care')
                                     and kind in ('red_flag', 'referral') and audience in ('nurse', 'both')
                                  union select person_id from health.call_outcomes where at >= now() - interval '30 days'))
       and exists (select from health.consents
                    where consents.person_id = people.person_id
                      and health.allows(consents, 'guidance', coalesce(health.my_facility(), 'city'), 'advice',
                                        statement_timestamp(), null))
$$;

-- Of whom this request may read: the citizen who asks or for whom a proxy asks, or the one person whom a 保健師 has turned
-- to and may see.
create function health.subject() returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select case when health.duty_town() is null then coalesce(health.me(), health.ward('see'))
                when health.may_see(health.staff_me(), health.duty_town(), patient, '{advice,readings,checkup_item}',
                                    coalesce(health.my_facility(), 'city'))
                then patient end
      from (select nullif(current_setting('phr.patient', true), '')::bigint as patient) as turned_to
$$;

-- For whom this request may enter numbers: a proxy who may only see enters nothing.
create function health.enters_for() returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select case when coalesce(current_setting('phr.ward', true), '') = '' then health.subject()
                else health.ward('enter') end
$$;

-- Whose name the citizen who asks may read: of who acts for them now, and of whom they may see.
create function health.trusted() returns setof bigint
language sql stable security definer set search_path = pg_catalog, pg_temp rows 2 as $$
    select proxy_id from health.entitlements as one
     where person_id = health.me()
       and exists (select from health.wards(one.proxy_id, statement_timestamp()) as ward
                    where ward.entitlement_id = one.entitlement_id)
     union all
    select person_id from health.wards(health.me(), statement_timestamp()) where 'see' = any(scope)
$$;

-- For whom whoever asks may step in, to give and take back consents: oneself, of whom one is the proxy for that, and at
-- the counter who showed their card there and brought a signed paper.
create function health.may_step_in(who bigint) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce(who = health.me(), false)
           or health.may_act_for(health.me(), who, 'consents', statement_timestamp()) is not null
           or coalesce(who = health.served(), false)
$$;

-- The households in which whoever asks (or is asked about) is or was.
create function health.homes() returns setof bigint
language sql stable security definer set search_path = pg_catalog, pg_temp rows 2 as $$
    select household_id from health.household_members where person_id = health.subject() and not isempty(valid)
$$;

-- With whom the citizen who asks shares a household now.
create function health.housemates() returns setof bigint
language sql stable security definer set search_path = pg_catalog, pg_temp rows 4 as $$
    select other.person_id
      from health.household_members as mine join health.household_members as other using (household_id)
     where mine.person_id = health.me() and mine.valid @> now() and other.valid @> now()
$$;

-- The number behind a public id. It says nothing of the person; without it a refused try could not be written down.
create function health.number_of(public uuid) returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select person_id from health.people where public_id = public
$$;

-- Who asked for this one-time code of a gateway, while it is good.
create function health.asked_for(digest bytea) returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select asked_by from health.gateway_codes where code_hash = digest and used_at is null and expires_at > now()
$$;

-- A browser that another person signed in to before: whoever holds its address holds the browser.
create function health.release_browser(address text) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
    delete from health.push_subscriptions where endpoint = address and person_id is distinct from health.me()
$$;

-- Questions that others ask of everybody's consents: each answers one, so whoever asks need not see the rows themselves.
alter function health.consent_for(bigint, text, text, text, timestamptz, text)
    security definer set search_path = pg_catalog, pg_temp;
alter function health.consents_for(bigint[], text, text, text, timestamptz, text)
    security definer set search_path = pg_catalog, pg_temp;
alter function health.has_left(bigint, timestamptz) security definer set search_path = pg_catalog, pg_temp;
alter function audit.opened(bigint, bigint, timestamptz) security definer set search_path = pg_catalog, pg_temp;

-- What shown_records shows, it shows to whom the records are.
alter view health.shown_records set (security_invoker = true);

-- Every table with a person in it, and its rows: for the API as said below, for every other role what it was granted.
create procedure health.fence(fenced regclass) language plpgsql as $$
begin
    execute format('alter table %s enable row level security', fenced);
    execute format('create policy others on %s to phr_ingest, phr_figures, phr_advice, phr_bridge, phr_gatekeeper, phr_jobs,'
                   ' phr_operator using (true) with check (true)', fenced);
end $$;

-- Read by whoever may, written by the citizen alone.
create procedure health.fence_own(fenced regclass) language plpgsql as $$
begin
    call health.fence(fenced);
    execute format('create policy read on %s for select to phr_api using (person_id = (select health.subject()))', fenced);
    execute format('create policy write on %s to phr_api using (person_id = (select health.me()))', fenced);
end $$;

call health.fence_own('health.days');
call health.fence_own('health.device_order');
call health.fence_own('health.posts');
call health.fence_own('health.records');
call health.fence_own('health.documents');
call health.fence_own('health.feedback');
call health.fence_own('health.decisions');
call health.fence_own('health.deliveries');
call health.fence_own('health.non_use_notices');

-- Nobody else's, whoever may see the person.
create procedure health.fence_private(fenced regclass) language plpgsql as $$
begin
    call health.fence(fenced);
    execute format('create policy own on %s to phr_api using (person_id = (select health.me()))', fenced);
end $$;

call health.fence_private('health.push_subscriptions');
call health.fence_private('health.correction_requests');
call health.fence_private('health.invitations');
call health.fence_private('identity.identifiers');
call health.fence_private('identity.exports');
call health.fence_private('identity.export_pieces');
call health.fence_private('identity.deletion_plans');

-- What is put right: by the citizen, a 保健師 for the person she has turned to, or a proxy who may.
call health.fence('health.corrections');
create policy read on health.corrections for select to phr_api using (person_id = (select health.subject()));
create policy whose on health.corrections to phr_api using (person_id = (select health.enters_for()));

-- Numbers. What a shared or handed on device measured can go from one member of a household to another: while such a
-- move is made (phr.moving), theirs are within reach as well.
call health.fence('health.last_values');
create policy read on health.last_values for select to phr_api using (person_id = (select health.subject()));
create policy whose on health.last_values to phr_api using (
    person_id = (select health.enters_for())
    or (select current_setting('phr.moving', true) = 'on')
       and person_id in (select person_id from health.household_members));
-- TimescaleDB can keep no rows in columns of a table with row-level security: there a view stands for it
-- (0013_reach_timescale.sql).
do $$ begin
    if not exists (select from pg_extension where extname = 'timescaledb') then
        call health.fence('health.readings');
        create policy read on health.readings for select to phr_api using (person_id = (select health.subject()));
        create policy whose on health.readings to phr_api using (
            person_id = (select health.enters_for())
            or (select current_setting('phr.moving', true) = 'on')
               and person_id in (select person_id from health.household_members));
    end if;
end $$;

-- Households. A new one can be entered by who has just made it; who is in it already is asked nobody else.
call health.fence('health.household_members');
create policy read on health.household_members for select to phr_api using (
    household_id in (select health.homes()));
create policy enter on health.household_members for insert to phr_api with check (
    person_id = (select health.me())
    and exists (select from health.households as h
                 where h.household_id = household_members.household_id and h.created_at = now()));

call health.fence('health.gateways');
create policy household on health.gateways to phr_api using (
    household_id in (select household_id from health.household_members
                      where person_id = (select health.me()) and valid @> now()));
call health.fence('health.gateway_codes');
create policy household on health.gateway_codes to phr_api using (
    asked_by = (select health.me())
    and household_id in (select household_id from health.household_members
                          where person_id = (select health.me()) and valid @> now()));
call health.fence('health.registrations');
-- A device of one member's own is that member's; others of the household reach it only while it changes hands, or the
-- gateway is shut out with all its devices (phr.moving).
create policy read on health.registrations for select to phr_api using (
    person_id = (select health.subject()) or household_id in (select health.homes())
    or (select current_setting('phr.moving', true) = 'on') and gateway_id in (select gateway_id from health.gateways));
create policy write on health.registrations to phr_api using (
    gateway_id in (select gateway_id from health.gateways)
    and (person_id is null or person_id = (select health.me()) or (select current_setting('phr.moving', true) = 'on')));
call health.fence('health.unclaimed');
-- Whose it is can be asked of who lived there when it was measured.
create policy household on health.unclaimed to phr_api using (
    (select health.me()) is not null and household_id in (select health.homes())
    and ((select current_setting('phr.moving', true) = 'on')
         or exists (select from health.household_members as m
                     where m.household_id = unclaimed.household_id and m.person_id = (select health.me())
                       and m.valid @> unclaimed.at)));
call health.fence('health.not_mine');
create policy own on health.not_mine to phr_api using (
    person_id = (select health.me()) and household_id in (select health.homes()));

-- What could not be understood: what one posted, and what came from a gateway of one's household.
call health.fence('health.rejections');
create policy household on health.rejections to phr_api using (
    person_id = (select health.me()) or gateway_id in (select gateway_id from health.gateways));

-- Labels of sources tell of nobody. A device is called otherwise by who has it now: its person, or its household.
call health.fence('health.sources');
create policy read on health.sources for select to phr_api using (true);
create policy make on health.sources for insert to phr_api with check (
    coalesce(health.me(), health.staff_me(), health.ward('enter')) is not null);
create policy rename on health.sources for update to phr_api using (
    exists (select from health.registrations as r
             where r.source_id = sources.source_id
               and (r.person_id = (select health.me()) or r.gateway_id in (select gateway_id from health.gateways))));

-- People. A citizen sees who shares the household now; a 保健師 the people of her list, and of her town that they are there.
call health.fence('health.people');
create policy read on health.people for select to phr_api using (
    person_id = (select health.me()) or person_id = (select health.ward('see')) or town = (select health.my_town())
    or (select health.my_facility()) is not null
       and (person_id = (select health.subject()) or person_id in (select health.on_my_list()))
    or person_id in (select health.housemates()));
-- How somebody is reached is told to themselves and to the 保健師 who may see them.
call health.fence('identity.persons');
create policy read on identity.persons for select to phr_api using (
    person_id = (select health.me()) or person_id = (select case when health.duty_town() is not null then health.subject() end)
    or person_id in (select health.on_my_list()));
-- What somebody is called, and nothing else, also to who shares the household now and to proxies. The view looks as its
-- owner, past the fence of the table, so it has one of its own.
create view identity.names with (security_barrier = true) as
    select person_id, name from identity.persons
     where (select current_user <> 'phr_api') or person_id = (select health.subject())
        or person_id in (select health.on_my_list())
        or person_id in (select health.housemates())
        or (select health.me()) is not null and person_id in (select health.trusted());

call health.fence('health.advice');
create policy read on health.advice for select to phr_api using (
    person_id = (select health.subject()) or person_id in (select health.on_my_list()));

-- Consents: one's own, and of whom one acts for; at the counter a 保健師 steps in for who stands there (may_step_in). Who may act for whom is noted at the counter
-- or by an invitation (health.accept_invitation) alone; either of the two ends it, and nobody begins it again.
call health.fence('health.entitlements');
create policy read on health.entitlements for select to phr_api using (
    person_id = (select health.me()) or proxy_id = (select health.me()) or person_id = (select health.served()));
create policy note on health.entitlements for insert to phr_api with check (person_id = (select health.served()));
create policy finish on health.entitlements for update to phr_api using (
    ended_at is null
    and (person_id = (select health.me()) or proxy_id = (select health.me()) or person_id = (select health.served())))
    with check (ended_at is not null);
call health.fence('health.consents');
create policy whose on health.consents to phr_api using (
    person_id = (select health.me())
    or (select health.me()) is not null and health.may_act_for((select health.me()), person_id, 'consents', statement_timestamp()) is not null);
call health.fence('health.consent_scans');
create policy whose on health.consent_scans to phr_api using (consent_id in (select consent_id from health.consents));

-- The audit: everybody adds, a person sees who looked.
call health.fence('audit.fresh');
create policy add on audit.fresh for insert to phr_api with check (true);
create policy read on audit.fresh for select to phr_api using (person_id = (select health.me()));
call health.fence('audit.sealed');
create policy read on audit.sealed for select to phr_api using (person_id = (select health.me()));

-- Emergencies: her own to open and close, those of her town for their supervisor to see, and the person's own.
call health.fence('audit.openings');
create policy read on audit.openings for select to phr_api using (
    person_id = (select health.me()) or (select health.supervises()) and town = (select health.my_town()));
create policy hers on audit.openings to phr_api using (
    staff_id = (select health.staff_me()) and town = (select health.my_town()));

-- For the tables of later files; nobody but the owner can fence.
revoke execute on procedure health.fence_private, health.fence_own, health.fence from public;
