import { decideCounts, StockBelowReserved } from '../../../src/inventory/adjust-stock.ts';

const before = new Map([
  ['cup', { onHand: 5, reserved: 3 }],
  ['new', { onHand: 0, reserved: 0 }],
]);

test('a count sets what is on hand and keeps what is reserved', () => {
  const { levels, adjustments } = decideCounts(before, new Set(), [
    { sku: 'cup', onHand: 3, reason: 'counted' },
  ]);
  expect(levels.get('cup')).toEqual({ onHand: 3, reserved: 3 });
  expect(adjustments).toEqual([{ sku: 'cup', onHand: 3, delta: -2, reason: 'counted' }]);
});

test('a count of what is there changes nothing, except that it enters a new sku', () => {
  expect(decideCounts(before, new Set(), [{ sku: 'cup', onHand: 5 }]).adjustments).toEqual([]);
  expect(decideCounts(before, new Set(['new']), [{ sku: 'new', onHand: 0 }]).adjustments).toEqual([
    { sku: 'new', onHand: 0, delta: 0, reason: null },
  ]);
});

test('a count below what is reserved refuses the whole list, with the numbers', () => {
  const decide = () =>
    decideCounts(before, new Set(), [
      { sku: 'new', onHand: 9 },
      { sku: 'cup', onHand: 2 },
    ]);
  expect(decide).toThrow(StockBelowReserved);
  expect(decide).toThrow('cup: 2 is less than the 3 reserved for orders');
});
