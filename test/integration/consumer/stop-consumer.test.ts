import type { RunningConsumer } from '../../../src/consumer/run-consumer.ts';
import type { PipelineError } from '../../../src/platform/errors.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { createPool } from '../../../src/platform/postgres/pool.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { produceEvents } from '../../support/produce-events.ts';
import { resetPositions } from '../../../src/consumer/positions.ts';
import { readLogBounds } from '../../../src/consumer/read-aligned-positions.ts';
import { collectReports, countedEvents, tallyTopic } from '../../support/tally-consumer.ts';
import { createTallyFixture } from '../../support/tally-fixture.ts';
import type { TallyFixture } from '../../support/tally-fixture.ts';
import { testKafka } from '../../support/test-stack.ts';
import { createTopics, uniquePrefix } from '../../support/test-topics.ts';

let tally: TallyFixture;
beforeEach(async () => {
  tally = await createTallyFixture();
});
afterEach(() => tally.close());

async function failureOf(consumer: RunningConsumer): Promise<PipelineError> {
  return consumer.failed.catch((error: unknown) => error as PipelineError);
}

describe('a consumer that can not go on', () => {
  test('stops loudly at a sequence that was given to another event, with everything of that batch undone', async () => {
    await produceEvents(tally.topic, [...countedEvents('a', 2), ...countedEvents('b', 1)]);
    const consumer = await tally.start({ maxBatchSize: 2 });
    await tally.positionIs(3);
    await produceEvents(tally.topic, [...countedEvents('b', 1, { from: 2 }), ...countedEvents('a', 1)]);
    const failure = await failureOf(consumer);
    expect(failure.code).toBe('event_order_broken');
    expect(failure.message).toMatch(
      /^Consumer tally stopped at topic tally.events, partition 0, offsets 3 up to 5: .*Event [0-9a-f-]{36} \(.*offset 4\)/,
    );
    expect(await tally.entries()).toHaveLength(3);
    expect(await tally.position()).toBe(3);
    await waitUntil(async () => (await tally.groupMembers()) === 0, {
      timeoutMs: 60_000,
      what: 'the group to be left',
    });
  });

  test('stops loudly when its tables are not there, naming the batch, and parks nothing', async () => {
    await produceEvents(tally.topic, countedEvents('a', 2));
    const consumer = await tally.start({
      async onApply(tx) {
        await tx.query({ text: 'insert into not_migrated values (1)' });
      },
    });
    const failure = await failureOf(consumer);
    expect(failure.code).toBe('consumer_stopped');
    expect(failure.message).toMatch(
      /offsets 0 up to 2, first event [0-9a-f-]{36}: relation "not_migrated" does not exist/,
    );
    expect(failure.remedy).toContain('migrations');
    expect(await tally.entries()).toEqual([]);
    expect(await tally.held()).toEqual([]);
  });

  test('stops loudly when its topic is missing, saying how to create it', async () => {
    const failure = await failureOf(await tally.start({ topicPrefix: uniquePrefix() }));
    expect(failure.code).toBe('topic_mismatch');
    expect(failure.remedy).toContain('outbox topics apply');
  });

  test('stops loudly when its position is behind the log because retention has passed it', async () => {
    await produceEvents(tally.topic, countedEvents('a', 5));
    const first = await tally.start();
    await tally.positionIs(5);
    await first.stop();
    await tally.database.pool.query({ text: 'update pipeline.consumer_positions set next_offset = 1' });
    const admin = testKafka().admin();
    await admin.connect();
    // kafkajs needs the topic's metadata for the next call and does not load it there.
    await admin.fetchTopicOffsets(tally.topic);
    await admin.deleteTopicRecords({ topic: tally.topic, partitions: [{ partition: 0, offset: '3' }] });
    await admin.disconnect();
    const failure = await failureOf(await tally.start());
    expect(failure.code).toBe('position_outside_log');
    expect(failure.message).toContain(
      'is at offset 1 of topic tally.events, partition 0, but that log holds offsets 3 up to 5',
    );
    expect(failure.remedy).toContain('Retention removed 2 records unread');
  });

  test('stops loudly when its position is past the log because the topic was made anew', async () => {
    await produceEvents(tally.topic, countedEvents('a', 1));
    const first = await tally.start();
    await tally.positionIs(1);
    await first.stop();
    await tally.database.pool.query({ text: 'update pipeline.consumer_positions set next_offset = 7' });
    const failure = await failureOf(await tally.start());
    expect(failure.code).toBe('position_outside_log');
    expect(failure.remedy).toContain('made anew');
  });
});

