import type { Queryable } from '../platform/postgres/statement.ts';
import type { Transaction } from '../platform/postgres/transaction.ts';
import type { ConsumerScope, Hold } from './held-keys.ts';
import type { Decider } from './parked-decisions.ts';

export type ParkedRequest = 'redrive' | 'discard' | 'discard_all' | 'skip';

/** A held key whose row nobody else can touch until the transaction ends: no batch can queue behind it meanwhile. */
export interface KeyUnderDrain extends ConsumerScope {
  readonly key: string;
  readonly partition: number;
  readonly state: Hold['state'];
  readonly request: {
    readonly kind: ParkedRequest;
    readonly at: Date;
    readonly by: Decider;
    /** Part of it was done already, by whichever instance. */
    readonly begun: boolean;
  } | null;
}

/**
 * Committed by itself, before a run of the key's queue: a process that dies over it leaves it behind. A batch that has more of the key
 * is waited for; where another instance runs the queue, the row is locked against this.
 * @returns how many runs were begun and did not end, this one included; undefined when the key is not held or is being run
 */
export async function beginDrain(
  db: Queryable,
  at: ConsumerScope & { key: string },
): Promise<number | undefined> {
  const { rows } = await db.query<{ drains_begun: number }>({
    name: 'consumer_begin_drain',
    text: `update pipeline.parked_keys as held set drains_begun = held.drains_begun + 1
           from (select consumer, topic, key from pipeline.parked_keys
                 where consumer = $1 and topic = $2 and key = $3 for key share skip locked) as free
           where held.consumer = free.consumer and held.topic = free.topic and held.key = free.key
           returning held.drains_begun`,
    values: [at.consumer, at.topic, at.key],
  });
  return rows[0]?.drains_begun;
}

/** The process is alive. The runs that others died over still count, until the key is held for another reason or let go. */
export async function endDrain(db: Queryable, at: ConsumerScope & { key: string }): Promise<void> {
  await db.query({
    name: 'consumer_end_drain',
    text: `update pipeline.parked_keys set drains_begun = greatest(drains_begun - 1, 0)
           where consumer = $1 and topic = $2 and key = $3`,
    values: [at.consumer, at.topic, at.key],
  });
}

export async function lockHeldKey(
  tx: Transaction,
  at: ConsumerScope & { key: string },
): Promise<KeyUnderDrain | undefined> {
  const { rows } = await tx.query<{
    partition: number;
    state: Hold['state'];
    request: ParkedRequest | null;
    requested_by: string;
    requested_why: string | null;
    requested_at: Date;
    answer: string | null;
  }>({
    name: 'consumer_lock_held_key',
    text: `select partition, state, request, requested_by, requested_why, requested_at, answer from pipeline.parked_keys
           where consumer = $1 and topic = $2 and key = $3 for update`,
    values: [at.consumer, at.topic, at.key],
  });
  const [row] = rows;
  if (row === undefined) return undefined;
  const { partition, state } = row;
  const request =
    row.request === null
      ? null
      : {
          kind: row.request,
          at: row.requested_at,
          by: { who: row.requested_by, why: row.requested_why },
          // Who asks takes the last answer away.
          begun: row.answer !== null,
        };
  return { consumer: at.consumer, topic: at.topic, key: at.key, partition, state, request };
}

/** Nothing waits behind it any more. A row with a queue stays: the queue refers to it. */
export async function releaseKey(tx: Transaction, held: KeyUnderDrain): Promise<void> {
  await tx.query({
    name: 'consumer_release_key',
    text: `delete from pipeline.parked_keys where consumer = $1 and topic = $2 and key = $3`,
    values: [held.consumer, held.topic, held.key],
  });
}

/**
 * Why the key is held from now on. What was asked for is done with, and answered.
 * @returns how often the event has been tried
 * @param change.again the same event as before stands in the way
 */
export async function keepHolding(
  tx: Transaction,
  held: KeyUnderDrain,
  change: { readonly hold: Hold; readonly again: boolean; readonly answer: string | null },
): Promise<number> {
  const { hold, again, answer } = change;
  const { rows } = await tx.query<{ attempts: number }>({
    name: 'consumer_keep_holding',
    text: `update pipeline.parked_keys
           set since = case when state = $4 then since else now() end, state = $4, code = $5, reason = $6, stack = $7,
               expected_seq = $8, drains_begun = 0, attempts = case when $9 then attempts + 1 else 1 end,
               answer = case when request is null then answer else $10 end, request = null
           where consumer = $1 and topic = $2 and key = $3
           returning attempts`,
    values: [
      held.consumer,
      held.topic,
      held.key,
      hold.state,
      hold.failure.code,
      hold.failure.reason,
      hold.failure.stack,
      hold.expectedSeq,
      again,
      answer,
    ],
  });
  return rows[0]?.attempts ?? 1;
}

/** In the transaction that did a part of what was asked for: nobody does that part again, whoever goes on with the rest. */
export async function goOnWith(tx: Transaction, held: KeyUnderDrain, rest: ParkedRequest): Promise<void> {
  await tx.query({
    name: 'consumer_go_on_with_request',
    text: `update pipeline.parked_keys set request = $4, answer = 'Begun.'
           where consumer = $1 and topic = $2 and key = $3`,
    values: [held.consumer, held.topic, held.key, rest],
  });
}

/** Says why nothing was done. */
export async function refuseRequest(tx: Transaction, held: KeyUnderDrain, answer: string): Promise<void> {
  await tx.query({
    name: 'consumer_refuse_request',
    text: `update pipeline.parked_keys set request = null, answer = $4
           where consumer = $1 and topic = $2 and key = $3`,
    values: [held.consumer, held.topic, held.key, answer],
  });
}
