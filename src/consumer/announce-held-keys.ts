import { appendEvents } from '../outbox/append-events.ts';
import { newEvent } from '../outbox/outbox-event.ts';
import type { OutboxEvent } from '../outbox/outbox-event.ts';
import { describeError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import { inSavepoint } from '../platform/postgres/transaction.ts';
import type { Transaction } from '../platform/postgres/transaction.ts';
import type { Announcing } from './announcing.ts';
import { policyFor } from './error-policy.ts';
import type { Hold } from './held-keys.ts';
import type { KeyUnderDrain } from './key-under-drain.ts';
import type { ReceivedEvent } from './receive-records.ts';
import { describeRecord } from './stored-record.ts';

/** Why a key is held, and the event in whose place that was seen. */
export interface SeenHold {
  readonly event: Pick<ReceivedEvent, 'record' | 'identity' | 'traceparent'>;
  readonly hold: Hold;
  readonly attempts: number;
}

type Announcer = { readonly name: string; readonly announcing?: Announcing };

/**
 * Says in the transaction that holds the keys that they are held. Its last statement, after all that `apply` has locked, so
 * that it waits for nobody who waits for it.
 * @returns what was in the way; the keys are held all the same. Undefined when it is said, or there is nowhere to say it
 * @throws what trying the whole transaction again can cure
 */
export async function announceHeld(
  tx: Transaction,
  { name: consumer, announcing }: Announcer,
  seen: readonly SeenHold[],
  now: Date,
): Promise<unknown> {
  if (announcing === undefined || seen.length === 0) return undefined;
  return announce(
    tx,
    announcing,
    seen.map(({ event, hold, attempts }) => {
      const { topic, key, keySeq, eventId, partition, offset } = event.identity;
      const { type, traceparent } = describeRecord(event.record);
      return newEvent(announcing.events.KeyHeld, {
        key,
        aggregateId: key,
        occurredAt: now,
        // One that waits has no span yet.
        traceparent: (hold.state === 'parked' ? event.traceparent : undefined) ?? traceparent,
        payload: {
          ...{ consumer, topic, key, eventId, keySeq, partition, offset, attempts },
          state: hold.state,
          code: hold.failure.code,
          reason: hold.failure.reason,
          eventType: type,
          expectedSeq: hold.expectedSeq,
          heldAt: now.getTime(),
        },
      });
    }),
  );
}

/** Likewise, in the transaction that lets a key go. */
export async function announceReleased(
  tx: Transaction,
  { announcing }: Announcer,
  { consumer, topic, key, request }: KeyUnderDrain,
  now: Date,
): Promise<unknown> {
  if (announcing === undefined) return undefined;
  const event = newEvent(announcing.events.KeyReleased, {
    key,
    aggregateId: key,
    occurredAt: now,
    payload: {
      ...{ consumer, topic, key },
      request: request?.kind ?? null,
      requestedBy: request?.by.who ?? null,
      releasedAt: now.getTime(),
    },
  });
  return announce(tx, announcing, [event]);
}

/** In a savepoint: what holding or releasing a key has written must stay, whether it can be announced or not. */
async function announce(
  tx: Transaction,
  { encoder }: Announcing,
  events: readonly OutboxEvent[],
): Promise<unknown> {
  try {
    await inSavepoint(tx, () => appendEvents(tx, encoder, events));
    return undefined;
  } catch (error) {
    if (policyFor(error).action === 'retry') throw error;
    return error;
  }
}

/** The keys are held or released all the same; `outbox parked list` and the metrics say so. */
export function logUnannounced(log: Log, unannounced: unknown): void {
  if (unannounced !== undefined)
    log.error({ reason: describeError(unannounced) }, 'could not announce what is held or released');
}
