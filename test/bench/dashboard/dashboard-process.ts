import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { holdFreePort } from '../../../scripts/stack/hold-free-port.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { connectorFolder } from '../../support/connector-folder.ts';
import { dashboardEnv } from '../../support/test-dashboard.ts';
import type { TestPipeline } from '../../support/test-pipeline.ts';

export interface DashboardProcess {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

const main = fileURLToPath(new URL('dashboard-main.ts', import.meta.url));
/** The page is built first when it is stale. */
const READY_WITHIN_MS = 150_000;
const PROBE_EVERY_MS = '5000';

/** The dashboard of a pipeline as a process of its own, so that what it costs can be told from the rest. */
export async function startDashboardProcess(
  pipeline: TestPipeline,
  nodeOptions: readonly string[],
): Promise<DashboardProcess> {
  const folder = connectorFolder(pipeline.connectors, pipeline.topicPrefix);
  const port = await holdFreePort();
  const url = `http://127.0.0.1:${(port.address() as AddressInfo).port}`;
  port.close();
  await once(port, 'close');
  const child = spawn(process.execPath, [...nodeOptions, main, folder.path], {
    env: {
      PATH: process.env['PATH'] ?? '',
      ...dashboardEnv(pipeline),
      DASHBOARD_PORT: new URL(url).port,
      PROBE_EVERY_MS,
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    folder.remove();
  };
  try {
    await waitUntil(async () => child.exitCode !== null || (await fetch(url)).ok, {
      timeoutMs: READY_WITHIN_MS,
      what: 'the dashboard to serve its page',
    });
    if (child.exitCode !== null) throw new Error(`The dashboard ended with code ${child.exitCode}.`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, pid: child.pid ?? 0, stop };
}
