import type { Statement } from '../../../../src/platform/postgres/statement.ts';

/** The table that the listener reads. */
export const listenerTable = { schema: 'pipeline', name: 'listener_outbox', publication: 'listener_outbox' };

/**
 * Puts the table that pg-transactional-outbox wants in place of ours: its columns as its own set-up makes them, but for the payload,
 * which is the same bytes as everywhere. A view of our table's name takes what the services insert, so that they run unchanged and one
 * row an event is written, as in every arm; the trigger behind it costs a little of Postgres.
 */
export const prepareListenerTable: Statement = {
  text: `
    create table pipeline.listener_outbox (
      id uuid primary key,
      aggregate_type text not null,
      aggregate_id text not null,
      message_type text not null,
      segment text,
      concurrency text not null default 'sequential' check (concurrency in ('sequential', 'parallel')),
      payload bytea not null,
      metadata jsonb,
      locked_until timestamptz not null default to_timestamp(0),
      created_at timestamptz not null default clock_timestamp(),
      processed_at timestamptz,
      abandoned_at timestamptz,
      started_attempts smallint not null default 0,
      finished_attempts smallint not null default 0
    );
    grant insert on pipeline.listener_outbox to pipeline_app;
    create publication listener_outbox for table pipeline.listener_outbox with (publish = 'insert');
    alter table pipeline.outbox rename to outbox_unused;
    create view pipeline.outbox as select * from pipeline.outbox_unused;
    grant select, insert on pipeline.outbox to pipeline_app;
    create function pipeline.write_listener_outbox() returns trigger language plpgsql as $$
    begin
      insert into pipeline.listener_outbox (id, aggregate_type, aggregate_id, message_type, segment, payload, metadata)
      values (new.id, new.topic, new.aggregate_id, new.event_type, new.partition_key, new.payload,
        jsonb_build_object('eventId', new.event_id, 'keySeq', new.key_seq, 'fingerprint', new.schema_fingerprint,
          'traceparent', new.traceparent, 'occurredAt', new.occurred_at));
      return new;
    end $$;
    create trigger write_listener_outbox instead of insert on pipeline.outbox
      for each row execute function pipeline.write_listener_outbox();`,
};

/** A slot of the whole server: it must be dropped before its database can be. */
export const createListenerSlot = (slot: string): Statement => ({
  text: `select pg_create_logical_replication_slot($1, 'pgoutput')`,
  values: [slot],
});
