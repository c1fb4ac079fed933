import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Violation } from '../support/invariants/invariants.ts';
import { createFakeClocks, type FakeClocks } from '../support/fake-clocks.ts';
import { startOwnStack, stopOwnStack } from '../support/own-stack.ts';
import { freePort, startTcpProxy } from '../support/tcp-proxy.ts';
import { describeMachine } from '../bench/describe-machine.ts';
import type { Machine } from '../bench/describe-machine.ts';
import { checkStorm } from './check-storm.ts';
import type { Checks } from './check-storm.ts';
import { comeToRest } from './come-to-rest.ts';
import type { Rest } from './come-to-rest.ts';
import { drawSchedule } from './draw-schedule.ts';
import type { PlannedStrike } from './draw-schedule.ts';
import type { Fault } from './fault.ts';
import { needsFakeClocks } from './faults/clock-jump.ts';
import { openStorm } from './open-storm.ts';
import type { OpenStorm } from './open-storm.ts';
import { runStorm } from './run-storm.ts';
import type { StrikeResult } from './run-storm.ts';
import type { LoadCounts } from './storm-load.ts';

export interface StormOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly rate: number;
  readonly faults: readonly Fault[];
  /** Folder for what the services printed. */
  readonly logs?: string;
}

export interface StormResult {
  readonly seed: number;
  readonly minutes: number;
  readonly rate: number;
  readonly machine: Machine;
  readonly faultNames: readonly string[];
  readonly strikes: readonly StrikeResult[];
  readonly stormSeconds: number;
  readonly load: LoadCounts;
  readonly rest: Rest;
  readonly checks: Omit<Checks, 'violations'>;
  readonly planted: number;
  readonly violations: readonly Violation[];
}

const say = (line: string): void => console.log(line);

/** From the start of the stack to its removal, also after Ctrl-C. */
export async function storm(options: StormOptions): Promise<StormResult> {
  const schedule = drawSchedule(options);
  sayPlan(options, schedule);
  const stopped = abortOnSignal();
  const clocks = needsFakeClocks(schedule.map(({ fault }) => fault)) ? createFakeClocks() : undefined;
  try {
    const proxied = await freePort();
    const kafkaProxy = await startTcpProxy(proxied);
    await startOwnStack('chaos', {
      KAFKA_PROXIED_PORT: String(proxied),
      KAFKA_PROXY_PORT: String(kafkaProxy.port),
      ...(clocks && environmentOfParts(clocks)),
    });
    say('✓ stack: postgres, kafka, registry, connect');
    stopped.signal.throwIfAborted();
    const open = await openStorm({
      ...options,
      ordersPerSecond: options.rate,
      signal: stopped.signal,
      kafkaProxy,
      clocks,
    });
    try {
      say('✓ services, connectors, load\n');
      return await sufferStorm(open, options, schedule);
    } finally {
      await open.close();
      if (options.logs !== undefined) writeLogs(options.logs, open);
    }
  } finally {
    await stopOwnStack();
    clocks?.remove();
    stopped.forget();
  }
}

const environmentOfParts = (clocks: FakeClocks): Record<string, string> => ({
  POSTGRES_ENV: JSON.stringify(clocks.envOf('postgres')),
  KAFKA_ENV: JSON.stringify(clocks.envOf('kafka')),
  CONNECT_ENV: JSON.stringify(clocks.envOf('connect')),
});

/** One file for each process, in the order in which they were started. */
function writeLogs(folder: string, { pipeline }: OpenStorm): void {
  mkdirSync(folder, { recursive: true });
  for (const [index, [name, process]] of pipeline.started.entries())
    writeFileSync(join(folder, `${String(index + 1).padStart(3, '0')}-${name}.log`), process.log());
}

async function sufferStorm(
  open: OpenStorm,
  options: StormOptions,
  schedule: readonly PlannedStrike[],
): Promise<StormResult> {
  const began = performance.now();
  const strikes = await runStorm(open, schedule, say);
  const stormSeconds = Math.round((performance.now() - began) / 1_000);
  say('\nNo more faults.');
  const rest = await comeToRest(open);
  say(
    `✓ at rest after ${rest.seconds} s; healed: ${rest.healed}; said again by the audit: ${rest.republished}`,
  );
  const { violations, ...checks } = await checkStorm(open, say);
  const { seed, minutes, rate } = options;
  const result: StormResult = {
    seed,
    minutes,
    rate,
    machine: describeMachine(await serverVersion(open)),
    faultNames: options.faults.map(({ name }) => name),
    strikes,
    stormSeconds,
    load: open.load.counts,
    rest,
    checks,
    planted: open.planted.length,
    violations,
  };
  sayVerdict(result);
  return result;
}

function sayPlan({ seed, minutes, faults }: StormOptions, schedule: readonly PlannedStrike[]): void {
  const only = faults.length <= 3 ? ` --fault ${faults.map(({ name }) => name).join(' --fault ')}` : '';
  say(`npm run test:chaos -- --seed ${seed} --minutes ${minutes}${only}`);
  say(`${schedule.length} faults:`);
  for (const { number, fault, pauseMs, holdMs } of schedule)
    say(`  ${String(number).padStart(3)}  after ${pauseMs} ms  ${fault.name}, ${holdMs} ms`);
  say('');
}

function sayVerdict({ violations, strikes, load, checks }: StormResult): void {
  say(
    `\n${strikes.length} faults; ${load.orders} orders, ${load.cancels} cancels, ${load.returns} returns answered; ` +
      `${checks.events} events, ${checks.records} records in Kafka`,
  );
  for (const { invariant, detail } of violations.slice(0, 20)) say(`✗ ${invariant}: ${detail.slice(0, 400)}`);
  if (violations.length > 20) say(`... and ${violations.length - 20} more`);
  say(violations.length === 0 ? '✓ Every invariant holds.' : `✗ ${violations.length} violations.`);
}

async function serverVersion({ admin }: OpenStorm): Promise<string> {
  const { rows } = await admin.query<{ server_version: string }>({ text: 'show server_version' });
  return rows[0]?.server_version ?? 'unknown';
}

/** The first signal breaks off and cleans up; a second one ends the process at once. */
function abortOnSignal(): { signal: AbortSignal; forget: () => void } {
  const stopping = new AbortController();
  const onSignal = (): void => {
    say('\nBroken off; removing the stack.');
    stopping.abort(new Error('Broken off: nothing was checked'));
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, onSignal);
  return {
    signal: stopping.signal,
    forget: () => signals.forEach((signal) => process.off(signal, onSignal)),
  };
}
