import { fileURLToPath } from 'node:url';
import { sendUntilAnswered } from '../../scripts/demo/send-until-answered.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';
import { checkInvariants } from '../support/invariants/check-invariants.ts';
import type { AcknowledgedOrder } from '../support/shop-load.ts';
import { shopOf } from '../support/shop.ts';
import { startService } from '../support/service-process.ts';
import type { ServiceProcess } from '../support/service-process.ts';
import { startTestPipeline } from '../support/test-pipeline.ts';
import type { TestPipeline } from '../support/test-pipeline.ts';
import { testStackEnv } from '../support/test-stack.ts';

// The checks of a storm must fail where something is lost: here they judge what most begin with, the dual write of the bench.
const crashPoints = fileURLToPath(new URL('../chaos/crash-on-commit.ts', import.meta.url));
const SKU = 'lamp';

let pipeline: TestPipeline;
let writer: ServiceProcess;
beforeAll(async () => {
  pipeline = await startTestPipeline();
  await shopOf(pipeline).setStock(SKU, 100);
  writer = await startWriter();
});
afterAll(async () => {
  await writer.end('SIGTERM');
  await pipeline.stop();
});

/** Takes orders without an outbox. All else is the pipeline's: what it produces is read, answered and settled. */
function startWriter(): Promise<ServiceProcess> {
  const env = {
    ...testStackEnv(),
    ORDERS_DATABASE_URL: pipeline.databases.orders.appUrl,
    TOPIC_PREFIX: pipeline.topicPrefix,
  };
  return startService('orders', env, {
    main: 'test/bench/compare/relays/dual-write-main.ts',
    nodeOptions: ['--disable-warning=ExperimentalWarning', '--import', crashPoints],
  });
}

async function place(reference: string, customerId = reference): Promise<AcknowledgedOrder> {
  const lines = [{ sku: SKU, quantity: 1, unitPriceMinor: 100 }];
  const body = { reference, customerId, country: 'France', lines };
  const request = { method: 'POST', url: `${writer.url}/orders`, body, idempotencyKey: reference } as const;
  const answer = await sendUntilAnswered(request, { giveUpAfterMs: 0 });
  const { orderId } = answer.body as { orderId: string };
  return { reference, orderId, cancelled: false };
}

async function ordersOf(reference: string): Promise<{ order_id: string; status: string }[]> {
  const text = 'select order_id, status from orders.orders where reference = $1';
  const { pool } = pipeline.databases.orders;
  return (await pool.query<{ order_id: string; status: string }>({ text, values: [reference] })).rows;
}

const confirmed = ({ reference, orderId }: AcknowledgedOrder): Promise<boolean> =>
  waitUntil(
    async () =>
      (await ordersOf(reference)).some((row) => row.order_id === orderId && row.status === 'CONFIRMED'),
    { timeoutMs: 90_000, what: `${reference} to be confirmed` },
  );

test('a dual write that dies between its two writes fails the checks of a storm, which name the order it lost', async () => {
  const kept = await place('kept');
  await confirmed(kept);

  process.kill(writer.pid, 'SIGUSR2');
  await expect(place('lost')).rejects.toThrow('no usable answer');
  await writer.end('SIGKILL');
  writer = await startWriter();
  // Of the same customer it would be held: its readers see that an event is missing before it.
  const again = await place('lost', 'another customer');
  await confirmed(again);

  const [lost] = (await ordersOf('lost')).filter(({ order_id: id }) => id !== again.orderId);
  const found = await checkInvariants(pipeline.databases, [kept, again]);
  const naming = (id: string): string[] =>
    [...new Set(found.filter(({ detail }) => detail.includes(id)).map(({ invariant }) => invariant))].sort();
  // What both are named for is that they are in no outbox.
  const only = naming(lost?.order_id ?? 'none').filter((one) => !naming(kept.orderId).includes(one));
  expect(only).toEqual(['acknowledged-once', 'settled']);
});
