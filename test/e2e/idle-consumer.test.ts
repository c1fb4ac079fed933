import { waitUntil } from '../../src/platform/wait-until.ts';
import { shopOf } from '../support/shop.ts';
import { startTestPipeline } from '../support/test-pipeline.ts';
import type { TestPipeline } from '../support/test-pipeline.ts';
import type { ServiceProcess } from '../support/service-process.ts';

let pipeline: TestPipeline;

beforeAll(async () => {
  pipeline = await startTestPipeline();
});
afterAll(() => pipeline.stop());

/** The last assignment that the instance has logged. */
function partitionsOf(instance: ServiceProcess): number[] | undefined {
  const joins = instance
    .log()
    .split('\n')
    .filter((line) => line.includes('joined the group'))
    .map((line) => JSON.parse(line) as { partitions: number[] });
  return joins.at(-1)?.partitions;
}

test('a fifth consumer on four partitions stays idle, and takes over when another one is killed', async () => {
  const instances = [pipeline.service('inventory')];
  for (let n = 0; n < 4; n += 1) instances.push(await pipeline.addInstance('inventory'));
  const shared = () => instances.map((instance) => partitionsOf(instance)?.length ?? -1).sort();
  await waitUntil(() => JSON.stringify(shared()) === '[0,1,1,1,1]', {
    timeoutMs: 60_000,
    what: 'five instances to share four partitions',
  });
  const idle = instances.find((instance) => partitionsOf(instance)?.length === 0);
  const busy = instances.find(
    (instance) => instance !== pipeline.service('inventory') && partitionsOf(instance)?.length === 1,
  );
  if (idle === undefined || busy === undefined) throw new Error('nobody is idle or busy');
  expect(idle.log()).toContain('idle: it has more members than partitions');

  await busy.end('SIGKILL');
  await waitUntil(() => partitionsOf(idle)?.length === 1, {
    timeoutMs: 60_000,
    what: 'the idle one to take over',
  });
  // Customers of every partition are served again.
  const shop = shopOf(pipeline);
  await shop.setStock('key', 100);
  const orders = await Promise.all(
    Array.from({ length: 20 }, (_, n) => shop.place(`customer-${n}`, { key: 1 })),
  );
  for (const { orderId } of orders)
    expect(await shop.settled(orderId)).toMatchObject({ status: 'CONFIRMED' });
  expect(await shop.stockOf('key')).toMatchObject({ reserved: 20 });
});
