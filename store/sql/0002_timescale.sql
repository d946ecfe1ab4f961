-- requires extension: timescaledb
-- Applied only where TimescaleDB can be had; the product runs without it.

create extension if not exists timescaledb;

select create_hypertable('health.readings', 'at', chunk_time_interval => interval '28 days', migrate_data => true);

alter table health.readings set (
    timescaledb.compress,
    timescaledb.compress_segmentby = 'person_id, metric',
    timescaledb.compress_orderby = 'at'
);

-- Devices are late by up to 42 days: a chunk is compressed only after that.
select add_compression_policy('health.readings', interval '56 days');
