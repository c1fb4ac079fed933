/** `npm run demo`: the whole pipeline on this machine, with the orders of a shop, checked. */
import { describeError } from '../../src/platform/errors.ts';
import { silentLog } from '../../src/platform/log.ts';
import { dashboardUrl, localEnv } from '../local-env.ts';
import { StackError } from '../stack/stack-error.ts';
import { openDatabases } from './demo-databases.ts';
import { chooseInvoices } from './invoices.ts';
import type { ChosenInvoices } from './invoices.ts';
import { readInvoices } from './read-invoices.ts';
import { readOptions } from './read-options.ts';
import type { DemoOptions } from './read-options.ts';
import { runOrders } from './run-orders.ts';
import { createSay } from './say.ts';
import type { Say } from './say.ts';
import { serviceUrl, startPipeline } from './start-pipeline.ts';
import { isSound, renderSummary } from './summary.ts';
import type { Summary } from './summary.ts';
import { UsageError } from './usage-error.ts';
import { whatNext } from './what-next.ts';

type Stop = () => Promise<void>;

const options = readOptions(process.argv.slice(2));
const out = options.json ? process.stderr : process.stdout;
const say = createSay(out);
const stopping = new AbortController();
const started: { what: string; stop: Stop }[] = [];

/** Last first; one that fails does not keep the others from being stopped. */
async function stopAll(): Promise<void> {
  for (const { what, stop } of started.splice(0).reverse()) {
    await stop().catch((error: unknown) => say.line(`✗ stopping ${what}: ${describeError(error)}`));
  }
}

/** Ctrl-C stops everything, at any moment; a second one does not wait for it. */
function stopOnSignal(codeOfSignal: () => number): void {
  const onSignal = (): void => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    process.once('SIGINT', () => process.exit(130));
    say.line('\nStopping the services and what was started of the stack (Ctrl-C again: leave it as it is).');
    void stopAll().then(() => process.exit(codeOfSignal()));
  };
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
}

async function demo(): Promise<number> {
  let exitCode = 130;
  stopOnSignal(() => exitCode);
  const chosen = await say.step('invoices read', () => readChosen(options));
  const summary = await runPipeline(chosen);
  exitCode = isSound(summary) ? 0 : 1;
  say.line(`\n${renderSummary(summary)}`);
  if (!options.once) {
    const env = localEnv();
    const urls = {
      dashboard: dashboardUrl(env),
      orders: serviceUrl(env, 'orders'),
      inventory: serviceUrl(env, 'inventory'),
      sales: serviceUrl(env, 'sales'),
    };
    say.line(whatNext(urls));
    if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
    say.line(
      'It stays up until Ctrl-C, which stops the services and what was started of the stack; the data are kept.',
    );
    // The watch over the stack keeps the process alive; a signal ends it.
    await new Promise(() => undefined);
  }
  await stopAll();
  if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  return exitCode;
}

async function readChosen({ file, orders }: DemoOptions): Promise<ChosenInvoices> {
  const chosen = chooseInvoices(await readInvoices(file), orders);
  if (chosen.toSend.length > 0) return chosen;
  const reasons = Object.entries(chosen.refusedByReason).map(([reason, rows]) => `${rows} ${reason}`);
  throw new UsageError(`${file} has no row that can be sent: ${reasons.join(', ')}.`);
}

async function runPipeline(chosen: ChosenInvoices): Promise<Summary> {
  const env = localEnv();
  const pipeline = await startPipeline({
    env,
    yes: options.yes,
    say,
    out,
    onStarted: (what, stop) => {
      // Started in the moment of a Ctrl-C, after the others were stopped.
      if (stopping.signal.aborted) void stop();
      else started.push({ what, stop });
    },
  });
  const databases = openDatabases(env, silentLog);
  try {
    return await runOrders({
      chosen,
      databases,
      say,
      ordersUrl: serviceUrl(env, 'orders'),
      inventoryUrl: serviceUrl(env, 'inventory'),
      rate: options.rate,
      restarts: () => pipeline.restarts(),
    });
  } finally {
    await databases.close();
  }
}

/** One sentence; a stack only of what nobody foresaw. */
function explain(error: unknown, to: Say): void {
  if (error instanceof StackError) to.line(`✗ ${error.describe()}`);
  else to.line(`✗ ${describeError(error)}`);
}

try {
  process.exitCode = await demo();
} catch (error) {
  // What was under way fails when its services are stopped; the signal's handler ends the process.
  if (stopping.signal.aborted) await new Promise(() => undefined);
  explain(error, say);
  await stopAll();
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
