import { jest } from '@jest/globals';
import { createRequire } from 'node:module';
import '../../../src/platform/kafka/kafka-client.ts';

interface Queue {
  push(request: { entry: { correlationId: number }; expectResponse: boolean; sendRequest: () => void }): void;
  fulfillRequest(response: { correlationId: number; payload: Buffer; size: number }): void;
  maybeThrottle(ms: number): void;
}

const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as new (
  options: object,
) => Queue;
const log = { debug: () => undefined, warn: () => undefined };

const queue = (options: object = {}): Queue =>
  new RequestQueue({ clientId: 'c', broker: 'b', requestTimeout: 30_000, logger: log, ...options });

/** Pushes a request. @returns whether it was sent */
function push(to: Queue, correlationId: number): () => boolean {
  let isSent = false;
  const entry = { correlationId, apiName: 'Fetch', resolve: () => undefined, reject: () => undefined };
  to.push({ entry, expectResponse: true, sendRequest: () => (isSent = true) });
  return () => isSent;
}

const answer = (to: Queue, correlationId: number): void =>
  to.fulfillRequest({ correlationId, payload: Buffer.alloc(0), size: 0 });

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('a connection with nothing to send sets no timer', () => {
  const requests = queue();
  const first = push(requests, 1);
  expect(first()).toBe(true);
  answer(requests, 1);
  expect(jest.getTimerCount()).toBe(0);
});

test('what a quota holds back is sent when its time is over, and then the connection rests', () => {
  const requests = queue();
  requests.maybeThrottle(500);
  const held = push(requests, 1);
  jest.advanceTimersByTime(490);
  expect(held()).toBe(false);
  jest.advanceTimersByTime(20);
  expect(held()).toBe(true);
  answer(requests, 1);
  jest.advanceTimersByTime(1_000);
  expect(jest.getTimerCount()).toBe(0);
});

test('what waits for a request in flight is sent with its answer', () => {
  const requests = queue({ maxInFlightRequests: 1 });
  push(requests, 1);
  const second = push(requests, 2);
  expect(second()).toBe(false);
  answer(requests, 1);
  expect(second()).toBe(true);
});