describe('a consumer whose topic was deleted and made again', () => {
  /** With as many records as the first one had, or more, so that offsets alone tell nothing. */
  async function makeAnew(...events: Parameters<typeof produceEvents>[1][]): Promise<void> {
    const admin = testKafka().admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [tally.topic] });
    await waitUntil(async () => !(await admin.listTopics()).includes(tally.topic), {
      timeoutMs: 30_000,
      what: 'the topic to be gone',
    });
    await admin.disconnect();
    await createTopics(tally.topic.replace(tallyTopic, ''), [{ name: tallyTopic, partitions: 1 }]);
    await produceEvents(tally.topic, events.flat());
  }

  test('stops loudly although its position is inside of the new log, and reads all of that after a reset', async () => {
    const [first, second, third] = countedEvents('a', 3);
    if (first === undefined || second === undefined || third === undefined) return;
    await produceEvents(tally.topic, [first, second]);
    await (await runUntil(2)).stop();
    await makeAnew([third], countedEvents('b', 2));

    const failure = await failureOf(await tally.start());
    expect(failure.code).toBe('position_outside_log');
    expect(failure.message).toContain(
      `is at offset 2 of topic tally.events, partition 0, and had read event ${second.eventId} at offset 1; now event `,
    );
    expect(failure.remedy).toContain('npx outbox positions reset --consumer tally');
    expect(await tally.position()).toBe(2);

    const bounds = await readLogBounds(testKafka(), tally.topic);
    const logStarts = new Map([...bounds].map(([partition, { start }]) => [partition, start]));
    const scope = { consumer: 'tally', topic: tallyTopic, logStarts };
    const owner = createPool({
      ...{ connectionString: tally.database.ownerUrl, applicationName: 'test', log: silentLog, max: 1 },
    });
    expect(await resetPositions(owner, scope)).toEqual(new Map([[0, 2]]));
    await owner.end();
    await runUntil(3);
    expect((await tally.entries()).map(({ key, key_seq: seq }) => `${key}${seq}`)).toEqual([
      ...['a1', 'a2', 'a3', 'b1', 'b2'],
    ]);
  });

  test('goes on in the same log, whatever came meanwhile', async () => {
    await produceEvents(tally.topic, countedEvents('a', 2));
    await (await runUntil(2)).stop();
    await produceEvents(tally.topic, countedEvents('b', 2));
    const { reports, onBatch } = collectReports();
    await tally.start({ onBatch });
    await tally.positionIs(4);
    expect(reports).toMatchObject([{ from: 2, to: 4, applied: 2, duplicates: 0 }]);
  });

  async function runUntil(position: number): Promise<RunningConsumer> {
    const consumer = await tally.start();
    await tally.positionIs(position);
    return consumer;
  }
});

describe('stopping a consumer', () => {
  test('finishes the batch in hand, shows its position in Kafka, and leaves the group', async () => {
    await produceEvents(tally.topic, countedEvents('a', 4));
    const inApply = Promise.withResolvers<undefined>();
    const goOn = Promise.withResolvers<undefined>();
    const consumer = await tally.start({
      maxBatchSize: 2,
      async onApply() {
        inApply.resolve(undefined);
        await goOn.promise;
      },
    });
    await inApply.promise;
    const startedAt = performance.now();
    const stopped = consumer.stop();
    goOn.resolve(undefined);
    await stopped;
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect((await tally.entries()).map((entry) => entry.key_seq)).toEqual([1, 2]);
    expect(await tally.position()).toBe(2);
    expect(await tally.groupMembers()).toBe(0);
    const admin = testKafka().admin();
    await admin.connect();
    const [offsets] = await admin.fetchOffsets({ groupId: tally.group, topics: [tally.topic] });
    await admin.disconnect();
    expect(offsets?.partitions).toMatchObject([{ partition: 0, offset: '2' }]);
  });

  test('does not wait for a database that is away', async () => {
    await produceEvents(tally.topic, countedEvents('a', 1));
    const tried = Promise.withResolvers<undefined>();
    const consumer = await tally.start({
      onApply() {
        tried.resolve(undefined);
        return Promise.reject(
          Object.assign(new Error('the database system is shutting down'), { code: '57P03' }),
        );
      },
    });
    await tried.promise;
    const startedAt = performance.now();
    await consumer.stop();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(await tally.position()).toBe(0);
  });
});
