import { groupState } from '../../../src/dashboard/collect/collect-groups.ts';

const facts = {
  ...{ topic: 'orders.events', topicPrefix: '', looked: undefined, committed: undefined },
  ends: new Map([['orders.events', new Map([[0, 120]])]]),
  positions: [{ consumer: 'inventory', topic: 'orders.events', partition: 0, nextOffset: 100 }],
};
const lagOf = (endsBefore: ReadonlyMap<number, number> | undefined): number | null | undefined =>
  groupState('inventory', { ...facts, endsBefore }).partitions[0]?.lag;

test('a consumer that had read all that was there when it was looked at is not behind, whatever has come since', () => {
  expect(lagOf(new Map([[0, 100]]))).toBe(0);
  expect(lagOf(new Map([[0, 99]]))).toBe(0);
});

test('what was there and is not read is behind', () => {
  expect(lagOf(new Map([[0, 110]]))).toBe(10);
});

test('without an end from before, the newest one counts', () => {
  expect(lagOf(undefined)).toBe(20);
  expect(lagOf(new Map())).toBe(20);
});
