-- What a consumer must remember, in the same database as the state it keeps: all of it is written in the transaction
-- that applies a batch, so after a crash position, dedupe and work always agree.

create schema if not exists pipeline;
grant usage on schema pipeline to pipeline_app;

-- The lowest UUIDv7 of a moment. The outbox has the same function; whichever migration runs second replaces it with itself.
create or replace function pipeline.uuid_floor(at timestamptz) returns uuid
language sql immutable parallel safe
as $$
  select (substr(hex, 1, 8) || '-' || substr(hex, 9, 4) || '-0000-0000-000000000000')::uuid
  from (select lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0') as hex) as milliseconds
$$;

-- How far each consumer has come. next_offset moves only from the value its owner believes in: that fences instances
-- that lost the partition. start_offset is where the reader began; 0 means that it has seen every event there ever was.
create table pipeline.consumer_positions (
  consumer     text        not null,
  topic        text        not null,
  partition    integer     not null check (partition >= 0),
  start_offset bigint      not null check (start_offset >= 0),
  next_offset  bigint      not null check (next_offset >= start_offset),
  updated_at   timestamptz not null default now(),
  primary key (consumer, topic, partition)
) with (fillfactor = 50); -- one hot row each, rewritten by every batch: room on the page keeps the updates index-free

-- The last sequence seen of each key, and the first one (events before it were never this consumer's business).
create table pipeline.consumer_keys (
  consumer text   not null,
  topic    text   not null,
  key      text   not null,
  base_seq bigint not null check (base_seq > 0),
  last_seq bigint not null check (last_seq >= base_seq),
  primary key (consumer, topic, key)
) with (fillfactor = 80);

-- Every event that a consumer is done with, and how it ended. Partitioned by the day in the event's id, which is
-- ordered by time: a unique key over partitions by arrival would let a duplicate through at midnight. There is no default
-- partition, so that an old partition can be dropped without a scan.
create table pipeline.processed_events (
  consumer     text        not null,
  event_id     uuid        not null,
  outcome      text        not null,
  topic        text        not null,
  key          text        not null,
  partition    integer     not null,
  kafka_offset bigint      not null,
  applied_at   timestamptz not null,
  primary key (consumer, event_id)
) partition by range (event_id);

-- Who reads what, and since when: what the audit holds a consumer to.
create table pipeline.consumer_subscriptions (
  consumer text        not null,
  topic    text        not null,
  type     text        not null,
  since    timestamptz not null default now(),
  primary key (consumer, topic, type)
);

-- Makes the days from keep_days ago until days_ahead from now, and drops those that are over for keep_days.
-- Runs with the owner's rights, so that services need none to create or drop. Safe to call at any time by anybody: the
-- advisory lock lets one caller work, and a second finds nothing to do. A new day is made beside and then attached, which
-- does not wait for running batches; a drop does, for at most 2 s, and is otherwise left for the next call.
create function pipeline.maintain_processed_events(keep_days integer, days_ahead integer)
returns table (made integer, dropped integer, left_for_later integer)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set lock_timeout = '2s'
as $$
declare
  today date := now()::date;
  day date;
  name text;
begin
  if keep_days is null or keep_days < 1 or days_ahead is null or days_ahead < 1 then
    raise exception 'keep_days and days_ahead must be at least 1';
  end if;
  perform pg_advisory_xact_lock(hashtext('pipeline.maintain_processed_events'));
  made := 0;
  dropped := 0;
  left_for_later := 0;

  for day in select generate_series(today - keep_days, today + days_ahead, interval '1 day')::date loop
    name := 'processed_events_' || to_char(day, 'YYYYMMDD');
    continue when to_regclass('pipeline.' || name) is not null;
    execute format('create table pipeline.%I (like pipeline.processed_events including all)', name);
    execute format(
      'alter table pipeline.processed_events attach partition pipeline.%I for values from (%L) to (%L)',
      name, pipeline.uuid_floor(day::timestamptz), pipeline.uuid_floor((day + 1)::timestamptz));
    made := made + 1;
  end loop;

  for name in
    select c.relname
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'pipeline.processed_events'::regclass
      and c.relname ~ '^processed_events_\d{8}$'
      and right(c.relname, 8) < to_char(today - keep_days, 'YYYYMMDD')
    order by c.relname
  loop
    begin
      execute format('drop table pipeline.%I', name);
      dropped := dropped + 1;
    exception when lock_not_available then
      left_for_later := left_for_later + 1;
    end;
  end loop;
  return next;
end
$$;
revoke execute on function pipeline.maintain_processed_events(integer, integer) from public;

-- Nothing here is ever deleted by a service, and what was processed is never rewritten.
grant select, insert, update on pipeline.consumer_positions, pipeline.consumer_keys to pipeline_app;
grant select, insert on pipeline.processed_events, pipeline.consumer_subscriptions to pipeline_app;
grant execute on function pipeline.maintain_processed_events(integer, integer) to pipeline_app;
grant execute on function pipeline.uuid_floor(timestamptz) to pipeline_app;

-- The same numbers as src/consumer/event-horizon.ts: a fresh database works before any service has called it.
select pipeline.maintain_processed_events(29, 7);
