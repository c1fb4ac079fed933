import type { ReplicationSlot } from '../../../src/connect/replication-slot.ts';
import { whereStuck, type StuckFacts } from '../../../src/operate/probe/find-stuck-probe.ts';

const slot: ReplicationSlot = {
  name: 'orders_outbox',
  database: 'orders',
  active: true,
  reader: { pid: 1, application: 'Debezium Streaming', role: 'orders_cdc', client: '10.0.0.7' },
  confirmedLsn: 900n,
  walStatus: 'reserved',
  invalidationReason: undefined,
  bytesHeld: 0,
  bytesLeft: undefined,
  failover: true,
  synced: false,
};
const status = (state: string, trace?: string) => ({
  name: 'orders-outbox',
  connector: { state: 'RUNNING', worker_id: 'w' },
  tasks: [{ id: 0, state, worker_id: 'w', ...(trace === undefined ? {} : { trace }) }],
});
const facts: StuckFacts = {
  connector: 'orders-outbox',
  slotName: 'orders_outbox',
  topic: 'pipeline.probe',
  rowLsn: 1_000n,
  slot,
  sentLsn: 1_100n,
  findings: [],
  status: status('RUNNING'),
  missingTopics: [],
  isInTopic: false,
};
const unread = { ...slot, active: false, reader: undefined };

test.each<[string, Partial<StuckFacts>, string, RegExp]>([
  ['the record is in Kafka', { isInTopic: true }, 'arrival', /was not read in time/],
  [
    'the diagnosis has a finding',
    { findings: [{ code: 'slot_missing', sentence: 'The slot is gone', mend: 'resnapshot' }] },
    'wal',
    /^The slot is gone\. Run: npx outbox connectors heal orders-outbox$/,
  ],
  [
    'only a person can mend what was found',
    { findings: [{ code: 'held_back', sentence: 'Somebody stopped it.', mend: 'none' }] },
    'wal',
    /^Somebody stopped it\.$/,
  ],
  [
    'the slot is gone',
    { slot: undefined },
    'wal',
    /Slot orders_outbox does not exist, although Connect says RUNNING/,
  ],
  [
    'the task failed',
    { slot: unread, status: status('FAILED', 'Boom: it broke') },
    'wal',
    /task 0 FAILED: Boom: it broke\. Run: .*restart/,
  ],
  ['Connect does not know it', { slot: unread, status: undefined }, 'wal', /connectors apply orders-outbox/],
  [
    'Connect can not be asked',
    { slot: unread, status: 'Nobody answers at http://c.' },
    'wal',
    /Nobody reads slot orders_outbox, and Nobody answers/,
  ],
  [
    'another program reads the slot',
    { slot: { ...slot, reader: { pid: 2, application: 'pg_recvlogical', role: 'ann', client: 'local' } } },
    'wal',
    /held by "pg_recvlogical" \(role ann, from local\)/,
  ],
  [
    'a topic is missing',
    { missingTopics: ['a.events'] },
    'kafka',
    /waits for a topic that does not exist: a\.events\. Run: npx outbox topics apply/,
  ],
  ['the row is gone', { rowLsn: undefined }, 'commit', /not in the outbox any more/],
  ['the server has not come so far', { sentLsn: 400n }, 'wal', /600 bytes of log before the probe/],
  [
    'the slot has passed the row',
    { slot: { ...slot, confirmedLsn: 1_001n } },
    'kafka',
    /passed the probe's row/,
  ],
  ['Debezium has the row and Kafka has not', {}, 'kafka', /worker's log/],
])('when %s it says so', (_, changed, slowHop, reason) => {
  const stuck = whereStuck({ ...facts, ...changed });
  expect(stuck).toMatchObject({ slowHop, reason: expect.stringMatching(reason) as string });
});
