import { rotateArms } from '../../bench/compare/rotate-arms.ts';

describe('rotateArms', () => {
  test('all arms in each repeat, and none first twice in a row', () => {
    const orders = [0, 1, 2, 3].map((repeat) => rotateArms(['a', 'b', 'c'], repeat));
    for (const order of orders) expect(order.toSorted()).toEqual(['a', 'b', 'c']);
    expect(orders).toEqual([
      ['a', 'b', 'c'],
      ['a', 'c', 'b'],
      ['c', 'a', 'b'],
      ['c', 'b', 'a'],
    ]);
  });

  test('one arm or none', () => {
    expect(rotateArms(['a'], 5)).toEqual(['a']);
    expect(rotateArms([], 2)).toEqual([]);
  });
});
