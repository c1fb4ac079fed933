-- A second state of a consumer, made beside the live one from the log and from what the live one has recorded. Written by
-- `outbox rebuild`, as the owner; the service itself never looks at these tables.

create table pipeline.rebuilds (
  consumer   text        primary key,
  topic      text        not null,
  begin_at   text        not null check (begin_at in ('base', 'beginning', 'outbox')),
  state      text        not null check (state in ('building', 'swapped')), -- swapped: the state of before is kept for a rollback
  replayed   bigint      not null default 0, -- records
  worked_ms  bigint      not null default 0, -- that they took
  facts_mark bigint      not null default 0, -- up to here facts from outside the log are in the state that is not live
  started_by text        not null,
  started_at timestamptz not null default now(),
  swapped_at timestamptz
);

create table pipeline.rebuild_positions (
  consumer    text    not null references pipeline.rebuilds on delete cascade,
  partition   integer not null,
  begin_at    bigint  not null,
  next_offset bigint  not null check (next_offset >= begin_at),
  primary key (consumer, partition)
) with (fillfactor = 50);

-- The first and the last sequence of each key that is in the second state.
create table pipeline.rebuild_keys (
  consumer  text   not null references pipeline.rebuilds on delete cascade,
  key       text   not null,
  first_seq bigint not null,
  last_seq  bigint not null,
  primary key (consumer, key)
) with (fillfactor = 80);

-- Records that were read and not replayed yet: the live consumer is not done with them (their key is held), or something of their
-- key comes later in the log (it was published once more).
create table pipeline.rebuild_left (
  consumer     text    not null references pipeline.rebuilds on delete cascade,
  partition    integer not null,
  kafka_offset bigint  not null,
  event_id     uuid    not null,
  key          text    not null,
  key_seq      bigint,
  value        bytea,
  headers      jsonb   not null,
  primary key (consumer, partition, kafka_offset)
);

-- Events of which the code of the rebuild says something else than what was recorded, and said to others, then. What was recorded stays.
create table pipeline.rebuild_cases (
  consumer   text not null references pipeline.rebuilds on delete cascade,
  event_id   uuid not null,
  event_type text,
  key        text not null,
  recorded   text not null,
  now        text not null,
  primary key (consumer, event_id)
);

grant select on pipeline.rebuilds, pipeline.rebuild_positions, pipeline.rebuild_keys, pipeline.rebuild_left, pipeline.rebuild_cases
  to pipeline_ops;
