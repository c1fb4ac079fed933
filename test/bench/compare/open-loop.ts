import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { createBenchClock } from './bench-clock.ts';

export interface SentOrder {
  /** When it was to be sent, in milliseconds since 1970: the clock of its latency runs from here, however late it went out. */
  readonly intendedAt: number;
  readonly sentAt: number;
  readonly answeredAt: number;
  /** Undefined when it was not accepted. */
  readonly orderId: string | undefined;
}

export interface PlannedOrder {
  /** Milliseconds from the start. */
  readonly at: number;
  readonly body: string;
}

const CONNECTIONS = 256;
const headers = { 'content-type': 'application/json' };

/**
 * Sends each order when its time has come, whether those before are answered or not: a service that is slow gets no rest for it.
 * Returns when all are answered, in the order planned.
 */
export async function sendOpenLoop(url: string, planned: readonly PlannedOrder[]): Promise<SentOrder[]> {
  const pool = new Pool(url, { connections: CONNECTIONS, pipelining: 1 });
  const now = createBenchClock();
  const sent: Promise<SentOrder>[] = [];
  try {
    // A little later, so that the first is not late already.
    const start = now() + 20;
    for (const { at, body } of planned) {
      const wait = start + at - now();
      if (wait > 0) await delay(Math.ceil(wait));
      sent.push(send(pool, { body, intendedAt: start + at }, now));
    }
    return await Promise.all(sent);
  } finally {
    await pool.destroy();
  }
}

async function send(
  pool: Pool,
  { body, intendedAt }: { body: string; intendedAt: number },
  now: () => number,
): Promise<SentOrder> {
  const sentAt = now();
  try {
    const response = await pool.request({ method: 'POST', path: '/orders', headers, body });
    const text = await response.body.text();
    const answeredAt = now();
    const orderId =
      response.statusCode === 201 ? (JSON.parse(text) as { orderId: string }).orderId : undefined;
    return { intendedAt, sentAt, answeredAt, orderId };
  } catch {
    // Cut off, or the service is down: not accepted, as far as its customer knows.
    return { intendedAt, sentAt, answeredAt: now(), orderId: undefined };
  }
}
