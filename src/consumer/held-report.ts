import type { Queryable } from '../platform/postgres/statement.ts';
import type { ConsumerScope } from './held-keys.ts';

interface HeldKeys {
  readonly keys: number;
  /** In their queues. */
  readonly events: number;
  /** Since when the oldest of them is held; null when there is none. */
  readonly since: Date | null;
}

/** What a consumer holds back, over all instances. */
export interface HeldReport {
  readonly consumer: string;
  readonly parked: HeldKeys;
  readonly waiting: HeldKeys;
}

const NONE: HeldKeys = { keys: 0, events: 0, since: null };

export async function readHeld(db: Queryable, { consumer, topic }: ConsumerScope): Promise<HeldReport> {
  const { rows } = await db.query<HeldKeys & { state: 'parked' | 'waiting' }>({
    name: 'consumer_read_held',
    text: `select state, count(*) as keys, sum(events)::bigint as events, min(since) as since
           from pipeline.parked_keys where consumer = $1 and topic = $2 group by state`,
    values: [consumer, topic],
  });
  const of = (state: 'parked' | 'waiting'): HeldKeys => {
    const row = rows.find((one) => one.state === state);
    return row === undefined ? NONE : { keys: row.keys, events: row.events, since: row.since };
  };
  return { consumer, parked: of('parked'), waiting: of('waiting') };
}
