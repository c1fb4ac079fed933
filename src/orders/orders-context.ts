import type { Encoder } from '../events/encoder.ts';
import type { Clock } from '../platform/clock.ts';
import type { Pool } from '../platform/postgres/pool.ts';

/** What every use case works with; ids and time come from outside. */
export interface OrdersContext {
  readonly pool: Pool;
  readonly encoder: Encoder;
  readonly clock: Clock;
  /** A UUIDv7: ids are in order of time, which paging and the primary key's index rely on. */
  readonly newId: () => string;
}

/** The schema of the service's state; the search_path of its transactions. */
export const ordersSchema = 'orders';
