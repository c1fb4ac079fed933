import { PartitionPositions } from '../../../src/consumer/partition-positions.ts';

function setUp(stored: Map<number, number>) {
  const seeks: [number, number][] = [];
  const pauses: number[] = [];
  let reads = 0;
  const positions = new PartitionPositions({
    read: (partitions) => {
      reads += 1;
      return Promise.resolve(new Map(partitions.map((partition) => [partition, stored.get(partition) ?? 0])));
    },
    seek: (partition, offset) => seeks.push([partition, offset]),
    pause: (ms) => {
      pauses.push(ms);
      return Promise.resolve();
    },
  });
  return { positions, seeks, pauses, reads: () => reads };
}
const signal = new AbortController().signal;

describe('PartitionPositions', () => {
  test('reads the positions of an assignment once, also when a batch comes meanwhile', async () => {
    const { positions, seeks, reads } = setUp(new Map([[0, 17]]));
    const aligning = positions.align([0, 1]);
    await expect(positions.next(0)).resolves.toBe(17);
    await aligning;
    expect(reads()).toBe(1);
    expect(seeks).toEqual([
      [0, 17],
      [1, 0],
    ]);
  });

  test('takes only what joins the position', async () => {
    const { positions } = setUp(new Map([[0, 17]]));
    await positions.align([0]);
    expect([16, 17, 18].map((offset) => positions.joins(0, offset))).toEqual([false, true, false]);
    positions.moved(0, 20);
    expect([17, 20].map((offset) => positions.joins(0, offset))).toEqual([false, true]);
  });

  test('joins over offsets that were found to hold no event, and only over those', async () => {
    const { positions } = setUp(new Map([[0, 17]]));
    await positions.align([0]);
    positions.foundEmpty(0, 17, 18);
    positions.foundEmpty(0, 19, 19);
    positions.foundEmpty(0, 25, 30);
    expect([17, 20, 21, 31].map((offset) => positions.joins(0, offset))).toEqual([true, true, false, false]);
    await expect(positions.next(0)).resolves.toBe(17);
  });

  test('waits longer each time belief and fact differ again, and not after a commit', async () => {
    const { positions, pauses } = setUp(new Map());
    await positions.realign(0, signal);
    expect(pauses).toEqual([]);
    await positions.realign(0, signal);
    await positions.realign(0, signal);
    expect(pauses).toHaveLength(2);
    positions.moved(0, 1);
    await positions.realign(0, signal);
    expect(pauses).toHaveLength(2);
  });
});
