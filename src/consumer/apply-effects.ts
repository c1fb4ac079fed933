import { PipelineError } from '../platform/errors.ts';
import type { Transaction } from '../platform/postgres/transaction.ts';
import type { ConsumerDefinition, Effect } from './define-consumer.ts';

/**
 * Runs the consumer's own statements.
 * @returns one outcome word per effect, same order.
 * @throws PipelineError `event_handler_failed` when there are not as many outcomes as effects; errors of `apply` as they are.
 */
export async function applyEffects<Payloads, Change>(
  tx: Transaction,
  definition: ConsumerDefinition<Payloads, Change>,
  effects: readonly Effect<Change>[],
  now: Date,
): Promise<readonly string[]> {
  if (effects.length === 0) return [];
  const outcomes = await definition.apply(tx, effects, { now, consumer: definition.name });
  if (outcomes.length !== effects.length)
    throw new PipelineError(
      'event_handler_failed',
      `apply of consumer ${definition.name} returned ${outcomes.length} outcomes for ${effects.length} effects.`,
      { remedy: 'Return one outcome word per effect, in the same order.' },
    );
  return outcomes;
}
