import { connectorChanges } from '../../connect/connector-changes.ts';
import type { ConnectorConfig } from '../../connect/connector-file.ts';
import { dangerousChanges, planConnector, type ConnectorPlan } from '../../connect/connector-plan.ts';
import type { ConnectorStatus } from '../../connect/connector-status.ts';
import { planConnectors, type PlannedConnector } from '../../connect/plan-connectors.ts';
import {
  heldBack as isHeldBack,
  registerConnector,
  withRemedy,
  type RegistrationAction,
} from '../../connect/register-connectors.ts';
import { waitUntilRunning } from '../../connect/wait-until-running.ts';
import { describeError, PipelineError } from '../../platform/errors.ts';
import { isConnectionLost, isNobodyThere, sqlState } from '../../platform/postgres/postgres-errors.ts';
import { changeDangerously } from './change-dangerously.ts';
import { describeLeft } from './describe-left.ts';
import type { OperatedConnector, OperatedPipeline } from '../operated-pipeline.ts';
import { readLastKnownConfig } from './last-known-config.ts';
import { checkTopics, preflightConnector, refuseWithoutDatabase } from './preflight-connector.ts';
import { proveFlow } from './prove-flow.ts';
import { rememberServerNow } from '../diagnose/remember-server.ts';
import type { ProbeResult } from '../probe/probe-result.ts';

export interface ApplyOptions {
  /** Milliseconds for a connector to run, and again for its probe to come through. */
  readonly timeoutMs: number;
  /** Names of connectors whose dangerous changes somebody wants. */
  readonly acceptDanger: readonly string[];
}

/** How it went with one connector: `problem` is undefined exactly when it runs as its file says and events flow, as far as can be seen. */
export interface AppliedConnector {
  readonly name: string;
  readonly plan: ConnectorPlan;
  /** `refused`: none of its settings was changed. */
  readonly action: RegistrationAction | 'refused';
  /** What else was done, and what could not be checked from here; a sentence each. */
  readonly notes: readonly string[];
  readonly status: ConnectorStatus | undefined;
  readonly probe: ProbeResult | undefined;
  readonly problem: PipelineError | undefined;
  /** Of a failed one: how it is now. */
  readonly left: string | undefined;
}

/**
 * Brings Kafka Connect to what the files say: all of them are tried before any connector is touched, then all are applied at the same
 * time. One that is refused or fails does not keep the others from it. Idempotent.
 * @throws PipelineError `connect_unreachable`; `connect_refused` for a plugin that the worker does not have
 */
export async function applyConnectors(
  pipeline: OperatedPipeline,
  connectors: readonly OperatedConnector[],
  options: ApplyOptions,
): Promise<AppliedConnector[]> {
  const planned = await planOperated(pipeline, connectors);
  return Promise.all(
    connectors.map((connector, index) =>
      applyConnector({ pipeline, connector, planned: planned[index] as PlannedConnector, options }),
    ),
  );
}

/**
 * What apply would do, also judged by what is known of connectors that Connect does not have any more.
 * @throws PipelineError `connect_unreachable`, `connect_refused`
 */
export async function planOperated(
  pipeline: OperatedPipeline,
  connectors: readonly OperatedConnector[],
): Promise<PlannedConnector[]> {
  const files = connectors.map(({ file }) => file);
  return planConnectors(pipeline.connect, files, async (file) => {
    const connector = connectors.find((candidate) => candidate.file === file);
    try {
      return connector && (await readLastKnownConfig(connector));
    } catch (error) {
      // Without its database, or before its tables, a connector is planned as one that never was.
      if (sqlState(error) === undefined && !isConnectionLost(error) && !isNobodyThere(error)) throw error;
      return undefined;
    }
  });
}

interface Applying {
  readonly pipeline: OperatedPipeline;
  readonly connector: OperatedConnector;
  readonly planned: PlannedConnector;
  readonly options: ApplyOptions;
}

/** What is known while it goes on. */
interface Outcome {
  plan: ConnectorPlan;
  action: AppliedConnector['action'];
  status: ConnectorStatus | undefined;
  probe: ProbeResult | undefined;
  readonly notes: string[];
}

async function applyConnector(applying: Applying): Promise<AppliedConnector> {
  const { pipeline, connector, planned } = applying;
  const { file } = connector;
  const outcome: Outcome = {
    plan: planned.plan,
    action: 'refused',
    status: planned.actual?.status,
    probe: undefined,
    notes: [],
  };
  const end = (problem?: PipelineError, left?: string): AppliedConnector => ({
    name: file.name,
    plan: outcome.plan,
    action: outcome.action,
    notes: outcome.notes,
    status: outcome.status,
    probe: outcome.probe,
    problem,
    left,
  });
  const refusal = refusalOf(applying);
  if (refusal !== undefined) return end(refusal);
  try {
    await refuseWithoutDatabase(connector);
  } catch (error) {
    if (error instanceof PipelineError) return end(error);
    throw error;
  }
  try {
    await bringAbout(applying, outcome);
    outcome.notes.push(...(await proveFlow(pipeline, connector, outcome, applying.options.timeoutMs)));
    return end();
  } catch (error) {
    const problem = problemOf(file.name, error);
    if (problem === undefined) throw error;
    const left = await describeLeft(pipeline.connect, file, planned.defaults);
    outcome.status = left.status;
    return end(problem, left.sentence);
  }
}

