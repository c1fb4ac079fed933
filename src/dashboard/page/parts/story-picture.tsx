import type { Health, OrderStory, StoryHop, StoryLine } from '../../dashboard-state.ts';
import { tookMs } from '../follow-order.ts';
import { inTime } from '../in-words.ts';
import { state } from '../live-state.ts';
import { Mark } from './connectors.tsx';

/** An order that is on its way for less is not called slow: its events need their milliseconds. */
const patienceMs = 2_000;

/** The hops of a story, each with its bar on the line of time that they share; the text beside says the same. */
export function StoryPicture({ story }: { readonly story: OrderStory }) {
  const { line, hops, stuck, settled, status, keys, problems } = story;
  const health = healthOf(story);
  const isOnItsWay = health === 'unknown' && stuck !== null;
  const about = keys.every((key) => key === story.subject) ? '' : `of ${keys.join(', ')}, `;
  return (
    <>
      <p class="outcome" role="status">
        <Mark health={health} text={status ?? 'no status yet'} /> {about}
        {settled ? `all of it dealt with after ${inTime(tookMs(story))}` : ''}
        {stuck === null ? '' : `${isOnItsWay ? 'now' : 'not through'} at ${stuck.where}`}
      </p>
      {stuck === null || isOnItsWay ? null : (
        <p class="stuck" data-health={health}>
          {stuck.sentence}
        </p>
      )}
      {problems.map((problem) => (
        <p key={problem} class="problem">
          {problem}
        </p>
      ))}
      <Axis line={line} />
      <ol class="bars">
        {hops.map((hop, index) => (
          <HopRow key={index} hop={hop} line={line} index={index} />
        ))}
      </ol>
      {line.cuts.length === 0 ? null : (
        <p class="left-out">
          Left out of the line, where it is striped: {line.cuts.map(({ ms }) => inTime(ms)).join(', ')} in
          which nothing happened.
        </p>
      )}
    </>
  );
}

function healthOf({ settled, stuck, hops, from }: OrderStory): Health {
  if (settled) return 'good';
  if (stuck === null) return 'unknown';
  if (hops[stuck.hop]?.state !== 'waiting') return 'broken';
  // By the server's clock: the browser's may be wrong.
  const ageMs = from === null ? 0 : (state.value?.at ?? 0) - Date.parse(from);
  return ageMs > patienceMs ? 'slow' : 'unknown';
}

const percent = (fraction: number): string => `${(100 * fraction).toFixed(2)}%`;

function Axis({ line: { drawnMs, knownTo } }: { readonly line: StoryLine }) {
  return (
    <p class="axis" aria-hidden="true">
      <span class="line">
        <b style={{ left: '0%' }}>0</b>
        <b style={{ right: percent(1 - knownTo) }}>{inTime(drawnMs)}</b>
      </span>
    </p>
  );
}

const kindNames = {
  request: 'request',
  commit: 'committed',
  kafka: 'in Kafka',
  consumer: 'applied',
} as const;

function HopRow({
  hop,
  line,
  index,
}: {
  readonly hop: StoryHop;
  readonly line: StoryLine;
  readonly index: number;
}) {
  const span = line.spans[index] ?? null;
  const { kind, eventType, where, durationMs, detail } = hop;
  const isDone = hop.state === 'done';
  const took = durationMs === null ? '' : inTime(durationMs);
  return (
    <li data-state={hop.state} data-kind={kind}>
      <span class="hop">
        <b>{eventType}</b> {isDone ? kindNames[kind] : `not ${kindNames[kind]}`} <small>{where}</small>
      </span>
      <span class="took">{isDone ? took : hop.state}</span>
      <span class="line" aria-hidden="true">
        {line.cuts.map(({ from, to }) => (
          <s key={from} style={{ left: percent(from), width: percent(to - from) }} />
        ))}
        {span === null ? null : (
          <i
            style={{
              left: `min(${percent(span.from)}, calc(100% - 4px))`,
              width: `max(4px, ${percent(span.to - span.from)})`,
            }}
          />
        )}
      </span>
      <span class="detail">{detail}</span>
    </li>
  );
}
