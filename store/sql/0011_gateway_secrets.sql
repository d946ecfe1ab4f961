-- A gateway's new secret, with overlap: the old one stays good beside it for some days, so that no measurement is lost
-- while the box is changed. At the broker each has a name of its own: the gateway's, from the second secret on with the
-- secret's number behind a dot, which no gateway's name can have (`gw-7k3m9qtd0x.2`).
alter table health.gateways
    add column generation     integer not null default 1,  -- which secret password_hash is
    add column heard_at       timestamptz,                 -- when somebody first came in with it; of the first nobody asks
    add column old_hash       text,
    add column old_generation integer,
    add column old_until      timestamptz;                 -- the old one ends; past: there is none

-- Whoever changes the secret need not be able to read the old one. A newer secret that nobody has used yet is not worth
-- keeping: then the one before it, which is in use, stays the old one, and lives no longer for that.
create function health.keep_old_secret() returns trigger language plpgsql as $$
begin
    if old.generation > 1 and old.heard_at is null and old.old_until > now() then
        new.old_until := least(new.old_until, old.old_until);
    else
        new.old_hash := old.password_hash;
        new.old_generation := old.generation;
    end if;
    new.generation := old.generation + 1;
    new.heard_at := null;
    return new;
end $$;
create trigger keeps_old_secret before update of password_hash on health.gateways
    for each row execute function health.keep_old_secret();
