import type { ConnectClient } from '../../../src/connect/connect-client.ts';
import type { ConnectorStatus } from '../../../src/connect/connector-status.ts';
import { waitUntilRunning } from '../../../src/connect/wait-until-running.ts';

/** Shows one state after the other, the last one for ever. */
function showing(...states: readonly string[]): ConnectClient {
  let looks = 0;
  const status = (): Promise<ConnectorStatus> => {
    const state = states[Math.min(looks, states.length - 1)] ?? '';
    looks += 1;
    return Promise.resolve({
      name: 'c',
      connector: { state: 'RUNNING', worker_id: 'w' },
      tasks: [{ id: 0, state, worker_id: 'w', ...(state === 'FAILED' && { trace: 'InvalidTopic' }) }],
    });
  };
  return { status } as unknown as ConnectClient;
}

test('a restarted task that fails only once it reads is not called running before', async () => {
  // RUNNING for longer than it is doubted for, and only then at the log.
  const states = [...Array.from({ length: 8 }, () => 'RUNNING'), 'FAILED'];
  let looks = 0;
  const waited = waitUntilRunning(showing('FAILED', ...states), 'c', 'restarted', {
    settleMs: 20,
    isReading: () => Promise.resolve((looks += 1) > 6),
  });
  await expect(waited).rejects.toThrow(/task 0 FAILED: InvalidTopic/);
});

test('one that does not get to the log in time is said to be RUNNING without reading', async () => {
  const waited = waitUntilRunning(showing('RUNNING'), 'c', 'restarted', {
    settleMs: 20,
    timeoutMs: 200,
    isReading: () => Promise.resolve(false),
  });
  await expect(waited).rejects.toThrow(
    /did not run within 0.2 s: .*task RUNNING, but its slot is not read yet/,
  );
});
