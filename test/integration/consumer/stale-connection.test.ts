import kafkajs from 'kafkajs';
import { connect } from 'node:net';
import { countedEvents } from '../../support/tally-consumer.ts';
import { createTallyFixture } from '../../support/tally-fixture.ts';
import type { TallyFixture } from '../../support/tally-fixture.ts';
import { produceEvents } from '../../support/produce-events.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';
import type { TcpProxy } from '../../support/tcp-proxy.ts';
import { stackValue } from '../../support/test-stack.ts';

/** Below the 30 s of production, so that the test need not wait for them. */
const REQUEST_TIMEOUT_MS = 8_000;

let tally: TallyFixture;
let proxy: TcpProxy;
beforeAll(async () => {
  tally = await createTallyFixture();
  proxy = await startTcpProxy(Number(stackValue('KAFKA_PORT')));
});
afterAll(async () => {
  await tally.close();
  await proxy.close();
});

test('a consumer whose connections died without a word makes new ones after one request without an answer', async () => {
  const kafka = new kafkajs.Kafka({
    brokers: [`127.0.0.1:${stackValue('KAFKA_PORT')}`],
    requestTimeout: REQUEST_TIMEOUT_MS,
    logLevel: kafkajs.logLevel.NOTHING,
    // Wherever the broker says that it is.
    socketFactory: ({ onConnect }) => connect(proxy.port, '127.0.0.1', onConnect),
  });
  const retries: string[] = [];
  await tally.start({ kafka, onRetry: ({ code }) => void retries.push(code) });
  await produceEvents(tally.topic, countedEvents('k', 1));
  await tally.applied(1);
  proxy.become('stale');
  await produceEvents(tally.topic, countedEvents('k', 1, { from: 2 }));
  const began = performance.now();
  await tally.applied(2);
  // Six requests in a row that nobody answers would be 48 s and more.
  expect(performance.now() - began).toBeLessThan(40_000);
  expect(new Set(retries)).toEqual(new Set(['kafka_unreachable']));
});
