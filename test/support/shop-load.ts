import { setInterval as ticks } from 'node:timers/promises';
import { sendUntilAnswered } from '../../scripts/demo/send-until-answered.ts';
import type { Answer, Request } from '../../scripts/demo/send-until-answered.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';
import { seededRandom } from './seeded-random.ts';
import type { TestPipeline } from './test-pipeline.ts';

/** An order that the service has answered. */
export interface AcknowledgedOrder {
  /** The client's own name of the order, the same in each try. */
  readonly reference: string;
  readonly orderId: string;
  /** Its cancellation was acknowledged too. */
  readonly cancelled: boolean;
}

export interface ShopLoad {
  readonly acknowledged: readonly AcknowledgedOrder[];
  /** Requests that had to be sent again. */
  readonly retries: number;
  /** Waits until so many orders of this load are acknowledged. */
  reached(orders: number): Promise<void>;
  /** Ends the load, not before `atLeast` orders were sent, and waits for all answers. */
  finish(): Promise<void>;
}

export interface LoadOptions {
  readonly seed: number;
  readonly ordersPerSecond: number;
  readonly atLeast: number;
  readonly atMost: number;
}

export const hotCustomer = 'customer-0';
export const hotSku = 'sku-0';
/** Plenty of most, too little of the last: some orders are rejected. */
export const loadStock: Readonly<Record<string, number>> = {
  [hotSku]: 100_000,
  'sku-1': 100_000,
  'sku-2': 100_000,
  'sku-3': 60,
};

/** The same orders in the same pace for the same seed, sent to the end, whatever goes down meanwhile. */
export function startLoad(pipeline: TestPipeline, options: LoadOptions): ShopLoad {
  const random = seededRandom(options.seed);
  const acknowledged: AcknowledgedOrder[] = [];
  const requests: Promise<void>[] = [];
  let isEnding = false;
  let retries = 0;
  const send = async (plan: PlannedOrder): Promise<void> => {
    const ask = askOf(pipeline, plan.reference, () => (retries += 1));
    const { orderId } = (await ask('/orders', plan.body, [201])).body as { orderId: string };
    const { status } = plan.cancel ? await ask(`/orders/${orderId}/cancel`, {}, [200, 409]) : { status: 0 };
    acknowledged.push({ reference: plan.reference, orderId, cancelled: status === 200 });
  };
  const issue = async (): Promise<void> => {
    for await (const _ of ticks(1000 / options.ordersPerSecond)) {
      const sent = requests.length;
      if (sent >= options.atMost || (isEnding && sent >= options.atLeast)) return;
      const request = send(planOrder(`order ${sent} of load ${options.seed}`, random));
      // Awaited by finish; until then a failure is nobody's.
      request.catch(() => undefined);
      requests.push(request);
    }
  };
  const issued = issue();
  return {
    acknowledged,
    get retries() {
      return retries;
    },
    async reached(orders) {
      await waitUntil(() => acknowledged.length >= orders, {
        timeoutMs: 30_000,
        what: `${orders} orders to be acknowledged`,
      });
    },
    async finish() {
      isEnding = true;
      await issued;
      await Promise.all(requests);
    },
  };
}

interface PlannedOrder {
  readonly reference: string;
  readonly body: unknown;
  readonly cancel: boolean;
}

function planOrder(reference: string, random: () => number): PlannedOrder {
  const below = (limit: number): number => Math.floor(random() * limit);
  const skus = Object.keys(loadStock);
  // A third of it on one customer and one sku, so that transactions meet; every eighth is a guest.
  const customer = random() < 0.3 ? hotCustomer : `customer-${below(12)}`;
  const isGuest = random() < 0.125;
  const [first, second] = [random() < 0.3 ? 0 : below(skus.length), below(skus.length)];
  const lines = [...new Set([first, second])].map((index) => ({
    sku: skus[index],
    quantity: 1 + below(5),
    unitPriceMinor: 100 + below(900),
  }));
  const country = random() < 0.5 ? 'France' : 'Portugal';
  return {
    reference,
    body: { ...(isGuest ? {} : { customerId: customer }), country, lines, reference },
    cancel: random() < 0.15,
  };
}

/** Sends until there is a usable answer, each time to where the service is then, with the same Idempotency-Key. */
function askOf(pipeline: TestPipeline, reference: string, onRetry: () => void) {
  return (path: string, body: unknown, expected: readonly number[]): Promise<Answer> => {
    const request = (): Request => ({
      method: 'POST',
      url: `${pipeline.service('orders').url}${path}`,
      body,
      idempotencyKey: `${reference}${path}`.replaceAll(/[^a-z0-9-]/g, '-'),
    });
    let tries = 0;
    return waitUntil(
      async () => {
        if ((tries += 1) > 1) onRetry();
        const answer = await sendUntilAnswered(request(), { giveUpAfterMs: 0 });
        if (!expected.includes(answer.status))
          throw new Error(`status ${answer.status}: ${JSON.stringify(answer.body)}`);
        return answer;
      },
      { timeoutMs: 60_000, everyMs: 250, what: `an answer to ${path} of ${reference}` },
    );
  };
}
