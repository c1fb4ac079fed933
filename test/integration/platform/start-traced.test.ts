import type { AddressInfo } from 'node:net';
import { holdFreePort } from '../../../scripts/stack/hold-free-port.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { startTraced } from '../../../src/platform/tracing/start-traced.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { startService } from '../../support/service-process.ts';
import type { ServiceProcess } from '../../support/service-process.ts';
import { startSpanCollector } from '../../support/span-collector.ts';
import type { SpanCollector } from '../../support/span-collector.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import type { TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;
let collector: SpanCollector;
let sales: ServiceProcess | undefined;
beforeAll(async () => {
  database = await createTestDatabase('sales');
  collector = await startSpanCollector();
});
afterEach(() => sales?.end('SIGKILL'));
afterAll(async () => {
  await collector.close();
  await database.drop();
});

/** Prints each module of OpenTelemetry that is loaded; prom-client loads the types' package `api` by itself. */
const tellLoaded = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({
    load(url, context, next) {
      if (/@opentelemetry.(?!api.)/.test(url)) console.log('loaded ' + url);
      return next(url, context);
    },
  });`)}`;

/** Kafka and the registry are at addresses where nobody listens. */
const start = async (env: Record<string, string>): Promise<ServiceProcess> =>
  (sales = await startService(
    'sales',
    {
      SALES_DATABASE_URL: database.appUrl,
      KAFKA_BROKERS: '127.0.0.1:1',
      REGISTRY_URL: 'http://127.0.0.1:1',
      // Longer than the test: what comes, comes at the end.
      OTEL_BSP_SCHEDULE_DELAY: '600000',
      ...env,
    },
    { nodeOptions: ['--import', tellLoaded] },
  ));

const traceId = '0af7651916cd43dd8448eb211c80319c';
const ask = (path: string): Promise<number> =>
  fetch(`${sales?.url ?? ''}${path}`, {
    headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
  }).then(({ status }) => status);

test('nothing of OpenTelemetry is loaded unless it is asked for, or when it is told to be off', async () => {
  for (const env of [{}, { OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }] as Record<
    string,
    string
  >[]) {
    const service = await start(env);
    expect(await ask('/sales')).toBe(200);
    expect(await service.end('SIGTERM')).toBe(0);
    expect(service.log()).not.toContain('loaded ');
  }
  expect(collector.requests).toEqual([]);
});

test('with an endpoint the last spans are sent when the service stops, in protobuf, under its name; those of monitors are not made', async () => {
  const service = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  expect(await ask('/sales')).toBe(200);
  expect(await ask('/readyz')).toBe(200);
  expect(await service.end('SIGTERM')).toBe(0);
  expect(service.log()).toContain('loaded ');
  expect(collector.requests).toMatchObject([{ path: '/v1/traces', type: 'application/x-protobuf' }]);
  const body = collector.requests[0]?.body ?? Buffer.alloc(0);
  expect(body.includes(Buffer.from(traceId, 'hex'))).toBe(true);
  expect(body.includes('GET /sales')).toBe(true);
  expect(body.includes('service.name\x12\x07\n\x05sales')).toBe(true);
  expect(body.includes('readyz')).toBe(false);
});

test('service name, resource and sampler are taken from the standard variables', async () => {
  const env = {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/spans`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_SERVICE_NAME: 'shop-sales',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=test',
  };
  await start(env);
  await ask('/sales');
  await sales?.end('SIGTERM');
  expect(collector.spans()).toMatchObject([{ service: 'shop-sales', name: 'GET /sales', traceId }]);
  expect(collector.requests.at(-1)?.path).toBe('/spans');
  expect(collector.requests.at(-1)?.body.toString()).toContain('deployment.environment');
  await start({ ...env, OTEL_TRACES_SAMPLER: 'always_off' });
  await ask('/sales');
  await sales?.end('SIGTERM');
  expect(collector.spans()).toHaveLength(1);
});

test('a collector that is away is complained of once, and the service goes on and ends in time', async () => {
  const nobody = await holdFreePort();
  const { port } = nobody.address() as AddressInfo;
  nobody.close();
  const service = await start({
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_TIMEOUT: '500',
    OTEL_BSP_SCHEDULE_DELAY: '50',
  });
  const complaints = (): number => service.log().split('OpenTelemetry complains').length - 1;
  let asked = 0;
  await waitUntil(
    async () => {
      expect(await ask('/sales')).toBe(200);
      asked += 1;
      return complaints() > 0 && asked > 50;
    },
    { timeoutMs: 60_000, everyMs: 20, what: 'a complaint' },
  );
  expect(complaints()).toBe(1);
  expect(service.log()).toContain('ECONNREFUSED');
  const begun = Date.now();
  expect(await service.end('SIGTERM')).toBe(0);
  expect(Date.now() - begun).toBeLessThan(9_500);
});

test('a protocol that is not spoken ends the start with a sentence that names the variable', async () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
  await expect(
    startTraced('sales', { env, log: silentLog }, () => Promise.reject(new Error('It was started.'))),
  ).rejects.toThrow(/OTEL_EXPORTER_OTLP_PROTOCOL: must be http\/protobuf or http\/json/);
});
