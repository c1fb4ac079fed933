import { inTransaction } from '../platform/postgres/transaction.ts';
import { PipelineError } from '../platform/errors.ts';
import { announceHeld, logUnannounced } from './announce-held-keys.ts';
import type { ConsumerRuntime } from './consumer-runtime.ts';
import type { DrainReport } from './drain-report.ts';
import { drainStep } from './drain-step.ts';
import type { DrainAttempt } from './drain-step.ts';
import { policyFor } from './error-policy.ts';
import { eventIds } from './event-ids.ts';
import { failureFrom } from './failure.ts';
import type { Hold } from './held-keys.ts';
import { identifyRecord } from './identify-record.ts';
import { beginDrain, endDrain, keepHolding, lockHeldKey } from './key-under-drain.ts';
import { selectQueued } from './queued-events.ts';
import { retryWhileTransient } from './retry-while-transient.ts';

/**
 * Processes may die over a queue so often before its first event is said to kill them. Each next one takes a tenth of the events,
 * so the last ones took that event alone.
 */
const DEATHS = 5;

/**
 * Runs a held key's queue in order until it is empty, an event is missing or one fails; what was applied before that stays
 * applied. Safe to call for any key at any time, by several instances at once: the key's row lets one work.
 * @throws when the process is to stop, and what would stop a batch, too, unless an operator asked for this drain
 */
export async function drainKey<Payloads, Change>(
  runtime: ConsumerRuntime<Payloads, Change>,
  key: string,
): Promise<void> {
  const { log, pool, definition } = runtime;
  const at = { consumer: definition.name, topic: definition.topic.name, key };
  let [limit, first] = [runtime.maxBatchSize, true];
  for (;;) {
    const begun = await beginDrain(pool, at);
    if (begun === undefined) return;
    if (begun > DEATHS) return giveUp(runtime, key, { error: killed(), again: false });
    limit = Math.min(limit, Math.ceil(runtime.maxBatchSize / 10 ** (begun - 1)));
    const attempt: DrainAttempt = { key, limit, first };
    const step = await tryStep(runtime, attempt);
    if (step === 'smaller') {
      // One of these can't be applied: those before it can, in smaller steps.
      limit = Math.ceil((attempt.seen?.events ?? limit) / 2);
      continue;
    }
    if (step === undefined) return;
    runtime.reportDrain({ ...step, committedAt: runtime.clock() });
    log.info(
      { ...attempt.seen?.first, end: step.end, outcomes: step.outcomes },
      'ran the queue of a held key',
    );
    if (step.end !== 'more') return;
    first = false;
  }
}

async function tryStep<Payloads, Change>(
  runtime: ConsumerRuntime<Payloads, Change>,
  attempt: DrainAttempt,
): Promise<Omit<DrainReport, 'committedAt'> | 'smaller' | undefined> {
  const { log, pool, definition, stopping: signal } = runtime;
  const { key } = attempt;
  try {
    return await retryWhileTransient(() => drainStep(runtime, attempt), {
      signal,
      log,
      what: 'run the queue of a held key',
      about: () => attempt.seen?.first ?? {},
      onRetry: runtime.reportRetry,
    });
  } catch (error) {
    // Rolled back, and alive. If the mark can't be taken away, the next run takes fewer events.
    await endDrain(pool, { consumer: definition.name, topic: definition.topic.name, key }).catch(
      () => undefined,
    );
    signal.throwIfAborted();
    if ((attempt.seen?.events ?? 0) > 1) return 'smaller';
    const isAskedFor = (attempt.seen?.held.request ?? null) !== null;
    if (policyFor(error).action === 'stop' && !isAskedFor) throw error;
    await giveUp(runtime, key, { error, again: attempt.first });
    return undefined;
  }
}

/** In a transaction of its own: that of the drain is rolled back. If the process dies before it, the drain is tried again. */
async function giveUp<Payloads, Change>(
  runtime: ConsumerRuntime<Payloads, Change>,
  key: string,
  { error, again }: { error: unknown; again: boolean },
): Promise<void> {
  const { definition, pool, log, clock } = runtime;
  const failure = failureFrom(error);
  const hold: Hold = { state: 'parked', failure, expectedSeq: null };
  const now = clock();
  const first = await inTransaction(pool, async (tx) => {
    const held = await lockHeldKey(tx, { consumer: definition.name, topic: definition.topic.name, key });
    if (held === undefined) return;
    const isAgain = again && held.state === 'parked';
    const attempts = await keepHolding(tx, held, { hold, again: isAgain, answer: failure.reason });
    const seen = (await selectQueued(tx, held, 1)).map(({ record, partition }) => ({
      event: { record, identity: identifyRecord(record, { topic: held.topic, partition }) },
      ...{ hold, attempts },
    }));
    logUnannounced(log, await announceHeld(tx, definition, seen, now));
    return seen[0]?.event;
  });
  const ids = first && eventIds(first, definition.topic);
  log.error({ ...ids, code: failure.code }, 'a held key could not go on; why: `npx outbox parked show`');
}

const killed = (): PipelineError =>
  new PipelineError(
    'event_kills',
    `The process ended ${DEATHS} times while it ran the queue of a key, the last times over its first event alone.`,
    {
      remedy:
        'Find out what it does to the process (memory, native code), mend it, then redrive the key; or discard it.',
    },
  );
