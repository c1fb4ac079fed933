import { performance } from 'node:perf_hooks';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { testKafka } from '../../support/test-stack.ts';
import { createTopics, uniquePrefix } from '../../support/test-topics.ts';

/** How often the process has woken since it began. */
const wakeUps = (): number => performance.nodeTiming.uvMetricsInfo.loopCount;

test('a consumer to whom nothing comes wakes its process a few times for each fetch, not every millisecond', async () => {
  const prefix = uniquePrefix();
  await createTopics(prefix, [{ name: 'quiet', partitions: 2 }]);
  const consumer = testKafka().consumer({
    groupId: `${prefix}quiet`,
    maxWaitTimeInMs: 500,
    allowAutoTopicCreation: false,
  });
  const atFetch: number[] = [];
  consumer.on(consumer.events.FETCH, () => atFetch.push(wakeUps()));
  try {
    await consumer.connect();
    await consumer.subscribe({ topic: `${prefix}quiet` });
    await consumer.run({ eachBatch: () => Promise.resolve() });
    await waitUntil(() => atFetch.length >= 8, { timeoutMs: 30_000, everyMs: 500, what: 'eight fetches' });
  } finally {
    await consumer.disconnect();
  }
  const each = atFetch.slice(3).map((count, index) => count - (atFetch[index + 2] ?? 0));
  const median = each.toSorted((a, b) => a - b)[Math.floor(each.length / 2)] ?? 0;
  // The time-out of requests is checked ten times a second on each connection, and the test itself looks; a spinning one has
  // hundreds. Not the most: on a busy machine a single fetch may take long.
  expect(median).toBeGreaterThan(0);
  expect(median).toBeLessThan(150);
});
