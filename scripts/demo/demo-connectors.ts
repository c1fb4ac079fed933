import { fileURLToPath } from 'node:url';
import { createConnectClient } from '../../src/connect/connect-client.ts';
import type { ConnectorFile } from '../../src/connect/connector-file.ts';
import { connectorForEnvironment } from '../../src/connect/connector-for-environment.ts';
import { failureOf } from '../../src/connect/connector-status.ts';
import { readConnectorFiles } from '../../src/connect/read-connector-files.ts';
import { registerConnectors } from '../../src/connect/register-connectors.ts';
import { PipelineError } from '../../src/platform/errors.ts';

type Env = Readonly<Record<string, string>>;

const folder = fileURLToPath(new URL('../../connectors/', import.meta.url));

async function connectorFiles(env: Env): Promise<ConnectorFile[]> {
  const files = await readConnectorFiles(folder);
  return files.map((file) => connectorForEnvironment(file, { topicPrefix: env['TOPIC_PREFIX'] ?? '' }));
}

/** All connectors of `connectors/`, running. @throws PipelineError of the first that does not run. */
export async function startConnectors(env: Env): Promise<void> {
  const client = createConnectClient({ url: env['CONNECT_URL'] ?? '', retryForMs: 60_000 });
  for (const { problem } of await registerConnectors(client, await connectorFiles(env))) {
    if (problem !== undefined) throw problem;
  }
}

/**
 * Restarts connectors that FAILED, such as after their database was gone for longer than they try again.
 * @returns what was done, for a person; undefined when nothing had failed or Connect does not answer
 */
export async function mendConnectors(env: Env): Promise<string | undefined> {
  const client = createConnectClient({
    url: env['CONNECT_URL'] ?? '',
    retryForMs: 0,
    requestTimeoutMs: 3_000,
  });
  const files = await connectorFiles(env);
  try {
    const states = await Promise.all(
      files.map(async (file) => ({ file, status: await client.status(file.name) })),
    );
    const failed = states.filter(({ status }) => status !== undefined && failureOf(status) !== undefined);
    if (failed.length === 0) return undefined;
    const results = await registerConnectors(
      client,
      failed.map(({ file }) => file),
      { timeoutMs: 10_000 },
    );
    return results
      .map(({ name, problem }) => `${name} had failed; ${problem?.message ?? 'it runs again'}`)
      .join('\n');
  } catch (error) {
    if (error instanceof PipelineError) return undefined;
    throw error;
  }
}
