import fc from 'fast-check';
import { decideStart } from '../../../src/consumer/decide-start.ts';
import type { StartMark } from '../../../src/consumer/decide-start.ts';

const offsetsFrom = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);
const chunk = (from: number, to: number) => ({ from, to, offsets: offsetsFrom(from, to) });

describe('decideStart', () => {
  test('takes all of a chunk where no process died', () => {
    expect(decideStart(undefined, chunk(5, 15))).toEqual({
      take: 10,
      mark: { from: 5, to: 15, suspectTo: 15, times: 1 },
      kills: false,
    });
  });

  test('takes half of a batch that a process died of, and goes on in steps of that size behind it', () => {
    const died = { from: 5, to: 15, suspectTo: 15, times: 1 };
    const half = decideStart(died, chunk(5, 25));
    expect(half).toMatchObject({ take: 5, mark: { from: 5, to: 10, suspectTo: 15 } });
    expect(decideStart(half.mark, chunk(10, 25))).toMatchObject({
      take: 5,
      mark: { from: 10, to: 15, suspectTo: 15 },
    });
  });

  test('forgets a mark that the position has left behind', () => {
    const old = { from: 5, to: 10, suspectTo: 15, times: 1 };
    expect(decideStart(old, chunk(15, 30))).toMatchObject({ take: 15, mark: { suspectTo: 30 } });
    expect(decideStart(old, chunk(2, 30))).toMatchObject({ take: 28 });
  });

  test('gives an event alone three tries before it says that it kills', () => {
    const alone: StartMark = { from: 5, to: 6, suspectTo: 9, times: 1 };
    const second = decideStart(alone, chunk(5, 30));
    expect(second).toMatchObject({ take: 1, mark: { times: 2 }, kills: false });
    const third = decideStart(second.mark, chunk(5, 30));
    expect(third).toMatchObject({ take: 1, mark: { times: 3 }, kills: false });
    expect(decideStart(third.mark, chunk(5, 30))).toMatchObject({ take: 1, kills: true, mark: { times: 3 } });
  });
});

/** Processes one after the other, each until it dies or is done; `killers` end it whenever they are tried. */
function live(count: number, killers: ReadonlySet<number>, healthyKills: readonly number[] = []) {
  const parked: number[] = [];
  let [position, mark, deaths] = [0, undefined as StartMark | undefined, 0];
  const kills = [...healthyKills];
  while (position < count && deaths < 1_000) {
    let trusted = false;
    // One process.
    for (;;) {
      if (position >= count) break;
      const all = chunk(position, count);
      const start = trusted ? undefined : decideStart(mark, all);
      const taken = all.offsets.slice(0, start?.take ?? all.offsets.length);
      const to = position + taken.length;
      if (start?.kills === true) parked.push(position);
      else {
        if (start !== undefined) mark = start.mark;
        const isKilled = kills.length > 0 && kills[0] === deaths;
        if (isKilled) kills.shift();
        if (isKilled || taken.some((offset) => killers.has(offset))) {
          deaths += 1;
          break;
        }
      }
      position = to;
      if (mark !== undefined && (start?.kills === true || mark.suspectTo <= to)) {
        mark = undefined;
        trusted = true;
      }
    }
  }
  return { parked, position, deaths };
}

describe('decideStart, life after life', () => {
  test('parks exactly the events that kill, however many there are and wherever they stand', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.uniqueArray(fc.nat(199), { maxLength: 4 }),
        (count, where) => {
          const killers = new Set(where.filter((offset) => offset < count));
          const { parked, position } = live(count, killers);
          expect(position).toBe(count);
          expect(parked).toEqual([...killers].sort((a, b) => a - b));
        },
      ),
    );
  });

  test('finds one among 1,000 in a dozen deaths and a few', () => {
    expect(live(1_000, new Set([777])).deaths).toBeLessThanOrEqual(15);
  });

  test('parks nothing of a healthy batch whose processes are killed ten times over', () => {
    expect(live(1_000, new Set(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])).toMatchObject({
      parked: [],
      position: 1_000,
    });
  });
});
