import { Pool } from 'undici';
import { unlessStopped } from '../bench-stack.ts';
import { runClosedLoop } from '../closed-loop.ts';
import { openBenchShop } from '../compare/bench-shop.ts';
import { Cleanup } from '../compare/cleanup.ts';
import { LOAD_GENERATOR } from '../compare/measure-window.ts';
import { endlessOrders } from '../endless-orders.ts';
import { meterWork } from '../meter-work.ts';
import type { Stage, StageFigures, StageOptions } from './stage.ts';

const CONNECTIONS = 32;
const WARM_UP_SECONDS = 2;

interface Request {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
  /** The only status that counts. */
  readonly status: number;
}

export const httpStages: readonly Stage[] = [
  {
    name: 'http',
    describes: `GET /healthz of the order service on ${CONNECTIONS} connections, which asks no database: HTTP, express and the load generator alone`,
    measure: (options, stopping) =>
      measureHttp(() => ({ method: 'GET', path: '/healthz', status: 200 }), options, stopping),
  },
  {
    name: 'commit',
    describes: `POST /orders, two lines each, on ${CONNECTIONS} connections, and nobody reads the outbox`,
    measure: (options, stopping) => {
      const orders = endlessOrders(options.seed);
      const next = (): Request => {
        const { customerId, country, currency, lines } = orders.next().value.order;
        const body = JSON.stringify({ customerId, country, currency, lines });
        return { method: 'POST', path: '/orders', body, status: 201 };
      };
      return measureHttp(next, options, stopping);
    },
  },
];

/** The order service by itself, and connections that send their next request as soon as the last is answered. */
async function measureHttp(
  next: () => Request,
  { seconds }: StageOptions,
  stopping: AbortSignal,
): Promise<StageFigures> {
  const cleanup = new Cleanup();
  try {
    const shop = await openBenchShop({ skus: 2 });
    cleanup.add(() => shop.remove());
    stopping.throwIfAborted();
    const service = await shop.startService('orders');
    cleanup.add(() => service.end('SIGTERM'));
    const pool = new Pool(service.url, { connections: CONNECTIONS, pipelining: 1 });
    cleanup.add(() => pool.destroy());
    const loop = (length: number) =>
      unlessStopped(
        stopping,
        runClosedLoop({ clients: CONNECTIONS, seconds: length, stopping }, () => send(pool, next())),
      );
    await loop(WARM_UP_SECONDS);
    const { result, ...reading } = await meterWork(
      { running: { orders: service.pid }, own: LOAD_GENERATOR },
      () => loop(seconds),
    );
    return { perSecond: result.done / result.seconds, events: result.done, ...reading };
  } finally {
    await cleanup.run();
  }
}

async function send(pool: Pool, { method, path, body, status }: Request): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await pool.request({
    method,
    path,
    ...(body === undefined ? {} : { headers, body }),
  });
  const text = await response.body.text();
  if (response.statusCode !== status)
    throw new Error(`${method} ${path} answered ${response.statusCode}: ${text.slice(0, 500)}`);
}
