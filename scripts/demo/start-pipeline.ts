import { join } from 'node:path';
import { services } from '../../src/pipeline.ts';
import { silentLog } from '../../src/platform/log.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';
import { dashboardUrl } from '../local-env.ts';
import { setUpDatabases, setUpSchemas, setUpTopics } from '../set-up-pipeline.ts';
import { ensureJava } from '../stack/ensure-java.ts';
import { missingJars } from '../stack/jars.ts';
import { assertPortFree } from '../stack/port-owner.ts';
import { showProgress } from '../stack/show-progress.ts';
import { checkout, createStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';
import { mendConnectors, startConnectors } from './demo-connectors.ts';
import type { Say } from './say.ts';
import { lastWords, supervise } from '../supervise.ts';
import type { Supervised } from '../supervise.ts';
import { watchStack } from './watch-stack.ts';

type Env = Readonly<Record<string, string>>;

export interface Pipeline {
  /** How many services and parts ended by themselves and were started again. */
  restarts(): number;
}

export interface StartOptions {
  readonly env: Record<string, string>;
  readonly yes: boolean;
  readonly say: Say;
  readonly out: NodeJS.WriteStream;
  /** Called with each thing started, at the moment it can be stopped; to be stopped last first. */
  readonly onStarted: (what: string, stop: () => Promise<void>) => void;
}

/** Stack, databases, topics, schemas, connectors and services, all running and all brought back when they die. */
export async function startPipeline(options: StartOptions): Promise<Pipeline> {
  const { env, say } = options;
  for (const name of [...services.map((service) => service.name), 'dashboard'])
    await assertPortFree(name, portVariable(name), port(env, name));
  const needsMaven = missingJars(join(checkout, '.stack', 'jars')).length > 0;
  await ensureJava({ env, yes: options.yes, needsMaven, log: (line) => say.line(line) });
  const stack = await startStack(options);
  const watch = watchStack({
    stack,
    mendConnectors: () => mendConnectors(env),
    say: (line) => say.line(`! ${line}`),
  });
  options.onStarted('the watch', () => watch.stop());
  await say.step('databases, roles and tables', () => setUpDatabases(env, silentLog));
  await say.step('topics', () => setUpTopics(env, silentLog));
  await say.step('event schemas in the registry', () => setUpSchemas(env, silentLog));
  const [supervised] = await Promise.all([
    say.step(`services: ${services.map(({ name }) => name).join(', ')}`, () => startServices(options)),
    say.step('connectors', () => startConnectors(env)),
  ]);
  const dashboard = await say.step(`dashboard: ${dashboardUrl(env)}`, () => startDashboard(options));
  return {
    restarts: () =>
      watch.restarts() + [...supervised, dashboard].reduce((sum, service) => sum + service.restarts(), 0),
  };
}

/** Its page is built first when it is stale, which takes seconds. */
async function startDashboard({ env, say, onStarted }: StartOptions): Promise<Supervised> {
  const dashboard = supervise(
    {
      name: 'dashboard',
      args: [join(checkout, 'src', 'dashboard', 'main.ts')],
      env: { ...env },
      logFile: join(checkout, '.stack', 'logs', 'dashboard.log'),
    },
    (line) => say.line(`! ${line}`),
  );
  onStarted('the dashboard', () => dashboard.stop());
  await waitUntilAnswered(`${dashboardUrl(env)}/healthz`, 'dashboard', dashboard);
  return dashboard;
}

/** Parts that run already are used and, at the end, left running. */
async function startStack({ env, out, onStarted }: StartOptions): Promise<Stack> {
  const progress = showProgress(out);
  const stack = createStack({ root: '.stack', env, report: progress.report });
  const ours = stack.resources.filter((part) => part.pid() === undefined).map(({ name }) => name);
  onStarted(ours.length === 0 ? 'nothing of the stack' : `the stack (${ours.join(', ')})`, () =>
    ours.length === 0 ? Promise.resolve() : stack.down({ names: ours }),
  );
  try {
    await stack.up();
  } finally {
    progress.close();
  }
  // From here on only what is said by the watch is worth a line.
  return createStack({ root: '.stack', env });
}

async function startServices({ env, say, onStarted }: StartOptions): Promise<Supervised[]> {
  const supervised = services.map(({ name }) =>
    supervise(
      {
        name: `service ${name}`,
        args: [join(checkout, 'src', name, 'main.ts')],
        env: { ...env },
        logFile: join(checkout, '.stack', 'logs', `${name}.log`),
      },
      (line) => say.line(`! ${line}`),
    ),
  );
  onStarted('the services', async () => {
    await Promise.all(supervised.map((service) => service.stop()));
  });
  await Promise.all(services.map(({ name }, index) => waitUntilReady(env, name, supervised[index])));
  return supervised;
}

function waitUntilReady(env: Env, name: string, service: Supervised | undefined): Promise<void> {
  return waitUntilAnswered(`http://127.0.0.1:${port(env, name)}/readyz`, `service ${name}`, service);
}

async function waitUntilAnswered(url: string, name: string, service: Supervised | undefined): Promise<void> {
  try {
    // Whoever asks for a token answers, too.
    const answers = async (): Promise<boolean> => [200, 401].includes((await fetch(url)).status);
    await waitUntil(answers, { timeoutMs: 60_000, everyMs: 100, what: url });
  } catch (error) {
    const log = service?.logFile ?? '';
    throw new Error(`The ${name} did not get ready; it said last: ${lastWords(log)} (all of it: ${log})`, {
      cause: error,
    });
  }
}

export function serviceUrl(env: Env, name: string): string {
  return `http://127.0.0.1:${port(env, name)}`;
}

function port(env: Env, name: string): number {
  return Number(env[portVariable(name)]);
}

function portVariable(name: string): string {
  return `${name.toUpperCase()}_PORT`;
}
