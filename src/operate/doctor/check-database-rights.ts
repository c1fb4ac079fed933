import type { Queryable } from '../../platform/postgres/statement.ts';
import { lendersOf } from './check-role-rights.ts';
import { listed } from './in-words.ts';
import { ok, problem, type Judgement } from './judgement.ts';
import { functionRights, type RoleKind } from './pipeline-rights.ts';

/** What a role may do in effect, beside its rights on tables. */
export interface DatabaseRights {
  readonly role: string;
  /** Of `connect`, `create`, `temporary`, on the database itself. */
  readonly onDatabase: readonly string[];
  /** Schemas in which it may create tables and functions. */
  readonly createsIn: readonly string[];
  /** Functions of schema `pipeline` that run with their owner's rights: all, and those that it may call. */
  readonly functions: readonly string[];
  readonly calls: readonly string[];
}

/** A superuser is left out, as in `readTableRights`. */
export async function readDatabaseRights(db: Queryable, roles: readonly string[]): Promise<DatabaseRights[]> {
  const { rows } = await db.query<DatabaseRights>({
    name: 'doctor_database_rights',
    text: `
      with functions as (
        select oid, proname::text as name from pg_proc where pronamespace = 'pipeline'::regnamespace and prosecdef
      )
      select role,
             array(select r from unnest('{connect,create,temporary}'::text[]) r
                   where has_database_privilege(role, current_database(), r)) as "onDatabase",
             array(select nspname::text from pg_namespace
                   where nspname !~ '^pg_' and has_schema_privilege(role, oid, 'create') order by 1) as "createsIn",
             array(select name from functions order by name) as functions,
             array(select name from functions where has_function_privilege(role, oid, 'execute') order by name) as calls
      from unnest($1::text[]) as role
      where role = 'public' or exists (select from pg_roles where rolname = role and not rolsuper)`,
    values: [roles],
  });
  return rows;
}

export function judgeDatabaseRights(
  rights: readonly DatabaseRights[],
  roles: ReadonlyMap<string, RoleKind | 'public'>,
  database: string,
): Judgement[] {
  const wrong = rights.flatMap((right) => {
    const kind = roles.get(right.role) ?? 'public';
    const lenders = lendersOf(kind, roles);
    const lent = rights.filter(({ role }) => lenders.includes(role));
    return [
      ...wrongOnDatabase(right, kind, lent, database),
      ...wrongInSchemas(right, kind, lent),
      ...wrongCalls(right, kind, lent),
    ];
  });
  return wrong.length === 0
    ? [ok('only service, Debezium and operators connect; nobody but the owner creates')]
    : wrong;
}

const named = (role: string, kind: RoleKind | 'public'): string => (kind === 'public' ? 'PUBLIC' : role);

function wrongOnDatabase(
  { role, onDatabase }: DatabaseRights,
  kind: RoleKind | 'public',
  lent: readonly DatabaseRights[],
  database: string,
): Judgement[] {
  const who = named(role, kind);
  const may = kind === 'public' ? [] : ['connect'];
  const tooMuch = onDatabase.filter(
    (right) => !may.includes(right) && !lent.some((lender) => lender.onDatabase.includes(right)),
  );
  return [
    ...(tooMuch.length > 0
      ? [
          problem(
            `${who} has ${listed(tooMuch)} on database ${database}, which it must not.`,
            `As the owner: revoke ${tooMuch.join(', ')} on database ${database} from ${role}`,
          ),
        ]
      : []),
    ...(kind === 'public' || onDatabase.includes('connect')
      ? []
      : [
          problem(
            `${who} may not connect to database ${database}.`,
            `As the owner: grant connect on database ${database} to ${role}`,
          ),
        ]),
  ];
}

function wrongInSchemas(
  { role, createsIn }: DatabaseRights,
  kind: RoleKind | 'public',
  lent: readonly DatabaseRights[],
): Judgement[] {
  return createsIn
    .filter((schema) => !lent.some((lender) => lender.createsIn.includes(schema)))
    .map((schema) =>
      problem(
        `${named(role, kind)} may create tables and functions in schema ${schema}.`,
        `As the owner: revoke create on schema ${schema} from ${role}`,
      ),
    );
}

function wrongCalls(
  { role, functions, calls }: DatabaseRights,
  kind: RoleKind | 'public',
  lent: readonly DatabaseRights[],
): Judgement[] {
  const who = named(role, kind);
  const may = functions.filter((name) => kind !== 'public' && functionRights[name]?.includes(kind) === true);
  const tooMuch = calls.filter(
    (name) => !may.includes(name) && !lent.some((lender) => lender.calls.includes(name)),
  );
  const missing = may.filter((name) => !calls.includes(name));
  return [
    ...tooMuch.map((name) =>
      problem(
        `${who} may call pipeline.${name}, which runs with the owner's rights.`,
        `As the owner: revoke execute on function pipeline.${name} from ${role}`,
      ),
    ),
    ...missing.map((name) =>
      problem(
        `${who} may not call pipeline.${name}, which it needs.`,
        `As the owner: grant execute on function pipeline.${name} to pipeline_${kind}`,
      ),
    ),
  ];
}
