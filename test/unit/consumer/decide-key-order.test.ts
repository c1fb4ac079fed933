import fc from 'fast-check';
import { decideKeyOrder } from '../../../src/consumer/decide-key-order.ts';
import type { KeySequence, SequencedEvent } from '../../../src/consumer/decide-key-order.ts';

const event = (key: string, keySeq: number, eventId = `${key}-${keySeq}`): SequencedEvent => ({
  key,
  keySeq,
  eventId,
});

function decide(
  events: readonly SequencedEvent[],
  known: { processed?: string[]; keys?: [string, KeySequence][]; fromFirstOffset?: boolean } = {},
) {
  return decideKeyOrder(events, {
    processed: new Set(known.processed),
    keys: new Map(known.keys),
    fromFirstOffset: known.fromFirstOffset ?? false,
  });
}

const kinds = (decision: ReturnType<typeof decide>): string[] => decision.verdicts.map(({ kind }) => kind);

describe('decideKeyOrder', () => {
  test("takes a key's first event as its base when the reader began in the middle of the log", () => {
    const decision = decide([event('a', 7), event('a', 8)]);
    expect(kinds(decision)).toEqual(['fresh', 'fresh']);
    expect(decision.keys.get('a')).toEqual({ baseSeq: 7, lastSeq: 8 });
  });

  test("demands sequence 1 of a key's first event when the reader began at offset 0", () => {
    const decision = decide([event('a', 2), event('b', 1)], { fromFirstOffset: true });
    expect(decision.verdicts).toEqual([{ kind: 'gap', expected: 1 }, { kind: 'fresh' }]);
    expect(decision.keys.has('a')).toBe(false);
  });

  test('calls an event a duplicate when it was processed before or comes again in the batch', () => {
    const decision = decide([event('a', 3), event('a', 4), event('a', 4), event('a', 3)], {
      processed: ['a-3'],
      keys: [['a', { baseSeq: 1, lastSeq: 3 }]],
    });
    expect(kinds(decision)).toEqual(['duplicate', 'fresh', 'duplicate', 'duplicate']);
  });

  test('names the expected sequence for every event behind a gap, and lets other keys flow', () => {
    const decision = decide([event('a', 5), event('a', 6), event('b', 2)], {
      keys: [
        ['a', { baseSeq: 1, lastSeq: 3 }],
        ['b', { baseSeq: 1, lastSeq: 1 }],
      ],
    });
    expect(decision.verdicts).toEqual([
      { kind: 'gap', expected: 4 },
      { kind: 'gap', expected: 4 },
      { kind: 'fresh' },
    ]);
    expect([...decision.keys.keys()]).toEqual(['b']);
  });

  test('sets aside an event from before the base, once', () => {
    const decision = decide([event('a', 2), event('a', 2)], { keys: [['a', { baseSeq: 5, lastSeq: 9 }]] });
    expect(kinds(decision)).toEqual(['before-base', 'duplicate']);
    expect(decision.keys.size).toBe(0);
  });

  test('does not take a new event with a sequence that is past for a duplicate', () => {
    const decision = decide([event('a', 6, 'another')], { keys: [['a', { baseSeq: 5, lastSeq: 9 }]] });
    expect(decision.verdicts).toEqual([{ kind: 'reused', expected: 10 }]);
  });
});

/** A publisher's history of a few keys in log order, with copies of events strewn in after them. */
const history = fc
  .array(
    fc.record({ key: fc.constantFrom('a', 'b', 'c'), repeats: fc.array(fc.nat(30), { maxLength: 3 }) }),
    {
      maxLength: 40,
    },
  )
  .map((steps) => {
    const lastSeq = new Map<string, number>();
    const originals: SequencedEvent[] = [];
    const log: SequencedEvent[] = [];
    for (const { key, repeats } of steps) {
      const keySeq = (lastSeq.get(key) ?? 0) + 1;
      lastSeq.set(key, keySeq);
      originals.push(event(key, keySeq));
      log.push(event(key, keySeq));
      for (const back of repeats) log.push(originals[back % originals.length] ?? event(key, keySeq));
    }
    return { originals, log };
  });

/** Runs a log through the decision batch by batch, keeping what a consumer would keep. */
function consume(log: readonly SequencedEvent[], sizes: readonly number[], fromFirstOffset: boolean) {
  const processed = new Set<string>();
  const keys = new Map<string, KeySequence>();
  const verdicts = [];
  for (let at = 0, turn = 0; at < log.length; turn += 1) {
    const batch = log.slice(at, at + (sizes[turn % sizes.length] ?? 1));
    at += batch.length;
    const decision = decideKeyOrder(batch, { processed, keys, fromFirstOffset });
    batch.forEach((one, index) => {
      const kind = decision.verdicts[index]?.kind;
      if (kind === 'fresh' || kind === 'before-base') processed.add(one.eventId);
    });
    for (const [key, sequence] of decision.keys) keys.set(key, sequence);
    verdicts.push(...decision.verdicts);
  }
  return { verdicts, keys };
}

const freshOf = (log: readonly SequencedEvent[], verdicts: readonly { kind: string }[]): SequencedEvent[] =>
  log.filter((_, index) => verdicts[index]?.kind === 'fresh');

describe('decideKeyOrder, for any history', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

  test('applies every event once and in the order of its key, whatever is delivered again', () => {
    fc.assert(
      fc.property(history, sizes, ({ originals, log }, batches) => {
        const { verdicts } = consume(log, batches, true);
        expect(freshOf(log, verdicts)).toEqual(originals);
        expect(verdicts.filter(({ kind }) => kind !== 'fresh' && kind !== 'duplicate')).toEqual([]);
      }),
    );
  });

  test('decides the same however the log is cut into batches', () => {
    fc.assert(
      fc.property(history, sizes, sizes, fc.boolean(), fc.nat(20), ({ log }, one, other, fromFirst, skip) => {
        const rest = log.slice(skip);
        expect(consume(rest, one, fromFirst)).toEqual(consume(rest, other, fromFirst));
      }),
    );
  });

  test('applies nothing of a key behind an event that was lost on the way', () => {
    fc.assert(
      fc.property(history, sizes, fc.nat(), ({ originals, log }, batches, pick) => {
        const lost = originals[pick % Math.max(originals.length, 1)];
        if (lost === undefined) return;
        const rest = log.filter(({ eventId }) => eventId !== lost.eventId);
        const fresh = freshOf(rest, consume(rest, batches, true).verdicts);
        expect(fresh).toEqual(
          originals.filter(({ key, keySeq }) => key !== lost.key || keySeq < lost.keySeq),
        );
      }),
    );
  });
});
