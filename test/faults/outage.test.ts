import { allEventsApplied } from '../support/all-events-applied.ts';
import { shopOf } from '../support/shop.ts';
import { startTestPipeline } from '../support/test-pipeline.ts';
import type { TestPipeline } from '../support/test-pipeline.ts';
import { testStack } from '../support/test-stack.ts';

let pipeline: TestPipeline;

beforeAll(async () => {
  pipeline = await startTestPipeline();
});
afterAll(async () => {
  await testStack().up();
  await pipeline.stop();
});

test('orders are accepted with Kafka, Connect and the registry down, and settled when they are back', async () => {
  const shop = shopOf(pipeline);
  await shop.setStock('torch', 100);
  const before = await shop.place('ida', { torch: 1 });
  await shop.settled(before.orderId);

  await testStack().down({ names: ['connect', 'kafka', 'registry'] });
  const during = await Promise.all(
    Array.from({ length: 20 }, (_, n) => shop.place(`during-${n % 5}`, { torch: 1 })),
  );
  for (const { status } of during) expect(status).toBe('PLACED');
  const ready = await fetch(`${pipeline.service('orders').url}/readyz`);
  expect(ready.status).toBe(200);

  await testStack().up();
  for (const { orderId } of during)
    expect(await shop.settled(orderId)).toMatchObject({ status: 'CONFIRMED' });
  await allEventsApplied(pipeline);
  expect(await shop.stockOf('torch')).toMatchObject({ onHand: 100, reserved: 21 });
});
