import fc from 'fast-check';
import { decideKeyOrder } from '../../../src/consumer/decide-key-order.ts';
import type { Failure } from '../../../src/consumer/failure.ts';
import type { KeySequence, SequencedEvent } from '../../../src/consumer/decide-key-order.ts';

const event = (
  key: string,
  keySeq: number,
  eventId = `${key}-${keySeq}`,
): SequencedEvent & { readonly keySeq: number } => ({
  key,
  keySeq,
  eventId,
});

function decide(
  events: readonly SequencedEvent[],
  known: {
    processed?: string[];
    keys?: [string, KeySequence][];
    fromFirstOffset?: boolean;
    held?: string[];
    tryHandler?: (index: number) => Failure | undefined;
  } = {},
) {
  return decideKeyOrder(events, {
    ...known,
    processed: new Set(known.processed),
    keys: new Map(known.keys),
    held: new Set(known.held),
    fromFirstOffset: () => known.fromFirstOffset ?? false,
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

  test('names the expected sequence at a gap, holds the key behind it, and lets other keys flow', () => {
    const decision = decide([event('a', 5), event('a', 6), event('b', 2)], {
      keys: [
        ['a', { baseSeq: 1, lastSeq: 3 }],
        ['b', { baseSeq: 1, lastSeq: 1 }],
      ],
    });
    expect(decision.verdicts).toEqual([{ kind: 'gap', expected: 4 }, { kind: 'behind' }, { kind: 'fresh' }]);
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

  test('holds a key at the event whose handler fails, and asks no handler behind it', () => {
    const asked: number[] = [];
    const decision = decide(
      [event('a', 1), event('b', 1), event('a', 2), event('b', 2), event('a', 2), event('a', 3)],
      {
        fromFirstOffset: true,
        tryHandler: (index) => {
          asked.push(index);
          return index === 2 ? failure : undefined;
        },
      },
    );
    expect(decision.verdicts).toEqual([
      { kind: 'fresh' },
      { kind: 'fresh' },
      { kind: 'failed', failure },
      { kind: 'fresh' },
      { kind: 'duplicate' },
      { kind: 'behind' },
    ]);
    expect(decision.keys).toEqual(
      new Map([
        ['a', { baseSeq: 1, lastSeq: 1 }],
        ['b', { baseSeq: 1, lastSeq: 2 }],
      ]),
    );
    expect(asked).toEqual([0, 1, 2, 3]);
  });

  test('queues everything of a key that is held, the event it waits for included, but knows a copy', () => {
    const decision = decide([event('a', 4), event('a', 3), event('a', 6)], {
      processed: ['a-3'],
      keys: [['a', { baseSeq: 1, lastSeq: 3 }]],
      held: ['a'],
    });
    expect(kinds(decision)).toEqual(['behind', 'duplicate', 'behind']);
    expect(decision.keys.size).toBe(0);
  });

  test('looks at the order before it looks at what can not be used', () => {
    const unusable = (keySeq: number | null, eventId: string): SequencedEvent => ({
      ...event('a', 0, eventId),
      keySeq,
      unusable: failure,
    });
    const known = { keys: [['a', { baseSeq: 1, lastSeq: 3 }]] as [string, KeySequence][] };
    expect(kinds(decide([unusable(3, 'a-3')], { ...known, processed: ['a-3'] }))).toEqual(['duplicate']);
    expect(kinds(decide([unusable(5, 'x'), unusable(null, 'y')], known))).toEqual(['gap', 'behind']);
    expect(kinds(decide([unusable(4, 'x'), event('a', 5)], known))).toEqual(['failed', 'behind']);
    expect(kinds(decide([unusable(null, 'x'), event('a', 4)], known))).toEqual(['failed', 'behind']);
    // It may be a copy of an event that is too old to be remembered: nobody must conclude more from it.
    expect(kinds(decide([unusable(2, 'x')], known))).toEqual(['failed']);
  });

  test('lets an operator pass over an event: its sequence counts, if it is the next one', () => {
    const discarded = (keySeq: number | null, eventId: string): SequencedEvent => ({
      ...event('a', 0, eventId),
      keySeq,
      discarded: true,
    });
    const known = {
      keys: [['a', { baseSeq: 1, lastSeq: 3 }]] as [string, KeySequence][],
      tryHandler: () => failure,
    };
    expect(decide([discarded(4, 'x'), event('a', 5)], known)).toMatchObject({
      verdicts: [{ kind: 'fresh' }, { kind: 'failed' }],
      keys: new Map([['a', { baseSeq: 1, lastSeq: 4 }]]),
    });
    expect(kinds(decide([discarded(null, 'x'), discarded(2, 'y'), discarded(6, 'z')], known))).toEqual([
      'duplicate',
      'duplicate',
      'gap',
    ]);
  });
});

const failure: Failure = { code: 'event_handler_failed', reason: 'no', stack: null };

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
    const originals: ReturnType<typeof event>[] = [];
    const log: ReturnType<typeof event>[] = [];
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
  const held = new Set<string>();
  const queued = new Set<string>();
  const verdicts = [];
  for (let at = 0, turn = 0; at < log.length; turn += 1) {
    const batch = log.slice(at, at + (sizes[turn % sizes.length] ?? 1));
    at += batch.length;
    const decision = decideKeyOrder(batch, { processed, keys, held, fromFirstOffset: () => fromFirstOffset });
    const judged = batch.map((one, index) => {
      const verdict = decision.verdicts[index];
      const kind = verdict?.kind;
      if (kind === 'fresh' || kind === 'before-base') processed.add(one.eventId);
      if (kind !== 'gap' && kind !== 'behind') return verdict;
      held.add(one.key);
      // The queue itself finds a copy of what it holds.
      const isCopy = queued.has(one.eventId);
      queued.add(one.eventId);
      return isCopy ? { kind: 'duplicate' as const } : verdict;
    });
    for (const [key, sequence] of decision.keys) keys.set(key, sequence);
    verdicts.push(...judged.flatMap((verdict) => verdict ?? []));
  }
  return { verdicts, keys };
}

const freshOf = <Event>(log: readonly Event[], verdicts: readonly { kind: string }[]): Event[] =>
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
