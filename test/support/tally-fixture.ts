import type { RunningConsumer } from '../../src/consumer/run-consumer.ts';
import type { ParkedRequest } from '../../src/consumer/key-under-drain.ts';
import { listParked } from '../../src/operate/parked/list-parked.ts';
import type { ParkedKey } from '../../src/operate/parked/list-parked.ts';
import { readAnswer, requestParked } from '../../src/operate/parked/request-parked.ts';
import type { Answer } from '../../src/operate/parked/request-parked.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createPool } from '../../src/platform/postgres/pool.ts';
import type { Pool } from '../../src/platform/postgres/pool.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';
import { createTallyDatabase, entries, runTally, tallyConsumer, tallyTopic } from './tally-consumer.ts';
import type { Entry } from './tally-consumer.ts';
import type { TestDatabase } from './test-database.ts';
import { testKafka } from './test-stack.ts';
import { createTopics, uniquePrefix } from './test-topics.ts';

type StartOptions = Partial<Parameters<typeof runTally>[0]> &
  Pick<Parameters<typeof tallyConsumer>[0], 'onApply' | 'onHandle' | 'unknownTypes' | 'announcing'>;

/** A topic, a database and any number of tally consumers, all of one test. */
export interface TallyFixture {
  readonly database: TestDatabase;
  /** As the operators' role, which also sees what all sessions do. */
  readonly operator: Pool;
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
  /** The keys that are held, as an operator sees them. */
  held(): Promise<ParkedKey[]>;
  /** Waits until exactly these keys are held, each with so many events in its queue. */
  heldAre(expected: Readonly<Record<string, number>>): Promise<void>;
  /** Asks the consumer for something, as an operator would, and gives its answer. */
  ask(key: string, kind: ParkedRequest, why?: string): Promise<Answer>;
  decisions(): Promise<
    { decision: string; key: string; key_seq: number | null; who: string; why: string | null }[]
  >;
  /** Stops the consumers and drops the database. */
  close(): Promise<void>;
}

export async function createTallyFixture(
  options: { partitions?: number; consumer?: string; service?: 'sales' | 'inventory' } = {},
): Promise<TallyFixture> {
  const { partitions = 1, consumer: name = 'tally' } = options;
  const prefix = uniquePrefix();
  const database = await createTallyDatabase(options.service);
  await createTopics(prefix, [{ name: tallyTopic, partitions }]);
  const running: RunningConsumer[] = [];
  const { pool } = database;
  const operator = createPool({
    connectionString: database.opsUrl,
    applicationName: 'test',
    log: silentLog,
    max: 2,
  });
  const group = prefix + name;
  const fixture: TallyFixture = {
    database,
    operator,
    topic: prefix + tallyTopic,
    group,
    async start({ onApply, onHandle, unknownTypes, announcing, ...options } = {}) {
      const definition = tallyConsumer({
        name,
        ...(onApply && { onApply }),
        ...(onHandle && { onHandle }),
        ...(unknownTypes && { unknownTypes }),
        ...(announcing && { announcing }),
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
    held: () => listParked(operator, {}),
    async heldAre(expected) {
      const queues = async () => (await fixture.held()).map(({ key, events }) => [key, events] as const);
      const text = (all: Readonly<Record<string, number>>) => JSON.stringify(Object.entries(all).sort());
      await waitUntil(async () => text(Object.fromEntries(await queues())) === text(expected), {
        timeoutMs: 30_000,
        what: `held keys ${text(expected)}`,
      });
    },
    async ask(key, kind, why) {
      const at = { consumer: name, topic: tallyTopic, key };
      const asked = await requestParked(operator, at, { kind, who: 'olga', why: why ?? null });
      if (asked !== 'asked') throw new Error(`Asking ${kind} of ${key}: ${asked}.`);
      return waitUntil(
        async () => {
          const answer = await readAnswer(operator, at);
          return answer.kind !== 'pending' && answer;
        },
        { timeoutMs: 30_000, what: 'an answer' },
      );
    },
    async decisions() {
      const { rows } = await operator.query<Awaited<ReturnType<TallyFixture['decisions']>>[number]>({
        text: 'select decision, key, key_seq, who, why from pipeline.parked_decisions order by decision_id',
      });
      return rows;
    },
    async close() {
      await Promise.all(running.map((consumer) => consumer.stop()));
      await operator.end();
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
