import { FIRST_ID } from '../../../src/operate/audit/event-row.ts';
import type { AuditedService } from '../../../src/operate/audit/audited-pipeline.ts';
import { readRows } from '../../../src/operate/audit/read-outbox.ts';
import { readReaders } from '../../../src/operate/audit/readers.ts';
import { scanOutbox } from '../../../src/operate/audit/scan-outbox.ts';
import type { Pool } from '../../../src/platform/postgres/pool.ts';
import { services } from '../../../src/pipeline.ts';
import { violations } from './invariants.ts';
import type { Violation } from './invariants.ts';

const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** What the audit finds by its own reading of the databases; nothing is under way, so what it suspects is missing. */
export async function checkAudit(databases: Readonly<Record<string, Pool>>): Promise<Violation[]> {
  const audited = services.flatMap(({ name, consumer, connector }) => {
    const db = databases[name];
    const service: AuditedService | undefined = db && { name, db, database: name, outbox: undefined };
    return service === undefined ? [] : [{ service, consumer, hasOutbox: connector !== undefined }];
  });
  const readers = (await Promise.all(audited.map(({ service }) => readReaders(service)))).flat();
  const scans = await Promise.all(
    audited
      .filter(({ hasOutbox }) => hasOutbox)
      .map(({ service: { db } }) =>
        scanOutbox(readRows(db, { after: FIRST_ID, before: LAST_ID, pageSize: 1_000 }), {
          readers,
          maxSuspects: 1_000,
          signal: new AbortController().signal,
        }),
      ),
  );
  const held = new Set(
    scans.flatMap(({ tallies }) =>
      [...tallies].flatMap(([{ consumer }, { expected }]) => (expected > 0 ? [consumer] : [])),
    ),
  );
  return violations('audit-clean', [
    ...scans.flatMap(({ suspects }) =>
      suspects.map(({ reader, row }) => `${reader.consumer} has recorded nothing of ${row.eventId}`),
    ),
    ...audited
      .filter(({ consumer }) => !held.has(consumer))
      .map(({ consumer }) => `${consumer} is held to nothing: it has subscribed to no type that was said`),
  ]);
}
