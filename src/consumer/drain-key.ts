import { inTransaction } from '../platform/postgres/transaction.ts';
import type { ConsumerRuntime } from './consumer-runtime.ts';
import { drainStep } from './drain-step.ts';
import type { DrainAttempt } from './drain-step.ts';
import { policyFor } from './error-policy.ts';
import { failureFrom } from './failure.ts';
import { keepHolding, lockHeldKey } from './key-under-drain.ts';
import { retryWhileTransient } from './retry-while-transient.ts';

/**
 * Runs a held key's queue in order until it is empty, an event is missing or one fails; what was applied before that stays
 * applied. Safe to call for any key at any time, by several instances at once: the key's row lets one work.
 * @throws when the process is to stop, and what would stop a batch, too, unless an operator asked for this drain
 */
export async function drainKey<Payloads, Change>(
  runtime: ConsumerRuntime<Payloads, Change>,
  key: string,
): Promise<void> {
  const { log, stopping: signal } = runtime;
  let [limit, first] = [runtime.maxBatchSize, true];
  for (;;) {
    const attempt: DrainAttempt = { key, limit, first };
    const step = await retryWhileTransient(() => drainStep(runtime, attempt), {
      signal,
      log,
      what: `run the queue of key ${key}`,
    }).catch(async (error: unknown) => {
      signal.throwIfAborted();
      const events = attempt.seen?.events ?? 0;
      if (events > 1) {
        // One of these can't be applied: those before it can, in smaller steps.
        limit = Math.ceil(events / 2);
        return 'smaller' as const;
      }
      const isAskedFor = (attempt.seen?.held.request ?? null) !== null;
      if (policyFor(error).action === 'stop' && !isAskedFor) throw error;
      await giveUp(runtime, key, { error, again: first });
      return undefined;
    });
    if (step === 'smaller') continue;
    if (step === undefined) return;
    runtime.reportDrain(step);
    log.info({ key, end: step.end, outcomes: step.outcomes }, 'ran the queue of a held key');
    if (step.end !== 'more') return;
    first = false;
  }
}

/** In a transaction of its own: that of the drain is rolled back. If the process dies before it, the drain is tried again. */
async function giveUp<Payloads, Change>(
  runtime: ConsumerRuntime<Payloads, Change>,
  key: string,
  { error, again }: { error: unknown; again: boolean },
): Promise<void> {
  const { definition, pool, log } = runtime;
  const failure = failureFrom(error);
  await inTransaction(pool, async (tx) => {
    const held = await lockHeldKey(tx, { consumer: definition.name, topic: definition.topic.name, key });
    if (held === undefined) return;
    await keepHolding(tx, held, {
      hold: { state: 'parked', failure, expectedSeq: null },
      again: again && held.state === 'parked',
      answer: failure.reason,
    });
  });
  log.error({ key, code: failure.code, reason: failure.reason }, 'a held key could not go on');
}
