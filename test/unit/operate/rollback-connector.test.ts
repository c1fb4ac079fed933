import type { ReplicationSlot } from '../../../src/connect/replication-slot.ts';
import { forgotten } from '../../../src/operate/change/change-dangerously.ts';
import type { ConnectorSave } from '../../../src/operate/change/connector-saves.ts';
import { findSave, lossReason } from '../../../src/operate/change/rollback-connector.ts';

const save: ConnectorSave = {
  id: '1',
  connector: 'orders-outbox',
  savedAt: new Date(0),
  reason: 'apply: slot.name',
  config: { 'slot.name': 'orders_outbox', 'topic.prefix': 'orders' },
  offsets: [{ partition: { server: 'orders' }, offset: { lsn: 100, lsn_proc: 120 } }],
};
const slot: ReplicationSlot = {
  name: 'orders_outbox',
  database: 'orders',
  active: false,
  reader: undefined,
  confirmedLsn: 120n,
  walStatus: 'reserved',
  invalidationReason: undefined,
  bytesHeld: 0,
  bytesLeft: undefined,
  failover: true,
  synced: false,
};

const here = { database: 'orders', endOfLog: 1_000n };

test('a slot at the saved offset or before it loses nothing', () => {
  expect(lossReason(save, slot, here)).toBeUndefined();
  expect(lossReason(save, { ...slot, confirmedLsn: 50n }, here)).toBeUndefined();
});

test.each([
  ['orders_outbox is gone', undefined],
  ['moved on', { ...slot, confirmedLsn: 121n }],
  ['given up', { ...slot, walStatus: 'lost' }],
  ['given up', { ...slot, invalidationReason: 'wal_removed' }],
  ['belongs to', { ...slot, database: 'inventory' }],
])('would lose events: the slot %s', (said, found) => {
  expect(lossReason(save, found, here)).toContain(said);
});

test('without an offset there is nothing to go back to', () => {
  expect(lossReason({ ...save, offsets: [] }, slot, here)).toContain('no offset');
});

test('offsets of other servers are forgotten, that of this one stays', () => {
  const other = { partition: { server: 'shop' }, offset: { lsn: 1 } };
  expect(forgotten([...save.offsets, other], 'orders')).toEqual([
    { partition: { server: 'shop' }, offset: null },
  ]);
});

test('an offset of another topic.prefix, or of another server, is none to go back to', () => {
  const other = { partition: { server: 'shop' }, offset: { lsn: 100 } };
  expect(lossReason({ ...save, offsets: [other] }, slot, here)).toContain('no offset');
  expect(lossReason({ ...save, offsets: [other, ...save.offsets] }, slot, here)).toBeUndefined();
  expect(lossReason(save, slot, { ...here, endOfLog: 119n })).toContain('beyond the end of the log');
});

test('unasked it is the newest save that neither a heal nor a rollback made', () => {
  const saves = ['heal: slot_lost', 'rollback to save 1', 'offsets --reset', 'apply: slot.name'].map(
    (reason, index) => ({ ...save, id: String(4 - index), reason }),
  );
  expect(findSave(saves, 'orders-outbox', undefined).id).toBe('2');
  expect(findSave(saves, 'orders-outbox', '4').reason).toBe('heal: slot_lost');
  expect(() => findSave(saves, 'orders-outbox', '9')).toThrow('There is no save 9');
  expect(() => findSave([], 'orders-outbox', undefined)).toThrow('There is no save of orders-outbox');
});
