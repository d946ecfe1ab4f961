-- requires extension: timescaledb
-- The second fence before the readings where they are a hypertable. TimescaleDB keeps no rows in columns of a table with
-- row-level security (its issue 6827), so everybody asks a view of the table's name, which shows and takes for the API's
-- role what the policy in 0008_reach.sql would. It is no `security_barrier`: behind one no index would serve a join, and it
-- guards against faults of ours, not against somebody who runs SQL of their own as the API. Who copies many rows copies into
-- the table (store/readings.py).
--
-- The view looks as its owner, past the fences of other tables: so it asks for the households itself. One condition stands for
-- reading and writing; that a proxy who may only see enters nothing, a trigger of the table says.

alter table health.readings rename to raw_readings;
create view health.readings as
    select * from health.raw_readings
     where (select current_user <> 'phr_api')
        or person_id = (select health.subject())
        or person_id = (select health.enters_for())
        or (select current_setting('phr.moving', true) = 'on')
           and person_id in (select person_id from health.household_members
                              where household_id in (select health.homes()))
      with cascaded check option;

create function health.refuse_who_only_sees() returns trigger language plpgsql as $$
begin
    if health.enters_for() is null and coalesce(current_setting('phr.moving', true), '') <> 'on' then
        raise insufficient_privilege using message = 'who asks may enter nothing for this person';
    end if;
    return null;
end $$;
create trigger enters before insert or update or delete on health.raw_readings
    for each statement when (current_user = 'phr_api') execute function health.refuse_who_only_sees();
