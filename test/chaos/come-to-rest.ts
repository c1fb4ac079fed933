import { describeError } from '../../src/platform/errors.ts';
import { unlessStopped } from '../bench/bench-stack.ts';
import { allEventsApplied } from '../support/all-events-applied.ts';
import { readLags } from '../support/invariants/check-lag.ts';
import type { Invariant } from '../support/invariants/invariants.ts';
import { serviceNames } from '../support/test-pipeline.ts';
import { testStack } from '../support/test-stack.ts';
import { healConnectors } from './heal-connectors.ts';
import type { OpenStorm } from './open-storm.ts';
import { databasesOf, readEnds } from './read-state.ts';
import { report, waitInStorm } from './storm.ts';

/** What it took until all was still. */
export interface Rest {
  readonly seconds: number;
  /** What `connectors heal` found at the end. */
  readonly healed: string;
  /** Events that the audit had to say again. */
  readonly republished: number;
}

const WITHIN_MS = 240_000;

/** No more faults: everything is started, every request answered, connectors healed, what is lost said again, all of it applied. */
export async function comeToRest(storm: OpenStorm, withinMs = WITHIN_MS): Promise<Rest> {
  const began = performance.now();
  await testStack().up();
  for (const name of serviceNames)
    if (!(await answers(storm.pipeline.service(name).url))) await storm.pipeline.restart(name);
  await noted(storm, 'all-answered', () => unlessStopped(storm.signal, storm.load.finish(withinMs)));
  for (const answer of storm.load.internalErrors) report(storm, 'no-internal-error', answer);
  const healed = await noted(storm, 'comes-to-rest', () => healConnectors(storm, withinMs));
  await storm.stopWatching();
  const republished = await noted(storm, 'comes-to-rest', () => repair(storm, withinMs));
  await noted(storm, 'comes-to-rest', () =>
    unlessStopped(storm.signal, allEventsApplied(storm.pipeline, withinMs)),
  );
  await noted(storm, 'lag-zero', () => lagIsZero(storm, withinMs));
  await letLogGo(storm);
  const seconds = Number(((performance.now() - began) / 1_000).toFixed(1));
  return { seconds, healed: healed ?? 'not', republished: republished ?? 0 };
}

/**
 * A slot lets log go up to where Postgres last noted its running transactions. It does so every 15 s by its clock: one that was set back
 * waits until the time of before has come again, and an operator asks for it.
 */
async function letLogGo({ admin, clocks }: OpenStorm): Promise<void> {
  if (clocks !== undefined) await admin.query({ text: 'select pg_log_standby_snapshot()' });
}

/** What does not happen in time is noted; the checks say more. */
async function noted<T>(
  storm: OpenStorm,
  invariant: Invariant,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    storm.signal.throwIfAborted();
    report(storm, invariant, describeError(error));
    return undefined;
  }
}

const answers = (url: string): Promise<boolean> =>
  fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) }).then(
    () => true,
    () => false,
  );

/** `outbox audit --repair`, as an operator would, until it has nothing to say. */
async function repair(storm: OpenStorm, timeoutMs: number): Promise<number> {
  let repaired = 0;
  await waitInStorm(
    storm,
    async () => {
      const words = ['audit', '--repair', '--older-than', '1s', '--wait', '20s'];
      const { code, stdout, stderr } = await storm.commands.outbox(words);
      repaired += Number(/published once more: (\d+) event/.exec(stdout)?.[1] ?? 0);
      if (code !== 0) throw new Error(`audit ended with ${code}: ${stdout} ${stderr}`);
      return true;
    },
    { timeoutMs, everyMs: 1_000, what: 'the audit to be clean' },
  );
  return repaired;
}

export async function lagIsZero(storm: OpenStorm, timeoutMs = WITHIN_MS): Promise<void> {
  const isZero = async (): Promise<boolean> =>
    (await readLags(databasesOf(storm), await readEnds(storm))).length === 0;
  const what = 'every consumer to have read its topic to the end';
  await waitInStorm(storm, isZero, { timeoutMs, everyMs: 500, what });
}
