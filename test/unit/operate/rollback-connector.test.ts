import type { ReplicationSlot } from '../../../src/connect/replication-slot.ts';
import { forgotten, movedOffsets } from '../../../src/operate/change/change-dangerously.ts';
import type { ConnectorSave } from '../../../src/operate/change/connector-saves.ts';
import { findSave, keepsPlace, lossReason } from '../../../src/operate/change/rollback-connector.ts';

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

test.each([
  ['another way to fail', { 'errors.tolerance': 'all' }, true],
  ['another slot', { 'slot.name': 'other' }, false],
  ['another topic.prefix', { 'topic.prefix': 'shop' }, false],
  ['another publication', { 'publication.name': 'other' }, false],
  ['another table', { 'table.include.list': 'public.users' }, false],
  ['another database', { 'database.dbname': 'other' }, false],
])('the present offset is kept or not: %s', (_, changes, isKept) => {
  expect(keepsPlace(save, { ...save.config, ...changes })).toBe(isKept);
});

test('whoever changed the offset by hand wants the old one back', () => {
  expect(keepsPlace({ ...save, reason: 'offsets --reset' }, save.config)).toBe(false);
  expect(keepsPlace({ ...save, reason: 'offsets set by hand' }, save.config)).toBe(false);
});

describe('the offset that goes along to another topic.prefix', () => {
  const at = (server: string, lsn: number) => ({ partition: { server }, offset: { lsn } });

  test('is the present one, whatever earlier changes left behind', () => {
    expect(movedOffsets([at('shop', 5), at('orders', 100), at('old', 7)], 'orders', 'shop')).toEqual([
      at('shop', 100),
    ]);
  });

  test('comes to the same when a call died before the change of settings, or behind it', () => {
    const [moved] = movedOffsets([at('orders', 100)], 'orders', 'shop');
    if (moved === undefined) throw new Error('Nothing was moved.');
    // Before: it went on under its old name for a while, and the second call writes over what the first one left.
    expect(movedOffsets([at('orders', 120), moved], 'orders', 'shop')).toEqual([at('shop', 120)]);
    // Behind: it goes on under the new name, and back again the entry that was not forgotten does not count.
    expect(movedOffsets([at('orders', 100), at('shop', 130)], 'shop', 'orders')).toEqual([at('orders', 130)]);
  });

  test('is none where none is stored: a leftover under the new name must not be taken for it', () => {
    expect(movedOffsets([at('shop', 5)], 'orders', 'shop')).toEqual([
      { partition: { server: 'shop' }, offset: null },
    ]);
    expect(movedOffsets([], 'orders', 'shop')).toEqual([]);
  });
});
