import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { maskSecrets, secretsOf } from '../../src/platform/mask-secrets.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createPool } from '../../src/platform/postgres/pool.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';
import { freePorts, stackPorts } from '../../scripts/stack/free-ports.ts';
import { captureProcess, type CapturedProcess } from '../support/captured-process.ts';
import { connectorFolder } from '../support/connector-folder.ts';
import { findSecrets, type NamedText } from '../support/find-secrets.ts';
import { startTestPipeline, type TestPipeline } from '../support/test-pipeline.ts';
import { stackValue, testStack, testStackEnv } from '../support/test-stack.ts';

/** What a customer and a client send, none of which may be in any log. */
const planted = {
  customer: 'planted-customer-ada',
  email: 'planted.ada@example.org',
  address: 'Planted Street 12',
  idempotencyKey: 'planted-idempotency-key',
  token: 'planted-dashboard-token',
  wrongToken: 'planted-wrong-token',
  registryPassword: 'planted-registry-password',
};
const traceId = 'b1a5ed0000000000000000000000cafe';
const traceparent = `00-${traceId}-00000000000000ab-01`;

let pipeline: TestPipeline;
/** `npm start`: one more instance of each service, the audit and the dashboard, all in one output. */
let started: CapturedProcess;
let folder: ReturnType<typeof connectorFolder>;
let env: Record<string, string>;

beforeAll(async () => {
  pipeline = await startTestPipeline();
  folder = connectorFolder(pipeline.connectors, pipeline.topicPrefix);
  env = await environment();
  await breakRules();
  started = captureProcess(['scripts/start.ts'], env);
  await started.prints('joined the group');
  await waitUntil(
    async () => (await fetch(`http://127.0.0.1:${env['DASHBOARD_PORT'] ?? ''}/healthz`)).status < 500,
    {
      timeoutMs: 90_000,
      what: 'the dashboard',
    },
  );
});
afterAll(async () => {
  await started.stop();
  await pipeline.stop();
  folder.remove();
});

async function environment(): Promise<Record<string, string>> {
  const { databases, connectors, topicPrefix } = pipeline;
  const slots = connectors.map(({ config }) => config['slot.name'] ?? '');
  const all = await freePorts();
  const ports = stackPorts.map((name) => all[name]);
  const urls = Object.entries(databases).flatMap(([service, database]) => [
    [`${service.toUpperCase()}_DATABASE_URL`, database.appUrl],
    [`${service.toUpperCase()}_OWNER_DATABASE_URL`, database.ownerUrl],
    [`${service.toUpperCase()}_OPS_DATABASE_URL`, database.opsUrl],
    [`${service.toUpperCase()}_AUDIT_DATABASE_URL`, database.auditUrl],
    [`${service.toUpperCase()}_REPAIR_DATABASE_URL`, database.repairUrl ?? ''],
  ]);
  return {
    ...testStackEnv(),
    ...(Object.fromEntries(urls) as Record<string, string>),
    PATH: process.env['PATH'] ?? '',
    TOPIC_PREFIX: topicPrefix,
    ORDERS_SLOT: slots.find((slot) => slot.includes('orders')) ?? '',
    INVENTORY_SLOT: slots.find((slot) => slot.includes('inventory')) ?? '',
    ...{
      ORDERS_PORT: ports[0] ?? '',
      INVENTORY_PORT: ports[1] ?? '',
      SALES_PORT: ports[2] ?? '',
    },
    DASHBOARD_PORT: ports[3] ?? '',
    // The local registry asks nobody who they are, and ignores it.
    REGISTRY_URL: stackValue('REGISTRY_URL').replace('//', `//reader:${planted.registryPassword}@`),
    DASHBOARD_TOKEN: planted.token,
    LOG_LEVEL: 'debug',
  };
}

