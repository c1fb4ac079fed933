-- The outbox of one service. Runs as the database's owner.
-- Group roles: pipeline_app (the service), pipeline_cdc (Debezium). Both exist before (provisioning).

-- The lowest UUIDv7 of a moment: bounds of partitions by time-ordered id (RFC 9562, 48 bits of milliseconds first).
create or replace function pipeline.uuid_floor(at timestamptz) returns uuid
language sql immutable parallel safe
as $$
  select (substr(hex, 1, 8) || '-' || substr(hex, 9, 4) || '-0000-0000-000000000000')::uuid
  from (select lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0') as hex) as milliseconds
$$;

-- Insert-only. `id` is made here by the database after the key's lock is held, so per key id order = commit order.
-- `event_id` is the event's identity: equal to `id` at first, and the same again when a row is published once more.
-- xid and insert_lsn tell the row's way through the log; they cost 16 bytes and need no join later.
create table pipeline.outbox (
  id uuid not null default uuidv7(),
  event_id uuid not null,
  topic text not null,
  partition_key text not null,
  key_seq bigint not null check (key_seq > 0),
  event_type text not null,
  aggregate_id text not null,
  -- A larger record is refused by Kafka, and the connector could never get past it (src/events/encoder.ts).
  payload bytea not null check (octet_length(payload) <= 900000),
  schema_fingerprint text not null,
  traceparent text,
  occurred_at timestamptz not null,
  xid xid8 not null default pg_current_xact_id(),
  insert_lsn pg_lsn not null default pg_current_wal_insert_lsn(),
  primary key (id)
) partition by range (id);

-- The last sequence of each key. Its row lock makes the transactions of one key commit one after the other.
-- Updated in place with every event: room on the page keeps the update from touching the index.
create table pipeline.outbox_keys (
  topic text not null,
  key text not null,
  last_seq bigint not null,
  primary key (topic, key)
) with (fillfactor = 70);

-- What the registry said of each schema, so that the service needs no registry at run time.
create table pipeline.event_schemas (
  subject text not null,
  version integer not null,
  schema_id integer not null,
  fingerprint text not null,
  registry text not null,
  applied_at timestamptz not null default now(),
  primary key (subject, version)
);

-- How far an audit has proved that every row arrived. No row: no audit is in use, and only age and slot decide what is dropped.
create table pipeline.outbox_audit (
  is_only_row boolean primary key default true check (is_only_row),
  audited_through uuid not null
);

-- Makes the partitions of today and the days ahead, and drops those that are older than keep_days *and* that the slot has
-- passed *and* that the audit (if any) has passed. There is no default partition: attaching beside one would scan it.
-- Owner's rights, since the service itself may only insert. One caller at a time; a busy table is left for the next call.
create function pipeline.maintain_outbox(keep_days integer, days_ahead integer, slot name)
returns table (action text, partition_name text)
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
set timezone = 'UTC'
as $$
declare
  day date;
  old record;
  newest_lsn pg_lsn;
begin
  if keep_days is null or keep_days < 1 or days_ahead is null or days_ahead not between 1 and 60 then
    raise exception 'keep_days must be at least 1 and days_ahead from 1 to 60';
  end if;
  if not pg_try_advisory_xact_lock(hashtext('pipeline.maintain_outbox')) then
    return;
  end if;

  for day in select generate_series(current_date, current_date + days_ahead, interval '1 day')::date loop
    partition_name := 'outbox_' || to_char(day, 'YYYYMMDD');
    continue when to_regclass('pipeline.' || partition_name) is not null;
    -- Made apart and attached: `create table ... partition of` would lock the outbox against inserts.
    execute format('create table pipeline.%I (like pipeline.outbox including defaults including constraints including indexes)', partition_name);
    execute format('alter table pipeline.outbox attach partition pipeline.%I for values from (%L) to (%L)',
      partition_name, pipeline.uuid_floor(day), pipeline.uuid_floor(day + 1));
    action := 'created';
    return next;
  end loop;

  for old in
    select relname, to_date(right(relname, 8), 'YYYYMMDD') as day
    from pg_inherits join pg_class on pg_class.oid = inhrelid
    -- Compared as text: the planner may look at pg_class first, and to_date fails on the names of other tables.
    where inhparent = 'pipeline.outbox'::regclass and right(relname, 8) < to_char(current_date - keep_days, 'YYYYMMDD')
    order by relname
  loop
    partition_name := old.relname;
    continue when exists (select from pipeline.outbox_audit where audited_through < pipeline.uuid_floor(old.day + 1));
    -- The newest rows by primary key: a scan of a cold day would run into the service role's transaction_timeout.
    execute format('select max(insert_lsn) from (select insert_lsn from pipeline.%I order by id desc limit 10000) as newest', old.relname)
      into newest_lsn;
    if newest_lsn is not null and not exists (
      select from pg_replication_slots where slot_name = slot and database = current_database() and confirmed_flush_lsn >= newest_lsn
    ) then
      action := 'kept: the slot has not passed it';
      return next;
      continue;
    end if;
    begin
      execute format('drop table pipeline.%I', old.relname);
      action := 'dropped';
    exception when lock_not_available then
      action := 'kept: the table is busy';
    end;
    return next;
  end loop;
end
$$;

revoke all on function pipeline.maintain_outbox(integer, integer, name) from public;
grant execute on function pipeline.maintain_outbox(integer, integer, name) to pipeline_app;

grant usage on schema pipeline to pipeline_app, pipeline_cdc;
grant select, insert on pipeline.outbox to pipeline_app;
grant select, insert, update on pipeline.outbox_keys to pipeline_app;
grant select on pipeline.event_schemas, pipeline.outbox_audit to pipeline_app;
grant select on pipeline.outbox to pipeline_cdc;

select pipeline.maintain_outbox(7, 7, '');
