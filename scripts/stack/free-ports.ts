import type { AddressInfo } from 'node:net';
import { extraPorts } from './cluster-parts.ts';
import { holdFreePort } from './hold-free-port.ts';

export const stackPorts = [
  'POSTGRES_PORT',
  'KAFKA_PORT',
  'KAFKA_CONTROLLER_PORT',
  'REGISTRY_PORT',
  'CONNECT_PORT',
] as const;

export type ExtraPort = (typeof extraPorts)[number];
export type StackPorts = Record<(typeof stackPorts)[number] | ExtraPort, string>;

/**
 * Ports for a stack beside another one. All are held open together, so that they differ; another process may still take one
 * between this call and the start of its part, which then fails and says so.
 * @param more of the parts beyond the first broker and worker that are wanted; the others get none, whatever `.env` says
 */
export async function freePorts(more: readonly ExtraPort[] = []): Promise<StackPorts> {
  const names = [...stackPorts, ...more];
  const servers = await Promise.all(names.map(() => holdFreePort()));
  const ports = servers.map((server) => String((server.address() as AddressInfo).port));
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  const none = extraPorts.map((name) => [name, '']);
  return Object.fromEntries([...none, ...names.map((name, index) => [name, ports[index]])]) as StackPorts;
}
