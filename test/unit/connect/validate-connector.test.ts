import { readFileSync } from 'node:fs';
import type { KeyVerdict } from '../../../src/connect/connect-client.ts';
import type { ConnectorConfig } from '../../../src/connect/connector-file.ts';
import { keyProblems, nearestKey } from '../../../src/connect/validate-connector.ts';

const { config } = JSON.parse(
  readFileSync(new URL('../../../connectors/orders-outbox.json', import.meta.url), 'utf8'),
) as { config: ConnectorConfig };

/** Connect declares all that is written in our file, except for what it really does not (Debezium 3.7.0). */
const undeclared =
  /^(?:offset\.mismatch|topic\.heartbeat|snapshot\.select\.statement\.overrides\.pipeline|value\.converter\.delegate\.converter\.type\.schemas)/;
const declared = (keys: ConnectorConfig = config): KeyVerdict[] =>
  Object.keys(keys)
    .filter((key) => !undeclared.test(key))
    .map((key) => ({ key, errors: [], defaultValue: undefined, declared: true }));

test('finds nothing wrong with our own file', () => {
  expect(keyProblems(config, declared())).toEqual([]);
});

test('names the nearest known key for a typo, undeclared ones included', () => {
  const typos = {
    ...config,
    'poll.intervall.ms': '5',
    'topic.hartbeat.prefix': 'x',
    'colour.of.the.day': 'red',
  };
  expect(keyProblems(typos, declared())).toMatchObject([
    { key: 'colour.of.the.day' },
    { key: 'poll.intervall.ms', nearest: 'poll.interval.ms' },
    { key: 'topic.hartbeat.prefix', nearest: 'topic.heartbeat.prefix' },
  ]);
  expect(keyProblems(typos, declared())[0]).not.toHaveProperty('nearest');
});

test("tells Connect's errors without repeating the key", () => {
  const errors = ["The 'poll.interval.ms' value is invalid: A long value is expected"];
  const verdicts = declared().map((verdict) =>
    verdict.key === 'poll.interval.ms' ? { ...verdict, errors } : verdict,
  );
  expect(keyProblems(config, verdicts)).toEqual([
    { key: 'poll.interval.ms', message: 'A long value is expected' },
  ]);
});

test('a producer setting that Connect lists only because it stands there is unknown, unless Connect says more', () => {
  const wrong = { ...config, 'producer.override.akcs': 'all' };
  const verdict: KeyVerdict = {
    key: 'producer.override.akcs',
    errors: [],
    defaultValue: undefined,
    declared: false,
  };
  expect(keyProblems(wrong, [...declared(), verdict])).toMatchObject([
    { key: 'producer.override.akcs', nearest: 'producer.override.acks' },
  ]);
  const message =
    "The 'Allowlist' policy does not allow 'akcs' to be overridden in the connector configuration.";
  expect(keyProblems(wrong, [...declared(), { ...verdict, errors: [message] }])).toHaveLength(1);
});

test('lets keys pass that work although Connect does not declare them', () => {
  const more = {
    ...config,
    'snapshot.select.statement.overrides.public.users': 'select 1',
    'column.truncate.to.20.chars': 'public.users.name',
    'driver.tcpKeepAlive': 'true',
    converters: 'isbn',
    'isbn.type': 'shop.Isbn',
  };
  expect(keyProblems(more, declared({ ...config, converters: '' }))).toEqual([]);
});

test('finds a router that no row would reach', () => {
  const misfit = { ...config, 'topic.prefix': 'shop' };
  expect(keyProblems(misfit, declared())).toMatchObject([
    {
      key: 'predicates.isOutbox.pattern',
      message: expect.stringContaining('shop.pipeline.outbox') as string,
    },
  ]);
});

test('proposes nothing far-fetched', () => {
  expect(nearestKey('abc', ['slot.name', 'topic.prefix'])).toBeUndefined();
  expect(nearestKey('slotname', ['slot.name', 'topic.prefix'])).toBe('slot.name');
});
