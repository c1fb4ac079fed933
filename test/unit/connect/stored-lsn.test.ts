import { offsetsOf, storedLsn } from '../../../src/connect/connect-client.ts';

// Connect keeps what was stored under an earlier topic.prefix, and shows it in any order.
const earlier = { partition: { server: 'shop' }, offset: { lsn: 9_000 } };
const present = { partition: { server: 'orders' }, offset: { lsn: 100, lsn_proc: 120, lsn_commit: '110' } };

test('only the offset of the present topic.prefix counts, and of that the highest position', () => {
  expect(storedLsn([earlier, present], 'orders')).toBe(120n);
  expect(storedLsn([present, earlier], 'orders')).toBe(120n);
  expect(storedLsn([earlier, present], 'shop')).toBe(9_000n);
  expect(offsetsOf([earlier, present], 'orders')).toEqual([present]);
});

test('offsets of others are none', () => {
  expect(storedLsn([earlier], 'orders')).toBeUndefined();
  expect(storedLsn([earlier], undefined)).toBeUndefined();
  expect(storedLsn([{ ...present, offset: null }], 'orders')).toBeUndefined();
});
