import { decideStock } from '../../../src/inventory/decide-stock.ts';
import type { Reservation, StockChange, StockState } from '../../../src/inventory/decide-stock.ts';

const at = 1_700_000_000_000;
const lines = (...pairs: [string, number][]) => pairs.map(([sku, quantity]) => ({ sku, quantity }));
const place = (orderId: string, ...pairs: [string, number][]): StockChange => ({
  kind: 'reserve',
  orderId,
  lines: lines(...pairs),
});
const cancel = (orderId: string): StockChange => ({ kind: 'release', orderId });
const giveBack = (returnId: string, ...pairs: [string, number][]): StockChange => ({
  kind: 'restock',
  returnId,
  lines: lines(...pairs),
});

function stateOf(stock: Record<string, [onHand: number, reserved: number]>): StockState {
  const levels = Object.entries(stock).map(
    ([sku, [onHand, reserved]]) => [sku, { onHand, reserved }] as const,
  );
  return { stock: new Map(levels), reservations: new Map(), restocked: new Set() };
}
const withReservation = (state: StockState, orderId: string, reservation: Reservation): StockState => ({
  ...state,
  reservations: new Map([...state.reservations, [orderId, reservation]]),
});
const outcomes = (state: StockState, ...changes: StockChange[]) =>
  decideStock(state, changes, at).verdicts.map(({ outcome }) => outcome);

describe('an order', () => {
  test('reserves all of its lines and says so', () => {
    const decision = decideStock(
      stateOf({ cup: [5, 1], pot: [2, 0] }),
      [place('o1', ['cup', 4], ['pot', 2])],
      at,
    );
    expect(Object.fromEntries(decision.stock)).toEqual({
      cup: { onHand: 5, reserved: 5 },
      pot: { onHand: 2, reserved: 2 },
    });
    expect(decision.verdicts).toEqual([
      {
        outcome: 'reserved',
        reply: {
          type: 'StockReserved',
          payload: { orderId: 'o1', lines: lines(['cup', 4], ['pot', 2]), reservedAt: at },
        },
      },
    ]);
    expect(decision.reservations.get('o1')).toEqual({
      state: 'RESERVED',
      lines: lines(['cup', 4], ['pot', 2]),
    });
  });

  test('reserves nothing when one line is short, and names each short sku with what is there', () => {
    const decision = decideStock(
      stateOf({ cup: [5, 1], pot: [2, 0] }),
      [place('o1', ['pot', 1], ['cup', 5], ['hat', 3])],
      at,
    );
    expect(decision.stock.size).toBe(0);
    expect(decision.reservations.get('o1')?.state).toBe('REJECTED');
    expect(decision.verdicts[0]).toEqual({
      outcome: 'rejected',
      reply: {
        type: 'StockRejected',
        payload: {
          orderId: 'o1',
          rejectedAt: at,
          shortages: [
            { sku: 'cup', requested: 5, available: 4, reason: 'OUT_OF_STOCK' },
            { sku: 'hat', requested: 3, available: 0, reason: 'UNKNOWN_SKU' },
          ],
        },
      },
    });
  });

  test('that names a sku twice asks for the sum', () => {
    expect(outcomes(stateOf({ cup: [5, 0] }), place('o1', ['cup', 3], ['cup', 3]))).toEqual(['rejected']);
    const decision = decideStock(stateOf({ cup: [6, 0] }), [place('o1', ['cup', 3], ['cup', 3])], at);
    expect(decision.reservations.get('o1')?.lines).toEqual(lines(['cup', 6]));
  });

  test('is decided on what the one before it in the batch left', () => {
    const changes = [place('o1', ['cup', 3]), place('o2', ['cup', 3]), place('o3', ['cup', 2])];
    expect(outcomes(stateOf({ cup: [5, 0] }), ...changes)).toEqual(['reserved', 'rejected', 'reserved']);
  });

  test('that is placed a second time is decided once, in the same batch or a later one', () => {
    const state = stateOf({ cup: [5, 0] });
    expect(outcomes(state, place('o1', ['cup', 1]), place('o1', ['cup', 1]))).toEqual([
      'reserved',
      'already-decided',
    ]);
    const reserved = withReservation(state, 'o1', { state: 'RESERVED', lines: lines(['cup', 1]) });
    const decision = decideStock(reserved, [place('o1', ['cup', 1])], at);
    expect(decision.verdicts).toEqual([{ outcome: 'already-decided' }]);
    expect(decision.stock.size).toBe(0);
  });

  test.each([0, -1, 0.5, Number.NaN])('with a quantity of %p is refused loudly', (quantity) => {
    expect(() => decideStock(stateOf({ cup: [5, 0] }), [place('o1', ['cup', quantity])], at)).toThrow(
      RangeError,
    );
  });
});

