import type { Queryable } from '../../platform/postgres/statement.ts';
import { listed } from './in-words.ts';
import { ok, problem, type Judgement } from './judgement.ts';
import { rightsOn, type Right, type RoleKind } from './pipeline-rights.ts';

/** What a role may do with a table in effect: by itself, by its groups, by PUBLIC. */
export interface TableRights {
  readonly schema: string;
  readonly name: string;
  readonly isPartition: boolean;
  readonly role: string;
  /** On the whole table. */
  readonly whole: readonly Right[];
  /** On the whole table or on a column of it. */
  readonly any: readonly Right[];
}

/** A superuser has every right there is, and its attribute says so: it is left out. */
export async function readTableRights(db: Queryable, roles: readonly string[]): Promise<TableRights[]> {
  const { rows } = await db.query<TableRights>({
    name: 'doctor_table_rights',
    text: `
      select n.nspname as schema, c.relname as name, c.relispartition as "isPartition", role,
             array(select r from unnest('{select,insert,update,delete,truncate,references,trigger,maintain}'::text[]) r
                   where has_table_privilege(role, c.oid, r)) as whole,
             array(select r from unnest('{select,insert,update,delete,truncate,references,trigger,maintain}'::text[]) r
                   where has_table_privilege(role, c.oid, r)
                      or (r in ('select', 'insert', 'update', 'references') and has_any_column_privilege(role, c.oid, r))) as any
      from pg_class c join pg_namespace n on n.oid = c.relnamespace cross join unnest($1::text[]) as role
      where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and (role = 'public' or exists (select from pg_roles where rolname = role and not rolsuper))
      order by 1, 2`,
    values: [roles],
  });
  return rows;
}

/** @param roles by name, with their kind */
export function judgeTableRights(
  tables: readonly TableRights[],
  roles: ReadonlyMap<string, RoleKind | 'public'>,
): Judgement[] {
  return [...roles].flatMap(([role, kind]) => {
    const lenders = lendersOf(kind, roles);
    const judged = tables
      .filter((table) => table.role === role)
      .flatMap((table) => {
        const lent = tables.filter(
          ({ schema, name, role: lender }) =>
            schema === table.schema && name === table.name && lenders.includes(lender),
        );
        return judgeTable(
          table,
          kind,
          lent.flatMap(({ any }) => any),
        );
      });
    return judged.length === 0 ? [ok(role)] : judged;
  });
}

/** Those whose rights a role has as well: what they have too much is said of them alone. */
export function lendersOf(
  kind: RoleKind | 'public',
  roles: ReadonlyMap<string, RoleKind | 'public'>,
): string[] {
  if (kind === 'public') return [];
  return [...roles]
    .filter(([, lender]) => lender === 'public' || (kind === 'ops' && lender === 'cdc'))
    .map(([role]) => role);
}

function judgeTable(table: TableRights, kind: RoleKind | 'public', lent: readonly Right[]): Judgement[] {
  const { role } = table;
  const who = kind === 'public' ? 'PUBLIC' : role;
  const name = `${table.schema}.${table.name}`;
  const { must, may } = rightsOn(table, kind);
  const tooMuch = table.any.filter((right) => !may.includes(right) && !lent.includes(right));
  const missing = must.filter((right) => !table.whole.includes(right));
  return [
    ...(tooMuch.length > 0
      ? [
          problem(
            `${who} may ${listed(tooMuch)} on ${name}, which it must not.`,
            `As the owner: revoke ${tooMuch.join(', ')} on ${name} from ${granteesOf(role, kind)}`,
          ),
        ]
      : []),
    ...(missing.length > 0
      ? [
          problem(
            `${who} may not ${listed(missing)} on ${name}, which it needs.`,
            `As the owner: grant ${missing.join(', ')} on ${name} to pipeline_${kind}`,
          ),
        ]
      : []),
  ];
}

/** Taking away what somebody does not have is harmless, so all by whom the right may have come are named. */
const granteesOf = (role: string, kind: RoleKind | 'public'): string =>
  kind === 'public' ? 'public' : `${role}, pipeline_${kind}`;
