import type { ReplicationSlot } from '../../../src/connect/replication-slot.ts';
import { forgotten } from '../../../src/operate/change/change-dangerously.ts';
import type { ConnectorSave } from '../../../src/operate/change/connector-saves.ts';
import { lossReason } from '../../../src/operate/change/rollback-connector.ts';

const save: ConnectorSave = {
  id: '1',
  connector: 'orders-outbox',
  savedAt: new Date(0),
  reason: 'apply: slot.name',
  config: { 'slot.name': 'orders_outbox' },
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

test('a slot at the saved offset or before it loses nothing', () => {
  expect(lossReason(save, slot, 'orders')).toBeUndefined();
  expect(lossReason(save, { ...slot, confirmedLsn: 50n }, 'orders')).toBeUndefined();
});

test.each([
  ['orders_outbox is gone', undefined],
  ['moved on', { ...slot, confirmedLsn: 121n }],
  ['given up', { ...slot, walStatus: 'lost' }],
  ['given up', { ...slot, invalidationReason: 'wal_removed' }],
  ['belongs to', { ...slot, database: 'inventory' }],
])('would lose events: the slot %s', (said, found) => {
  expect(lossReason(save, found, 'orders')).toContain(said);
});

test('without an offset there is nothing to go back to', () => {
  expect(lossReason({ ...save, offsets: [] }, slot, 'orders')).toContain('no offset');
});

test('offsets of other servers are forgotten, that of this one stays', () => {
  const other = { partition: { server: 'shop' }, offset: { lsn: 1 } };
  expect(forgotten([...save.offsets, other], 'orders')).toEqual([
    { partition: { server: 'shop' }, offset: null },
  ]);
});
