import { always, exactly, leavesOut, list, SKIPS, unless, when, type Rule } from './danger-judges.ts';

const SERVER_MOVED =
  'the stored position means nothing on another server or database: its retained outbox rows are said again from a new slot (consumers drop duplicates), and what the old one has not said yet is said by nobody';
const SAID_AGAIN =
  'every retained outbox row is said again; consumers drop what they know, other readers get duplicates';

const where: readonly Rule[] = [
  {
    key: exactly('slot.name'),
    judge: always('duplicates', `a new slot knows no position: ${SAID_AGAIN}`, 'resnapshot'),
  },
  {
    key: exactly('topic.prefix'),
    judge: always(
      'duplicates',
      'the stored position is kept under this name: apply moves it along; by hand, all retained rows would be said again, or rows lost',
      'move_offset',
    ),
  },
  {
    key: exactly('publication.name'),
    judge: always(
      'loss',
      `rows written before the new publication was made are not in it, so the slot is made anew: ${SAID_AGAIN}`,
      'resnapshot',
    ),
  },
  {
    key: exactly('plugin.name'),
    judge: always('duplicates', `a slot belongs to its plugin and is made anew: ${SAID_AGAIN}`, 'resnapshot'),
  },
  {
    key: exactly('database.hostname', 'database.port', 'database.dbname', 'connector.class'),
    judge: always('loss', SERVER_MOVED, 'resnapshot'),
  },
  {
    key: /^(?:table|schema|column|database)\.(?:include|exclude)\.list$/,
    judge: always(
      'loss',
      `rows of a table that is left out are lost to readers; for a table that is added the slot is made anew and ${SAID_AGAIN}`,
      'resnapshot',
    ),
  },
  {
    key: exactly('offsets.storage.topic'),
    judge: always('loss', 'the stored position stays behind in the old topic: heal the connector afterwards'),
  },
  {
    key: exactly('slot.stream.params'),
    judge: always('loss', 'the server may send something else of the log than the inserts of the outbox'),
  },
  {
    key: exactly('slot.drop.on.stop'),
    judge: unless(['false', undefined], 'loss', 'a dropped slot forgets its position with each stop'),
  },
  {
    key: exactly('publication.autocreate.mode'),
    judge: unless(
      ['disabled'],
      'loss',
      'Debezium would make or alter the publication itself, which must have inserts only, by the root of the partitions',
    ),
  },
  {
    key: exactly('lsn.flush.mode', 'flush.lsn.source'),
    judge: unless(
      ['connector', 'true', undefined],
      'loss',
      'the slot would move at another moment than when Connect has stored the offset, and a slot ahead of the offset loses rows in silence',
    ),
  },
  {
    key: exactly('offset.mismatch.strategy'),
    judge: unless(
      ['trust_offset'],
      'loss',
      'it takes away the check by which a missing position leads to a new snapshot',
    ),
  },
];

const snapshot: readonly Rule[] = [
  {
    key: exactly('snapshot.mode'),
    judge: (change, wanted) =>
      change.to === 'always'
        ? always('duplicates', `with each start ${SAID_AGAIN}`)(change, wanted)
        : unless(
            ['when_needed'],
            'loss',
            'when slot or offset are gone, retained rows would not be said again: a silent gap',
          )(change, wanted),
  },
  {
    key: /^snapshot\.select\.statement\.overrides(?:\.|$)/,
    judge: always(
      'order',
      'rows that are said again come in another order, or not all of them; only `order by id` is the order of commits',
    ),
  },
  {
    key: exactly('snapshot.include.collection.list'),
    judge: always('loss', 'rows of a table that is left out are not said again when slot or offset are gone'),
  },
];

const moving: readonly Rule[] = [
  {
    key: exactly('heartbeat.interval.ms', 'heartbeat.action.query'),
    judge: when(
      ({ to }) => to === undefined || to === '0',
      'standstill',
      "without heartbeats the slot of an idle database holds back the whole server's log until the server gives it up",
    ),
  },
  {
    key: exactly('message.prefix.exclude.list'),
    judge: when(
      leavesOut,
      'standstill',
      'messages of that prefix become records of a topic that may not exist, and the connector waits for it for ever',
    ),
  },
  {
    key: exactly('provide.transaction.metadata'),
    judge: unless(
      ['false', undefined],
      'standstill',
      'its records go to a topic that may not exist, and the connector waits for it for ever',
    ),
  },
  {
    key: exactly('skipped.operations'),
    judge: when(({ to }) => list(to).includes('c'), 'loss', 'inserts are what the outbox says'),
  },
  { key: exactly('errors.tolerance'), judge: unless(['none', undefined], 'loss', SKIPS) },
  {
    key: exactly('event.processing.failure.handling.mode'),
    judge: unless(['fail', undefined], 'loss', SKIPS),
  },
  { key: exactly('event.converting.failure.handling.mode'), judge: unless(['fail'], 'loss', SKIPS) },
];

/** Rules for where a connector reads, where it begins, and how it keeps its place. */
export const positionRules: readonly Rule[] = [...where, ...snapshot, ...moving];
