import type { DetachedProcess, Launch } from './detached-process.ts';
import { assertPortFree } from './port-owner.ts';
import type { Resource, ResourceName } from './resource.ts';

export interface ProcessResourceOptions {
  readonly name: ResourceName;
  readonly needs: readonly ResourceName[];
  readonly process: DetachedProcess;
  /** Ports it listens on, by the variable that sets them; the first is the one clients use. */
  readonly ports: readonly [client: PortSetting, ...others: PortSetting[]];
  /** Asks it for something that only a working part answers. */
  readonly probe: () => Promise<boolean>;
  /** Writes what it needs to start and says how to start it; runs each time, with its needs healthy and its ports free. */
  readonly prepare: () => Launch | Promise<Launch>;
  readonly startWithinMs: number;
  readonly stop: { readonly signal: NodeJS.Signals; readonly withinMs: number };
}

export interface PortSetting {
  readonly variable: string;
  readonly port: number;
}

/** What all parts have in common: one detached process that is started unless it runs, and watched until it is healthy. */
export function processResource(options: ProcessResourceOptions): Resource {
  const { name, needs, process, ports, probe, prepare, startWithinMs, stop } = options;
  const isHealthy = async (): Promise<boolean> => process.pid() !== undefined && (await probe());
  return {
    name,
    needs,
    port: ports[0].port,
    logFile: process.logFile,
    pid: () => process.pid(),
    isHealthy,
    up: async () => {
      if (process.pid() !== undefined) {
        await process.waitHealthy(isHealthy, startWithinMs);
        return 'was running';
      }
      for (const { variable, port } of ports) await assertPortFree(name, variable, port);
      await process.start(await prepare(), isHealthy, startWithinMs);
      return 'started';
    },
    down: () => process.stop(stop.signal, stop.withinMs),
  };
}
