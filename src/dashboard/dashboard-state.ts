import type { Story } from '../operate/trace/story.ts';

/**
 * What the dashboard's server says to its page: types only, imported by both.
 *
 * `GET /api/live` is a stream of server-sent events: `snapshot` once after (re)connecting, with a whole DashboardState, then
 * `update` at most twice a second, with a DashboardUpdate. Both are JSON. Times are milliseconds since 1970 by the server's clock,
 * durations milliseconds, amounts of log bytes, rates a second, unless a name says otherwise. Null is "not known" (yet).
 *
 * The stream also has an event `alive` every 10 s (a comment would not reach the page), and says `retry:`.
 *
 * The page asks, besides:
 *
 *     GET  /api/orders?id=...[&kept=all]                 FoundOrders
 *     GET  /api/orders/:orderId/story                    OrderStory
 *     POST /api/orders                                   PlaceOrder -> PlacedOrder
 *     POST /api/connectors/:name/restart|pause|resume    {} or { task } (restart of one task) -> Said
 *     POST /api/held/redrive|discard                     HeldAction -> Said
 *
 * Every POST has the header `x-dashboard: 1` and a JSON body; a refusal is application/problem+json, whose `detail` is one sentence
 * for people.
 *
 * Each slice has `problem`: null while its source answers, otherwise one sentence about why not. What the source said last then
 * stays in the slice.
 */
export interface DashboardState {
  /** The server's clock when this was written. */
  readonly at: number;
  readonly way: WaySlice;
  readonly connectors: ConnectorsSlice;
  readonly slots: SlotsSlice;
  readonly probes: ProbesSlice;
  readonly groups: GroupsSlice;
  readonly held: HeldSlice;
  readonly sales: SalesSlice;
  readonly stock: StockSlice;
  readonly history: HistorySlice;
  readonly events: EventsSlice;
}

/** Each slice that changed, whole; but of `history` and `events` only the new points and rows, which the page appends. */
export type DashboardUpdate = Partial<DashboardState> & { readonly at: number };

interface Slice {
  readonly problem: string | null;
}

/** `slow`: it works, but worse than it should; `broken`: nothing comes past it. */
export type Health = 'good' | 'slow' | 'broken' | 'unknown';

/** The hops of an order, in its order. `sales` is the second reader of orders.events. */
export type HopId =
  | 'http'
  | 'orders-db'
  | 'orders-wal'
  | 'orders-debezium'
  | 'orders-topic'
  | 'sales'
  | 'inventory'
  | 'inventory-db'
  | 'inventory-wal'
  | 'inventory-debezium'
  | 'inventory-topic'
  | 'orders';

export interface WaySlice extends Slice {
  readonly hops: readonly Hop[];
  /** The worst that is so, in one sentence for people across the room: "orders-outbox is PAUSED: nothing is read from the log". */
  readonly verdict: string;
  /** The worst of the hops. */
  readonly health: Health;
  /** From a request to the settled order, over the last minute. */
  readonly endToEndP50Ms: number | null;
  readonly endToEndP99Ms: number | null;
}

export interface Hop {
  readonly id: HopId;
  readonly health: Health;
  /** What went through it, over the last seconds: requests at `http`, rows at a database, bytes at the log, else events. */
  readonly perSecond: number | null;
  /** How long it takes for one, or how far it is behind in time. */
  readonly delayMs: number | null;
  /** In a few words what stands beside the figures: "12 kB held", "3 behind". */
  readonly note: string | null;
  /** Why it is slow or broken, in one sentence; null when it is neither. */
  readonly reason: string | null;
  /** Topics only: by partition, in order. */
  readonly partitions: readonly {
    readonly partition: number;
    readonly perSecond: number | null;
    readonly lag: number | null;
  }[];
}

export interface ConnectorsSlice extends Slice {
  readonly connectors: readonly ConnectorState[];
}
export interface ConnectorState {
  readonly name: string;
  /** As Kafka Connect says: RUNNING, PAUSED, STOPPED, FAILED, UNASSIGNED, RESTARTING; or MISSING. */
  readonly state: string;
  readonly worker: string | null;
  readonly since: number | null;
  readonly restarts: number | null;
  /** RUNNING is not healthy: see `reasons`. */
  readonly health: Health;
  /** Sentences; empty when healthy. */
  readonly reasons: readonly string[];
  readonly trace: string | null;
  readonly heartbeatAgeMs: number | null;
  readonly tasks: readonly TaskState[];
}
export interface TaskState {
  readonly id: number;
  readonly state: string;
  readonly worker: string | null;
  readonly since: number | null;
  readonly restarts: number | null;
  /** Of its failure. */
  readonly trace: string | null;
}

