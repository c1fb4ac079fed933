import type { Queryable } from '../../platform/postgres/statement.ts';
import type { OperatedPipeline } from '../operated-pipeline.ts';
import { secondsInWords } from './in-words.ts';
import { ok, problem, skipped, warning, type Judgement } from './judgement.ts';
import type { PostgresServer } from './postgres-servers.ts';
import type { Section } from './section.ts';

const FAR_APART_MS = 30_000;
const ANSWER_WITHIN_MS = 5_000;

/** Milliseconds since 1970. The other clock stood between `from` and `to` while ours went from `before` to `after`. */
export interface ClockReading {
  readonly from: number;
  readonly to: number;
  readonly before: number;
  readonly after: number;
}

/** By how much the other clock is ahead at least (behind: negative); 0 when both may well agree. */
export function clockSkew({ from, to, before, after }: ClockReading): number {
  if (from > after) return from - after;
  return to < before ? to - before : 0;
}

/** @param warnAboveMs what the way of reading it can not tell from agreement */
export function judgeSkew(skewMs: number, warnAboveMs: number): Judgement {
  const apart = Math.abs(skewMs);
  if (apart <= warnAboveMs) return ok(apart < 1_000 ? 'agrees with this machine' : 'agrees within 2 s');
  const sentence = `It is ${secondsInWords(apart / 1_000)} ${skewMs > 0 ? 'ahead of' : 'behind'} this machine: ids, retention and the age of events are wrong by that much.`;
  const remedy = 'Let all machines set their clocks by the network (chrony, systemd-timesyncd).';
  return apart > FAR_APART_MS ? problem(sentence, remedy) : warning(sentence, remedy);
}

async function readPostgresClock(db: Queryable): Promise<ClockReading> {
  // The first statement pays for connecting; only the second is timed.
  await db.query({ text: 'select 1' });
  const before = Date.now();
  const { rows } = await db.query<{ at: number }>({
    name: 'doctor_clock',
    text: 'select (extract(epoch from clock_timestamp()) * 1000)::float as at',
  });
  const at = rows[0]?.at ?? before;
  return { from: at, to: at, before, after: Date.now() };
}

/**
 * By the `Date` of any answer, a refusal included: so it needs no password. It is in whole seconds.
 * @throws when nobody answers
 */
async function readHttpClock(address: string): Promise<ClockReading | undefined> {
  const url = new URL(address);
  url.username = '';
  url.password = '';
  const before = Date.now();
  const response = await fetch(url, { method: 'GET', signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  const after = Date.now();
  await response.body?.cancel();
  const at = Date.parse(response.headers.get('date') ?? '');
  return Number.isNaN(at) ? undefined : { from: at, to: at + 999, before, after };
}

async function judgeHttpClock(address: string): Promise<Judgement> {
  try {
    const reading = await readHttpClock(address);
    return reading === undefined
      ? skipped('it does not tell the time')
      : judgeSkew(clockSkew(reading), 2_000);
  } catch {
    return skipped('not reached');
  }
}

/** Kafka is left out: a broker answers nothing with its time in it, short of writing a record to it. */
export function clockSection(
  pipeline: OperatedPipeline,
  servers: readonly PostgresServer[],
): Section<undefined> {
  return {
    title: 'Clocks',
    reach: () => Promise.resolve(undefined),
    remedy: '',
    checks: [
      ...servers.map(({ address, pool }) => ({
        name: `Postgres ${address}`,
        look: async () => [judgeSkew(clockSkew(await readPostgresClock(pool)), 1_000)],
      })),
      { name: 'Kafka Connect', look: async () => [await judgeHttpClock(pipeline.connect.url)] },
      {
        name: 'schema registry',
        look: async () => [await judgeHttpClock(`${pipeline.registryUrl.replace(/\/$/, '')}/subjects`)],
      },
    ],
  };
}
