import type { Queryable } from '../../platform/postgres/statement.ts';
import { listed, secondsInWords } from './in-words.ts';
import { ok, problem, warning, type Judgement } from './judgement.ts';
import type { RoleKind } from './pipeline-rights.ts';

export interface Role {
  readonly name: string;
  /** What is not given by default: `superuser`, `createrole`, `createdb`, `bypassrls`, `replication`, `login`. */
  readonly attributes: readonly string[];
  /** Groups that it is a member of itself. */
  readonly memberOf: readonly string[];
  /** Settings of its sessions in this database, as `alter role … set` gave them. */
  readonly settings: Readonly<Record<string, string>>;
}

/** What a role must be: nothing more, nothing less. */
export interface ExpectedRole {
  readonly name: string;
  readonly kind: RoleKind | 'group';
  readonly attributes: readonly string[];
  readonly memberOf: readonly string[];
}

/** @param streams the service has an outbox that Debezium reads */
export function expectedRoles(service: string, streams: boolean): ExpectedRole[] {
  const cdc = `${service}_cdc`;
  const login = streams ? ['login', 'replication'] : ['login'];
  const group = (name: string): ExpectedRole => ({ name, kind: 'group', attributes: [], memberOf: [] });
  return [
    { name: `${service}_app`, kind: 'app', attributes: ['login'], memberOf: ['pipeline_app'] },
    ...(streams ? [{ name: cdc, kind: 'cdc' as const, attributes: login, memberOf: ['pipeline_cdc'] }] : []),
    {
      name: `${service}_ops`,
      kind: 'ops',
      // A slot is dropped with REPLICATION, and who reads it is ended as a member of its role.
      attributes: login,
      memberOf: ['pg_monitor', 'pipeline_ops', ...(streams ? [cdc] : [])],
    },
    {
      name: `${service}_audit`,
      kind: 'audit',
      attributes: ['login'],
      // Since when other sessions have been in a transaction: what they write may still appear.
      memberOf: ['pg_read_all_stats', 'pipeline_audit'],
    },
    ...(streams ? [repairRole(service)] : []),
    ...['app', 'cdc', 'ops', 'audit', 'repair'].map((kind) => group(`pipeline_${kind}`)),
  ];
}

const repairRole = (service: string): ExpectedRole => ({
  name: `${service}_repair`,
  kind: 'repair',
  attributes: ['login'],
  memberOf: ['pipeline_repair'],
});

export async function readRoles(db: Queryable, names: readonly string[]): Promise<Role[]> {
  const { rows } = await db.query<Omit<Role, 'settings'> & { settings: readonly string[] }>({
    name: 'doctor_roles',
    text: `
      select rolname as name,
             array_remove(array[case when rolsuper then 'superuser' end, case when rolcreaterole then 'createrole' end,
               case when rolcreatedb then 'createdb' end, case when rolbypassrls then 'bypassrls' end,
               case when rolreplication then 'replication' end, case when rolcanlogin then 'login' end], null) as attributes,
             array(select roleid::regrole::text from pg_auth_members where member = r.oid order by 1) as "memberOf",
             -- Those for one database win over those for all.
             array(select unnest(setconfig) from pg_db_role_setting s left join pg_database d on d.oid = setdatabase
                   where setrole = r.oid and (setdatabase = 0 or datname = current_database()) order by setdatabase) as settings
      from pg_roles r
      where rolname = any($1)`,
    values: [names],
  });
  return rows.map((row) => ({
    ...row,
    settings: Object.fromEntries(
      row.settings.map((setting) => {
        const [name = '', ...value] = setting.split('=');
        return [name, value.join('=')];
      }),
    ),
  }));
}

export function judgeRoles(roles: readonly Role[], expected: readonly ExpectedRole[]): Judgement[] {
  const wrong = expected.flatMap((wanted) => {
    const role = roles.find(({ name }) => name === wanted.name);
    if (role === undefined)
      return [problem(`Role ${wanted.name} does not exist.`, 'Run: npm run setup (it needs the superuser).')];
    return [...wrongAttributes(role, wanted), ...wrongMemberships(role, wanted)];
  });
  if (wrong.length > 0) return wrong;
  const names = expected.filter(({ kind }) => kind !== 'group').map(({ name }) => name);
  return [ok(`${listed(names)} are as they should be`)];
}

