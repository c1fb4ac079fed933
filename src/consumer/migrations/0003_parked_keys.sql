-- Keys that are held: parked because an event failed for good, or waiting because a sequence is missing. Later events of a
-- held key queue here, so that nobody overtakes; all other keys flow.

create table pipeline.parked_keys (
  consumer      text        not null,
  topic         text        not null,
  key           text        not null,
  state         text        not null check (state in ('parked', 'waiting')),
  partition     integer     not null check (partition >= 0),
  code          text        not null,
  reason        text        not null,
  stack         text,
  attempts      integer     not null default 1 check (attempts > 0),
  expected_seq  bigint      check (expected_seq > 0), -- waiting: the sequence that is missing
  since         timestamptz not null,
  events        bigint      not null check (events >= 0), -- in the queue
  -- What an operator wants done. Only a running consumer does it: with the handlers, the role and the schemas that are deployed.
  request       text        check (request in ('redrive', 'discard', 'discard_all', 'skip')),
  requested_by  text,
  requested_why text,
  requested_at  timestamptz,
  answer        text, -- what became of the last request
  check ((state = 'waiting') = (expected_seq is not null)),
  check (request is null or (requested_by is not null and requested_at is not null)),
  primary key (consumer, topic, key)
);
create index parked_keys_requested on pipeline.parked_keys (consumer, topic) where request is not null;

-- The queues: each record as it was in the log. The sequence decides the order; a record whose sequence can't be read comes first,
-- because nobody can say what it would have been.
create table pipeline.parked_events (
  consumer           text        not null,
  topic              text        not null,
  key                text        not null,
  place              bigint      generated always as identity,
  event_id           uuid        not null,
  key_seq            bigint,
  event_type         text,
  aggregate_id       text,
  occurred_at        timestamptz,
  traceparent        text,
  schema_fingerprint text,
  partition          integer     not null,
  kafka_offset       bigint      not null,
  value              bytea,
  headers            jsonb       not null,
  parked_at          timestamptz not null,
  primary key (consumer, topic, key, place),
  unique (consumer, event_id),
  foreign key (consumer, topic, key) references pipeline.parked_keys (consumer, topic, key)
);
create index parked_events_in_order on pipeline.parked_events (consumer, topic, key, key_seq nulls first, place);

-- What somebody decided about a held key. Stays: it is the only record of an event that was never applied.
create table pipeline.parked_decisions (
  decision_id bigint      generated always as identity primary key,
  consumer    text        not null,
  topic       text        not null,
  key         text        not null,
  event_id    uuid, -- of a sequence that was skipped there is none
  key_seq     bigint,
  decision    text        not null check (decision in ('redriven', 'discarded', 'skipped')),
  who         text        not null,
  why         text,
  decided_at  timestamptz not null
);
create index parked_decisions_of_key on pipeline.parked_decisions (consumer, topic, key, key_seq);
create index parked_decisions_of_event on pipeline.parked_decisions (consumer, event_id);

-- The batch that a partition's new owner began with, written before it is worked on and removed with its commit: a mark that is
-- found again means that the process died over it.
create table pipeline.started_batches (
  consumer    text        not null,
  topic       text        not null,
  partition   integer     not null,
  from_offset bigint      not null,
  to_offset   bigint      not null check (to_offset > from_offset),
  suspect_to  bigint      not null check (suspect_to >= to_offset), -- up to here batches are kept small and marked
  times       integer     not null check (times > 0), -- begun with exactly this batch
  started_at  timestamptz not null,
  primary key (consumer, topic, partition)
);

grant select, insert, update, delete on pipeline.parked_keys, pipeline.parked_events, pipeline.started_batches to pipeline_app;
grant select, insert on pipeline.parked_decisions to pipeline_app;
grant select on pipeline.parked_keys, pipeline.parked_events, pipeline.parked_decisions, pipeline.started_batches to pipeline_ops;
-- Operators ask; they apply, remove and change nothing themselves.
grant update (request, requested_by, requested_why, requested_at, answer) on pipeline.parked_keys to pipeline_ops;
