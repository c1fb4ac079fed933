import { connectorChanges, type ConnectorChange, type KeyDefaults } from './connector-changes.ts';
import { dangerOf } from './connector-danger.ts';
import type { ConnectorConfig, ConnectorFile } from './connector-file.ts';
import { failureOf, type ConnectorStatus } from './connector-status.ts';
import type { Care, Danger, Dangerous } from './danger-judges.ts';
import type { KeyProblem } from './validate-connector.ts';

export interface PlannedChange extends ConnectorChange {
  readonly danger: Danger;
}

export interface DangerousChange extends PlannedChange {
  readonly danger: Dangerous;
}

/**
 * `create` it is not there; `update` its config differs; `restart` its config is right but it FAILED; `resume` it was created and
 * never begun; `nothing` all is as it should be.
 */
export type PlannedStep = 'create' | 'update' | 'restart' | 'resume' | 'nothing';

/** What apply would do with one connector. */
export interface ConnectorPlan {
  readonly name: string;
  readonly step: PlannedStep;
  /** For a new connector each key whose value is not the default anyway. */
  readonly changes: readonly PlannedChange[];
  /** Why apply would refuse it, key by key. */
  readonly problems: readonly KeyProblem[];
  /** Somebody PAUSED or STOPPED it: apply changes nothing and leaves resuming to them. */
  readonly heldBack: 'PAUSED' | 'STOPPED' | undefined;
}

/** A connector as Kafka Connect has it. */
export interface ActualConnector {
  readonly config: ConnectorConfig;
  readonly status: ConnectorStatus | undefined;
  /** Connect has stored where it stood. */
  readonly hasOffsets: boolean;
}

export interface PlanInputs {
  readonly file: ConnectorFile;
  /** Undefined when Connect does not have it. */
  readonly actual: ActualConnector | undefined;
  /** Of a connector that Connect does not have: the settings under which it is known to have stood before. */
  readonly before?: ConnectorConfig | undefined;
  readonly problems: readonly KeyProblem[];
  readonly defaults: KeyDefaults;
}

/** Compares what is wanted with what is there. */
export function planConnector({ file, actual, before, problems, defaults }: PlanInputs): ConnectorPlan {
  const differences = (than: ConnectorConfig): PlannedChange[] =>
    connectorChanges(file.config, than, defaults).map((change) => ({
      ...change,
      danger: dangerOf(change, file.config),
    }));
  const changes = actual === undefined ? newSettings(differences, before) : differences(actual.config);
  const heldBack = actual && heldBackState(actual);
  return { name: file.name, step: stepFor(actual, changes), changes, problems, heldBack };
}

/**
 * Nothing is dangerous about a connector that never was. One that was deleted has said events, and maybe left its offset and its slot:
 * what would have been dangerous to change then is so now.
 */
function newSettings(
  differences: (than: ConnectorConfig) => PlannedChange[],
  before: ConnectorConfig | undefined,
): PlannedChange[] {
  const dangerous = before === undefined ? [] : differences(before).filter(isDangerous);
  const all = differences({}).map((change) => ({ ...change, danger: { class: 'harmless' } as const }));
  const rest = all.filter(({ key }) => !dangerous.some((change) => change.key === key));
  return [...dangerous, ...rest].sort((one, other) => (one.key < other.key ? -1 : 1));
}

const isDangerous = (change: PlannedChange): change is DangerousChange => change.danger.class === 'dangerous';

function stepFor(actual: ActualConnector | undefined, changes: readonly PlannedChange[]): PlannedStep {
  if (actual === undefined) return 'create';
  if (changes.length > 0) return 'update';
  if (actual.status?.connector.state === 'STOPPED' && !actual.hasOffsets) return 'resume';
  return actual.status !== undefined && failureOf(actual.status) !== undefined ? 'restart' : 'nothing';
}

/** A STOPPED connector without offsets is one whose creator died before resuming it: nobody holds it back. */
function heldBackState({ status, hasOffsets }: ActualConnector): ConnectorPlan['heldBack'] {
  if (status?.connector.state === 'PAUSED') return 'PAUSED';
  return status?.connector.state === 'STOPPED' && hasOffsets ? 'STOPPED' : undefined;
}

/** Changes that need somebody's word. */
export function dangerousChanges(plan: ConnectorPlan): DangerousChange[] {
  return plan.changes.filter(isDangerous);
}

/** What the changes together need beyond the new config: a new slot makes moving the offset needless. */
export function careFor(plan: ConnectorPlan): Care | undefined {
  const cares = dangerousChanges(plan).map(({ danger }) => danger.care);
  return cares.includes('resnapshot') ? 'resnapshot' : cares.find((care) => care !== undefined);
}

/** Something is left for apply, or for a person before apply. */
export function hasWork(plan: ConnectorPlan): boolean {
  return plan.step !== 'nothing' || plan.problems.length > 0 || plan.heldBack !== undefined;
}
