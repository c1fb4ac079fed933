import { connectorChanges, describeChange } from '../../../src/connect/connector-changes.ts';

describe('connector changes', () => {
  test('are none when Connect only added the name', () => {
    expect(connectorChanges({ a: '1' }, { a: '1', name: 'orders-outbox' })).toEqual([]);
  });

  test('name each key that was added, removed or changed, sorted', () => {
    expect(connectorChanges({ b: '2', c: '3' }, { a: '1', b: '1' })).toEqual([
      { key: 'a', from: '1', to: undefined },
      { key: 'b', from: '1', to: '2' },
      { key: 'c', from: undefined, to: '3' },
    ]);
  });

  test('are told with both values', () => {
    expect(describeChange({ key: 'poll.interval.ms', from: '5', to: '10' })).toBe('poll.interval.ms 5 → 10');
    expect(describeChange({ key: 'a', from: undefined, to: '1' })).toBe('a (not set) → 1');
  });

  test('hide a clear-text secret that somebody put into Connect', () => {
    const change = { key: 'database.password', from: 'hunter2', to: '${env:CDC_ORDERS_PASSWORD}' };
    expect(describeChange(change)).toBe('database.password (hidden) → ${env:CDC_ORDERS_PASSWORD}');
  });
});
