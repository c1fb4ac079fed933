import { createPool } from '../../src/platform/postgres/pool.ts';
import { silentLog } from '../../src/platform/log.ts';
import { captureProcess } from '../support/captured-process.ts';
import { startEncryptedStack, type EncryptedStack } from '../support/encrypted-stack.ts';
import { commandsOf, type PipelineCommands } from '../support/pipeline-commands.ts';
import { shopOf } from '../support/shop.ts';
import { startTestPipeline, type TestPipeline } from '../support/test-pipeline.ts';
import { stackValue } from '../support/test-stack.ts';

let stack: EncryptedStack;
let pipeline: TestPipeline;
let commands: PipelineCommands;

beforeAll(async () => {
  stack = await startEncryptedStack();
  pipeline = await startTestPipeline();
  commands = commandsOf(pipeline);
});
// Each for itself: where a start failed, what had started before it is stopped all the same.
afterAll(() => commands.close());
afterAll(() => pipeline.stop());
afterAll(() => stack.stop());

test('an order goes all its way, and every connection to Postgres is encrypted', async () => {
  const shop = shopOf(pipeline);
  await shop.setStock('lamp', 10);
  const { orderId } = await shop.place('ada', { lamp: 4 });
  expect(await shop.settled(orderId)).toMatchObject({ status: 'CONFIRMED' });
  expect(await shop.stockOf('lamp')).toMatchObject({ onHand: 10, reserved: 4 });
  const admin = createPool({
    connectionString: stackValue('POSTGRES_ADMIN_URL'),
    applicationName: 'test',
    log: silentLog,
    max: 1,
  });
  const { rows } = await admin.query<{ usename: string; ssl: boolean }>({
    text: `select distinct usename, ssl from pg_stat_activity join pg_stat_ssl using (pid) where client_addr is not null`,
  });
  await admin.end();
  expect(rows.map(({ usename }) => usename)).toEqual(
    expect.arrayContaining([
      'orders_app',
      'orders_cdc',
      'inventory_app',
      'inventory_cdc',
      'sales_app',
      'registry',
    ]),
  );
  expect(rows.filter(({ ssl }) => !ssl)).toEqual([]);
});

test.each([
  ['doctor'],
  ['connectors apply'],
  ['connectors status --no-probe'],
  ['schemas plan'],
  ['topics plan'],
])('outbox %s works', async (words) => {
  const ended = await commands.outbox(words.split(' '));
  expect(ended.code === 0 ? '' : ended.stdout + ended.stderr).toBe('');
  for (const secret of ['kafka-of', 'web-of-ops']) expect(ended.stdout).not.toContain(secret);
});

/** Of a command that needs only this part: what it is told otherwise, and what it then says. */
interface Refusal {
  readonly of: string;
  readonly words: string;
  readonly env: () => Record<string, string>;
  readonly code: number;
  readonly says: RegExp;
}

const opsUrls = (change: (url: URL) => void): Record<string, string> =>
  Object.fromEntries(
    Object.entries(pipeline.databases).map(([service, { opsUrl }]) => {
      const url = new URL(opsUrl);
      change(url);
      return [`${service.toUpperCase()}_OPS_DATABASE_URL`, url.href];
    }),
  );
const withoutTls = (whose: string): Record<string, string> =>
  Object.fromEntries(
    ['CA_FILE', 'CERT_FILE', 'KEY_FILE', 'USER', 'PASSWORD'].map((name) => [`${whose}_${name}`, '']),
  );
const plainUrl = (name: string): Record<string, string> => ({
  [name]: stackValue(name).replace('https:', 'http:'),
});

