import { registerConnector } from '../../../src/connect/register-connectors.ts';
import { isRunning } from '../../../src/connect/connector-status.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { createOperatedOutbox, type OperatedOutbox } from '../../support/operated-outbox.ts';
import { startService, type ServiceProcess } from '../../support/service-process.ts';

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
    const env = { ...outbox.env, ORDERS_SLOT: outbox.slot, PROBE_EVERY_MS: '500', LOG_LEVEL: 'info' };
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
  /** Probes that were written since then. */
  const sentSince = async (since: Date): Promise<number> => {
    const { rows } = await outbox.admin.query<{ count: number }>({
      text: `select count(*) from pipeline.outbox where topic = 'pipeline.probe' and occurred_at > $1`,
      values: [since],
    });
    return rows[0]?.count ?? -1;
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
    const since = new Date();
    await waitUntil(async () => (await sentSince(since)) >= 6, { timeoutMs: 20_000, what: 'six probes' });
    // One sender makes two a second; two would have come to six in half the time.
    expect(Date.now() - since.getTime()).toBeGreaterThan(2_000);
  });

  test('is not healthy 15 s after its RUNNING connector is dead, stays ready, and recovers', async () => {
    await outbox.admin.query({ text: 'alter publication orders_outbox drop table pipeline.outbox' });
    const startedAt = Date.now();
    const red = await waitUntil(
      async () => {
        const check = await probeCheck(first);
        return check?.ok === false && check;
      },
      { timeoutMs: 20_000, what: 'the check to be red' },
    );
    expect(Date.now() - startedAt).toBeLessThan(16_000);
    expect(red.detail).toMatch(
      /^no probe sent in the last 15\.\d s has arrived: stuck before kafka, although its slot/,
    );
    const status = await outbox.client.status(outbox.connector.name);
    expect(status !== undefined && isRunning(status)).toBe(true);
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
    await outbox.admin.query({ text: 'alter publication orders_outbox add table pipeline.outbox' });
    await isGreen(first);
  });

  test('goes on in another instance when the one that sent is killed, and ends quickly', async () => {
    await first.end('SIGKILL');
    const killedAt = new Date();
    await waitUntil(async () => (await sentSince(killedAt)) >= 3, {
      timeoutMs: 15_000,
      what: 'probes of the other instance',
    });
    const endingAt = Date.now();
    expect(await second.end('SIGTERM')).toBe(0);
    expect(Date.now() - endingAt).toBeLessThan(5_000);
  });
});
