-- Probes have a door of their own, so that the role of the operators may say nothing else through the outbox.

-- As appendEvents does it for one event: the key's counter is locked first, the id is made after. Debezium reads the row as any other.
-- Its topic is src/contracts/probe-events.ts, and nobody's business but that of probes.
create function pipeline.append_probe(
  connector text, payload bytea, schema_fingerprint text, occurred_at timestamptz
) returns uuid
language sql security definer
set search_path = pg_catalog, pg_temp
as $$
  with locked as (
    insert into pipeline.outbox_keys as existing (topic, key, last_seq) values ('pipeline.probe', connector, 1)
    on conflict (topic, key) do update set last_seq = existing.last_seq + 1
    returning last_seq
  ), identified as materialized (
    select uuidv7() as id, last_seq from (select last_seq from locked offset 0) as counted
  )
  insert into pipeline.outbox (id, event_id, topic, partition_key, key_seq, event_type, aggregate_id, payload, schema_fingerprint, occurred_at)
  select id, id, 'pipeline.probe', connector, last_seq, 'ProbeSent', connector, payload, schema_fingerprint, occurred_at
  from identified
  returning event_id
$$;

revoke all on function pipeline.append_probe(text, bytea, text, timestamptz) from public;
grant execute on function pipeline.append_probe(text, bytea, text, timestamptz) to pipeline_app, pipeline_ops;

revoke insert on pipeline.outbox from pipeline_ops;
revoke insert, update on pipeline.outbox_keys from pipeline_ops;
