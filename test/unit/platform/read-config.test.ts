import { z } from 'zod';
import { integerText, listText, readConfig } from '../../../src/platform/read-config.ts';

const schema = z.object({ ORDERS_PORT: integerText(1, 65_535), KAFKA_BROKERS: listText });

test('gives typed values', () => {
  expect(readConfig(schema, { ORDERS_PORT: '3001', KAFKA_BROKERS: 'a:1, b:2' })).toEqual({
    ORDERS_PORT: 3001,
    KAFKA_BROKERS: ['a:1', 'b:2'],
  });
});

test('names every variable that is missing or wrong, at once', () => {
  expect(() => readConfig(schema, { ORDERS_PORT: '99999' })).toThrow(
    'The configuration is not usable: ORDERS_PORT: must be at most 65535; KAFKA_BROKERS: is not set.',
  );
});
