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
import { drawSchedule, eachOnce } from './draw-schedule.ts';
import type { PlannedStrike } from './draw-schedule.ts';
import type { Fault } from './fault.ts';
import { needsFakeClocks } from './faults/clock-jump.ts';
import { openStorm } from './open-storm.ts';
import type { KafkaProxies, OpenStorm } from './open-storm.ts';
import { runStorm, wasFault } from './run-storm.ts';
import type { StrikeResult } from './run-storm.ts';
import type { LoadCounts } from './storm-load.ts';

export interface StormOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly rate: number;
  readonly faults: readonly Fault[];
  /** Every fault of the list once, instead of for so many minutes. */
  readonly each?: true;
  /** The words that give this storm again. */
  readonly again: string;
  /** Folder for what the services printed. */
  readonly logs?: string;
}

export interface StormResult {
  readonly seed: number;
  readonly again: string;
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

const ERASE = '\r\x1b[K';
const { stdout } = process;
const say = (line: string): void => void stdout.write(`${stdout.isTTY ? ERASE : ''}${line}\n`);
/** Only for a person who looks on: it makes way for the next line. */
function sayNow(line: string): void {
  if (stdout.isTTY) stdout.write(`${ERASE}${line}`);
}

/**
 * From the start of the stack to its removal, also after a signal.
 * @throws the reason of `stopping` when it was broken off; all that was started is gone by then
 */
export async function storm(options: StormOptions, stopping: AbortSignal): Promise<StormResult> {
  const schedule = options.each === true ? eachOnce(options) : drawSchedule(options);
  sayPlan(options, schedule);
  const clocks = needsFakeClocks(schedule.map(({ fault }) => fault)) ? createFakeClocks() : undefined;
  try {
    return await onOwnStack(clocks, (kafkaProxies) =>
      stormOnStack(options, schedule, { stopping, kafkaProxies, clocks }),
    );
  } catch (error) {
    // What fails because all is being stopped is not the news.
    stopping.throwIfAborted();
    throw error;
  } finally {
    clocks?.remove();
  }
}

/** A broker tells its clients where to come, so its proxies must be there before it. */
async function onOwnStack<T>(
  clocks: FakeClocks | undefined,
  work: (kafkaProxies: KafkaProxies) => Promise<T>,
): Promise<T> {
  const [forServices, forConnect] = [await freePort(), await freePort()];
  const kafkaProxies = {
    'services-kafka': await startTcpProxy(forServices),
    'connect-kafka': await startTcpProxy(forConnect),
  };
  const { 'services-kafka': services, 'connect-kafka': connect } = kafkaProxies;
  try {
    await startOwnStack('chaos', {
      KAFKA_PROXIED_PORTS: `${forServices}:${services.port},${forConnect}:${connect.port}`,
      CONNECT_KAFKA_PORT: String(connect.port),
      ...(clocks && environmentOfParts(clocks)),
    });
    say('✓ stack: postgres, kafka, registry, connect');
    return await work(kafkaProxies);
  } finally {
    await stopOwnStack();
  }
}

async function stormOnStack(
  options: StormOptions,
  schedule: readonly PlannedStrike[],
  {
    stopping,
    kafkaProxies,
    clocks,
  }: {
    readonly stopping: AbortSignal;
    readonly kafkaProxies: KafkaProxies;
    readonly clocks: FakeClocks | undefined;
  },
): Promise<StormResult> {
  stopping.throwIfAborted();
  const { seed, rate } = options;
  const open = await openStorm({ seed, ordersPerSecond: rate, signal: stopping, kafkaProxies, clocks });
  try {
    say('✓ services, connectors, load\n');
    return await sufferStorm(open, options, schedule);
  } finally {
    await open.close();
    if (options.logs !== undefined) writeLogs(options.logs, open);
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
  const strikes = await runStorm(open, schedule, say, sayNow);
  const stormSeconds = Math.round((performance.now() - began) / 1_000);
  say('\nNo more faults.');
  const rest = await comeToRest(open);
  say(
    `✓ at rest after ${rest.seconds} s; healed: ${rest.healed}; said again by the audit: ${rest.republished}`,
  );
  const { violations, ...checks } = await checkStorm(open, say);
  const result: StormResult = {
    seed: options.seed,
    again: options.again,
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

function sayPlan({ again }: StormOptions, schedule: readonly PlannedStrike[]): void {
  say(again);
  say(`${schedule.length} faults:`);
  for (const { number, fault, pauseMs, holdMs } of schedule)
    say(`  ${String(number).padStart(3)}  after ${pauseMs} ms  ${fault.name}, ${holdMs} ms`);
  say('');
}

function sayVerdict({ violations, strikes, load, checks, again }: StormResult): void {
  const faults = strikes.filter(wasFault).length;
  const skipped = strikes.length - faults;
  say(
    `\n${faults} faults${skipped === 0 ? '' : `, ${skipped} skipped`}; ${load.orders} orders, ${load.cancels} cancels, ${load.returns} returns answered; ` +
      `${checks.events} events, ${checks.records} records in Kafka, ${checks.replayed} read once more`,
  );
  for (const { invariant, detail } of violations.slice(0, 20)) say(`✗ ${invariant}: ${detail.slice(0, 400)}`);
  if (violations.length > 20) say(`... and ${violations.length - 20} more`);
  say(
    violations.length === 0
      ? '✓ Every invariant holds.'
      : `✗ ${violations.length} violations. The same storm again: ${again}`,
  );
}

async function serverVersion({ admin }: OpenStorm): Promise<string> {
  const { rows } = await admin.query<{ server_version: string }>({ text: 'show server_version' });
  return rows[0]?.server_version ?? 'unknown';
}
