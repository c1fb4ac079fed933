import type { Hop } from '../../../../src/dashboard/dashboard-state.ts';
import { healthWord, wayStops } from '../../../../src/dashboard/page/way-stops.ts';

const hop = (id: Hop['id'], health: Hop['health']): Hop => ({
  id,
  health,
  perSecond: 3,
  delayMs: 4,
  note: null,
  reason: null,
  partitions: [],
});

test('the picture has every stop from the first moment, in the order of the way', () => {
  const stops = wayStops(undefined);
  expect(stops.map(({ id }) => id)).toEqual([
    'http',
    'orders-db',
    'orders-wal',
    'orders-debezium',
    'orders-topic',
    'sales',
    'inventory',
    'inventory-db',
    'inventory-wal',
    'inventory-debezium',
    'inventory-topic',
    'orders',
  ]);
  expect(stops.every(({ hop: { health, perSecond } }) => health === 'unknown' && perSecond === null)).toBe(
    true,
  );
});

test('only a broken stop cuts the line; a slow one is named', () => {
  const stops = wayStops({
    problem: null,
    hops: [hop('orders-wal', 'slow'), hop('orders-debezium', 'broken')],
    verdict: '',
    health: 'broken',
    endToEndP50Ms: null,
    endToEndP99Ms: null,
  });
  expect(stops.filter(({ isCut }) => isCut).map(({ id }) => id)).toEqual(['orders-debezium']);
  expect(stops.map(({ hop: { health } }) => healthWord(health)).filter((word) => word !== '')).toEqual([
    'SLOW',
    'BROKEN',
  ]);
});
