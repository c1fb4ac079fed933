import { explainError } from '../../../src/cli/explain-error.ts';
import { exitCodeOf } from '../../../src/cli/run-command.ts';
import { PipelineError } from '../../../src/platform/errors.ts';

const env = {
  ORDERS_OPS_DATABASE_URL: 'postgres://orders_ops:secret@db.example:5432/orders',
  INVENTORY_OPS_DATABASE_URL: 'postgres://inventory_ops:secret@10.0.0.1:5433/inventory',
  CONNECT_URL: 'http://10.0.0.1:8083',
};
const errorOf = (message: string, more: object): Error => Object.assign(new Error(message), more);
const refused = errorOf('connect ECONNREFUSED 10.0.0.1:5433', {
  code: 'ECONNREFUSED',
  address: '10.0.0.1',
  port: 5433,
});

test.each([
  [
    refused,
    "Postgres at 10.0.0.1:5433 can't be reached: connect ECONNREFUSED 10.0.0.1:5433.",
    'INVENTORY_OPS_DATABASE_URL',
  ],
  [
    errorOf('password authentication failed for user "orders_ops"', { code: '28P01' }),
    'Postgres at db.example:5432 lets nobody in: password authentication failed for user "orders_ops".',
    'ORDERS_OPS_DATABASE_URL',
  ],
  [
    errorOf('database "orders" does not exist', { code: '3D000' }),
    'Postgres at db.example:5432 lets nobody in: database "orders" does not exist.',
    'ORDERS_OPS_DATABASE_URL',
  ],
  [
    errorOf('getaddrinfo ENOTFOUND db.example', { code: 'ENOTFOUND', hostname: 'db.example' }),
    "Postgres at db.example:5432 can't be reached: getaddrinfo ENOTFOUND db.example.",
    'ORDERS_OPS_DATABASE_URL',
  ],
  [
    errorOf('the database system is starting up', { code: '57P03' }),
    'Postgres lets nobody in: the database system is starting up.',
    '.env',
  ],
])('%s', (raw, message, remedy) => {
  const error = explainError(raw, env);
  expect(error).toMatchObject({ code: 'database_unreachable', message });
  expect((error as PipelineError).remedy).toContain(remedy);
  expect(exitCodeOf(error)).toBe(3);
});

test('who waited for a database that is not there is told so, with exit code 3', () => {
  const waited = new PipelineError('deadline_passed', 'Waited 5 s for the slot.', {
    remedy: 'Look.',
    cause: refused,
  });
  expect(exitCodeOf(waited)).toBe(3);
  expect(explainError(waited, env)).toMatchObject({
    code: 'database_unreachable',
    message: 'Waited 5 s for the slot.',
    remedy: 'Start it, or mend INVENTORY_OPS_DATABASE_URL.',
  });
});

test('a table that is not there, or a right, sends to the set-up', () => {
  for (const [code, message] of [
    ['42P01', 'relation "pipeline.connector_saves" does not exist'],
    ['42501', 'permission denied for table connector_saves'],
  ] as const) {
    const error = explainError(errorOf(message, { code }), env);
    expect(error).toMatchObject({ message: `Postgres refuses: ${message}.` });
    expect((error as PipelineError).remedy).toContain('npm run setup');
    expect(exitCodeOf(error)).toBe(1);
  }
});

test('everything else stays as it is', () => {
  const error = new Error('something');
  expect(explainError(error, env)).toBe(error);
});
