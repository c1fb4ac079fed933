-- What operating the pipeline needs. Group role pipeline_ops: the `outbox` command line, probes and audits.

-- Config and offsets of a connector before somebody changed what duplicates or loses events: the way back.
create table pipeline.connector_saves (
  save_id bigint generated always as identity primary key,
  connector text not null,
  saved_at timestamptz not null default clock_timestamp(),
  reason text not null,
  -- As Kafka Connect shows them: secrets are references, never values.
  config jsonb not null,
  offsets jsonb not null
);
create index connector_saves_of_connector on pipeline.connector_saves (connector, save_id);

-- On which server a connector was last seen to be healthy: after a restore or a failover its stored offset may mean other bytes.
create table pipeline.connector_servers (
  connector text primary key,
  system_identifier text not null,
  timeline integer not null,
  seen_at timestamptz not null default clock_timestamp()
);

grant usage on schema pipeline to pipeline_ops;
grant select on pipeline.outbox, pipeline.outbox_keys, pipeline.event_schemas, pipeline.outbox_audit to pipeline_ops;
-- Probes are said as any event is.
grant insert on pipeline.outbox to pipeline_ops;
grant insert, update on pipeline.outbox_keys to pipeline_ops;
grant select, insert on pipeline.connector_saves to pipeline_ops;
grant select, insert, update on pipeline.connector_servers to pipeline_ops;
