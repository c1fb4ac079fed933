import type { AddressInfo } from 'node:net';
import { holdFreePort } from './hold-free-port.ts';

export const stackPorts = [
  'POSTGRES_PORT',
  'KAFKA_PORT',
  'KAFKA_CONTROLLER_PORT',
  'REGISTRY_PORT',
  'CONNECT_PORT',
] as const;

export type StackPorts = Record<(typeof stackPorts)[number], string>;

/**
 * Ports for a stack beside another one. All are held open together, so that they differ; another process may still take one
 * between this call and the start of its part, which then fails and says so.
 */
export async function freePorts(): Promise<StackPorts> {
  const servers = await Promise.all(stackPorts.map(() => holdFreePort()));
  const ports = servers.map((server) => String((server.address() as AddressInfo).port));
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  return Object.fromEntries(stackPorts.map((name, index) => [name, ports[index]])) as StackPorts;
}
