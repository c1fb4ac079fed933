import type { ConnectorConfig } from '../../connect/connector-file.ts';
import { publicationFaults } from '../../connect/publication.ts';
import { outboxTable, publicationName, slotName, type ConnectorFacts } from '../diagnose/connector-facts.ts';
import type { Examination } from '../diagnose/diagnose-connector.ts';
import type { Mend } from '../diagnose/finding.ts';

/** In the order in which they are done. */
export type HealStep =
  'save' | 'stop' | 'end_reader' | 'drop_slot' | 'make_publication' | 'reset_offsets' | 'resume' | 'restart';

export interface HealPlan {
  /** Empty when there is nothing to do, and when something must be decided first. */
  readonly steps: readonly HealStep[];
  /** Why it can't be mended like this; then nothing is touched. */
  readonly refusals: readonly string[];
}

export interface HealPermissions {
  /** A stranger that reads the slot may be ended. */
  readonly endReader: boolean;
  /** The owner's address is known, so that the publication can be made. */
  readonly owner: boolean;
  /** The variable that gives it. */
  readonly ownerVariable: string;
}

/** What mends these findings. The reader is ended first and alone: it may have moved the slot, which the next look says. */
export function planHeal({ facts, findings }: Examination, permissions: HealPermissions): HealPlan {
  const mends = new Set<Mend>(findings.map(({ mend }) => mend));
  // A re-snapshot needs the connector running; for anything less it stays held back by whoever did it.
  const mayResume = ['publication', 'resnapshot', 'end_reader'].some((mend) => mends.has(mend as Mend));
  const stuck = findings.filter(
    // A snapshot under way needs nothing but time: heal waits for the probe behind it.
    ({ code, mend }) =>
      mend === 'none' && code !== 'snapshot_running' && (code !== 'held_back' || !mayResume),
  );
  if (stuck.length > 0) return refused(stuck.map(({ sentence }) => sentence));
  if (mends.has('end_reader')) {
    if (permissions.endReader) return { steps: ['save', 'stop', 'end_reader'], refusals: [] };
    return refused([
      `Stop that reader, or let this command end its connection: npx outbox connectors heal ${facts.name} --end-reader.`,
    ]);
  }
  if (mends.has('publication') || mends.has('resnapshot')) return planResnapshot(facts, permissions);
  if (!mends.has('restart')) return { steps: [], refusals: [] };
  return { steps: [isHeld(facts) ? 'resume' : 'restart'], refusals: [] };
}

const refused = (refusals: readonly string[]): HealPlan => ({ steps: [], refusals });
const isHeld = ({ status }: ConnectorFacts): boolean => status?.connector.state === 'STOPPED';

function planResnapshot(facts: ConnectorFacts, permissions: HealPermissions): HealPlan {
  const makesPublication = needsPublication(facts);
  const refusals = [
    ...snapshotFaults(facts.config),
    ...(makesPublication && !permissions.owner
      ? [
          `Only the owner can make publication ${publicationName(facts.config)}: set ${permissions.ownerVariable}.`,
        ]
      : []),
  ];
  if (refusals.length > 0) return refused(refusals);
  return {
    steps: [
      'save',
      'stop',
      'drop_slot',
      ...(makesPublication ? (['make_publication'] as const) : []),
      'reset_offsets',
      'resume',
    ],
    refusals: [],
  };
}

/** A publication that was made again, and is right now, needs only the re-snapshot. */
function needsPublication({ config, postgres }: ConnectorFacts): boolean {
  const publication = postgres?.publication;
  return publication === undefined || publicationFaults(publication, outboxTable(config)).length > 0;
}

/** Why a re-snapshot with this config would not say every retained row, in the order of its key. */
export function snapshotFaults(config: ConnectorConfig): string[] {
  const table = outboxTable(config);
  const mode = config['snapshot.mode'] ?? 'initial';
  const tables = (config['snapshot.select.statement.overrides'] ?? '').split(',').map((one) => one.trim());
  const select = config[`snapshot.select.statement.overrides.${table}`] ?? '';
  return [
    ...(['when_needed', 'initial'].includes(mode)
      ? []
      : [
          `snapshot.mode is ${mode}, with which Debezium would not say the retained rows again: set when_needed and apply it.`,
        ]),
    ...(tables.includes(table) && /\border\s+by\s+id\b(?!\s+desc)/i.test(select) && !/\bwhere\b/i.test(select)
      ? []
      : [
          `snapshot.select.statement.overrides does not read ${table} whole and ORDER BY id, so that a re-snapshot would swap or miss events: set it as in connectors/README.md and apply it.`,
        ]),
  ];
}

/** For a person, before or while it is done. */
export function describeStep(step: HealStep, { name, config }: ConnectorFacts): string {
  switch (step) {
    case 'save':
      return 'save config and offsets in pipeline.connector_saves';
    case 'stop':
      return `stop ${name} and wait until its task has ended`;
    case 'end_reader':
      return `end the reader of replication slot ${slotName(config)}, then look again`;
    case 'drop_slot':
      return `drop replication slot ${slotName(config)}`;
    case 'make_publication':
      return `make publication ${publicationName(config)} anew: inserts into ${outboxTable(config)} and nothing else`;
    case 'reset_offsets':
      return `forget the stored offset, so that every retained row of ${outboxTable(config)} is said again, in the order of id`;
    case 'resume':
      return `resume ${name}`;
    case 'restart':
      return `restart what has FAILED of ${name}`;
  }
}
