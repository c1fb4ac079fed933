import { accessOf, registryAddress } from '../../events/registry-access.ts';
import type { TlsAccess } from '../../platform/access.ts';
import { httpAddress } from '../../platform/http/http-address.ts';
import { httpExchange } from '../../platform/http/http-exchange.ts';
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
async function readHttpClock(url: string, tls: TlsAccess | undefined): Promise<ClockReading | undefined> {
  const exchange = httpExchange([], tls);
  const before = Date.now();
  const { date } = await exchange(httpAddress(url, {}), {
    method: 'GET',
    path: '',
    timeoutMs: ANSWER_WITHIN_MS,
  });
  const after = Date.now();
  const at = Date.parse(date ?? '');
  return Number.isNaN(at) ? undefined : { from: at, to: at + 999, before, after };
}

async function judgeHttpClock(url: string, tls: TlsAccess | undefined): Promise<Judgement> {
  try {
    const reading = await readHttpClock(url, tls);
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
  const registry = accessOf(pipeline.registry);
  return {
    title: 'Clocks',
    reach: () => Promise.resolve(undefined),
    remedy: '',
    checks: [
      ...servers.map(({ address, pool }) => ({
        name: `Postgres ${address}`,
        look: async () => [judgeSkew(clockSkew(await readPostgresClock(pool)), 1_000)],
      })),
      {
        name: 'Kafka Connect',
        look: async () => [await judgeHttpClock(pipeline.connect.url, pipeline.connect.tls)],
      },
      {
        name: 'schema registry',
        look: async () => [await judgeHttpClock(`${registryAddress(registry).url}/subjects`, registry.tls)],
      },
    ],
  };
}
