import type { Publication } from '../../connect/publication.ts';
import type { Queryable } from '../../platform/postgres/statement.ts';
import { listed } from './in-words.ts';
import { ok, problem, warning, type Judgement } from './judgement.ts';

const OUTBOX = 'pipeline.outbox';

/** Mended by hand, what was written meanwhile is passed over: so the remedy is always the one that says it again. */
export function judgePublication(
  publication: Publication | undefined,
  names: { publication: string; connector: string },
): Judgement[] {
  const name = names.publication;
  const remedy = `Run: npx outbox connectors heal ${names.connector}`;
  if (publication === undefined)
    return [problem(`Publication ${name} does not exist: nothing of the outbox is sent.`, remedy)];
  const wrong = [...wrongTables(publication), ...wrongOperations(publication)];
  if (wrong.length === 0) return [ok(`${name} covers exactly ${OUTBOX}, inserts only`)];
  return wrong.map((sentence) => problem(`${name} ${sentence}`, remedy));
}

function wrongTables({ allTables, tables, isFiltered }: Publication): string[] {
  if (allTables) return ['is for all tables: every change of the database is decoded and sent.'];
  const others = tables.filter((table) => table !== OUTBOX);
  return [
    ...(tables.includes(OUTBOX) ? [] : [`does not cover ${OUTBOX}: no event is sent.`]),
    ...(others.length > 0 ? [`covers ${listed(others)} as well: their rows are decoded for nothing.`] : []),
    ...(isFiltered ? [`leaves out rows or columns of ${OUTBOX}.`] : []),
  ];
}

function wrongOperations({ operations, viaRoot }: Publication): string[] {
  const others = operations.filter((kind) => kind !== 'insert');
  return [
    ...(operations.includes('insert') ? [] : ['does not publish inserts: no event is sent.']),
    ...(others.length > 0
      ? [`publishes ${listed(others)} as well: an update of the outbox would stop the connector.`]
      : []),
    ...(viaRoot ? [] : ['shows each partition as a table of its own, which the connector does not read.']),
  ];
}

/** As pg_class has it. */
export type ReplicaIdentity = 'd' | 'n' | 'f' | 'i';

export async function readReplicaIdentities(
  db: Queryable,
): Promise<{ table: string; identity: ReplicaIdentity }[]> {
  const { rows } = await db.query<{ table: string; identity: ReplicaIdentity }>({
    name: 'doctor_replica_identities',
    text: `
      select relid::regclass::text as table, relreplident as identity
      from pg_partition_tree('${OUTBOX}') join pg_class on pg_class.oid = relid
      order by relid::regclass::text`,
  });
  return rows;
}

/**
 * The replica identity decides what the log keeps of rows that are updated or deleted. An outbox row is only ever inserted, and an
 * insert is whole in the log whatever the identity says; so the default is right, and no other one does harm as long as it stays so.
 */
export function judgeReplicaIdentities(
  tables: readonly { table: string; identity: ReplicaIdentity }[],
): Judgement {
  const other = tables.filter(({ identity }) => identity !== 'd');
  const [first] = other;
  if (first === undefined) return ok('default everywhere: enough for rows that are only inserted');
  const names = other.length === 1 ? first.table : `${first.table} and ${other.length - 1} more`;
  const means = {
    d: '',
    f: 'FULL: a delete by hand would write every payload into the log once more',
    n: 'NOTHING: needless, and a table in another publication that publishes updates could not be updated',
    i: 'an index: needless, and dropping that index makes it NOTHING',
  };
  return warning(
    `REPLICA IDENTITY of ${names} is ${means[first.identity]}.`,
    `As the owner: alter table ${first.table} replica identity default`,
  );
}
