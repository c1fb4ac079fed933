import { PartitionPositions } from '../../../src/consumer/partition-positions.ts';

function setUp(stored: Map<number, number>, last?: { offset: number; eventId: string }) {
  const seeks: [number, number][] = [];
  const pauses: number[] = [];
  let reads = 0;
  const positions = new PartitionPositions({
    read: (partitions) => {
      reads += 1;
      const position = (partition: number) => ({ next: stored.get(partition) ?? 0, ...(last && { last }) });
      return Promise.resolve(new Map(partitions.map((partition) => [partition, position(partition)])));
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

  test('takes nothing before what was read last is found where it was', async () => {
    const last = { offset: 15, eventId: 'e' };
    const { positions, seeks } = setUp(new Map([[0, 17]]), last);
    await positions.align([0]);
    expect(positions.joins(0, 17)).toBe(false);
    expect([14, 15, 17].map((offset) => positions.toVerify(0, offset))).toEqual([undefined, last, undefined]);
    positions.verified(0);
    expect(positions.toVerify(0, 15)).toBeUndefined();
    expect(positions.joins(0, 17)).toBe(true);
    expect(seeks).toEqual([
      [0, 15],
      [0, 17],
    ]);
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
