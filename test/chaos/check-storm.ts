import { describeError } from '../../src/platform/errors.ts';
import type { Queryable } from '../../src/platform/postgres/statement.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';
import { checkInvariants } from '../support/invariants/check-invariants.ts';
import { checkLag } from '../support/invariants/check-lag.ts';
import { checkLogs } from '../support/invariants/check-logs.ts';
import { checkRecords } from '../support/invariants/check-records.ts';
import { checkReplies } from '../support/invariants/check-replies.ts';
import { checkSlots } from '../support/invariants/check-slots.ts';
import type { Checked, Violation } from '../support/invariants/invariants.ts';
import { readTopic } from '../support/read-topic.ts';
import { invariantLines } from './invariant-lines.ts';
import type { CheckStep } from './invariant-lines.ts';
import type { OpenStorm } from './open-storm.ts';
import { databasesOf, readEnds } from './read-state.ts';
import { replayAll } from './replay-all.ts';

/** What was looked at, and what was wrong with it. */
export interface Checks {
  readonly violations: readonly Violation[];
  /** Of invariants that are not judged, and why. */
  readonly undecided: readonly string[];
  readonly events: number;
  /** In Kafka, copies included. */
  readonly records: number;
  /** That consumers read once more in the replay. */
  readonly replayed: number;
}

const topics = ['orders.events', 'inventory.events'] as const;

/** Every invariant, of a storm that has come to rest. Services are stopped at the end. */
export async function checkStorm(storm: OpenStorm, say: (line: string) => void): Promise<Checks> {
  const { pipeline, load, planted, cut, admin, undecidable } = storm;
  const checked: Checked = {
    databases: databasesOf(storm),
    acknowledged: load.acknowledged,
    planted,
    cut,
    returned: load.returned,
  };
  let records = 0;
  const read = async (topic: string) => {
    const all = await readTopic(pipeline.topicPrefix + topic, 180_000);
    records += all.length;
    return all;
  };
  const found: Violation[] = [];
  const check = async (
    step: CheckStep,
    work: () => readonly Violation[] | Promise<readonly Violation[]>,
  ): Promise<void> => {
    storm.signal.throwIfAborted();
    found.push(...(await work()).filter(({ invariant }) => !undecidable.has(invariant)));
    for (const line of invariantLines(step, found, undecidable)) say(line);
  };
  await check('storm', () => storm.found);
  await check('databases', () =>
    checkInvariants(pipeline.databases, load.acknowledged, planted, load.returned),
  );
  await check('replies', () => checkReplies(checked, load.replies));
  await check('topics', () => checkRecords(checked, read, topics));
  await check('lag', async () => checkLag(checked, await readEnds(storm)));
  const slots = pipeline.connectors.map(({ config }) => config['slot.name'] ?? '');
  await check('slots', () => slotsAtRest(admin, slots));
  const replay = await replayAll(storm).catch((error: unknown) => ({
    violations: [{ invariant: 'replay-changes-nothing', detail: describeError(error) } as const],
    records: 0,
  }));
  await check('replay', () => replay.violations);
  const logs = pipeline.started.map(([name, process]) => [`${name} ${process.pid}`, process.log()] as const);
  await check('logs', () => checkLogs(logs));
  return {
    violations: found,
    undecided: [...undecidable].map(([name, reason]) => `${name} is not judged: ${reason}`),
    events: await countEvents(checked),
    records,
    replayed: replay.records,
  };
}

/** After a large transaction the log before it is let go once Postgres has noted its running transactions again, every 15 s, and its reader has passed that. */
async function slotsAtRest(admin: Queryable, slots: readonly string[]): Promise<readonly Violation[]> {
  let found: readonly Violation[] = [];
  const isAtRest = async (): Promise<boolean> => (found = await checkSlots(admin, slots)).length === 0;
  await waitUntil(isAtRest, { timeoutMs: 60_000, everyMs: 1_000, what: 'the slots to be at rest' }).catch(
    () => undefined,
  );
  return found;
}

async function countEvents({ databases }: Checked): Promise<number> {
  const counts = await Promise.all(
    [databases.orders, databases.inventory].map(async (one) => {
      const text = `select count(distinct event_id) as count from pipeline.outbox`;
      return (await one.query<{ count: number }>({ text })).rows[0]?.count ?? 0;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
