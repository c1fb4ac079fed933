import { setInterval as ticks, setTimeout as delay } from 'node:timers/promises';
import { sendUntilAnswered } from '../../scripts/demo/send-until-answered.ts';
import type { Answer } from '../../scripts/demo/send-until-answered.ts';
import { describeError } from '../../src/platform/errors.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';
import type { Reply } from '../support/invariants/check-replies.ts';
import { seededRandom } from '../support/seeded-random.ts';
import type { AcknowledgedOrder } from '../support/shop-load.ts';
import type { TestPipeline } from '../support/test-pipeline.ts';
import { planRequest } from './plan-request.ts';
import type { PlannedRequest } from './plan-request.ts';

/** What customers do while the storm lasts, and what they were told. */
export interface StormLoad {
  /** A fault that places orders itself adds them. */
  readonly acknowledged: AcknowledgedOrder[];
  /** Ids of returns. */
  readonly returned: readonly string[];
  readonly replies: readonly Reply[];
  readonly counts: LoadCounts;
  /** Tries that were answered 500: what passes is 503, and no customer can make anything of a 500. */
  readonly internalErrors: readonly string[];
  /** Requests that wait for an answer now. */
  readonly open: number;
  /** One request more, of a fault's own making: asked and checked as all others. */
  add(request: PlannedRequest): void;
  /** Sends nothing new and waits for all answers. @throws when some do not come in this time */
  finish(withinMs: number): Promise<void>;
}

export interface LoadCounts {
  readonly orders: number;
  readonly cancels: number;
  readonly returns: number;
  /** Requests that were answered and sent again on purpose, with the same Idempotency-Key. */
  readonly repeated: number;
  /** Tries without a usable answer. */
  readonly retries: number;
}

/** A customer who gets no answer asks again, for as long as it takes; with so many of them waiting nobody new comes. */
const MOST_OPEN = 300;
const AGAIN_AFTER_MS = 250;

/**
 * The same requests in the same order for the same seed, whatever goes down meanwhile.
 * @param through the address by which customers reach a service, where it is not its own
 */
export function startStormLoad(
  pipeline: TestPipeline,
  options: { readonly seed: number; readonly ordersPerSecond: number },
  through: (url: string) => Promise<string> = (url) => Promise.resolve(url),
): StormLoad {
  const acknowledged: AcknowledgedOrder[] = [];
  const returned: string[] = [];
  const replies: Reply[] = [];
  const counts = { orders: 0, cancels: 0, returns: 0, repeated: 0, retries: 0 };
  const internalErrors: string[] = [];
  const open = new Set<Promise<void>>();
  const ending = new AbortController();
  let firstFailure: unknown;

  const onRetry = (reason: string): void => {
    counts.retries += 1;
    if (reason.includes('status 500')) internalErrors.push(reason);
  };
  const ask = (key: string, path: string, body: unknown): Promise<Answer> =>
    askOnAndOn(() => through(pipeline.service('orders').url), { key, path, body }, onRetry, ending.signal);

  const perform = async ({ reference, path, body, cancel, again }: PlannedRequest): Promise<void> => {
    const key = reference.replaceAll(' ', '-');
    const first = await ask(key, path, body);
    if (first.status !== 201) throw new Error(`${reference} was answered ${JSON.stringify(first)}`);
    const told = first.body as { orderId: string; returnId: string };
    if (path === '/returns') {
      returned.push(told.returnId);
      counts.returns += 1;
    }
    const second = again ? await ask(key, path, body) : undefined;
    if (second !== undefined) counts.repeated += 1;
    replies.push({ what: reference, first: first.body, ...(second && { again: second.body }) });
    if (path === '/returns') return;
    counts.orders += 1;
    const cancelled = cancel ? await ask(`${key}-cancel`, `/orders/${told.orderId}/cancel`, {}) : undefined;
    if (cancelled !== undefined) {
      counts.cancels += 1;
      replies.push({ what: `${reference} cancel`, cancels: told.orderId, first: cancelled.body });
    }
    acknowledged.push({ reference, orderId: told.orderId, cancelled: cancelled?.status === 200 });
  };

  const add = (planned: PlannedRequest): void => {
    const request = perform(planned)
      .catch((error: unknown) => (firstFailure ??= error))
      .then(() => void open.delete(request));
    open.add(request);
  };

  const issue = async (): Promise<void> => {
    const random = seededRandom(options.seed);
    let sent = 0;
    for await (const _ of ticks(1_000 / options.ordersPerSecond, undefined, { signal: ending.signal })) {
      if (isOver) return;
      if (open.size >= MOST_OPEN) continue;
      add(planRequest(`storm ${options.seed} request ${(sent += 1)}`, random));
    }
  };
  let isOver = false;
  const issued = issue().catch(() => undefined);
  return {
    acknowledged,
    returned,
    replies,
    counts,
    internalErrors,
    get open() {
      return open.size;
    },
    add,
    async finish(withinMs) {
      isOver = true;
      try {
        await waitUntil(() => open.size === 0, {
          timeoutMs: withinMs,
          everyMs: 100,
          what: 'an answer to every request',
        });
      } finally {
        ending.abort();
        await issued;
      }
      if (firstFailure !== undefined) throw firstFailure as Error;
    },
  };
}

interface Question {
  readonly key: string;
  readonly path: string;
  readonly body: unknown;
}

/** Until there is a usable answer, each time to where the service is then. */
async function askOnAndOn(
  address: () => Promise<string>,
  { key, path, body }: Question,
  onRetry: (reason: string) => void,
  signal: AbortSignal,
): Promise<Answer> {
  for (;;) {
    const url = `${await address()}${path}`;
    try {
      const request = { method: 'POST', url, body, idempotencyKey: key } as const;
      return await sendUntilAnswered(request, { giveUpAfterMs: 0 });
    } catch (error) {
      signal.throwIfAborted();
      onRetry(describeError(error));
      await delay(AGAIN_AFTER_MS);
    }
  }
}
