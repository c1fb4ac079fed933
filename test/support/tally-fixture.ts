import type { RunningConsumer } from '../../src/consumer/run-consumer.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';
import { createTallyDatabase, entries, runTally, tallyConsumer, tallyTopic } from './tally-consumer.ts';
import type { Entry } from './tally-consumer.ts';
import type { TestDatabase } from './test-database.ts';
import { testKafka } from './test-stack.ts';
import { createTopics, uniquePrefix } from './test-topics.ts';

type StartOptions = Partial<Parameters<typeof runTally>[0]> &
  Pick<Parameters<typeof tallyConsumer>[0], 'onApply' | 'onHandle'>;

/** A topic, a database and any number of tally consumers, all of one test. */
export interface TallyFixture {
  readonly database: TestDatabase;
  /** Names in Kafka, with this test's prefix. */
  readonly topic: string;
  readonly group: string;
  start(options?: StartOptions): Promise<RunningConsumer>;
  entries(): Promise<Entry[]>;
  /** Waits until that many events have been applied. */
  applied(count: number): Promise<void>;
  /** Of partition 0. */
  position(): Promise<number | undefined>;
  positionIs(offset: number): Promise<void>;
  /** How many processed events ended with which outcome. */
  outcomes(): Promise<Record<string, number>>;
  groupMembers(): Promise<number>;
  /** Stops the consumers and drops the database. */
  close(): Promise<void>;
}

export async function createTallyFixture(partitions = 1): Promise<TallyFixture> {
  const prefix = uniquePrefix();
  const database = await createTallyDatabase();
  await createTopics(prefix, [{ name: tallyTopic, partitions }]);
  const running: RunningConsumer[] = [];
  const { pool } = database;
  const group = `${prefix}tally`;
  const fixture: TallyFixture = {
    database,
    topic: prefix + tallyTopic,
    group,
    async start({ onApply, onHandle, ...options } = {}) {
      const definition = tallyConsumer({
        name: 'tally',
        ...(onApply && { onApply }),
        ...(onHandle && { onHandle }),
      });
      const consumer = await runTally({ consumer: definition, pool, topicPrefix: prefix, ...options });
      running.push(consumer);
      return consumer;
    },
    entries: () => entries(pool),
    async applied(count) {
      const enough = async (): Promise<boolean> => (await entries(pool)).length >= count;
      await waitUntil(enough, { timeoutMs: 60_000, what: `${count} applied events` });
    },
    async position() {
      const { rows } = await pool.query<{ next_offset: number }>({
        text: 'select next_offset from pipeline.consumer_positions where partition = 0',
      });
      return rows[0]?.next_offset;
    },
    async positionIs(offset) {
      const there = async (): Promise<boolean> => (await fixture.position()) === offset;
      await waitUntil(there, { timeoutMs: 30_000, what: `position ${offset}` });
    },
    async outcomes() {
      const { rows } = await pool.query<{ outcome: string; count: number }>({
        text: 'select outcome, count(*) from pipeline.processed_events group by outcome',
      });
      return Object.fromEntries(rows.map(({ outcome, count }) => [outcome, count]));
    },
    groupMembers: () => countMembers(group),
    async close() {
      await Promise.all(running.map((consumer) => consumer.stop()));
      await database.drop();
    },
  };
  return fixture;
}

async function countMembers(group: string): Promise<number> {
  const admin = testKafka().admin();
  await admin.connect();
  const { groups } = await admin.describeGroups([group]);
  await admin.disconnect();
  return groups[0]?.members.length ?? 0;
}
