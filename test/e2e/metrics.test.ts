import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { waitUntil } from '../../src/platform/wait-until.ts';
import { connectorFolder } from '../support/connector-folder.ts';
import { documentedMetrics, processes } from '../support/documented-metrics.ts';
import { scrape, type ScrapedMetric } from '../support/scraped-metrics.ts';
import { shopOf, type Shop } from '../support/shop.ts';
import { startTestDashboard, type TestDashboard } from '../support/test-dashboard.ts';
import { startTestPipeline, type TestPipeline } from '../support/test-pipeline.ts';
import { testStackEnv } from '../support/test-stack.ts';

let pipeline: TestPipeline;
let dashboard: TestDashboard;
let audit: { readonly url: string; end(): Promise<void> };
let shop: Shop;

beforeAll(async () => {
  pipeline = await startTestPipeline({ serviceEnv: () => ({ PROBE_EVERY_MS: '1000' }) });
  dashboard = await startTestDashboard(pipeline);
  audit = await startAudit();
  shop = shopOf(pipeline);
  await shop.setStock('lamp', 10);
  const { orderId } = await shop.place('ada', { lamp: 2 });
  await shop.settled(orderId);
});
afterAll(async () => {
  await audit.end();
  await dashboard.stop();
  await pipeline.stop();
});

/** `outbox audit --every … --listen` as a process of its own, on a free port. */
async function startAudit() {
  const folder = connectorFolder(pipeline.connectors, pipeline.topicPrefix);
  const addresses = Object.entries(pipeline.databases).flatMap(([service, { opsUrl, auditUrl }]) => [
    [`${service.toUpperCase()}_OPS_DATABASE_URL`, opsUrl],
    [`${service.toUpperCase()}_AUDIT_DATABASE_URL`, auditUrl],
  ]);
  const words = ['audit', '--dir', folder.path, '--every', '1s', '--older-than', '1ms', '--listen', '0'];
  const child: ChildProcess = spawn(process.execPath, ['src/cli/outbox.ts', ...words], {
    env: {
      ...testStackEnv(),
      ...(Object.fromEntries(addresses) as Record<string, string>),
      PATH: process.env['PATH'] ?? '',
      TOPIC_PREFIX: pipeline.topicPrefix,
      LOG_LEVEL: 'info',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let port: number | undefined;
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    const said = JSON.parse(line) as { msg: string; port?: number };
    if (said.msg === 'listening') port = said.port;
  });
  const listening = await waitUntil(() => port, { timeoutMs: 30_000, what: 'the audit to listen' });
  return {
    url: `http://127.0.0.1:${listening}`,
    end: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
      folder.remove();
    },
  };
}

const urlOf = (name: (typeof processes)[number]): string => {
  if (name === 'dashboard') return dashboard.url;
  return name === 'audit' ? audit.url : pipeline.service(name).url;
};

/** Scrapes until the metric is as wanted. */
async function until(
  name: (typeof processes)[number],
  metric: string,
  isSo: (samples: ScrapedMetric['samples']) => boolean,
): Promise<ScrapedMetric['samples']> {
  let seen: ScrapedMetric['samples'] = [];
  await waitUntil(
    async () => {
      seen = (await scrape(urlOf(name))).get(metric)?.samples ?? [];
      return isSo(seen);
    },
    { timeoutMs: 60_000, what: `${metric} of ${name}` },
  ).catch((error: unknown) => {
    throw new Error(`${String(error)} It is ${JSON.stringify(seen)}.`);
  });
  return seen;
}

const sumOf = (samples: ScrapedMetric['samples'], labels: Readonly<Record<string, string>>): number =>
  samples
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0);

test('an order is in the metrics of every process that had to do with it', async () => {
  await until(
    'orders',
    'outbox_rows_appended_total',
    (rows) => sumOf(rows, { type: 'OrderConfirmed' }) === 1,
  );
  await until('orders', 'consumer_events_total', (events) => sumOf(events, { outcome: 'confirmed' }) === 1);
  await until('inventory', 'consumer_events_total', (events) => {
    return sumOf(events, { type: 'OrderPlaced', outcome: 'reserved' }) === 1;
  });
  await until('sales', 'consumer_events_total', (events) => sumOf(events, { outcome: 'counted' }) === 1);
  await until('sales', 'consumer_assigned_partitions', (of) => sumOf(of, {}) === 4);
  for (const metric of ['probe_age_seconds', 'probe_hop_seconds'])
    await until('inventory', metric, (probes) => probes.length > 0 && sumOf(probes, {}) < 10);
});

