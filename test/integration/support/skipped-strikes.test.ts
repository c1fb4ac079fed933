import { topicCatalogue } from '../../../src/contracts/catalogue.ts';
import { applyTopics } from '../../../src/platform/kafka/topic-admin.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { faults } from '../../chaos/faults.ts';
import type { Storm } from '../../chaos/storm.ts';
import { withAdmin } from '../../chaos/faults/topic-access.ts';
import { testKafka } from '../../support/test-stack.ts';
import { uniquePrefix } from '../../support/test-topics.ts';

const topicPrefix = uniquePrefix();
const topic = `${topicPrefix}orders.events`;
beforeAll(async () => {
  await applyTopics(testKafka(), topicCatalogue(topicPrefix), { replicationFactor: 1, log: silentLog });
  await partitionsOf(topic);
});

/** How many it has; a new one has no leader for a moment. */
const partitionsOf = (name: string): Promise<number> =>
  waitUntil(() => withAdmin(async (admin) => (await admin.fetchTopicOffsets(name)).length), {
    timeoutMs: 30_000,
    what: `every partition of ${name} to have a leader`,
  });

const strike = (name: string) => {
  const storm = { pipeline: { topicPrefix }, hold: () => Promise.resolve() };
  const fault = faults.find((one) => one.name === name);
  return fault?.strike(storm as unknown as Storm, { number: 1, holdMs: 0, choice: 0 });
};

test('nothing is written again into a topic in which there is nothing', async () => {
  expect(await strike('duplicates')).toEqual({ skipped: 'there was nothing to write again' });
});

test('a topic gets one partition after the other up to 8, and then no more', async () => {
  for (let count = (await partitionsOf(topic)) + 1; count <= 8; count += 1) {
    expect(await strike('partitions-added')).toBe(`orders.events has ${count}`);
    expect(await partitionsOf(topic)).toBe(count);
  }
  expect(await strike('partitions-added')).toEqual({ skipped: 'it has 8 already' });
});