function wrongAttributes(role: Role, wanted: ExpectedRole): Judgement[] {
  const tooMuch = role.attributes.filter((attribute) => !wanted.attributes.includes(attribute));
  const missing = wanted.attributes.filter((attribute) => !role.attributes.includes(attribute));
  return [
    ...(tooMuch.length > 0
      ? [
          problem(
            `${role.name} has ${listed(tooMuch)}, which it must not.`,
            `As a superuser: alter role ${role.name} ${tooMuch.map((one) => `no${one}`).join(' ')}`,
          ),
        ]
      : []),
    ...(missing.length > 0
      ? [
          problem(
            `${role.name} lacks ${listed(missing)}.`,
            `As a superuser: alter role ${role.name} ${missing.join(' ')}`,
          ),
        ]
      : []),
  ];
}

function wrongMemberships(role: Role, wanted: ExpectedRole): Judgement[] {
  const tooMuch = role.memberOf.filter((group) => !wanted.memberOf.includes(group));
  const missing = wanted.memberOf.filter((group) => !role.memberOf.includes(group));
  return [
    ...(tooMuch.length > 0
      ? [
          problem(
            `${role.name} is a member of ${listed(tooMuch)}, which it must not.`,
            `revoke ${tooMuch.join(', ')} from ${role.name}`,
          ),
        ]
      : []),
    ...(missing.length > 0
      ? [
          problem(
            `${role.name} is no member of ${listed(missing)}.`,
            `grant ${missing.join(', ')} to ${role.name}`,
          ),
        ]
      : []),
  ];
}

/** Of the consumers' group sessions (src/consumer/kafka-session.ts). */
const SESSION_S = 10;
/** What the audit allows for: an outbox row commits at most so late after its id was made. */
const TRANSACTION_S = 30;

/** The time limits that let a stopped process not block its successor, and that bound how late an event can commit. */
export function judgeAppTimeouts(app: Role | undefined): Judgement[] {
  if (app === undefined) return [];
  const idle = durationSeconds(app.settings['idle_in_transaction_session_timeout']);
  const whole = durationSeconds(app.settings['transaction_timeout']);
  const set = (setting: string, value: string): string =>
    `As a superuser: alter role ${app.name} set ${setting} = '${value}', then restart the service.`;
  const idleRemedy = set('idle_in_transaction_session_timeout', '5s');
  const wholeRemedy = set('transaction_timeout', `${TRANSACTION_S}s`);
  return [
    idle > 0 && idle < SESSION_S
      ? ok(`${app.name}: idle transactions end after ${secondsInWords(idle)}`)
      : problem(
          `${app.name}: idle_in_transaction_session_timeout is ${idle === 0 ? 'not set' : secondsInWords(idle)}: a process that is stopped in a transaction blocks its successor.`,
          idleRemedy,
        ),
    whole === 0
      ? problem(
          `${app.name}: transaction_timeout is not set: an event could commit at any later time, behind the audit's back.`,
          wholeRemedy,
        )
      : whole > TRANSACTION_S
        ? warning(
            `${app.name}: transaction_timeout is ${secondsInWords(whole)}; the audit allows for ${TRANSACTION_S} s.`,
            wholeRemedy,
          )
        : ok(`${app.name}: transactions end after ${secondsInWords(whole)}`),
  ];
}

/** As Postgres understands it: a number of milliseconds, or one with a unit. 0 for none. */
export function durationSeconds(text: string | undefined): number {
  const [, number, unit = 'ms'] = /^\s*(\d+(?:\.\d+)?)\s*(us|ms|s|min|h|d)?\s*$/.exec(text ?? '') ?? [];
  const units: Record<string, number> = { us: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600, d: 86_400 };
  return Number(number ?? 0) * (units[unit] ?? 0);
}
