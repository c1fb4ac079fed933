import { remedyFor } from '../../../src/connect/connector-remedy.ts';
import { failureOf, isRunning, statusRows, traceSummary } from '../../../src/connect/connector-status.ts';
import type { ConnectorStatus } from '../../../src/connect/connector-status.ts';

const trace = [
  'org.apache.kafka.connect.errors.ConnectException: Unrecoverable exception from producer send callback',
  '\tat org.apache.kafka.connect.runtime.WorkerSourceTask.maybeThrowProducerSendException(WorkerSourceTask.java:348)',
  'Caused by: org.apache.kafka.common.errors.RecordTooLargeException: The message is 1200238 bytes when serialized.',
].join('\n');

function status(connector: string, ...tasks: string[]): ConnectorStatus {
  return {
    name: 'orders-outbox',
    connector: { state: connector, worker_id: 'w:8083' },
    tasks: tasks.map((state, id) => ({
      id,
      state,
      worker_id: 'w:8083',
      ...(state === 'FAILED' ? { trace } : {}),
    })),
  };
}

describe('a connector', () => {
  test('runs when it and all of its tasks are RUNNING', () => {
    expect(isRunning(status('RUNNING', 'RUNNING'))).toBe(true);
    expect(isRunning(status('RUNNING', 'RUNNING', 'FAILED'))).toBe(false);
    expect(isRunning(status('PAUSED', 'RUNNING'))).toBe(false);
  });

  test('without a task does not run, and the missing task shows', () => {
    expect(isRunning(status('RUNNING'))).toBe(false);
    expect(statusRows('orders-outbox', status('RUNNING')).map((row) => row.state)).toEqual([
      'RUNNING',
      'MISSING',
    ]);
    expect(statusRows('orders-outbox', status('STOPPED')).map((row) => row.state)).toEqual(['STOPPED']);
  });

  test('that Connect does not know is shown as MISSING', () => {
    expect(statusRows('orders-outbox', undefined)).toMatchObject([{ part: 'connector', state: 'MISSING' }]);
  });

  test('tells which part failed and why', () => {
    expect(failureOf(status('RUNNING', 'FAILED'))).toEqual({ part: 'task 0', reason: traceSummary(trace) });
    expect(failureOf(status('RUNNING', 'RUNNING'))).toBeUndefined();
  });
});

describe('a stack trace in one line', () => {
  test('is its first line and its last cause, without package names', () => {
    expect(traceSummary(trace)).toBe(
      'ConnectException: Unrecoverable exception from producer send callback Caused by RecordTooLargeException: The message is 1200238 bytes when serialized.',
    );
  });

  test('does not say the cause twice', () => {
    expect(traceSummary('a.B: c.F: it broke\nCaused by: c.F: it broke')).toBe('B: c.F: it broke');
    expect(traceSummary('')).toBe('');
  });
});

test.each([
  ['FATAL: password authentication failed for user "orders_cdc"', /CDC_…_PASSWORD/],
  ['ConnectException: Publication autocreation is disabled, please create one', /migrations/],
  ['RecordTooLargeException: The message is 1200238 bytes', /max.message.bytes/],
  ['something never seen before', /log/],
])('the remedy for %j helps', (reason, remedy) => {
  expect(remedyFor(reason)).toMatch(remedy);
});
