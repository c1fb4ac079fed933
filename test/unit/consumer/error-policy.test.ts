import { policyFor } from '../../../src/consumer/error-policy.ts';
import { PipelineError } from '../../../src/platform/errors.ts';
import type { ErrorCode } from '../../../src/platform/errors.ts';

const withCode = (message: string, code: string): Error => Object.assign(new Error(message), { code });
const kafkaError = (name: string, fields: object = {}): Error =>
  Object.assign(new Error(name), { name, ...fields });
const violation = Object.assign(withCode('violates check constraint', '23514'), { constraint: 'positive' });
const pipelineError = (code: ErrorCode): PipelineError =>
  new PipelineError(code, 'What.', { remedy: 'Do it.' });

describe('policyFor', () => {
  test.each([
    ['a deadlock', withCode('deadlock detected', '40P01')],
    ['a serialization failure', withCode('could not serialize access', '40001')],
    ['a terminated backend', withCode('terminating connection', '57P01')],
    ['a database that is down', withCode('connect ECONNREFUSED', 'ECONNREFUSED')],
    ['a registry that is down', pipelineError('registry_unreachable')],
    ['a lost race for an event', pipelineError('dedupe_race')],
    ['a broker that is down', kafkaError('KafkaJSConnectionError', { message: 'connect ECONNREFUSED' })],
    ['no broker being left', kafkaError('KafkaJSNoBrokerAvailableError', { retriable: false })],
    [
      'kafkajs giving up on an error that passes',
      kafkaError('KafkaJSNumberOfRetriesExceeded', {
        retriable: false,
        cause: kafkaError('KafkaJSProtocolError', { retriable: true, type: 'NOT_LEADER_FOR_PARTITION' }),
      }),
    ],
  ])('tries again after %s', (_, error) => {
    expect(policyFor(error).action).toBe('retry');
  });

  test.each([
    ['a violated constraint', violation, 'event_handler_failed'],
    ['a bug', new TypeError('x is not a function'), 'event_handler_failed'],
    ['a handler that throws', pipelineError('event_handler_failed'), 'event_handler_failed'],
    ['bytes that are no event', pipelineError('event_unreadable'), 'event_unreadable'],
    ['a schema that nobody knows', pipelineError('schema_unknown'), 'schema_unknown'],
    ['an event older than what is remembered', pipelineError('event_too_old'), 'event_too_old'],
  ])('parks the event after %s', (_, error, code) => {
    expect(policyFor(error)).toMatchObject({ action: 'park', code });
  });

  test.each([
    ['a missing table', withCode('relation does not exist', '42P01'), 'consumer_stopped'],
    ['a missing right', withCode('permission denied', '42501'), 'consumer_stopped'],
    ['a missing partition', withCode('no partition of relation found', '23514'), 'consumer_stopped'],
    ['a sequence that was given twice', pipelineError('event_order_broken'), 'event_order_broken'],
    ['queues that are full', pipelineError('parked_full'), 'parked_full'],
    ['bytes of another registry', pipelineError('fingerprint_mismatch'), 'fingerprint_mismatch'],
    ['a position outside the log', pipelineError('position_outside_log'), 'position_outside_log'],
    [
      'a topic that is missing',
      kafkaError('KafkaJSProtocolError', { retriable: true, type: 'UNKNOWN_TOPIC_OR_PARTITION' }),
      'topic_mismatch',
    ],
    [
      'refused credentials',
      kafkaError('KafkaJSSASLAuthenticationError', { retriable: false }),
      'kafka_unreachable',
    ],
  ])('stops on %s', (_, error, code) => {
    expect(policyFor(error)).toMatchObject({ action: 'stop', code });
  });

  test('does not blame the database for a broker that refuses connections', () => {
    const error = kafkaError('KafkaJSConnectionError', { message: 'Connection error: connect ECONNREFUSED' });
    expect(policyFor(error).code).toBe('kafka_unreachable');
  });

  test("keeps an error's own remedy and brings one where there is none", () => {
    expect(policyFor(pipelineError('parked_full')).remedy).toBe('Do it.');
    expect(policyFor(new Error('bug')).remedy).toMatch(/^Mend the handler/);
  });
});
