import type { DemoDatabases } from '../../../scripts/demo/demo-databases.ts';
import type { Queryable } from '../../../src/platform/postgres/statement.ts';
import type { AcknowledgedOrder } from '../shop-load.ts';

/** What must hold when no order is under way, whatever was killed before. */
export const invariants = {
  'acknowledged-once': 'each order that the client knows of is there once, and no other',
  'cancelled-stays-cancelled': 'an order whose cancellation was acknowledged is CANCELLED',
  settled: 'no order is PLACED',
  'placed-said-once': 'orders and OrderPlaced rows of the outbox match one to one',
  'outcome-said-once': 'what became of an order was said once, and nothing else was said',
  'answered-once': 'the inventory answered an order once, and released only what it had reserved',
  'event-processed':
    'each consumer of a topic has processed each of its events, or has it in the queue of a held key',
  'audit-clean': 'the audit names nothing that a consumer should have, and holds each consumer to something',
  'held-as-planted': 'exactly the keys are held whose events were made to fail or to be missing',
  'processed-was-said': 'no consumer has processed an event that is in no outbox',
  'said-without-gap': 'the sequence of each key in the outbox is 1, 2, 3 ... up to its counter',
  'read-without-gap': 'each consumer has read each key from 1 to its last sequence',
  'stock-never-negative': '0 <= reserved <= on hand',
  'stock-conserved': 'on hand = adjusted + returned, reserved = lines of CONFIRMED orders',
  'stock-has-records': "stock is what the inventory's own records add up to",
  'sales-counted': 'sales counts the CONFIRMED orders and the returns of each country and day',
  'sales-added-up': 'units and revenue of sales are those of the CONFIRMED orders',
} as const;
export type Invariant = keyof typeof invariants;

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
}

export const violations = (invariant: Invariant, details: readonly string[]): Violation[] =>
  details.map((detail) => ({ invariant, detail }));

export async function rowsOf<Row>(database: Queryable, text: string): Promise<Row[]> {
  return (await database.query<Row>({ text })).rows;
}
