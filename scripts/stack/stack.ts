import { accessSync, constants, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brokerAddresses, brokersOf, extraPorts, workersOf } from './cluster-parts.ts';
import { connect } from './connect.ts';
import { createConnectTopics } from './connect-topics.ts';
import { assertJava } from './ensure-java.ts';
import { fetchJars, missingJars } from './jars.ts';
import { kafka } from './kafka.ts';
import type { PartExtras } from './part-extras.ts';
import { postgres } from './postgres.ts';
import { postgresFolders } from './postgres-home.ts';
import { registry } from './registry.ts';
import { resourceNames, type Report, type Resource, type ResourceName } from './resource.ts';
import { jvmMarker, partProcess, replicationFactor, type StackContext } from './stack-context.ts';
import { StackError } from './stack-error.ts';
import { withLock } from './with-lock.ts';

export interface StackOptions {
  /** Folder of pid files, logs and data, relative to the checkout or absolute. Jars are shared: `.stack/jars`. */
  readonly root: string;
  /** Ports, passwords and CDC_* as `localEnv` gives them: `localEnv({ ...process.env, ...(await freePorts()) })`. */
  readonly env: Record<string, string>;
  readonly report?: Report;
  /** Runs each time before the worker starts, with the broker healthy and the worker's own topics made. */
  readonly beforeConnect?: () => Promise<void>;
  readonly extras?: PartExtras;
}

export interface PartStatus {
  readonly name: ResourceName;
  readonly healthy: boolean;
  readonly pid: number | undefined;
  readonly port: number;
}

export interface Stack {
  readonly resources: readonly Resource[];
  resource(name: ResourceName): Resource;
  /** Starts the named parts (all by default) and what they need; harmless when they run. Throws StackError. */
  up(names?: readonly ResourceName[]): Promise<void>;
  /** Stops the named parts (all by default). `wipe` removes all data, pid files and logs, and needs all parts. */
  down(options?: { wipe?: boolean; names?: readonly ResourceName[] }): Promise<void>;
  status(): Promise<PartStatus[]>;
}

export const checkout = fileURLToPath(new URL('../../', import.meta.url));

/** A stack of detached processes, described by its folder and ports. Creating it starts and touches nothing. */
export function createStack(options: StackOptions): Stack {
  const report = options.report ?? (() => undefined);
  const context: StackContext = {
    root: resolve(checkout, options.root),
    jars: join(checkout, '.stack', 'jars'),
    env: options.env,
    report,
    extras: options.extras ?? {},
  };
  const beforeConnect = shared(async () => {
    const access = context.extras.kafkaAccess ?? { brokers: brokerAddresses(context.env) };
    await createConnectTopics(access, replicationFactor(context));
    await options.beforeConnect?.();
  });
  const resources = partsOf(context, beforeConnect);
  const resource = (name: ResourceName): Resource => {
    const found = resources.find((candidate) => candidate.name === name);
    if (found === undefined) throw new RangeError(`no resource ${name}`);
    return found;
  };

  return {
    resources,
    resource,
    async up(names) {
      refuseStrangers(context, resources, names);
      prepareFolder(context.root);
      const onWait = (): void =>
        report({ part: 'stack', state: 'note', note: 'another "up" is under way; waiting for it' });
      // Two at a time would start every part twice; the second waits, and then finds all running.
      await withLock(join(context.root, 'run', 'up.lock'), onWait, async () => {
        assertJava(context.env, missingJars(context.jars).length > 0);
        await fetchJars(context.jars, context.env, report);
        await startAll(resources, withNeeds(resources, names), report);
      });
    },
    async down(downOptions = {}) {
      refuseStrangers(context, resources, downOptions.names);
      await stopAll(resources, downOptions.names, report);
      if (downOptions.wipe === true) wipe(context);
    },
    status: () =>
      Promise.all(
        resources.map(async (part) => ({
          name: part.name,
          healthy: await part.isHealthy().catch(() => false),
          pid: part.pid(),
          port: part.port,
        })),
      ),
  };
}

/** Each after what it needs. */
function partsOf(context: StackContext, beforeConnect: () => Promise<void>): readonly Resource[] {
  return [
    postgres(context),
    ...brokersOf(context.env).map((broker) => kafka(context, broker)),
    registry(context),
    ...workersOf(context.env).map((worker) => connect(context, worker, beforeConnect)),
  ];
}

