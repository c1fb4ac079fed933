import type { ConnectClient } from '../../src/connect/connect-client.ts';
import type { Pool } from '../../src/platform/postgres/pool.ts';
import type { FakeClocks } from '../support/fake-clocks.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';
import type { Invariant, PlantedKey, Violation } from '../support/invariants/invariants.ts';
import type { PipelineCommands } from '../support/pipeline-commands.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';
import type { ServiceName, TestPipeline } from '../support/test-pipeline.ts';
import type { ClientNetwork } from './client-network.ts';
import type { StormLoad } from './storm-load.ts';

/** Connections that lead through a proxy. */
export const edges = [
  'orders-postgres',
  'inventory-postgres',
  'sales-postgres',
  'connect-postgres',
  'services-registry',
  'services-kafka',
  'connect-kafka',
] as const;
export type Edge = (typeof edges)[number];

/** The pipeline under load, and all that a fault may lay hands on. */
export interface Storm {
  readonly pipeline: TestPipeline;
  readonly load: StormLoad;
  readonly commands: PipelineCommands;
  readonly connect: ConnectClient;
  /** As the superuser, in database postgres. */
  readonly admin: Pool;
  readonly edges: Readonly<Record<Edge, TcpProxy>>;
  readonly clients: ClientNetwork;
  /** By which services and parts live; undefined where clocks cannot be set. */
  readonly clocks: FakeClocks | undefined;
  /** Keys that must be held at the end, since something was planted under them. */
  readonly planted: PlantedKey[];
  /** Topics that lost records on purpose, and when last (epoch milliseconds): what is older needs not be in them. */
  readonly cut: Map<string, number>;
  /** Invariants that nobody can judge any more, and why: what they go by was spoilt on purpose. */
  readonly undecidable: Map<Invariant, string>;
  /** What a fault itself saw go wrong. */
  readonly found: Violation[];
  readonly signal: AbortSignal;
  /** Waits. @throws when the storm is broken off */
  hold(ms: number): Promise<void>;
}

export const report = (storm: Storm, invariant: Invariant, detail: string): void => {
  storm.found.push({ invariant, detail });
};

/** As waitUntil, but no longer than the storm lasts. What the condition does at that moment is waited for. @throws when broken off */
export async function waitInStorm(
  { signal }: Pick<Storm, 'signal'>,
  condition: () => Promise<boolean> | boolean,
  options: Parameters<typeof waitUntil>[1],
): Promise<void> {
  await waitUntil(async () => signal.aborted || (await condition()), options);
  signal.throwIfAborted();
}

/** A connector, and what it reads. */
export interface ConnectorPlace {
  readonly name: string;
  readonly slot: string;
  readonly service: ServiceName;
}

export function connectorOf(storm: Storm, service: 'orders' | 'inventory'): ConnectorPlace {
  const found = storm.pipeline.connectors.find(({ name }) => name.endsWith(`${service}-outbox`));
  if (found === undefined) throw new Error(`${service} has no connector.`);
  return { name: found.name, slot: found.config['slot.name'] ?? '', service };
}
