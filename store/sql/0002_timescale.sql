-- requires extension: timescaledb
-- Applied only where TimescaleDB can be had; the product runs without it, by the same queries.

create extension if not exists timescaledb;

-- A town of 20,000 who measure 30 times a day writes 17 million readings in 28 days: 1.5 GB, 0.7 GB of it the key.
-- Devices are late by up to 42 days, so three chunks are being written at once, and their keys should fit into memory.
-- A year of one person is 13 chunks. No index on time alone: chunks do that, and BRIN within them costs nothing.
select create_hypertable('health.readings', 'at', chunk_time_interval => interval '28 days', migrate_data => true,
                         create_default_indexes => false);

-- Nearly every query asks for one person, and a person's 28 days fill about one batch of 1,000 rows. Measured with
-- hourly steps and daily weight and blood pressure: 13 bytes a reading; a segment for each person *and metric* takes 20
-- (28 weights are a poor batch) and reads four times slower; a segment for each metric takes 11 and reads seven times
-- slower. In rows a reading takes 90 to 150.
alter table health.readings set (
    timescaledb.enable_columnstore,
    timescaledb.segmentby = 'person_id',
    timescaledb.orderby = 'metric, at, source_id'
);

-- A device that is late by 42 days should still find rows. What comes later still, a claim or its undoing finds the
-- columns, which takes inserts, updates and deletes too, only slower.
call add_columnstore_policy('health.readings', after => interval '56 days');

-- TimescaleDB stops a transaction that unpacks more than 100,000 rows. A kiosk that brings a year of many people in one
-- batch would be refused for ever, and everything behind it would wait: no such bound.
do $$
begin
    execute format('alter database %I set timescaledb.max_tuples_decompressed_per_dml_transaction = 0',
                   current_database());
end $$;

create procedure health.forget_raw_job(job_id integer, config jsonb) language sql as $$
    select health.forget_raw()
$$;
select add_job('health.forget_raw_job', interval '1 day');
