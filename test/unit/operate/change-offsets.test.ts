import { offsetsAt, refuseOtherServers } from '../../../src/operate/change/change-offsets.ts';

const at = (server: string, lsn: number) => ({ partition: { server }, offset: { lsn } });

test('offsets of a server that the connector does not read are refused, forgetting them is not', () => {
  expect(() => refuseOtherServers([at('orders', 1)], 'orders')).not.toThrow();
  expect(() => refuseOtherServers([{ partition: { server: 'old' }, offset: null }], 'orders')).not.toThrow();
  expect(() => refuseOtherServers([at('orders', 1), at('shop', 1)], 'orders')).toThrow(
    'These offsets are of {"server":"shop"}, but the connector reads those of its topic.prefix, orders.',
  );
});

test('another position goes into the offset of its own topic.prefix', () => {
  const now = new Date(1_000);
  const stored = [at('old', 1), { partition: { server: 'orders' }, offset: { lsn: 2, txId: 7, kept: true } }];
  expect(offsetsAt(stored, 9n, { serverName: 'orders', now })).toEqual([
    {
      partition: { server: 'orders' },
      offset: { ts_usec: 1_000_000, kept: true, messageType: 'COMMIT', lsn: 9, lsn_proc: 9, lsn_commit: 9 },
    },
  ]);
  expect(offsetsAt([at('old', 1)], 9n, { serverName: 'orders', now })).toMatchObject([
    { partition: { server: 'orders' }, offset: { lsn: 9 } },
  ]);
});
