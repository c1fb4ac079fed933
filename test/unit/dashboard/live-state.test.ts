import { LiveState } from '../../../src/dashboard/live/live-state.ts';

const empty = (): LiveState =>
  new LiveState({
    way: {
      ...{
        problem: null,
        hops: [],
        verdict: '',
        health: 'unknown',
        endToEndP50Ms: null,
        endToEndP99Ms: null,
      },
    },
    connectors: { problem: null, connectors: [] },
    slots: { problem: null, slots: [] },
    probes: { problem: null, probes: [] },
    groups: { problem: null, groups: [] },
    held: { problem: null, keys: [] },
    sales: { problem: null, rows: [] },
    stock: { problem: null, items: [] },
  });
const point = (at: number) => ({
  ...{ at, p50Ms: 1, p99Ms: 2, confirmedPerSecond: 3, rejectedPerSecond: 0 },
});
const row = (offset: number) => ({
  ...{ eventId: String(offset), at: 0, topic: 't', partition: 0, offset, type: 'T', key: 'k' },
  ...{ aggregateId: 'a', text: '{}' },
});

test('an update has what changed since the last one, and nothing else', () => {
  const live = empty();
  live.takeUpdate(0);
  expect(live.takeUpdate(1)).toBeUndefined();
  live.set('stock', { problem: null, items: [{ sku: 'lamp', available: 1 }] });
  live.set('slots', { problem: null, slots: [] });
  expect(live.takeUpdate(2)).toEqual({
    at: 2,
    stock: { problem: null, items: [{ sku: 'lamp', available: 1 }] },
  });
  live.setProblem('stock', 'away');
  expect(live.takeUpdate(3)).toMatchObject({ stock: { problem: 'away', items: [{ sku: 'lamp' }] } });
  expect(live.takeUpdate(4)).toBeUndefined();
});

test('history and feed are told by what is new; the snapshot has all that is kept', () => {
  const live = empty();
  live.takeUpdate(0);
  live.addPoint(point(0), null);
  live.addRow(row(0));
  expect(live.takeUpdate(1)).toMatchObject({
    history: { points: [{ at: 0 }] },
    events: { rows: [{ offset: 0 }] },
  });
  live.addPoint(point(900_000), null);
  for (let offset = 1; offset <= 150; offset++) live.addRow(row(offset));
  const update = live.takeUpdate(2);
  expect(update?.history?.points).toHaveLength(1);
  const { history, events } = live.snapshot(3);
  expect(history.points.map(({ at }) => at)).toEqual([900_000]);
  expect(events.rows).toHaveLength(100);
  expect(events.rows.at(-1)?.offset).toBe(150);
});
