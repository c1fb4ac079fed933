import type { Queryable } from '../../platform/postgres/statement.ts';
import { secondsInWords } from './in-words.ts';
import { ok, problem, warning, type Judgement } from './judgement.ts';

/** The services' own end after 30 s (transaction_timeout). */
const LONG_S = 60;
const TOO_LONG_S = 600;

/** A transaction that is open, or prepared and waiting for its second half. */
export interface OpenTransaction {
  /** `pid 4711` or the name of the prepared one. */
  readonly who: string;
  readonly pid: number | undefined;
  readonly application: string;
  readonly role: string;
  readonly database: string;
  readonly seconds: number;
  /** It has written: slots can't move past its beginning. Otherwise it only holds back vacuum and the making of slots. */
  readonly wrote: boolean;
}

/** Those that are open for longer than so many seconds, oldest first. */
export async function readLongTransactions(
  db: Queryable,
  longerThanSeconds = LONG_S,
): Promise<OpenTransaction[]> {
  const { rows } = await db.query<Omit<OpenTransaction, 'pid'> & { pid: number | null }>({
    name: 'doctor_long_transactions',
    text: `
      select 'pid ' || pid as who, pid, application_name as application, coalesce(usename, '') as role, coalesce(datname, '') as database,
             extract(epoch from clock_timestamp() - xact_start)::float as seconds, backend_xid is not null as wrote
      from pg_stat_activity
      where backend_type = 'client backend' and xact_start < clock_timestamp() - make_interval(secs => $1)
        and (backend_xid is not null or backend_xmin is not null)
      union all
      select 'prepared transaction ' || gid, null, '', owner, database,
             extract(epoch from clock_timestamp() - prepared)::float, true
      from pg_prepared_xacts
      where prepared < clock_timestamp() - make_interval(secs => $1)
      order by seconds desc`,
    values: [longerThanSeconds],
  });
  return rows.map((row) => ({ ...row, pid: row.pid ?? undefined }));
}

export function judgeTransactions(transactions: readonly OpenTransaction[]): Judgement[] {
  const judged = transactions.filter(({ seconds }) => seconds > LONG_S).map(judgeTransaction);
  return judged.length === 0 ? [ok(`none is open for more than ${secondsInWords(LONG_S)}`)] : judged;
}

function judgeTransaction(transaction: OpenTransaction): Judgement {
  const { who, pid, application, role, database, seconds, wrote } = transaction;
  const by = application === '' ? role : `${application}, ${role}`;
  const effect = wrote ? 'no slot can let go of the log behind it' : 'no new slot can be made until it ends';
  const sentence = `${who} (${by}, database ${database}) is in a transaction for ${secondsInWords(seconds)}: ${effect}.`;
  const remedy =
    pid === undefined
      ? `Decide it: commit prepared or rollback prepared '${who.replace('prepared transaction ', '')}'`
      : `End it where it was begun, or: select pg_terminate_backend(${pid})`;
  return seconds > TOO_LONG_S ? problem(sentence, remedy) : warning(sentence, remedy);
}