const refusals: readonly Refusal[] = [
  {
    of: 'Kafka: another authority',
    words: 'topics plan',
    env: () => ({ KAFKA_CA_FILE: stack.strangers.ca }),
    code: 3,
    says: /^Kafka did not answer: .*certificate.* KAFKA_CA_FILE/,
  },
  {
    of: 'Kafka: a wrong password',
    words: 'topics plan',
    env: () => ({ KAFKA_PASSWORD: 'of-somebody-else' }),
    code: 3,
    says: /^Kafka did not answer: .*authentication failed.* Mend KAFKA_USER, KAFKA_PASSWORD/,
  },
  {
    of: 'Kafka: plain text',
    words: 'topics plan',
    env: () => ({ ...withoutTls('KAFKA'), KAFKA_SASL_MECHANISM: '' }),
    code: 3,
    says: /^Kafka did not answer: it hangs up\. If it wants TLS or a password, set KAFKA_CA_FILE/,
  },
  {
    of: 'Kafka: plain text with a password',
    words: 'topics plan',
    env: () => ({ KAFKA_CA_FILE: '' }),
    code: 2,
    says: /^KAFKA_USER is set, but the connection is not encrypted\. Set KAFKA_CA_FILE/,
  },
  {
    of: 'Postgres: another authority',
    words: 'parked list',
    env: () => opsUrls((url) => url.searchParams.set('sslrootcert', stack.strangers.ca)),
    code: 3,
    says: /certificate.*sslrootcert/,
  },
  {
    of: 'Postgres: a wrong password',
    words: 'parked list',
    env: () => opsUrls((url) => (url.password = 'of-somebody-else')),
    code: 3,
    says: /lets nobody in: password authentication failed.*_OPS_DATABASE_URL/,
  },
  {
    of: 'Postgres: plain text',
    words: 'parked list',
    env: () => opsUrls((url) => (url.search = '')),
    code: 3,
    says: /no encryption.* add \?sslmode=verify-full&sslrootcert=FILE to .*_OPS_DATABASE_URL/,
  },
  {
    of: 'registry: another authority',
    words: 'schemas plan',
    env: () => ({ REGISTRY_CA_FILE: stack.strangers.ca }),
    code: 3,
    says: /^The schema registry at .* did not answer: .*certificate.* REGISTRY_CA_FILE/,
  },
  {
    of: 'registry: a certificate of our own that nobody knows',
    words: 'schemas plan',
    env: () => ({
      REGISTRY_CERT_FILE: stack.strangers.client.cert,
      REGISTRY_KEY_FILE: stack.strangers.client.key,
    }),
    code: 3,
    says: /^The schema registry at .* did not answer: .* REGISTRY_CERT_FILE/,
  },
  {
    of: 'registry: a wrong password',
    words: 'schemas plan',
    env: () => ({ REGISTRY_PASSWORD: 'of-somebody-else' }),
    code: 3,
    says: /^The schema registry at .* did not answer: it answers with status 401\. Mend REGISTRY_USER/,
  },
  {
    of: 'registry: plain text',
    words: 'schemas plan',
    env: () => plainUrl('REGISTRY_URL'),
    code: 3,
    says: /^The schema registry at .* did not answer: .* https:\/\//,
  },
  {
    of: 'Connect: another authority',
    words: 'connectors status --no-probe',
    env: () => ({ CONNECT_CA_FILE: stack.strangers.ca }),
    code: 3,
    says: /^Kafka Connect can't be reached at .*certificate.* CONNECT_CA_FILE/,
  },
  {
    of: 'Connect: a wrong password',
    words: 'connectors status --no-probe',
    env: () => ({ CONNECT_PASSWORD: 'of-somebody-else' }),
    code: 1,
    says: /refused: .* CONNECT_USER and CONNECT_PASSWORD/,
  },
  {
    of: 'Connect: plain text',
    words: 'connectors status --no-probe',
    env: () => plainUrl('CONNECT_URL'),
    code: 3,
    says: /^Kafka Connect can't be reached at .* https:\/\//,
  },
];

test.each(refusals)('refused, in one sentence: $of', async ({ words, env, code, says }) => {
  const ended = await commands.outbox(words.split(' '), env());
  expect(ended.stderr).toMatch(says);
  expect(ended.stderr).not.toContain('of-somebody-else');
  expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(ended.code).toBe(code);
});

const salesEnv = (more: Record<string, string>): Record<string, string> => ({
  ...stack.env,
  PATH: process.env['PATH'] ?? '',
  SALES_DATABASE_URL: pipeline.databases.sales.appUrl,
  SALES_PORT: '0',
  TOPIC_PREFIX: pipeline.topicPrefix,
  ...more,
});

test('a service with a wrong password for Kafka ends, and its log says which variable to mend', async () => {
  const sales = captureProcess(['src/sales/main.ts'], salesEnv({ KAFKA_PASSWORD: 'of-somebody-else' }));
  try {
    expect(await sales.ended()).toBe(1);
    expect(sales.output()).toMatch(/Mend KAFKA_USER, KAFKA_PASSWORD or KAFKA_SASL_MECHANISM/);
    expect(sales.output()).not.toContain('of-somebody-else');
  } finally {
    await sales.stop();
  }
});

test('a service that does not trust the broker goes on trying, and says so', async () => {
  const sales = captureProcess(['src/sales/main.ts'], salesEnv({ KAFKA_CA_FILE: stack.strangers.ca }));
  try {
    await sales.prints('KAFKA_CA_FILE');
    expect(sales.output()).toMatch(/certificate/);
  } finally {
    await sales.stop();
  }
});
