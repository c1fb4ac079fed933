import type { DashboardState, EventRow, HistoryPoint } from '../../../../src/dashboard/dashboard-state.ts';
import { applyUpdate, feedRows, historyMs } from '../../../../src/dashboard/page/apply-update.ts';

const at = 1_000_000_000;
const point = (time: number): HistoryPoint => ({
  at: time,
  p50Ms: 30,
  p99Ms: 90,
  confirmedPerSecond: 1,
  rejectedPerSecond: 0,
});
const event = (offset: number): EventRow => ({
  eventId: String(offset),
  at,
  topic: 'orders.events',
  partition: 0,
  offset,
  type: 'OrderPlaced',
  key: null,
  aggregateId: null,
  text: '',
});

function emptyState(): DashboardState {
  const fine = { problem: null };
  return {
    at,
    way: { ...fine, hops: [], verdict: '', health: 'good', endToEndP50Ms: null, endToEndP99Ms: null },
    connectors: { ...fine, connectors: [] },
    slots: { ...fine, slots: [] },
    probes: { ...fine, probes: [] },
    groups: { ...fine, groups: [] },
    held: { ...fine, keys: [] },
    sales: { ...fine, rows: [] },
    stock: { ...fine, items: [] },
    history: { ...fine, points: [point(at - historyMs), point(at - 1_000)] },
    events: { ...fine, rows: [event(1)], perSecond: 1, notShown: 0 },
  };
}

test('a slice is replaced, and those that are not in the update stay the same object, so that they are not drawn again', () => {
  const before = emptyState();
  const stock = { problem: 'Inventory can not be reached.', items: [] };
  const after = applyUpdate(before, { at: at + 500, stock });
  expect(after.stock).toBe(stock);
  expect(after.at).toBe(at + 500);
  for (const key of ['way', 'connectors', 'history', 'events'] as const) expect(after[key]).toBe(before[key]);
});

test('points of the history are appended and forgotten when they are too old to be drawn', () => {
  const after = applyUpdate(emptyState(), {
    at: at + 500,
    history: { problem: null, points: [point(at + 500)] },
  });
  expect(after.history.points.map((one) => one.at)).toEqual([at - 1_000, at + 500]);
});

test('the feed keeps its newest rows only, however long the page is open', () => {
  let state = emptyState();
  for (let n = 0; n < 30; n += 1)
    state = applyUpdate(state, {
      at,
      events: { problem: null, rows: [event(2 * n + 2), event(2 * n + 3)], perSecond: 9, notShown: n },
    });
  for (let n = 0; n < 30; n += 1)
    state = applyUpdate(state, {
      at,
      events: { problem: null, rows: [event(100 + 2 * n), event(101 + 2 * n)], perSecond: 9, notShown: n },
    });
  expect(state.events.rows).toHaveLength(feedRows);
  expect(state.events.rows.at(-1)?.offset).toBe(159);
  expect(state.events.perSecond).toBe(9);
});
