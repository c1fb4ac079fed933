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
        and (role = 'public' or exists (select from pg_roles where rolname = role))
      order by 1, 2`,
    values: [roles],
  });
  return rows;
}

/** @param roles by name, with their kind; a superuser's are left out: its attribute says it all */
export function judgeTableRights(
  tables: readonly TableRights[],
  roles: ReadonlyMap<string, RoleKind | 'public'>,
): Judgement[] {
  return [...roles].flatMap(([role, kind]) =>
    judgeRole(
      role,
      kind,
      tables.filter((table) => table.role === role),
    ),
  );
}

function judgeRole(role: string, kind: RoleKind | 'public', tables: readonly TableRights[]): Judgement[] {
  const who = kind === 'public' ? 'PUBLIC' : role;
  const judged = tables.flatMap((table): Judgement[] => {
    const { must, may } = rightsOn(table, kind);
    const tooMuch = table.any.filter((right) => !may.includes(right));
    const missing = must.filter((right) => !table.whole.includes(right));
    const name = `${table.schema}.${table.name}`;
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
  });
  return judged.length === 0
    ? [ok(`${who}: ${kind === 'public' ? 'none' : 'as the migrations grant'}`)]
    : judged;
}

/** Taking away what somebody does not have is harmless, so all by whom the right may have come are named. */
const granteesOf = (role: string, kind: RoleKind | 'public'): string =>
  kind === 'public' ? 'public' : `${role}, pipeline_${kind}`;

/** Rights beside those on tables. */
export interface DatabaseRights {
  readonly role: string;
  readonly connect: boolean;
  readonly create: boolean;
  readonly temporary: boolean;
  /** Schemas in which it may create, `pg_temp` aside. */
  readonly createIn: readonly string[];
  /** Functions with their owner's rights that it may call. */
  readonly calls: readonly string[];
}

export async function readDatabaseRights(db: Queryable, roles: readonly string[]): Promise<DatabaseRights[]> {
  const { rows } = await db.query<DatabaseRights>({
    name: 'doctor_database_rights',
    text: `
      select role, has_database_privilege(role, current_database(), 'connect') as connect,
             has_database_privilege(role, current_database(), 'create') as create,
             has_database_privilege(role, current_database(), 'temporary') as temporary,
             array(select nspname::text from pg_namespace where nspname !~ '^pg_' and has_schema_privilege(role, oid, 'create')) as "createIn",
             array(select proname::text from pg_proc where pronamespace = 'pipeline'::regnamespace and prosecdef
                     and has_function_privilege(role, oid, 'execute') order by 1) as calls
      from unnest($1::text[]) as role
      where role = 'public' or exists (select from pg_roles where rolname = role)`,
    values: [roles],
  });
  return rows;
}

export function judgeDatabaseRights(
  rights: readonly DatabaseRights[],
  roles: ReadonlyMap<string, RoleKind | 'public'>,
  database: string,
): Judgement[] {
  const wrong = rights.flatMap((right) => wrongRights(right, roles.get(right.role) ?? 'public', database));
  return wrong.length === 0
    ? [ok('only the services, Debezium and operators connect; nobody creates anything')]
    : wrong;
}

function wrongRights(right: DatabaseRights, kind: RoleKind | 'public', database: string): Judgement[] {
  const who = kind === 'public' ? 'PUBLIC' : right.role;
  const tooMuch = [
    ...(kind === 'public' && right.connect ? ['connect'] : []),
    ...(right.create ? ['create'] : []),
    ...(right.temporary ? ['temporary'] : []),
  ];
  return [
    ...(tooMuch.length > 0
      ? [
          problem(
            `${who} has ${listed(tooMuch)} on database ${database}, which it must not.`,
            `revoke ${tooMuch.join(', ')} on database ${database} from ${right.role}`,
          ),
        ]
      : []),
    ...(kind !== 'public' && !right.connect
      ? [
          problem(
            `${who} may not connect to database ${database}.`,
            `grant connect on database ${database} to ${right.role}`,
          ),
        ]
      : []),
    ...right.createIn.map((schema) =>
      problem(
        `${who} may create tables and functions in schema ${schema}.`,
        `revoke create on schema ${schema} from ${right.role}${kind === 'public' ? '' : ', public'}`,
      ),
    ),
    ...(kind === 'app' || right.calls.length === 0
      ? []
      : [
          problem(
            `${who} may call ${listed(right.calls)}, which runs with the owner's rights.`,
            `As the owner: revoke execute on function pipeline.${right.calls[0] ?? ''} from ${right.role}, public`,
          ),
        ]),
  ];
}
