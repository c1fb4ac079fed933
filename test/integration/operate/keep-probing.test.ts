import { registerConnector } from '../../../src/connect/register-connectors.ts';
import { isRunning } from '../../../src/connect/connector-status.ts';
import { createGenericDecoder } from '../../../src/events/generic-decoder.ts';
import type { ProbePayload } from '../../../src/operate/probe/write-probe.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { createOperatedOutbox, type OperatedOutbox } from '../../support/operated-outbox.ts';
import { readTopic } from '../../support/read-topic.ts';
import { startService, type ServiceProcess } from '../../support/service-process.ts';
import { stackValue } from '../../support/test-stack.ts';

interface Check {
  readonly ok: boolean;
  readonly detail: string;
}

describe('a service that sends probes through its own outbox', () => {
  let outbox: OperatedOutbox;
  let first: ServiceProcess;
  let second: ServiceProcess;
  beforeAll(async () => {
    outbox = await createOperatedOutbox();
    const { problem } = await registerConnector(outbox.client, outbox.connector);
    if (problem !== undefined) throw problem;
    const env = { ...outbox.env, ORDERS_SLOT: outbox.slot, PROBE_EVERY_MS: '2000', LOG_LEVEL: 'info' };
    [first, second] = await Promise.all([startService('orders', env), startService('orders', env)]);
  });
  afterAll(async () => {
    await Promise.all([first, second].map((service) => service.end('SIGKILL')));
    await outbox.close();
  });

  const probeCheck = async (service: ServiceProcess): Promise<Check | undefined> => {
    const health = (await (await fetch(`${service.url}/healthz/pipeline`)).json()) as {
      checks: Record<string, Check>;
    };
    return health.checks['probe'];
  };
  const isGreen = (service: ServiceProcess) =>
    waitUntil(
      async () => {
        const check = await probeCheck(service);
        return check?.ok === true && check.detail.startsWith('a probe of') && check;
      },
      { timeoutMs: 30_000, what: 'a probe to arrive' },
    );
  /** Who sent the probes that have come since then. */
  const sendersSince = async (since: number): Promise<string[]> => {
    const decoder = createGenericDecoder(stackValue('REGISTRY_URL'));
    const records = await readTopic(`${outbox.topicPrefix}pipeline.probe`);
    const probes = await Promise.all(
      records.map(
        async ({ value, headers }) =>
          (await decoder.decode(value, headers['schemaFingerprint'])).payload as ProbePayload,
      ),
    );
    return probes.filter(({ sentAt }) => new Date(sentAt).getTime() > since).map(({ sender }) => sender);
  };

  test('says how old the newest probe is and how long each hop took, in /healthz/pipeline and /metrics', async () => {
    const check = await isGreen(first);
    expect(check.detail).toMatch(
      /^a probe of \d+\.\d s ago took \d+ ms \((commit \d+, )?wal \d+, kafka \d+, arrival \d+\), longest in \w+$/,
    );
    const metrics = await (await fetch(`${first.url}/metrics`)).text();
    expect(metrics).toMatch(/^probe_age_seconds\{connector="orders-outbox",service="orders"\} [\d.]+$/m);
    expect(metrics).toMatch(
      /^probe_hop_seconds\{connector="orders-outbox",hop="kafka",service="orders"\} [\d.]+$/m,
    );
  });

  test('lets one of two instances send, and both see the probes', async () => {
    await Promise.all([isGreen(first), isGreen(second)]);
    const since = Date.now();
    const senders = await waitUntil(
      async () => {
        const found = await sendersSince(since);
        return found.length >= 4 && found;
      },
      { timeoutMs: 30_000, what: 'four probes' },
    );
    expect(new Set(senders.slice(-4)).size).toBe(1);
  });

  test('is not healthy 15 s after its RUNNING connector is dead, stays ready, and recovers', async () => {
    await outbox.admin.query({ text: 'alter publication orders_outbox drop table pipeline.outbox' });
    const red = await waitUntil(
      async () => {
        const check = await probeCheck(first);
        return check?.ok === false && check;
      },
      { timeoutMs: 30_000, what: 'the check to be red' },
    );
    expect(red.detail).toMatch(
      /^no probe sent in the last 1[5-9]\.\d s has arrived: stuck before kafka, although its slot/,
    );
    const status = await outbox.client.status(outbox.connector.name);
    expect(status !== undefined && isRunning(status)).toBe(true);
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
    await outbox.admin.query({ text: 'alter publication orders_outbox add table pipeline.outbox' });
    await isGreen(first);
  });

  test('goes on in another instance when the one that sent is killed, and ends quickly', async () => {
    await first.end('SIGKILL');
    const killedAt = Date.now();
    const senders = await waitUntil(
      async () => {
        const found = await sendersSince(killedAt);
        return found.length >= 2 && found;
      },
      { timeoutMs: 30_000, what: 'probes of the other instance' },
    );
    expect(senders.every((sender) => sender.endsWith(`/${second.pid}`))).toBe(true);
    expect(await second.end('SIGTERM')).toBe(0);
  });
});
