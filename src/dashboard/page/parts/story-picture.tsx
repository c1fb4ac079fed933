import type { Health, OrderStory, StoryHop, StoryLine } from '../../dashboard-state.ts';
import { tookMs } from '../follow-order.ts';
import { inTime } from '../in-words.ts';
import { Mark } from './connectors.tsx';

/** The hops of a story, each with its bar on the line of time that they share; the text beside says the same. */
export function StoryPicture({ story }: { readonly story: OrderStory }) {
  const { line, hops, stuck, settled, status, keys, problems } = story;
  const hasStopped = stuck !== null && hops[stuck.hop]?.state !== 'waiting';
  const health: Health = settled ? 'good' : hasStopped ? 'broken' : 'slow';
  return (
    <>
      <p class="outcome" role="status">
        <Mark health={health} text={status ?? 'no status yet'} />{' '}
        <span>
          of {keys.join(', ')}
          {settled ? `, all of it dealt with after ${inTime(tookMs(story))}` : ''}
          {stuck === null ? '' : `, not through at ${stuck.where}`}
        </span>
      </p>
      {stuck === null ? null : <p class="problem">{stuck.sentence}</p>}
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
    </>
  );
}

const percent = (fraction: number): string => `${(100 * fraction).toFixed(2)}%`;

function Axis({ line: { drawnMs, knownTo, cuts } }: { readonly line: StoryLine }) {
  return (
    <p class="axis">
      <span class="unseen">
        The bars stand on one line of {inTime(drawnMs)}
        {cuts.map(({ ms }) => `, without ${inTime(ms)} in which nothing happened`).join('')}.
      </span>
      <span class="line" aria-hidden="true">
        <b style={{ left: '0%' }}>0</b>
        {cuts.map(({ from, ms }) => (
          <i key={from} style={{ left: percent(from) }}>
            {inTime(ms)} left out
          </i>
        ))}
        <b class="end" style={{ right: percent(1 - knownTo) }}>
          {inTime(drawnMs)}
        </b>
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
  const { state, kind, eventType, where, durationMs, detail } = hop;
  const isDone = state === 'done';
  const took = durationMs === null ? '' : inTime(durationMs);
  return (
    <li data-state={state} data-kind={kind}>
      <span class="hop">
        <b>{eventType}</b> {isDone ? kindNames[kind] : `not ${kindNames[kind]}`} · {where}
      </span>
      <span class="took">{isDone ? took : state}</span>
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