test('the dashboard tells what is shared, once and for all services', async () => {
  await until('dashboard', 'connector_state', (states) => sumOf(states, { state: 'RUNNING' }) === 2);
  await until('dashboard', 'connector_task_state', (states) => sumOf(states, { state: 'RUNNING' }) === 2);
  await until('dashboard', 'replication_slot_active', (slots) => sumOf(slots, {}) === 2);
  const statuses = await until('dashboard', 'replication_slot_wal_status', (slots) => slots.length > 0);
  expect(sumOf(statuses, { wal_status: 'reserved' })).toBe(2);
  expect(sumOf(statuses, {})).toBe(2);
  const lags = await until(
    'dashboard',
    'consumer_lag_records',
    (lag) => lag.length === 12 && sumOf(lag, {}) === 0,
  );
  expect(new Set(lags.map(({ labels }) => labels['topic']))).toEqual(
    new Set(['orders.events', 'inventory.events']),
  );
  const sources = await until('dashboard', 'metrics_source_up', (up) => sumOf(up, {}) === 5);
  expect(sources.map(({ labels }) => labels['source'])).toEqual([
    ...['connect', 'database inventory', 'database orders', 'database sales', 'kafka'],
  ]);
  const ahead = await until('dashboard', 'outbox_partitions_ahead_seconds', (of) => of.length === 2);
  for (const { value } of ahead) expect(value / 86_400).toBeGreaterThan(7);
  const kept = await until(
    'dashboard',
    'outbox_rows_estimate',
    (rows) => sumOf(rows, { outbox: 'orders' }) > 0,
  );
  expect(kept).toHaveLength(2);
});

test('the audit tells its rounds, and how far all is proven', async () => {
  await until('audit', 'audit_rounds_total', (rounds) => sumOf(rounds, { verdict: 'proven' }) > 0);
  const missing = await until('audit', 'audit_missing_events', (of) => of.length > 0 && sumOf(of, {}) === 0);
  expect(missing.map(({ labels }) => labels['consumer'])).toEqual(
    expect.arrayContaining(['inventory', 'orders', 'sales']),
  );
  const now = Date.now() / 1_000;
  const proven = await until('audit', 'audit_proven_timestamp_seconds', (of) => {
    return of.length === 2 && of.every(({ value }) => now - value < 60);
  });
  expect(proven.map(({ labels }) => labels['outbox']).sort()).toEqual(['inventory', 'orders']);
  const health = await (await fetch(`${audit.url}/healthz/pipeline`)).json();
  expect(health).toMatchObject({ status: 'ok' });
});

test('a problem is counted by its kind', async () => {
  expect((await fetch(`${urlOf('orders')}/orders/01a2116a-e14e-717e-8008-c7b5d349ece4`)).status).toBe(404);
  expect((await fetch(`${urlOf('audit')}/nowhere`)).status).toBe(404);
  await until('orders', 'http_problems_total', (problems) => {
    return sumOf(problems, { route: '/orders/:orderId', problem: 'not-found' }) === 1;
  });
  await until('audit', 'http_problems_total', (problems) => {
    return sumOf(problems, { route: 'none', problem: 'no-such-route' }) === 1;
  });
});

test('docs/metrics.md tells of every metric what it is, and of no other', async () => {
  const documented = documentedMetrics();
  const doc = documented.flatMap(({ name, type, toldBy }) => toldBy.map((by) => `${by} ${name} ${type}`));
  const real: string[] = [];
  for (const by of processes) {
    for (const [name, { type, samples }] of await scrape(urlOf(by))) {
      real.push(`${by} ${name} ${type}`);
      const labels = documented.find((one) => one.name === name)?.labels ?? [];
      const found = new Set(samples.flatMap((sample) => Object.keys(sample.labels)));
      const extra = [...found].filter((label) => !['service', 'le', ...labels].includes(label));
      const absent = samples.length === 0 ? [] : labels.filter((label) => !found.has(label));
      // What the system tells of handles depends on what is open.
      if (!name.startsWith('nodejs_active_'))
        expect({ by, name, extra, absent }).toEqual({ by, name, extra: [], absent: [] });
      for (const sample of samples) expect(sample.labels['service']).toBe(by);
    }
  }
  expect(real.sort()).toEqual(doc.sort());
});

test('a source that does not answer delays no scrape, and what it told is told no more', async () => {
  await dashboard.proxy.close();
  await until('dashboard', 'metrics_source_up', (up) => sumOf(up, { source: 'connect' }) === 0);
  const startedAt = performance.now();
  const metrics = await scrape(dashboard.url);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  expect(metrics.get('connector_state')?.samples).toEqual([]);
  expect(sumOf(metrics.get('replication_slot_active')?.samples ?? [], {})).toBe(2);
  await dashboard.proxy.reopen();
  await until('dashboard', 'connector_state', (states) => sumOf(states, { state: 'RUNNING' }) === 2);
});
