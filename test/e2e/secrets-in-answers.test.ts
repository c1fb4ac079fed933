import { secretsOf } from '../../src/platform/mask-secrets.ts';
import { openDashboardClient } from '../support/dashboard-client.ts';
import { findSecrets, type NamedText } from '../support/find-secrets.ts';
import type { OpenApi } from '../support/fuzz-requests.ts';
import { shopOf } from '../support/shop.ts';
import { startTestDashboard, type TestDashboard } from '../support/test-dashboard.ts';
import { serviceNames, startTestPipeline, type TestPipeline } from '../support/test-pipeline.ts';
import { stackValue, testStackEnv } from '../support/test-stack.ts';

/** What processes are given and clients prove themselves with, none of which may be in any answer. */
const planted = {
  idempotencyKey: 'planted-idempotency-key',
  token: 'planted-dashboard-token',
  wrongToken: 'planted-wrong-token',
  registryPassword: 'planted-registry-password',
};

let pipeline: TestPipeline;
let dashboard: TestDashboard;
let orderId: string;

beforeAll(async () => {
  // The local registry asks nobody who they are, and ignores it.
  const registry = {
    REGISTRY_URL: stackValue('REGISTRY_URL').replace('//', `//reader:${planted.registryPassword}@`),
  };
  pipeline = await startTestPipeline({ serviceEnv: () => registry });
  dashboard = await startTestDashboard(pipeline, { env: { ...registry, DASHBOARD_TOKEN: planted.token } });
  const shop = shopOf(pipeline);
  await shop.setStock('lamp', 5);
  ({ orderId } = await shop.place('ada', { lamp: 1 }, planted.idempotencyKey));
  await shop.settled(orderId);
});
afterAll(async () => {
  await dashboard.stop();
  await pipeline.stop();
});

/** What is asked for, and all that comes back: status, headers and body. */
async function answerOf(url: string, init: RequestInit = {}): Promise<NamedText> {
  const response = await fetch(url, init);
  const headers = JSON.stringify([...response.headers]);
  return {
    name: `${init.method ?? 'GET'} ${new URL(url).pathname} ${response.status}`,
    text: `${headers}\n${await response.text()}`,
  };
}

const json = { 'content-type': 'application/json', 'idempotency-key': planted.idempotencyKey };

function expectNoSecret(answers: readonly NamedText[], names: readonly string[]): void {
  expect(answers.map(({ name }) => name)).toEqual(expect.arrayContaining([...names]));
  expect(findSecrets(answers, [...Object.values(planted), ...secretsOf(testStackEnv())])).toEqual([]);
}

/** Every operation of the service's own document, asked rightly where nothing has to be sent and wrongly where something has. */
async function askAll(url: string): Promise<NamedText[]> {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as OpenApi;
  const values: Readonly<Record<string, string>> = { orderId, sku: 'lamp' };
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ path, method: method.toUpperCase() })),
  );
  return Promise.all(
    operations.map(({ path, method }) =>
      answerOf(url + path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? 'unknown'), {
        method,
        headers: json,
        ...(method === 'GET' ? {} : { body: '{"unknown": 1}' }),
      }),
    ),
  );
}

test('no answer of a service has a secret in it, its metrics included', async () => {
  const answers = await Promise.all(serviceNames.map((name) => askAll(pipeline.service(name).url)));
  const names = [
    `GET /orders/${orderId} 200`,
    'POST /orders 400',
    'GET /stock/lamp 200',
    'GET /sales 200',
    'GET /healthz/pipeline 200',
    'GET /metrics 200',
    'GET /openapi.json 200',
  ];
  expectNoSecret(answers.flat(), names);
});

test("no answer of the dashboard's has a secret in it, nor has its stream", async () => {
  const { url } = dashboard;
  const authorization = `Bearer ${planted.token}`;
  const asked = { headers: { ...json, 'x-dashboard': '1', authorization } };
  const post = (path: string, body: object) =>
    answerOf(`${url}${path}`, { ...asked, method: 'POST', body: JSON.stringify(body) });
  const client = await openDashboardClient(url, { authorization });
  const state = await client.until(
    'connectors, slots and services',
    ({ connectors, slots, way }) =>
      connectors.connectors.length > 0 && slots.slots.length > 0 && way.hops.length > 0,
  );
  client.close();
  const [connector] = pipeline.connectors;
  const held = { consumer: 'sales', topic: 'orders.events', key: 'nobody', reason: 'none' };
  const answers = [
    { name: 'GET /api/live 200', text: JSON.stringify(state) },
    await answerOf(`${url}/api/orders?id=ada`, asked),
    await answerOf(`${url}/api/orders/${orderId}/story`, asked),
    await post(`/api/connectors/${connector?.name ?? ''}/restart`, {}),
    await post('/api/connectors/nobody/pause', {}),
    await post('/api/held/redrive', held),
    await post('/api/held/discard', held),
    await answerOf(`${url}/metrics`, asked),
    await answerOf(`${url}/healthz/pipeline`, asked),
    await answerOf(`${url}/api/orders?id=ada`, {
      headers: { authorization: `Bearer ${planted.wrongToken}` },
    }),
    ...(await Promise.all(
      [planted.token, planted.wrongToken].map((token) =>
        answerOf(`${url}/login`, {
          method: 'POST',
          body: new URLSearchParams({ token }),
          redirect: 'manual',
        }),
      ),
    )),
  ];
  expectNoSecret(answers, [
    'GET /api/orders 200',
    `GET /api/orders/${orderId}/story 200`,
    `POST /api/connectors/${connector?.name ?? ''}/restart 200`,
    'GET /api/orders 401',
    'GET /metrics 200',
  ]);
});

test('no answer of Connect has a password in it that it was given by its environment', async () => {
  const connect = stackValue('CONNECT_URL');
  const answers: NamedText[] = [];
  for (const { name, config } of pipeline.connectors) {
    for (const path of ['', '/config', '/tasks', '/status', '/tasks/0/status', '/offsets', '/topics'])
      answers.push(await answerOf(`${connect}/connectors/${name}${path}`));
    const plugin = `${connect}/connector-plugins/${config['connector.class'] ?? ''}/config/validate`;
    // As it is, and so that the database refuses it: its reason comes with the answer.
    for (const change of [{}, { 'database.dbname': 'nowhere' }])
      answers.push(
        await answerOf(plugin, {
          method: 'PUT',
          headers: json,
          body: JSON.stringify({ name, ...config, ...change }),
        }),
      );
  }
  answers.push(await answerOf(`${connect}/connectors?expand=info&expand=status`));
  const [orders] = pipeline.connectors.map(({ name }) => name);
  expectNoSecret(answers, [
    ...['config', 'tasks', 'status'].map((path) => `GET /connectors/${orders ?? ''}/${path} 200`),
    'PUT /connector-plugins/io.debezium.connector.postgresql.PostgresConnector/config/validate 200',
  ]);
});
