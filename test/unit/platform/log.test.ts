import { createLog } from '../../../src/platform/log.ts';
import type { LogOptions } from '../../../src/platform/log.ts';

/** A log whose lines can be looked at. */
function logInto(env: LogOptions['env'] = {}) {
  const lines: string[] = [];
  const log = createLog({ name: 'orders', env, to: { write: (line) => void lines.push(line) } });
  return { log, text: () => lines.join(''), last: () => JSON.parse(lines.at(-1) ?? '') as unknown };
}

test('a line is JSON with the ids that it was given', () => {
  const { log, last } = logInto();
  log.warn({ orderId: 'o', eventId: 'e', traceId: 't' }, 'parked an event');
  expect(last()).toMatchObject({
    name: 'orders',
    level: 40,
    orderId: 'o',
    eventId: 'e',
    traceId: 't',
    msg: 'parked an event',
  });
});

test("an error's message and place are logged; what Postgres quotes of a row, and what else hangs on it, is not", () => {
  const { log, last, text } = logInto();
  const error = Object.assign(new Error('duplicate key value violates unique constraint "orders_pkey"'), {
    code: '23505',
    constraint: 'orders_pkey',
    detail: 'Key (customer_id)=(ada.lovelace) already exists.',
    where: 'COPY orders, line 1: ada.lovelace',
    parameters: ['ada.lovelace'],
  });
  log.error({ err: new Error('could not write', { cause: error }) }, 'failed');
  expect(last()).toMatchObject({
    err: {
      message: 'could not write',
      cause: {
        code: '23505',
        constraint: 'orders_pkey',
        stack: expect.stringContaining('log.test.ts') as string,
      },
    },
  });
  expect(text()).not.toContain('ada.lovelace');
});

test.each([
  [
    'a value that Postgres could not read',
    Object.assign(new Error('invalid input syntax for type uuid: "ada.lovelace"'), { code: '22P02' }),
  ],
  ['a text that is no JSON', failureOf(() => JSON.parse('ada.lovelace'))],
  [
    'a URL with a password',
    new TypeError('Failed to parse URL from http://ops:ada.lovelace@localhost:99999'),
  ],
])('%s is not quoted', (_, error) => {
  const { log, text } = logInto();
  log.error({ err: error }, 'failed');
  expect(text()).toContain('…');
  expect(text()).not.toContain('ada.lovelace');
});

test('passwords and tokens of the environment are masked wherever they come up, in any of their spellings', () => {
  const password = 'pa"ss/wö rd';
  const { log, text, last } = logInto({
    ORDERS_DATABASE_URL: `postgres://orders_app:${encodeURIComponent(password)}@127.0.0.1:5432/orders`,
    DASHBOARD_TOKEN: 'token-of-sixteen',
    TOPIC_PREFIX: 'harmless-prefix',
  });
  log.info({ at: 'postgres://orders_app:unknown-here@127.0.0.1/orders', said: `as ${password}` }, 'opened');
  log.info(`Bearer token-of-sixteen in ${encodeURIComponent(password)} of harmless-prefix`);
  expect(last()).toMatchObject({ msg: 'Bearer … in … of harmless-prefix' });
  for (const secret of [password, JSON.stringify(password).slice(1, -1), 'token-of-sixteen', 'unknown-here'])
    expect(text()).not.toContain(secret);
});

test('fields that name a customer or a secret are masked, should anybody log them', () => {
  const { log, text } = logInto();
  log.info({ key: 'ada.lovelace', event: { key: 'ada.lovelace', payload: 'ada.lovelace' } }, 'a mistake');
  expect(text()).not.toContain('ada.lovelace');
});

test('LOG_LEVEL says from where on lines are written', () => {
  const { log, text } = logInto({ LOG_LEVEL: 'error' });
  log.warn('too little');
  log.error('enough');
  expect(text()).not.toContain('too little');
  expect(text()).toContain('enough');
});

function failureOf(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('It did not fail.');
}
