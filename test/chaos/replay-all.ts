import { resetPositions } from '../../src/consumer/positions.ts';
import { readLogBounds } from '../../src/consumer/read-aligned-positions.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createPool } from '../../src/platform/postgres/pool.ts';
import type { Pool } from '../../src/platform/postgres/pool.ts';
import { checkReplay, fingerprint } from '../support/invariants/fingerprint.ts';
import type { Fingerprint } from '../support/invariants/fingerprint.ts';
import type { Violation } from '../support/invariants/invariants.ts';
import { serviceNames } from '../support/test-pipeline.ts';
import { testKafka } from '../support/test-stack.ts';
import { lagIsZero } from './come-to-rest.ts';
import type { OpenStorm } from './open-storm.ts';

/**
 * Lets every consumer read its topic once more, all that it still has, and compares every row of every table with what was there.
 * Services run again afterwards.
 */
export async function replayAll(storm: OpenStorm): Promise<{ violations: Violation[]; records: number }> {
  const { pipeline } = storm;
  const admins = serviceNames.map((name) => ({ name, admin: adminOf(pipeline.databases[name].adminUrl) }));
  try {
    await stopServices(storm);
    const before = await fingerprintAll(admins);
    let records = 0;
    for (const { name: consumer, admin } of admins) {
      const topic = consumer === 'orders' ? 'inventory.events' : 'orders.events';
      const bounds = await readLogBounds(testKafka(), pipeline.topicPrefix + topic);
      const logStarts = new Map([...bounds].map(([partition, { start }]) => [partition, start]));
      for (const [partition, was] of await resetPositions(admin, { consumer, topic, logStarts }))
        records += was - (logStarts.get(partition) ?? 0);
    }
    for (const name of serviceNames) await pipeline.restart(name);
    await lagIsZero(storm);
    await stopServices(storm);
    return { violations: checkReplay(before, await fingerprintAll(admins)), records };
  } finally {
    await Promise.all(admins.map(({ admin }) => admin.end()));
  }
}

const adminOf = (connectionString: string): Pool =>
  createPool({ connectionString, applicationName: 'chaos', log: silentLog, max: 1, queryTimeoutMs: 300_000 });

/** So that nothing moves while all rows are read. */
async function stopServices({ pipeline }: OpenStorm): Promise<void> {
  await Promise.all(serviceNames.map((name) => pipeline.service(name).end('SIGTERM')));
}

async function fingerprintAll(
  admins: readonly { readonly name: string; readonly admin: Pool }[],
): Promise<Fingerprint> {
  const prints: Fingerprint[] = [];
  for (const { name, admin } of admins) prints.push(await fingerprint(name, admin));
  return new Map(prints.flatMap((print) => [...print]));
}