describe('a cancellation', () => {
  test('gives back once what was reserved', () => {
    const changes = [place('o1', ['cup', 3]), cancel('o1'), cancel('o1')];
    const decision = decideStock(stateOf({ cup: [5, 1] }), changes, at);
    expect(decision.verdicts.map(({ outcome }) => outcome)).toEqual([
      'reserved',
      'released',
      'already-released',
    ]);
    expect(decision.verdicts[1]?.reply).toEqual({
      type: 'StockReleased',
      payload: { orderId: 'o1', lines: lines(['cup', 3]), releasedAt: at },
    });
    expect(decision.stock.get('cup')).toEqual({ onHand: 5, reserved: 1 });
  });

  test('that comes first is remembered, and the order then reserves nothing', () => {
    const changes = [cancel('o1'), place('o1', ['cup', 3]), place('o1', ['cup', 3]), cancel('o1')];
    const decision = decideStock(stateOf({ cup: [5, 0] }), changes, at);
    expect(decision.verdicts).toEqual([
      { outcome: 'remembered' },
      { outcome: 'cancelled-first' },
      { outcome: 'cancelled-first' },
      { outcome: 'already-released' },
    ]);
    expect(decision.stock.size).toBe(0);
    expect(decision.reservations.get('o1')).toEqual({ state: 'CANCELLED_FIRST', lines: [] });
  });

  test('of a rejected order has nothing to release', () => {
    expect(outcomes(stateOf({}), place('o1', ['cup', 3]), cancel('o1'))).toEqual([
      'rejected',
      'nothing-to-release',
    ]);
  });

  test('makes room for the next order of the same batch', () => {
    const state = withReservation(stateOf({ cup: [3, 3] }), 'o1', {
      state: 'RESERVED',
      lines: lines(['cup', 3]),
    });
    expect(outcomes(state, place('o2', ['cup', 1]), cancel('o1'), place('o3', ['cup', 3]))).toEqual([
      'rejected',
      'released',
      'reserved',
    ]);
  });
});

describe('a return', () => {
  test('adds to the shelf, also of a sku that was never entered', () => {
    const decision = decideStock(
      stateOf({ cup: [1, 1] }),
      [giveBack('r1', ['cup', 2], ['hat', 1], ['cup', 1])],
      at,
    );
    expect(Object.fromEntries(decision.stock)).toEqual({
      cup: { onHand: 4, reserved: 1 },
      hat: { onHand: 1, reserved: 0 },
    });
    expect(decision.verdicts[0]?.reply).toEqual({
      type: 'StockRestocked',
      payload: { returnId: 'r1', lines: lines(['cup', 3], ['hat', 1]), restockedAt: at },
    });
  });

  test('counts once, in the same batch or a later one', () => {
    const state = stateOf({ cup: [1, 0] });
    expect(outcomes(state, giveBack('r1', ['cup', 1]), giveBack('r1', ['cup', 1]))).toEqual([
      'restocked',
      'already-restocked',
    ]);
    expect(outcomes({ ...state, restocked: new Set(['r1']) }, giveBack('r1', ['cup', 1]))).toEqual([
      'already-restocked',
    ]);
  });
});
