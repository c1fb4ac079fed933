import { rowsOf, violations } from './invariants.ts';
import type { Checked, Violation } from './invariants.ts';

interface Sequence {
  readonly key: string;
  readonly count: number;
  readonly distinct: number;
  readonly max: number;
  readonly counter: number | null;
}

/** By key: the events and sequences that were written, and the counter they came from. A republished row has both of its event. */
const SAID_SEQUENCES = `
  select topic || ' ' || key as key, coalesce(said.count, 0) as count, coalesce(said.distinct, 0) as distinct,
         coalesce(said.max, 0) as max, last_seq as counter
  from (
    select topic, partition_key as key, count(distinct event_id), count(distinct key_seq) as distinct, max(key_seq) as max
    from pipeline.outbox group by 1, 2
  ) as said full join pipeline.outbox_keys using (topic, key)`;

/** By key: where a consumer began, how many events it has processed, and the sequence it has come to. */
const READ_SEQUENCES = `
  select consumer, topic || ' ' || key as key, coalesce(base_seq, 0) as base, coalesce(last_seq, 0) as last,
         coalesce(processed.count, 0) as count
  from pipeline.consumer_keys full join (
    select consumer, topic, key, count(*) from pipeline.processed_events group by 1, 2, 3
  ) as processed using (consumer, topic, key)`;

interface ReadSequence {
  readonly consumer: string;
  readonly key: string;
  readonly base: number;
  readonly last: number;
  readonly count: number;
}

/** No gap in what was said, none in what was read. */
export async function checkSequences({ databases }: Checked): Promise<Violation[]> {
  const { orders, inventory, sales } = databases;
  const said = (
    await Promise.all([orders, inventory].map((database) => rowsOf<Sequence>(database, SAID_SEQUENCES)))
  ).flat();
  const read = (
    await Promise.all([orders, inventory, sales].map((one) => rowsOf<ReadSequence>(one, READ_SEQUENCES)))
  ).flat();
  return [
    ...violations(
      'said-without-gap',
      said
        .filter(
          ({ count, distinct, max, counter }) => !(count === distinct && count === max && max === counter),
        )
        .map((row) => JSON.stringify(row)),
    ),
    ...violations(
      'read-without-gap',
      read
        .filter(({ base, last, count }) => !(base === 1 && last === count))
        .map((row) => JSON.stringify(row)),
    ),
  ];
}