/** Rows that Postgres refuses, whose refusal quotes them: one in a request, one in a consumer. */
async function breakRules(): Promise<void> {
  for (const [{ ownerUrl }, rule] of [
    [
      pipeline.databases.orders,
      `alter table orders.orders add constraint never_cancelled check (status <> 'CANCELLED')`,
    ],
    [
      pipeline.databases.inventory,
      `alter table inventory.reservations add constraint no_lamps check (lines::text not like '%lamp%')`,
    ],
  ] as const) {
    const owner = createPool({ connectionString: ownerUrl, applicationName: 'test', log: silentLog, max: 1 });
    await owner.query({ text: rule });
    await owner.end();
  }
}

const json = { 'content-type': 'application/json', traceparent };
const order = (sku: string, more: object = {}) => ({
  customerId: planted.customer,
  country: planted.address,
  reference: planted.email,
  lines: [{ sku, quantity: 1, unitPriceMinor: 5 }],
  ...more,
});

async function ask(
  service: 'orders' | 'inventory',
  path: string,
  init: { method?: string; body?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number; answer: { orderId?: string } }> {
  const { url } = pipeline.service(service);
  const response = await fetch(`${url}${path}`, { ...init, headers: { ...json, ...init.headers } });
  return { status: response.status, answer: (await response.json()) as { orderId?: string } };
}

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  ask('orders', path, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

/** As fetch would not send it. */
const raw = (path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(pipeline.service('orders').url);
    request({ hostname, port, path, headers: { traceparent, 'x-client-id': planted.email } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });

/** An event that no service would say, with the customer in every place that takes a text. */
async function sayPoison(): Promise<void> {
  const { ownerUrl } = pipeline.databases.orders;
  const owner = createPool({ connectionString: ownerUrl, applicationName: 'test', log: silentLog, max: 1 });
  await owner.query({
    text: `insert into pipeline.outbox
             (event_id, topic, partition_key, key_seq, event_type, aggregate_id, payload, schema_fingerprint, occurred_at, traceparent)
           select uuidv7(), 'orders.events', $1 || '-2', 1, 'OrderPlaced', $2,
                  '\\x00'::bytea || decode(lpad(to_hex(schema_id), 8, '0'), 'hex') || convert_to($3, 'UTF8'),
                  fingerprint, now(), $2
           from pipeline.event_schemas where subject = 'orders.events-shop.orders.OrderPlaced' and version = 1`,
    values: [planted.customer, planted.email, planted.address],
  });
  await owner.end();
}

function allLogs(): NamedText[] {
  return [
    ...testStack().resources.map(({ name, logFile }) => ({ name, text: readFileSync(logFile, 'utf8') })),
    ...(['orders', 'inventory', 'sales'] as const).map((name) => ({
      name: `service ${name}`,
      text: pipeline.service(name).log(),
    })),
    { name: 'npm start', text: started.output() },
  ];
}

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly traceId?: string;
  readonly orderId?: string;
  readonly eventId?: string;
}

/** Lines of services, by whichever instance. */
const lines = (): Line[] =>
  allLogs()
    .filter(({ name }) => name.startsWith('service') || name === 'npm start')
    .flatMap(({ text }) => text.split('\n'))
    .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Line] : []));

const lineWith = (wanted: (line: Line) => boolean, what: string): Promise<Line> =>
  waitUntil(() => lines().find(wanted), { timeoutMs: 60_000, what });

const leaks = (texts: readonly NamedText[]): string[] =>
  findSecrets(texts, [...Object.values(planted), ...secretsOf(testStackEnv())]);

