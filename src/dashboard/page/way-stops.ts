import type { DashboardState, Health, Hop, HopId } from '../dashboard-state.ts';

/** A stop of the picture: a hop with its names. */
export interface Stop {
  readonly id: HopId;
  readonly line: 'orders' | 'inventory' | 'sales';
  readonly name: string;
  /** Under the name: what it is called where people would look for it. */
  readonly what: string;
  readonly unit: string;
  readonly hop: Hop;
  /** Nothing goes on from here. */
  readonly isCut: boolean;
}

type Named = Omit<Stop, 'id' | 'hop' | 'isCut'>;

const orders = (name: string, what: string, unit: string): Named => ({ line: 'orders', name, what, unit });
const inventory = (name: string, what: string, unit: string): Named => ({
  line: 'inventory',
  name,
  what,
  unit,
});

/** In the order in which they are read aloud and drawn on a narrow screen. */
const named: Readonly<Record<HopId, Named>> = {
  http: orders('HTTP', 'POST /orders', 'requests/s'),
  'orders-db': orders('Orders database', 'order and outbox row', 'rows/s'),
  'orders-wal': orders('WAL and slot', 'orders_outbox', 'of log/s'),
  'orders-debezium': orders('Debezium', 'orders-outbox', 'events/s'),
  'orders-topic': orders('orders.events', 'Kafka', 'events/s'),
  sales: { line: 'sales', name: 'Sales', what: 'reads the same log', unit: 'events/s' },
  inventory: inventory('Inventory', 'decides the stock', 'events/s'),
  'inventory-db': inventory('Its outbox', 'inventory database', 'rows/s'),
  'inventory-wal': inventory('WAL and slot', 'inventory_outbox', 'of log/s'),
  'inventory-debezium': inventory('Debezium', 'inventory-outbox', 'events/s'),
  'inventory-topic': inventory('inventory.events', 'Kafka', 'events/s'),
  orders: inventory('Orders', 'confirmed or rejected', 'events/s'),
};

const unknown = (id: HopId): Hop => ({
  id,
  health: 'unknown',
  perSecond: null,
  delayMs: null,
  note: null,
  reason: null,
  partitions: [],
});

/** Every stop, also those that nothing is known of: the picture is the same from the first moment. */
export function wayStops(way: DashboardState['way'] | undefined): Stop[] {
  return (Object.keys(named) as HopId[]).map((id) => {
    const hop = way?.hops.find((one) => one.id === id) ?? unknown(id);
    return { id, ...named[id], hop, isCut: hop.health === 'broken' };
  });
}

/** The word on a stop that is not well; healthy ones say nothing. */
export const healthWord = (health: Health): string =>
  health === 'slow' ? 'SLOW' : health === 'broken' ? 'BROKEN' : '';
