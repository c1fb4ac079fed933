/**
 * Who may do what with the tables of schema `pipeline`: what the migrations of outbox and consumer grant, said once more in one
 * place, so that a right that somebody gave or took by hand shows. A new table of theirs needs a line here.
 */
export type RoleKind = 'app' | 'cdc' | 'ops' | 'audit' | 'repair';
export type Right =
  'select' | 'insert' | 'update' | 'delete' | 'truncate' | 'references' | 'trigger' | 'maintain';
export type Rights = Readonly<Partial<Record<RoleKind, readonly Right[]>>>;

const pipelineRights: Readonly<Record<string, Rights>> = {
  outbox: {
    app: ['select', 'insert'],
    cdc: ['select'],
    ops: ['select'],
    audit: ['select'],
    repair: ['select', 'insert'],
  },
  outbox_keys: { app: ['select', 'insert', 'update'], ops: ['select'] },
  event_schemas: { app: ['select'], ops: ['select'] },
  outbox_audit: { app: ['select'], ops: ['select'], audit: ['select', 'insert', 'update'] },
  outbox_repairs: { ops: ['select'], audit: ['select'], repair: ['select', 'insert'] },
  connector_saves: { ops: ['select', 'insert'] },
  connector_servers: { ops: ['select', 'insert', 'update'] },
  consumer_positions: { app: ['select', 'insert', 'update'], ops: ['select'], audit: ['select'] },
  consumer_keys: { app: ['select', 'insert', 'update'], ops: ['select'], audit: ['select'] },
  processed_events: { app: ['select', 'insert'], ops: ['select'], audit: ['select'] },
  consumer_subscriptions: { app: ['select', 'insert'], ops: ['select'], audit: ['select'] },
  parked_keys: { app: ['select', 'insert', 'update', 'delete'], ops: ['select'] },
  parked_events: { app: ['select', 'insert', 'update', 'delete'], ops: ['select'], audit: ['select'] },
  parked_decisions: { app: ['select', 'insert'], ops: ['select'], audit: ['select'] },
  started_batches: { app: ['select', 'insert', 'update', 'delete'], ops: ['select'] },
  rebuilds: { ops: ['select'] },
  rebuild_positions: { ops: ['select'] },
  rebuild_keys: { ops: ['select'] },
  rebuild_left: { ops: ['select'] },
  rebuild_cases: { ops: ['select'] },
};

/** What a role has on some columns only: an operator writes a request beside a held key, and nothing else of it. */
const columnRights: Readonly<Record<string, Rights>> = { parked_keys: { ops: ['update'] } };

/** What nobody but the owner has on any table, a domain's included: it takes rows away or runs code. */
const OWNERS_ONLY: readonly Right[] = ['truncate', 'references', 'trigger', 'maintain'];
const ALL: readonly Right[] = ['select', 'insert', 'update', 'delete', ...OWNERS_ONLY];

/** What a role must have on a table, and what it may have at most. Partitions are reached by their parent alone. */
export function rightsOn(
  table: { schema: string; name: string; isPartition: boolean },
  kind: RoleKind | 'public',
): { must: readonly Right[]; may: readonly Right[] } {
  const nothing = { must: [], may: [] };
  if (kind === 'public' || table.isPartition) return nothing;
  if (table.schema !== 'pipeline') {
    // The tables of a domain are the service's own business; nobody else has any.
    return kind === 'app' ? { must: [], may: ALL.filter((right) => !OWNERS_ONLY.includes(right)) } : nothing;
  }
  if (table.name.startsWith('migrations_')) {
    const rights: Right[] = kind === 'ops' ? ['select'] : [];
    return { must: rights, may: rights };
  }
  const rights = pipelineRights[table.name]?.[kind] ?? [];
  return { must: rights, may: [...rights, ...(columnRights[table.name]?.[kind] ?? [])] };
}

/** Functions of schema `pipeline` that run with their owner's rights, and who calls them. */
export const functionRights: Readonly<Record<string, readonly RoleKind[]>> = {
  maintain_outbox: ['app'],
  append_probe: ['app', 'ops'],
  maintain_processed_events: ['app'],
};
