import type { DemoDatabases } from '../../../scripts/demo/demo-databases.ts';
import type { Queryable } from '../../../src/platform/postgres/statement.ts';
import type { AcknowledgedOrder } from '../shop-load.ts';

/** What must hold when no order is under way, whatever was killed before. */
export const invariants = {
  'acknowledged-once': 'each order that the client knows of is there once, and no other',
  'cancelled-stays-cancelled': 'an order whose cancellation was acknowledged is CANCELLED',
  'returned-once': 'each return that the client knows of is there once, and no other',
  settled: 'no order is PLACED',
  'placed-said-once': 'orders and OrderPlaced rows of the outbox match one to one',
  'return-said-once': 'returns and ItemsReturned events of the outbox match one to one',
  'outcome-said-once': 'what became of an order was said once, and nothing else was said',
  'answered-once': 'the inventory answered an order once, and released only what it had reserved',
  'event-processed':
    'each consumer of a topic has processed each of its events, or has it in the queue of a held key',
  'audit-clean': 'the audit names nothing that a consumer should have, and holds each consumer to something',
  'held-as-planted': 'exactly the keys are held whose events were made to fail or to be missing',
  'processed-was-said': 'no consumer has processed an event that is in no outbox',
  'said-without-gap': 'the sequence of each key in the outbox is 1, 2, 3 ... up to its counter',
  'read-without-gap': 'each consumer has read each key from 1 to its last sequence',
  'applied-in-order': 'each consumer has committed the events of a key in the order of their sequence',
  'stock-never-negative': '0 <= reserved <= on hand',
  'stock-conserved': 'on hand = adjusted + returned, reserved = lines of CONFIRMED orders',
  'stock-has-records': "stock is what the inventory's own records add up to",
  'sales-counted': 'sales counts the CONFIRMED orders and the returns of each country and day',
  'sales-added-up': 'units and revenue of sales are those of the CONFIRMED orders',
} as const;

/** What must hold besides, of a pipeline that runs: topics, slots, processes and the answers that were given. */
export const runInvariants = {
  'said-in-kafka': 'each row of an outbox is in its topic at least once',
  'kafka-as-written': 'each record has the key, type, sequence and bytes of its row',
  'kafka-was-said': 'no topic holds an event that is in no outbox, but what was planted',
  'lag-zero': 'each consumer has read to the end of its topic',
  'slot-active': 'each replication slot is read and not lost',
  'log-bounded': 'no slot holds back more log than the bound',
  'no-unhandled-rejection': 'no service has logged an unhandled rejection or exception',
  'replies-match': 'a request sent again got the first answer; what was answered is what is there',
  'replay-changes-nothing': 'all consumers read their topics once more from the start, and no row changes',
} as const;
/** What faults themselves see; a storm that ends well has none of them. */
export const faultInvariants = {
  'restart-unseen': 'a rolling restart fails no request, and ends with code 0',
  'fault-mended': 'every fault could be carried out and made good',
  'all-answered': 'every request was answered in the end',
  'no-internal-error': 'no try of a request was answered 500; what passes is 503',
  'comes-to-rest': 'every event is applied and every connector healthy within the time allowed',
} as const;
export type Invariant = keyof typeof invariants | keyof typeof runInvariants | keyof typeof faultInvariants;

export interface Violation {
  readonly invariant: Invariant;
  readonly detail: string;
}

/** A key of a consumer. */
export interface PlantedKey {
  readonly consumer: string;
  readonly key: string;
}

/** What the checks are made on. */
export interface Checked {
  readonly databases: DemoDatabases;
  readonly acknowledged: readonly AcknowledgedOrder[];
  readonly planted: readonly PlantedKey[];
  /** Ids of all returns that were ever accepted; undefined where the client did not keep them. */
  readonly returned?: readonly string[] | undefined;
  /** Topics that lost records on purpose, and when (epoch milliseconds): older events need not be there, only to have arrived. */
  readonly cut?: ReadonlyMap<string, number>;
}

export const violations = (invariant: Invariant, details: readonly string[]): Violation[] =>
  details.map((detail) => ({ invariant, detail }));

export async function rowsOf<Row>(database: Queryable, text: string): Promise<Row[]> {
  return (await database.query<Row>({ text })).rows;
}
