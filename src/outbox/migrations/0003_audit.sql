-- What the audit needs. Group roles: pipeline_audit (reads, and keeps its own mark), pipeline_repair (publishes a row once more).

-- When a round last came to its end: a mark that does not move although rounds are done means that something is missing.
alter table pipeline.outbox_audit add column audited_at timestamptz not null default clock_timestamp();

-- Rows that were published once more because their event was lost on its way: who, when, for whom.
create table pipeline.outbox_repairs (
  row_id uuid primary key, -- the new row of the outbox
  event_id uuid not null,
  lost_by text not null, -- the consumers that had passed it without having it
  repaired_by text not null,
  repaired_at timestamptz not null default clock_timestamp()
);
create index outbox_repairs_of_event on pipeline.outbox_repairs (event_id);

grant usage on schema pipeline to pipeline_audit, pipeline_repair;
grant select on pipeline.outbox, pipeline.outbox_audit, pipeline.outbox_repairs to pipeline_audit;
grant insert, update on pipeline.outbox_audit to pipeline_audit;
grant select, insert on pipeline.outbox, pipeline.outbox_repairs to pipeline_repair;
grant select on pipeline.outbox_repairs to pipeline_ops;

-- As in 0001, but says so when the audit keeps a day: an audit that was begun and then never run again keeps all of them.
create or replace function pipeline.maintain_outbox(keep_days integer, days_ahead integer, slot name)
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
    if exists (select from pipeline.outbox_audit where audited_through < pipeline.uuid_floor(old.day + 1)) then
      action := 'kept: the audit has not passed it';
      return next;
      continue;
    end if;
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
