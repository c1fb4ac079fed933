import { join } from 'node:path';
import { postgresTls } from '../postgres-tls.ts';
import { javaCommand } from './ensure-java.ts';
import { detachedProcess, type DetachedProcess, type Launch } from './detached-process.ts';
import type { PartExtras } from './part-extras.ts';
import type { Report, ResourceName } from './resource.ts';
import { StackError } from './stack-error.ts';

/** What every part of one stack shares. All paths are absolute. */
export interface StackContext {
  readonly root: string;
  /** The jar cache; shared by all stacks of a checkout. */
  readonly jars: string;
  readonly env: Record<string, string>;
  readonly report: Report;
  readonly extras: PartExtras;
}

export function portOf(context: StackContext, name: ResourceName, variable: string): number {
  const text = context.env[variable] ?? '';
  const port = Number(text);
  if (/^\d+$/.test(text) && port > 0 && port < 65536) return port;
  throw new StackError(name, `${variable} is "${text}", not a port`, {
    remedy: 'Set it to a number from 1 to 65535.',
  });
}

export function dataFolder(context: StackContext, name: ResourceName): string {
  return join(context.root, 'data', name);
}

/** Copies of internal topics. */
export function replicationFactor(context: StackContext): number {
  return Number(context.env['REPLICATION_FACTOR'] ?? '1');
}

export function partProcess(context: StackContext, name: ResourceName, marker: string): DetachedProcess {
  return detachedProcess({
    name,
    marker,
    pidFile: join(context.root, 'run', `${name}.pid`),
    logFile: join(context.root, 'logs', `${name}.log`),
  });
}

/** A system property that no other process has: it tells this stack's part from another stack's. */
export function jvmMarker(context: StackContext, name: ResourceName): string {
  return `-Dstack.part=${join(context.root, name)}`;
}

/** The part's process gets this environment only: no password of another part, no surprise from the shell. */
export function jvmLaunch(
  context: StackContext,
  name: ResourceName,
  options: {
    jvm: readonly string[];
    classPath: string;
    main: readonly string[];
    env?: Record<string, string>;
  },
): Launch {
  return {
    command: javaCommand(context.env),
    args: [...options.jvm, jvmMarker(context, name), '-cp', options.classPath, ...options.main],
    env: {
      PATH: context.env['PATH'] ?? '',
      HOME: context.env['HOME'] ?? '',
      LANG: 'C.UTF-8',
      ...options.env,
      ...moreEnv(context, name),
    },
    cwd: context.root,
  };
}

/** What a test wants in the environment of one part, as JSON in such as CONNECT_ENV. */
export function moreEnv({ env }: StackContext, name: ResourceName): Record<string, string> {
  return JSON.parse(env[`${name.toUpperCase()}_ENV`] ?? '{}') as Record<string, string>;
}

/** True for a 2xx answer within two seconds. */
export async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** By port and password alone: an address set for the services may point elsewhere. */
export function superuserUrl(env: Record<string, string>): string {
  const password = encodeURIComponent(env['POSTGRES_PASSWORD'] ?? '');
  return `postgres://postgres:${password}@127.0.0.1:${env['POSTGRES_PORT'] ?? ''}/postgres${postgresTls(env)}`;
}
