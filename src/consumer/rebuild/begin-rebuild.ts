import { PipelineError } from '../../platform/errors.ts';
import type { Pool } from '../../platform/postgres/pool.ts';
import type { Queryable } from '../../platform/postgres/statement.ts';
import { inTransaction, type Transaction } from '../../platform/postgres/transaction.ts';
import type { LogBounds } from '../read-aligned-positions.ts';
import type { RebuildDefinition } from './define-rebuild.ts';
import { insertRebuild, readReach, readRebuild, type Reach, type RebuildBegin } from './rebuild-rows.ts';
import { createSecondSchema } from './second-schema.ts';
import { otherSchema } from './state-schemas.ts';

export interface BeginRebuild {
  /** As the owner of the consumer's database. */
  readonly pool: Pool;
  readonly definition: RebuildDefinition;
  readonly bounds: ReadonlyMap<number, LogBounds>;
  readonly beginAt: RebuildBegin;
  readonly startedBy: string;
  /** Puts into the second state what only the outbox has, in the same transaction. For `outbox` only. */
  readonly fill?: ((tx: Transaction, reaches: readonly Reach[]) => Promise<unknown>) | undefined;
}

/**
 * Makes an empty second state, or finds the one that was begun before: then there is nothing to do but to go on.
 * @returns whether it was begun now
 * @throws PipelineError `rebuild_refused`
 */
export async function beginRebuild(begin: BeginRebuild): Promise<boolean> {
  const { pool, definition, beginAt, startedBy } = begin;
  const { consumer, topic, schema } = definition;
  const known = await readRebuild(pool, consumer);
  if (known !== undefined) {
    refuseOther(known, beginAt);
    return false;
  }
  await refuseOutbox(pool, definition);
  const reaches = await readReach(pool, consumer, topic);
  const begins = decideBegins(definition, reaches, begin);
  await inTransaction(pool, async (tx) => {
    const second = otherSchema(schema, 'building');
    await createSecondSchema(tx, schema, second);
    await insertRebuild(tx, { consumer, topic, beginAt, startedBy }, begins);
    await begin.fill?.(tx, reaches);
  });
  return true;
}

function refuseOther(
  known: { readonly consumer: string; readonly state: string; readonly beginAt: RebuildBegin },
  beginAt: RebuildBegin,
): void {
  const { consumer } = known;
  if (known.state === 'swapped')
    throw new PipelineError(
      'rebuild_refused',
      `The state of ${consumer} from before its last swap is still kept.`,
      {
        remedy: `If it is not wanted any more: npx outbox rebuild abandon --consumer ${consumer}; to go back to it: npx outbox rebuild rollback --consumer ${consumer}`,
      },
    );
  if (known.beginAt !== beginAt)
    throw new PipelineError('rebuild_refused', `A rebuild of ${consumer} --from ${known.beginAt} is there.`, {
      remedy: `Go on with it (--from ${known.beginAt}), or: npx outbox rebuild abandon --consumer ${consumer}`,
    });
}

/** To apply again would be to say again. */
async function refuseOutbox(db: Queryable, { consumer, outcomesBind }: RebuildDefinition): Promise<void> {
  if (outcomesBind) return;
  const { rows } = await db.query<{ there: boolean }>({
    name: 'rebuild_find_outbox',
    text: `select to_regclass('pipeline.outbox') is not null as there`,
  });
  if (rows[0]?.there !== true) return;
  throw new PipelineError(
    'rebuild_refused',
    `Consumer ${consumer} can say events (its database has an outbox), and applying its events again would say them again.`,
    { remedy: 'Define its rebuild with rebuildByReplaying (src/consumer/rebuild/define-rebuild.ts).' },
  );
}

/**
 * Where the rebuild begins in each partition. Pure.
 * @throws PipelineError `rebuild_refused` when the log does not reach back as far, or nothing was recorded of what it holds
 */
export function decideBegins(
  { consumer, topic, outcomesBind }: Pick<RebuildDefinition, 'consumer' | 'topic' | 'outcomesBind'>,
  reaches: readonly Reach[],
  { bounds, beginAt }: Pick<BeginRebuild, 'bounds' | 'beginAt'>,
): Map<number, number> {
  if (reaches.length === 0)
    throw new PipelineError('rebuild_refused', `Consumer ${consumer} has read nothing of ${topic} yet.`, {
      remedy: 'There is nothing to rebuild: start the service.',
    });
  return new Map(
    reaches.map(({ partition, liveStart }) => {
      const logStart = bounds.get(partition)?.start ?? 0;
      if (beginAt !== 'outbox' && logStart > liveStart)
        throw new PipelineError(
          'rebuild_refused',
          `${topic}, partition ${partition}, begins at offset ${logStart} by now; consumer ${consumer} began at ${liveStart}, so what its state rests on is no longer all in the topic (retention.ms).`,
          {
            remedy: `Take what is missing from the publisher's outbox, as far as that has it: npx outbox rebuild start --consumer ${consumer} --from outbox`,
          },
        );
      if (beginAt === 'beginning' && outcomesBind && logStart < liveStart)
        throw new PipelineError(
          'rebuild_refused',
          `Consumer ${consumer} began at offset ${liveStart} of ${topic}, partition ${partition}: of what lies before it no outcome was recorded, and none is decided by a rebuild.`,
          { remedy: `npx outbox rebuild start --consumer ${consumer} --from base` },
        );
      return [partition, beginAt === 'beginning' ? logStart : Math.max(liveStart, logStart)];
    }),
  );
}
