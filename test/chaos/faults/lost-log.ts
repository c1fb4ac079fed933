import { waitUntil } from '../../../src/platform/wait-until.ts';
import { readLags } from '../../support/invariants/check-lag.ts';
import type { ServiceName } from '../../support/test-pipeline.ts';
import { chosen } from '../fault.ts';
import type { Fault } from '../fault.ts';
import { healConnectors } from '../heal-connectors.ts';
import { databasesOf, readEnds } from '../read-state.ts';
import type { Storm } from '../storm.ts';
import { isAlive } from './crash-point.ts';
import { eventTopics, readersOf, withAdmin } from './topic-access.ts';
import type { EventTopic } from './topic-access.ts';

const WITHIN_MS = 90_000;
const REMEDY = 'an operator runs outbox positions reset, and outbox audit --repair at the end';

const topicDeleted: Fault = {
  name: 'topic-deleted',
  what: `a topic is deleted under load and made again by outbox topics apply; its readers must refuse to go on; ${REMEDY}`,
  holdMs: [0, 8_000],
  weight: 0.5,
  async strike(storm, strike) {
    const topic = chosen(strike, eventTopics);
    const name = storm.pipeline.topicPrefix + topic;
    await withAdmin((admin) => admin.deleteTopics({ topics: [name] }));
    storm.cut.set(topic, Date.now());
    try {
      await storm.hold(strike.holdMs);
    } finally {
      await makeAgain(storm, name);
    }
    const read = await readPartitions(storm, topic);
    for (const reader of readersOf[topic]) {
      await storm.pipeline.service(reader).end('SIGTERM');
      // Who had read nothing begins where the new log begins.
      if (read.has(reader)) await isRefused(storm, reader);
      await beginAgain(storm, reader);
    }
    return `${topic}: ${[...read].join(' and ')} refused; healed ${await healConnectors(storm)}`;
  },
};

/** Deleting goes on for a moment after it was answered. */
async function makeAgain({ commands }: Storm, name: string): Promise<void> {
  const isThere = () => withAdmin(async (admin) => (await admin.listTopics()).includes(name));
  await waitUntil(async () => !(await isThere()), { timeoutMs: 30_000, what: `${name} to be deleted` });
  await waitUntil(
    async () => {
      const { code, stdout, stderr } = await commands.outbox(['topics', 'apply']);
      if (await isThere()) return true;
      throw new Error(`topics apply ended with ${code}: ${stdout} ${stderr}`);
    },
    { timeoutMs: 60_000, everyMs: 500, what: `${name} to be there again` },
  );
}

const retentionPassed: Fault = {
  name: 'retention-passed',
  what: `records that a stopped consumer has not read are removed from its topic; it must refuse to go on; ${REMEDY}`,
  holdMs: [500, 4_000],
  weight: 0.5,
  async strike(storm, strike) {
    const name = chosen(strike, ['inventory', 'sales', 'orders']);
    const topic = name === 'orders' ? 'inventory.events' : 'orders.events';
    await storm.pipeline.service(name).end('SIGTERM');
    await storm.hold(strike.holdMs);
    const unread = await waitUntil(async () => (await unreadBy(storm, name)) || false, {
      timeoutMs: WITHIN_MS,
      everyMs: 200,
      what: `something that ${name} has not read`,
    });
    await removeRecords(storm, topic);
    await isRefused(storm, name);
    await beginAgain(storm, name);
    const others = readersOf[topic].filter((other) => other !== name);
    const passed: ServiceName[] = [];
    for (const other of others) if (await isPassed(storm, other)) passed.push(other);
    for (const other of passed) await beginAgain(storm, other);
    return `${name} had ${unread} unread${passed.length === 0 ? '' : `; ${passed.join(', ')} as well`}`;
  },
};

async function unreadBy(storm: Storm, consumer: ServiceName): Promise<number> {
  const lags = await readLags(databasesOf(storm), await readEnds(storm));
  return lags.filter((lag) => lag.consumer === consumer).reduce((sum, { records }) => sum + records, 0);
}

async function removeRecords(storm: Storm, topic: EventTopic): Promise<void> {
  const name = storm.pipeline.topicPrefix + topic;
  await withAdmin(async (admin) => {
    const ends = await admin.fetchTopicOffsets(name);
    const partitions = ends.map(({ partition, high }) => ({ partition, offset: high }));
    await admin.deleteTopicRecords({ topic: name, partitions });
  });
  storm.cut.set(topic, Date.now());
}

/** Whether records were removed before another reader, which runs, had come to them: then it ends by itself. */
async function isPassed(storm: Storm, name: ServiceName): Promise<boolean> {
  const { pid } = storm.pipeline.service(name);
  return waitUntil(
    async () => (isAlive(pid) ? (await isInside(storm, name)) && { passed: false } : { passed: true }),
    { timeoutMs: WITHIN_MS, what: `${name} to go on or to end` },
  ).then(({ passed }) => passed);
}

async function isInside(storm: Storm, name: ServiceName): Promise<boolean> {
  const topic = name === 'orders' ? 'inventory.events' : 'orders.events';
  const starts = await withAdmin((admin) => admin.fetchTopicOffsets(storm.pipeline.topicPrefix + topic));
  const { rows } = await storm.pipeline.databases[name].pool.query<{ partition: number; next: number }>({
    text: 'select partition, next_offset as next from pipeline.consumer_positions where topic = $1',
    values: [topic],
  });
  return rows.every(
    ({ partition, next }) => next >= Number(starts.find((one) => one.partition === partition)?.low ?? 0),
  );
}

/** Readers of the topic that have read something of it. */
async function readPartitions(storm: Storm, topic: EventTopic): Promise<Set<ServiceName>> {
  const readers = new Set<ServiceName>();
  for (const name of readersOf[topic]) {
    const { rowCount } = await storm.pipeline.databases[name].pool.query({
      text: 'select from pipeline.consumer_positions where topic = $1 and next_offset > 0',
      values: [topic],
    });
    if (rowCount > 0) readers.add(name);
  }
  return readers;
}

/** Started as it is, the service must say why it can not go on, and end: in silence events would be passed over. */
async function isRefused({ pipeline }: Storm, name: ServiceName): Promise<void> {
  const log = await pipeline.restart(name).then(
    async () => {
      const service = pipeline.service(name);
      await waitUntil(() => !isAlive(service.pid), {
        timeoutMs: WITHIN_MS,
        what: `${name} to refuse to go on`,
      });
      return service.log();
    },
    // It ended before it was ready; what it printed is in there.
    (error: unknown) => (error as Error).message,
  );
  if (!log.includes('position_outside_log'))
    throw new Error(`${name} ended without position_outside_log: ${log.slice(-500)}`);
}

async function beginAgain({ pipeline, commands }: Storm, name: ServiceName): Promise<void> {
  await pipeline.service(name).end('SIGTERM');
  await waitUntil(
    async () => {
      const words = ['positions', 'reset', '--consumer', name, '--yes'];
      const { code, stdout, stderr } = await commands.outbox(words);
      if (code !== 0) throw new Error(`positions reset ended with ${code}: ${stdout} ${stderr}`);
      return true;
    },
    { timeoutMs: 60_000, everyMs: 500, what: `the positions of ${name} to be reset` },
  );
  await pipeline.restart(name);
}

export const logFaults: readonly Fault[] = [topicDeleted, retentionPassed];
