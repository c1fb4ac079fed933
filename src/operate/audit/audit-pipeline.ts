import { describeError } from '../../platform/errors.ts';
import { auditOutbox, type AuditOptions, type OutboxMemory, type OutboxReport } from './audit-outbox.ts';
import type { AuditedPipeline, AuditedService } from './audited-pipeline.ts';
import { FIRST_ID } from './event-row.ts';
import { readReaders, type Reader } from './readers.ts';

export interface AuditReport {
  readonly at: Date;
  readonly tookMs: number;
  readonly outboxes: readonly OutboxReport[];
  /** Why something could not be asked, by whom it was about. */
  readonly problems: readonly { readonly service: string; readonly error: unknown }[];
}

/** By service. */
export type AuditMemory = Map<string, OutboxMemory>;

/**
 * One round over all outboxes, one after the other. A part that can't be reached is told in the report; all others are looked at, and
 * nothing is proven that depends on it.
 */
export async function auditPipeline(
  pipeline: AuditedPipeline,
  memory: AuditMemory,
  options: AuditOptions,
): Promise<AuditReport> {
  const at = new Date();
  const { readers, problems } = await readAllReaders(pipeline.services);
  const outboxes: OutboxReport[] = [];
  for (const service of pipeline.services) {
    if (service.outbox === undefined) continue;
    const ofOutbox = memory.get(service.name) ?? { marks: [] };
    memory.set(service.name, ofOutbox);
    const audited = { readers, allKnown: problems.length === 0, memory: ofOutbox };
    outboxes.push(
      await auditOutbox(pipeline, service, audited, options).catch((error: unknown) => {
        options.signal.throwIfAborted();
        return notAudited(service, error);
      }),
    );
  }
  const ofOutboxes = outboxes.flatMap(({ service, problems: some }) =>
    some.map((error) => ({ service, error })),
  );
  return { at, tookMs: Date.now() - at.getTime(), outboxes, problems: [...problems, ...ofOutboxes] };
}

async function readAllReaders(services: readonly AuditedService[]) {
  const read = await Promise.allSettled(services.map(readReaders));
  const readers: Reader[] = [];
  const problems: { service: string; error: unknown }[] = [];
  services.forEach((service, index) => {
    const one = read[index];
    if (one?.status === 'fulfilled') readers.push(...one.value);
    else
      problems.push({
        service: service.name,
        error: new Error(`Database ${service.database} did not answer: ${describeError(one?.reason)}`, {
          cause: one?.reason,
        }),
      });
  });
  return { readers, problems };
}

function notAudited({ name }: AuditedService, error: unknown): OutboxReport {
  return {
    service: name,
    rows: 0,
    until: undefined,
    heldBackSince: undefined,
    through: FIRST_ID,
    readers: [],
    missing: [],
    repaired: [],
    doubt: undefined,
    problems: [error],
  };
}

/** proven: each event is where it must be. missing: something is lost. late: not there yet. unreachable: not everything could be asked. */
export type AuditVerdict = 'proven' | 'missing' | 'late' | 'unreachable';

export function verdictOf({ outboxes, problems }: AuditReport): AuditVerdict {
  const readers = outboxes.flatMap((outbox) => outbox.readers);
  if (readers.some(({ states }) => states.lost > 0)) return 'missing';
  if (problems.length > 0) return 'unreachable';
  return readers.some(({ states, beyond }) => states.late + states.repairing + beyond > 0)
    ? 'late'
    : 'proven';
}