export interface SlotsSlice extends Slice {
  readonly slots: readonly SlotState[];
}
export interface SlotState {
  readonly name: string;
  readonly database: string;
  readonly connector: string;
  readonly active: boolean;
  /** reserved, extended, unreserved, lost. */
  readonly walStatus: string;
  readonly bytesHeld: number;
  /** Null without a budget (max_slot_wal_keep_size). */
  readonly bytesLeft: number | null;
  readonly bytesPerSecond: number | null;
  /** At the present rate; null when it does not grow or has no budget. */
  readonly msUntilFull: number | null;
  readonly health: Health;
}

export interface ProbesSlice extends Slice {
  /** The newest probe of each connector. */
  readonly probes: readonly ProbeState[];
}
export interface ProbeState {
  readonly connector: string;
  readonly sentAt: number;
  /** On its way, or how long it took. */
  readonly arrived: boolean;
  readonly ageMs: number;
  readonly hops: Readonly<Partial<Record<ProbeHop, number>>>;
  readonly slowHop: ProbeHop | null;
  readonly reason: string | null;
}
export type ProbeHop = 'commit' | 'wal' | 'kafka' | 'arrival';

export interface GroupsSlice extends Slice {
  readonly groups: readonly GroupState[];
}
export interface GroupState {
  readonly name: string;
  /** Stable, PreparingRebalance, Empty, Dead ... */
  readonly state: string;
  readonly partitions: readonly GroupPartition[];
  /** Members without a partition. */
  readonly idle: readonly string[];
}
export interface GroupPartition {
  readonly topic: string;
  readonly partition: number;
  /** The consumer's own position in its database, where known; otherwise the group's committed offset. */
  readonly position: number | null;
  readonly end: number | null;
  readonly lag: number | null;
  /** The member that reads it; null when nobody does. */
  readonly owner: string | null;
}

export interface HeldSlice extends Slice {
  readonly keys: readonly HeldKey[];
}
/** A key that a consumer holds back: parked (its first event fails) or waiting (an event before it is missing). */
export interface HeldKey {
  readonly consumer: string;
  readonly topic: string;
  readonly key: string;
  readonly state: 'parked' | 'waiting';
  readonly reason: string;
  readonly attempts: number;
  /** Since when it is held. */
  readonly since: number;
  readonly events: number;
  /** The first event of its queue. */
  readonly firstEventId: string | null;
  readonly firstType: string | null;
  /** waiting: the sequence that is missing. */
  readonly expectedSeq: number | null;
}

export interface SalesSlice extends Slice {
  /** The newest days first, the best-selling countries first within a day; capped. */
  readonly rows: readonly SalesRow[];
}
export interface SalesRow {
  /** YYYY-MM-DD, UTC. */
  readonly day: string;
  readonly country: string;
  readonly currency: string;
  readonly orders: number;
  readonly units: number;
  readonly netMinor: number;
}

export interface StockSlice extends Slice {
  /** What the order form offers; capped. */
  readonly items: readonly { readonly sku: string; readonly available: number }[];
}

export interface HistorySlice extends Slice {
  /** Oldest first, one every few seconds, of the last minutes. */
  readonly points: readonly HistoryPoint[];
}
export interface HistoryPoint {
  readonly at: number;
  /** From a request to the settled order. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly confirmedPerSecond: number | null;
  readonly rejectedPerSecond: number | null;
}

export interface EventsSlice extends Slice {
  /** Newest last. A sample: at most 20 rows a second. */
  readonly rows: readonly EventRow[];
  /** Of all that went by, shown or not. */
  readonly perSecond: number | null;
  readonly notShown: number;
}
export interface EventRow {
  readonly eventId: string;
  readonly at: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly type: string;
  readonly key: string | null;
  readonly aggregateId: string | null;
  /** The decoded payload as one line, cut; or why it could not be decoded. */
  readonly text: string;
}

/** Done, with one sentence that says what came of it. */
export interface Said {
  readonly said: string;
}

export interface PlaceOrder {
  readonly customerId: string;
  readonly country: string;
  readonly lines: readonly {
    readonly sku: string;
    readonly quantity: number;
    readonly unitPriceMinor: number;
  }[];
}
export interface PlacedOrder {
  readonly orderId: string;
}

export interface HeldAction {
  readonly consumer: string;
  readonly topic: string;
  readonly key: string;
  /** Needed to discard: it is all that is left of the event. */
  readonly reason?: string;
}

/** What an id of an order, an event or a customer means. */
export interface FoundOrders {
  /** Newest first. */
  readonly orders: readonly FoundOrder[];
  /** Why there are none, and what to do; null when there are. */
  readonly nothing: string | null;
  /** ISO 8601: only since then was looked, older ones may be there. Null when all that is kept was looked through. */
  readonly lookedSince: string | null;
  /** There are more than the list has. */
  readonly hasMore: boolean;
}
export interface FoundOrder {
  readonly orderId: string;
  /** Its customer; for a guest the order's own id. */
  readonly key: string;
  readonly status: string | null;
  /** ISO 8601. */
  readonly since: string;
}

/** What `outbox trace` tells: the page draws the same. */
export type OrderStory = Story;
export type { StoryHop, StoryLine } from '../operate/trace/story.ts';