/** Two that ask for it at the same time get the same run of it. */
function shared(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= work().finally(() => (running = undefined)));
}

/** A part without a port: asked for, or still running from before its port was taken away, where nobody would ever stop it. */
function refuseStrangers(
  context: StackContext,
  resources: readonly Resource[],
  names: readonly ResourceName[] = [],
): void {
  const strangers = resourceNames.filter((name) => resources.every((part) => part.name !== name));
  for (const name of strangers) {
    const runs = partProcess(context, name, jvmMarker(context, name)).pid() !== undefined;
    if (!runs && !names.includes(name)) continue;
    const reason = runs ? 'it runs, but has no port any more' : 'this stack has none';
    const variables = extraPorts.filter((variable) => variable.startsWith(envPrefix(name))).join(' and ');
    throw new StackError(name, reason, { remedy: `Set ${variables} in .env.` });
  }
}

const envPrefix = (name: ResourceName): string => `${name.toUpperCase().replace('-', '_')}_`;

function prepareFolder(root: string): void {
  try {
    mkdirSync(root, { recursive: true });
    accessSync(root, constants.W_OK);
    mkdirSync(join(root, 'run'), { recursive: true });
    mkdirSync(join(root, 'logs'), { recursive: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StackError('stack', `its folder ${root} cannot be written: ${reason}`, {
      remedy: `Give this user the right to write to ${dirname(root)}, or remove ${root}.`,
      cause,
    });
  }
}

/** The named parts and, all the way down, what they need. */
export function withNeeds(
  resources: readonly Resource[],
  names?: readonly ResourceName[],
): Set<ResourceName> {
  const wanted = new Set(names ?? resources.map((part) => part.name));
  // Parts are listed after what they need, so one pass from the end is enough.
  for (const part of resources.toReversed())
    if (wanted.has(part.name)) part.needs.forEach((need) => wanted.add(need));
  return wanted;
}

/** Each part starts as soon as what it needs is healthy. All starts are awaited, so none is left half-watched by a failure. */
async function startAll(
  resources: readonly Resource[],
  wanted: Set<ResourceName>,
  report: Report,
): Promise<void> {
  const starts = new Map<ResourceName, Promise<void>>();
  for (const part of resources.filter(({ name }) => wanted.has(name))) {
    const needs = part.needs.flatMap((need) => starts.get(need) ?? []);
    starts.set(
      part.name,
      Promise.all(needs).then(() => startPart(part, report)),
    );
  }
  const results = await Promise.allSettled(starts.values());
  const failures = results.filter((result) => result.status === 'rejected');
  if (failures[0] !== undefined) throw failures[0].reason;
}

async function startPart(part: Resource, report: Report): Promise<void> {
  const began = Date.now();
  const seconds = (): number => (Date.now() - began) / 1000;
  report({ part: part.name, state: 'starting' });
  try {
    const result = await part.up();
    report({ part: part.name, state: result === 'started' ? 'ready' : 'was running', seconds: seconds() });
  } catch (error) {
    report({ part: part.name, state: 'failed', seconds: seconds() });
    throw error;
  }
}

/** The reverse of starting: a part stops when those that need it have stopped. */
async function stopAll(
  resources: readonly Resource[],
  names: readonly ResourceName[] | undefined,
  report: Report,
): Promise<void> {
  const stops = new Map<ResourceName, Promise<void>>();
  for (const part of resources.toReversed()) {
    if (names !== undefined && !names.includes(part.name)) continue;
    const users = resources
      .filter(({ needs }) => needs.includes(part.name))
      .flatMap(({ name }) => stops.get(name) ?? []);
    stops.set(
      part.name,
      Promise.all(users).then(() => stopPart(part, report)),
    );
  }
  await Promise.all(stops.values());
}

async function stopPart(part: Resource, report: Report): Promise<void> {
  const began = Date.now();
  const ran = part.pid() !== undefined;
  if (ran) report({ part: part.name, state: 'stopping' });
  await part.down();
  if (ran) report({ part: part.name, state: 'stopped', seconds: (Date.now() - began) / 1000 });
}

function wipe(context: StackContext): void {
  for (const folder of postgresFolders(context)) rmSync(folder, { recursive: true, force: true });
  for (const name of ['data', 'run', 'logs'])
    rmSync(join(context.root, name), { recursive: true, force: true });
}
