import { setTimeout as delay } from 'node:timers/promises';
import { auditPipeline, type AuditMemory, type AuditReport } from './audit-pipeline.ts';
import type { AuditOptions } from './audit-outbox.ts';
import type { AuditedPipeline } from './audited-pipeline.ts';
import { beginAuditing } from './audited-through.ts';

/**
 * Round after round until the signal aborts, each begun `everyMs` after the last one was. What fails is told and tried again: the audit
 * is there for when things are broken. Being killed between two lines costs a round; marks in memory are made anew.
 */
export async function keepAuditing(
  pipeline: AuditedPipeline,
  options: AuditOptions & { readonly everyMs: number },
  told: { readonly onRound: (report: AuditReport) => void; readonly onFailure: (error: unknown) => void },
): Promise<void> {
  const { signal, everyMs } = options;
  const memory: AuditMemory = new Map();
  while (!signal.aborted) {
    const startedAt = Date.now();
    try {
      await beginAll(pipeline);
      told.onRound(await auditPipeline(pipeline, memory, options));
    } catch (error) {
      // Told to stop in the middle of a round: that is no failure.
      if (error !== signal.reason) told.onFailure(error);
    }
    const pause = Math.max(0, startedAt + everyMs - Date.now());
    await delay(pause, undefined, { signal }).catch(() => undefined);
  }
}

/** A database that is away is told of by the round itself. */
async function beginAll({ services }: AuditedPipeline): Promise<void> {
  await Promise.allSettled(
    services.filter(({ outbox }) => outbox !== undefined).map(({ db }) => beginAuditing(db)),
  );
}
