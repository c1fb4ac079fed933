import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../../../scripts/stack/stack.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { moveToOwnDisk, NoDisk, ownDisk, type OwnDisk } from '../../support/own-disk.ts';
import { stackValue, testStack } from '../../support/test-stack.ts';
import type { Fault } from '../fault.ts';
import type { Storm } from '../storm.ts';

type Part = 'postgres' | 'kafka';

/** Where its data is, and what makes it write at once what it would write within the hour. */
interface Filled {
  readonly what: string;
  readonly dataOf: (storm: Storm) => Promise<string>;
  readonly press: (storm: Storm) => Promise<void>;
}

const parts: Record<Part, Filled> = {
  postgres: {
    what: 'the disk of Postgres is full, tables first, then the log, on which the server gives up',
    dataOf: async ({ admin }) => {
      const { rows } = await admin.query<{ folder: string }>({
        text: `select current_setting('data_directory') as folder`,
      });
      return rows[0]?.folder ?? '';
    },
    // Segments that were made before the disk was full still take a while of orders.
    press: async ({ admin }) => {
      for (let segment = 0; segment < 200; segment += 1) {
        await admin.query({ text: `select pg_logical_emit_message(false, 'filler', repeat('x', 100))` });
        await admin.query({ text: 'select pg_switch_wal()' });
      }
    },
  },
  kafka: {
    what: 'the disk of the broker is full, on which it gives up',
    dataOf: () => Promise.resolve(join(checkout, stackValue('TEST_STACK_ROOT'), 'data', 'kafka')),
    press: () => Promise.resolve(),
  },
};

const diskFull = (part: Part): Fault => ({
  name: `disk-full-${part}`,
  what: `${parts[part].what}; then there is space again, and its supervisor starts it`,
  holdMs: [4_000, 14_000],
  weight: 1,
  async strike(storm, { holdMs }) {
    const disk = await onOwnDisk(storm, part);
    if (disk instanceof NoDisk) return { skipped: disk.message };
    const before = storm.load.counts.retries;
    try {
      disk.fill();
      await storm.hold(holdMs / 2);
      await parts[part].press(storm).catch(() => undefined);
      disk.fill();
      await storm.hold(holdMs / 2);
    } finally {
      disk.empty();
    }
    const ended = testStack().resource(part).pid() === undefined;
    await supervise(storm);
    return `full for ${holdMs} ms, ${storm.load.counts.retries - before} tries without an answer; it ${ended ? 'gave up' : 'stood'}`;
  },
});

/** The first time the part is stopped, so that its data can be moved there; that much is no fault. */
async function onOwnDisk(storm: Storm, part: Part): Promise<OwnDisk | NoDisk> {
  const folder = await parts[part].dataOf(storm);
  const image = join(checkout, stackValue('TEST_STACK_ROOT'), 'disks', `${part}.img`);
  if (existsSync(image)) return ownDisk(folder);
  await testStack().resource(part).down();
  try {
    moveToOwnDisk(folder, image);
    return ownDisk(folder);
  } catch (error) {
    if (error instanceof NoDisk) return error;
    throw error;
  } finally {
    await testStack().up();
  }
}

/** One that gives up late is started once more. */
async function supervise({ signal }: Storm): Promise<void> {
  await waitUntil(
    async () => {
      signal.throwIfAborted();
      await testStack().up();
      return true;
    },
    { timeoutMs: 180_000, everyMs: 1_000, what: 'the stack to run again' },
  );
}

export const fullDiskFaults: readonly Fault[] = (['postgres', 'kafka'] as const).map(diskFull);
