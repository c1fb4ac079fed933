import type { OperatedOutbox } from '../../support/operated-outbox.ts';

/**
 * Has somebody else create and delete connectors as fast as Connect lets them, several at once: it rebalances each time, and refuses
 * with 409 what comes before it has.
 * @returns also how often Connect did refuse
 */
export async function whileRebalancing<T>(
  { client, connector }: OperatedOutbox,
  work: () => Promise<T>,
): Promise<{ result: T; conflicts: number }> {
  const names = [1, 2, 3, 4].map((number) => `${connector.name}-other-${number}`);
  let isDone = false;
  let conflicts = 0;
  const ask = async (method: string, path: string, body?: unknown): Promise<void> => {
    const response = await fetch(`${client.url}/connectors${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    await response.body?.cancel();
    if (response.status === 409) conflicts++;
  };
  const disturb = async (): Promise<void> => {
    while (!isDone) {
      await Promise.all(
        names.map((name) =>
          ask('POST', '', { name, config: { ...connector.config, name }, initial_state: 'STOPPED' }),
        ),
      );
      // A deletion is never refused, but makes Connect refuse each restart and each change of offsets until it has rebalanced.
      await Promise.all([
        ...names.map((name) => ask('DELETE', `/${name}`)),
        ...names.map((name) => ask('POST', `/${name}/restart?includeTasks=true&onlyFailed=true`)),
      ]);
    }
  };
  const disturbing = disturb();
  try {
    return { result: await work(), conflicts };
  } finally {
    isDone = true;
    await disturbing;
    await Promise.all(names.map((name) => client.delete(name)));
  }
}
