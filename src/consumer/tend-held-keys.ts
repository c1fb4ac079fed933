import { describeError } from '../platform/errors.ts';
import type { Queryable } from '../platform/postgres/statement.ts';
import type { ConsumerRuntime } from './consumer-runtime.ts';
import { drainKey } from './drain-key.ts';
import type { ConsumerScope } from './held-keys.ts';
import { readHeld } from './held-report.ts';
import { pause } from './pause.ts';
import { policyFor } from './error-policy.ts';

const EVERY_MS = 1_000;
/** So that a long list of requests does not keep the rest from being looked at. */
const KEYS_AT_ONCE = 100;

/** Wakes whoever waits for it; a call that comes when nobody waits is kept for the next. */
export class WakeUp {
  #called = Promise.withResolvers<undefined>();

  readonly call = (): void => this.#called.resolve(undefined);

  async waitFor(ms: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    await Promise.race([this.#called.promise, pause(ms, AbortSignal.any([signal, over.signal]))]);
    over.abort();
    this.#called = Promise.withResolvers<undefined>();
  }
}

/**
 * Until stopped: lets go on what can go on, does what operators ask for, and says what is held. One per instance; which of
 * several does what is decided by the rows' locks.
 */
export async function keepTending<Payloads, Change>(
  runtime: ConsumerRuntime<Payloads, Change>,
  wakeUp: WakeUp,
): Promise<void> {
  const { stopping: signal } = runtime;
  while (!signal.aborted) {
    await tendHeldKeys(runtime);
    await wakeUp.waitFor(EVERY_MS, signal);
  }
}

/** Once. Trouble that passes is logged and left for the next look; all other ends the consumer. */
export async function tendHeldKeys<Payloads, Change>(
  runtime: ConsumerRuntime<Payloads, Change>,
): Promise<void> {
  const { definition, pool, log, stopping } = runtime;
  const scope = { consumer: definition.name, topic: definition.topic.name };
  try {
    for (const key of await selectDrainable(pool, scope)) {
      if (stopping.aborted) return;
      await drainKey(runtime, key);
    }
    runtime.reportHeld(await readHeld(pool, scope));
  } catch (error) {
    if (stopping.aborted) return;
    const policy = policyFor(error);
    if (policy.action !== 'retry') {
      runtime.fail(error);
      return;
    }
    runtime.reportRetry(policy.code);
    log.warn({ reason: describeError(error) }, 'could not look after the held keys, trying again');
  }
}

/**
 * Keys that somebody asked something of, and those that can go on: the event they wait for is in their queue; or it was applied in
 * the very moment in which they began to wait, from another partition, as can be when the number of partitions changes.
 */
async function selectDrainable(db: Queryable, { consumer, topic }: ConsumerScope): Promise<string[]> {
  const { rows } = await db.query<{ key: string }>({
    name: 'consumer_select_drainable',
    text: `select key from pipeline.parked_keys as held
           where consumer = $1 and topic = $2
             and (request is not null or events = 0
                  or state = 'waiting' and (
                    exists (
                      select from pipeline.parked_events as queued
                      where queued.consumer = held.consumer and queued.topic = held.topic and queued.key = held.key
                        and queued.key_seq <= held.expected_seq)
                    or exists (
                      select from pipeline.consumer_keys as known
                      where known.consumer = held.consumer and known.topic = held.topic and known.key = held.key
                        and known.last_seq >= held.expected_seq)))
           order by requested_at nulls first limit $3`,
    values: [consumer, topic, KEYS_AT_ONCE],
  });
  return rows.map(({ key }) => key);
}