function problemOf(name: string, error: unknown): PipelineError | undefined {
  if (error instanceof PipelineError) return withRemedy(name, error);
  if (sqlState(error) === undefined && !isConnectionLost(error)) return undefined;
  return new PipelineError(
    isNobodyThere(error) ? 'database_unreachable' : 'connector_unhealthy',
    `${name}: its database did not do what was asked: ${describeError(error)}.`,
    { remedy: 'Start it and bring its tables up to date (npm run setup), then apply again.', cause: error },
  );
}

/** Reasons not to touch it at all. */
function refusalOf({ connector, planned, options }: Applying): PipelineError | undefined {
  const { name } = connector.file;
  const { problems, heldBack } = planned.plan;
  if (problems.length > 0)
    return new PipelineError(
      'connector_file_invalid',
      `${name} was not touched: ${problems.map(({ key }) => key).join(', ')} can't be as in its file.`,
      { remedy: 'Mend the file, then apply again.' },
    );
  if (heldBack !== undefined) return isHeldBack(name, heldBack);
  return options.acceptDanger.includes(name) ? undefined : refusalOfDanger(name, planned.plan);
}

function refusalOfDanger(name: string, plan: ConnectorPlan): PipelineError | undefined {
  const dangerous = dangerousChanges(plan).map(({ key, danger }) => `${key} (${danger.harm})`);
  if (dangerous.length === 0) return undefined;
  return new PipelineError(
    'connector_dangerous',
    `${name} was not touched: it is dangerous to change ${dangerous.join(', ')}.`,
    {
      remedy: `Read the plan; when that is meant: npx outbox connectors apply ${name} --accept-danger ${name}`,
    },
  );
}

async function bringAbout(applying: Applying, outcome: Outcome): Promise<void> {
  const { pipeline, connector, planned, options } = applying;
  const { file } = connector;
  const { connect } = pipeline;
  const beforeStart = async (): Promise<void> => {
    const unchecked = await preflightConnector(pipeline, connector);
    // Noted before its start: what the next diagnosis compares with is the server on which its place was found good.
    if (unchecked.length === 0) await rememberServerNow(connector);
    outcome.notes.push(...unchecked.filter((note) => !outcome.notes.includes(note)));
  };
  if (dangerousChanges(planned.plan).length > 0) {
    await bringAboutDanger(applying, outcome);
    await beforeStart();
    await connect.resume(file.name);
    outcome.status = await waitUntilRunning(connect, file.name, 'created', options);
    return;
  }
  const { defaults } = planned;
  const registration = await registerConnector(connect, file, {
    ...options,
    defaults,
    judge: (actual) => judgeAnew(applying, outcome, actual),
    beforeStart,
  });
  outcome.action = registration.action ?? 'refused';
  outcome.status = registration.status;
  if (registration.problem !== undefined) throw registration.problem;
}

/** What was accepted holds for the plan that was shown, so that a danger which came since is refused whatever was accepted. */
function judgeAnew({ connector, planned }: Applying, outcome: Outcome, actual: ConnectorConfig): void {
  const { file } = connector;
  const before = planned.actual?.config;
  if (before !== undefined && connectorChanges(before, actual).length === 0) return;
  const { defaults } = planned;
  outcome.plan = planConnector({
    file,
    actual: { config: actual, status: undefined, hasOffsets: true },
    problems: [],
    defaults,
  });
  const refusal = refusalOfDanger(file.name, outcome.plan);
  if (refusal !== undefined) throw refusal;
}

/** A connector that was deleted is created as it was, so that its place is known, and then changed as any other. Leaves it STOPPED. */
async function bringAboutDanger(applying: Applying, outcome: Outcome): Promise<void> {
  const { pipeline, connector, planned, options } = applying;
  const { connect } = pipeline;
  const { name, config } = connector.file;
  // Before it is stopped: without a topic, the one for heartbeats of a new topic.prefix for one, it could not go on.
  outcome.notes.push(...(await checkTopics(pipeline, name, config)));
  const actual = planned.actual?.config ?? planned.before ?? config;
  if (planned.actual === undefined && (await connect.createStopped(name, actual)))
    outcome.notes.push('it was created STOPPED with the settings that it was known to have before');
  await changeDangerously({
    connect,
    connector,
    plan: planned.plan,
    actual,
    timeoutMs: options.timeoutMs,
    tell: (done) => outcome.notes.push(done),
    onChanged: () => {
      outcome.action = planned.actual === undefined ? 'created' : 'updated';
    },
  });
}
