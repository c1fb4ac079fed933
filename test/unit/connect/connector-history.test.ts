import { connectorHistories, partKey, type StatusRecord } from '../../../src/connect/connector-history.ts';

const said = (key: string, state: string | null, seconds: number): StatusRecord => ({
  key: Buffer.from(key),
  value: state === null ? null : Buffer.from(JSON.stringify({ state, worker_id: 'w:1', generation: 1 })),
  timestamp: seconds * 1_000,
});
const task = (state: string | null, seconds: number): StatusRecord =>
  said('status-task-a-b-0', state, seconds);
const historyOf = (records: readonly StatusRecord[]) =>
  connectorHistories(records).get(partKey('a-b', 'task 0'));

test('tells since when a part is in its state, and how often it was started again', () => {
  const history = historyOf([
    task('RUNNING', 1),
    task('FAILED', 5),
    task('RESTARTING', 6),
    task('RUNNING', 7),
    task('FAILED', 9),
    task('RUNNING', 20),
  ]);
  expect(history).toEqual({
    state: 'RUNNING',
    since: new Date(20_000),
    restarts: 2,
    knownFrom: new Date(1_000),
  });
});

test('being told the same state again does not change since when; being started again in it does', () => {
  expect(historyOf([task('FAILED', 1), task('FAILED', 5)])?.since).toEqual(new Date(1_000));
  expect(historyOf([task('RUNNING', 1), task('RUNNING', 5)])).toMatchObject({
    since: new Date(5_000),
    restarts: 1,
  });
});

test('resuming is no restart', () => {
  expect(historyOf([task('RUNNING', 1), task('PAUSED', 2), task('RUNNING', 3)])).toMatchObject({
    since: new Date(3_000),
    restarts: 0,
  });
});

test('a deleted connector is forgotten, and begins anew under the same name', () => {
  expect(historyOf([task('RUNNING', 1), task(null, 2)])).toBeUndefined();
  expect(historyOf([task('RUNNING', 1), task(null, 2), task('RUNNING', 3)])).toMatchObject({
    restarts: 0,
    knownFrom: new Date(3_000),
  });
});

test('keeps connectors, tasks and what is neither apart, and passes over what it can not read', () => {
  const histories = connectorHistories([
    said('status-connector-a-b', 'RUNNING', 1),
    said('status-task-a-b-12', 'RUNNING', 2),
    said('status-topic-orders.events:connector-a-b', 'RUNNING', 3),
    { key: Buffer.from('status-connector-a-b'), value: Buffer.from('not json'), timestamp: 4_000 },
    { key: null, value: null, timestamp: 5_000 },
  ]);
  expect([...histories.keys()]).toEqual(['a-b connector', 'a-b task 12']);
  expect(histories.get('a-b connector')?.since).toEqual(new Date(1_000));
});