test('a parked event, a refused request and a failed one each have a line with their ids', async () => {
  await ask('inventory', '/stock/lamp', { method: 'PUT', body: '{"onHand":5}' });
  await ask('inventory', '/stock/chair', { method: 'PUT', body: '{"onHand":5}' });
  const chair = await post('/orders', order('chair', { customerId: `${planted.customer}-3` }), {
    'idempotency-key': planted.idempotencyKey,
  });
  const lamp = await post('/orders', order('lamp'));
  await sayPoison();

  const parked = await lineWith(
    ({ msg, orderId }) => msg.startsWith('parked') && orderId === lamp.answer.orderId,
    'the parked order',
  );
  expect(parked).toMatchObject({
    level: 50,
    traceId,
    eventId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
  });
  await lineWith(
    (line) => line.msg.startsWith('parked') && line.orderId === undefined && line.eventId !== undefined,
    'the poisoned event to be parked',
  );

  const { orderId } = chair.answer;
  const failed = await post(`/orders/${orderId ?? ''}/cancel`, { reason: planted.address });
  expect(failed.status).toBe(500);
  await lineWith(
    (line) => line.level === 50 && line.orderId === orderId && line.traceId === traceId,
    'the failed request',
  );

  // The same key for another order: refused.
  expect((await post('/orders', order('lamp'), { 'idempotency-key': planted.idempotencyKey })).status).toBe(
    422,
  );
  await lineWith(
    (line) => line.msg === 'refused a request' && line.traceId === traceId,
    'the refused request',
  );
});

test('neither they nor anything else that was asked leaves a customer or a secret in any log', async () => {
  const { customer, email, address, idempotencyKey, token, wrongToken } = planted;
  const refused = [
    await post('/orders', order('lamp', { [address]: email })),
    await post('/orders', order('lamp', { country: `${address}\u0007` })),
    await post('/orders', `{"customerId": "${customer}", ${email}`),
    await post('/orders', order('lamp'), { 'idempotency-key': `${idempotencyKey}\u00e9` }),
    await post('/orders', order('lamp'), { 'content-type': `text/${customer}` }),
    await ask('orders', `/orders?customerId=${customer}&${address.replaceAll(' ', '+')}=1`),
    await ask('orders', `/orders/${customer}`),
    await ask('orders', `/${encodeURIComponent(address)}`),
    await ask('inventory', `/stock/${customer}`),
  ].map(({ status }) => status);
  expect(refused.every((status) => status >= 400 && status < 500)).toBe(true);
  expect(await raw(`/orders/%zz${customer}`)).toBe(400);

  const dashboard = `http://127.0.0.1:${env['DASHBOARD_PORT'] ?? ''}`;
  for (const authorization of [`Bearer ${token}`, `Bearer ${wrongToken}`])
    await fetch(`${dashboard}/api/held/discard?x=${email}`, {
      method: 'POST',
      headers: { ...json, 'x-dashboard': '1', authorization },
      body: JSON.stringify({ consumer: 'inventory', topic: 'orders.events', key: customer, why: address }),
    });
  await fetch(`${dashboard}/login`, { method: 'POST', body: new URLSearchParams({ token: wrongToken }) });

  const commands = [
    captureProcess(['scripts/register-connectors.ts', '--dir', folder.path], { ...env, LOG_LEVEL: 'trace' }),
    captureProcess(['src/cli/outbox.ts', 'doctor'], { ...env, LOG_LEVEL: 'trace' }),
    captureProcess(['src/orders/main.ts'], { ...env, REGISTRY_URL: '', LOG_LEVEL: 'loud' }),
  ];
  await Promise.all(commands.map((command) => command.ended()));
  // The audit's first round has written its line.
  await lineWith(({ msg }) => /has arrived|known to be lost|LOST/.test(msg), "the audit's line");

  const outputs = commands.map((command, index) => ({
    name: `command ${index + 1}`,
    text: command.output(),
  }));
  expect(outputs.every(({ text }) => text.length > 50)).toBe(true);
  expect(leaks([...allLogs(), ...outputs])).toEqual([]);
});

test('the search itself finds what is there', () => {
  const [secret = ''] = secretsOf(testStackEnv());
  expect(
    leaks([{ name: 'a log', text: `as ${encodeURIComponent(planted.address)} and ${secret}` }]),
  ).toHaveLength(2);
  expect(maskSecrets(`as ${secret}`, [secret])).toBe('as …');
});
