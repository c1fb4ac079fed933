import fc from 'fast-check';
import { decideStock } from '../../../src/inventory/decide-stock.ts';
import type {
  Reservation,
  StockChange,
  StockDecision,
  StockLevel,
  StockState,
} from '../../../src/inventory/decide-stock.ts';

// Few skus, orders and returns, so that sequences are full of repetitions, shortages and cancellations in any order.
const sku = fc.constantFrom('a', 'b', 'c', 'never-entered');
const lines = fc.array(fc.record({ sku, quantity: fc.integer({ min: 1, max: 4 }) }), {
  minLength: 1,
  maxLength: 4,
});
const orderId = fc.constantFrom('o1', 'o2', 'o3', 'o4', 'o5');
const change: fc.Arbitrary<StockChange> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('reserve' as const), orderId, lines }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const), orderId }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('restock' as const),
      returnId: fc.constantFrom('r1', 'r2'),
      lines,
    }),
  },
);
const changes = fc.array(change, { maxLength: 30 });
const level = fc
  .tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 12 }))
  .map(([a, b]) => ({ onHand: Math.max(a, b), reserved: Math.min(a, b) }));
const state: fc.Arbitrary<StockState> = fc.tuple(level, level, level).map(([a, b, c]) => ({
  stock: new Map(Object.entries({ a, b, c })),
  reservations: new Map(),
  restocked: new Set(),
}));
const runs = { numRuns: 2000 };

/** What the database would hold after the decision. */
const after = (before: StockState, decision: StockDecision): StockState => ({
  stock: new Map([...before.stock, ...decision.stock]),
  reservations: new Map([...before.reservations, ...decision.reservations]),
  restocked: before.restocked.union(decision.restocks),
});

function pieces(rows: Iterable<{ lines: Reservation['lines'] }>): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { lines } of rows) {
    for (const { sku, quantity } of lines) sums.set(sku, (sums.get(sku) ?? 0) + quantity);
  }
  return sums;
}
const levelOf = ({ stock }: StockState, sku: string): StockLevel =>
  stock.get(sku) ?? { onHand: 0, reserved: 0 };

describe('whatever happens to the stock', () => {
  test('nothing is promised that is not there', () => {
    fc.assert(
      fc.property(state, changes, (before, sequence) => {
        for (const { onHand, reserved } of after(before, decideStock(before, sequence, 0)).stock.values()) {
          expect(reserved).toBeGreaterThanOrEqual(0);
          expect(onHand).toBeGreaterThanOrEqual(reserved);
        }
      }),
      runs,
    );
  });

  test('every piece is accounted for: on hand by restocks, reserved by the orders that hold it', () => {
    fc.assert(
      fc.property(state, changes, (before, sequence) => {
        const decision = decideStock(before, sequence, 0);
        const now = after(before, decision);
        const restocked = pieces([...decision.restocks.values()].map((lines) => ({ lines })));
        const held = pieces([...now.reservations.values()].filter(({ state }) => state === 'RESERVED'));
        for (const sku of new Set([...now.stock.keys(), ...restocked.keys(), ...held.keys()])) {
          expect(levelOf(now, sku).onHand - levelOf(before, sku).onHand).toBe(restocked.get(sku) ?? 0);
          expect(levelOf(now, sku).reserved - levelOf(before, sku).reserved).toBe(held.get(sku) ?? 0);
        }
      }),
      runs,
    );
  });

  test('it does not matter where the sequence is cut into batches', () => {
    fc.assert(
      fc.property(state, changes, fc.array(fc.nat({ max: 30 })), (before, sequence, cuts) => {
        const whole = decideStock(before, sequence, 0);
        const bounds = [0, ...cuts.map((cut) => Math.min(cut, sequence.length)), sequence.length];
        bounds.sort((a, b) => a - b);
        let now = before;
        const verdicts = bounds.slice(1).flatMap((end, i) => {
          const decision = decideStock(now, sequence.slice(bounds[i], end), 0);
          now = after(now, decision);
          return decision.verdicts;
        });
        expect(verdicts).toEqual(whole.verdicts);
        expect(now).toEqual(after(before, whole));
      }),
      runs,
    );
  });

  test('each order is reserved and released at most once, and each return counted at most once', () => {
    fc.assert(
      fc.property(state, changes, (before, sequence) => {
        const said = decideStock(before, sequence, 0).verdicts.flatMap(({ reply }) =>
          reply === undefined
            ? []
            : [
                `${reply.type} ${'orderId' in reply.payload ? reply.payload.orderId : reply.payload.returnId}`,
              ],
        );
        expect(new Set(said).size).toBe(said.length);
      }),
      runs,
    );
  });

  test('only a reservation that was made can be released', () => {
    fc.assert(
      fc.property(state, changes, (before, sequence) => {
        const first = new Map<string, string>();
        decideStock(before, sequence, 0).verdicts.forEach(({ outcome }, i) => {
          const one = sequence[i];
          if (one === undefined || one.kind === 'restock') return;
          if (!first.has(one.orderId)) first.set(one.orderId, outcome);
          if (outcome === 'released') expect(first.get(one.orderId)).toBe('reserved');
          if (outcome === 'cancelled-first') expect(first.get(one.orderId)).toBe('remembered');
        });
      }),
      runs,
    );
  });

  test('the state that was passed in is left as it was', () => {
    fc.assert(
      fc.property(state, changes, (before, sequence) => {
        const copy = structuredClone(before);
        decideStock(before, sequence, 0);
        expect(before).toEqual(copy);
      }),
      { numRuns: 200 },
    );
  });
});
