import type { Health } from '../../dashboard-state.ts';
import { follow, followed } from '../follow-order.ts';
import { inTime } from '../in-words.ts';
import { storyBars, type StoryBar } from '../story-bars.ts';
import { Mark } from './connectors.tsx';
import { Section } from './section.tsx';

/** One order's way on one line of time, from the request to the last consumer; where it does not go on is said. */
export function Story() {
  const now = followed.value;
  return (
    <Section
      title="One order's story"
      width="two-thirds"
      aside={now === undefined ? undefined : <code>{now.orderId}</code>}
      problem={now?.problem ?? null}
    >
      <form class="find" onSubmit={find}>
        <label>
          Order id
          <input
            name="orderId"
            required
            pattern="[0-9a-fA-F\-]{36}"
            title="36 characters"
            autocomplete="off"
          />
        </label>
        <button type="submit">Show its story</button>
      </form>
      <div class="story" aria-live="polite">
        {now === undefined ? (
          <p class="nothing">Place an order, or choose one among the events.</p>
        ) : now.story === undefined ? (
          <p class="nothing">Looking for it …</p>
        ) : (
          <Told />
        )}
      </div>
    </Section>
  );
}

function find(event: Event): void {
  event.preventDefault();
  const orderId = new FormData(event.currentTarget as HTMLFormElement).get('orderId');
  if (typeof orderId === 'string') follow(orderId.trim().toLowerCase());
}

function Told() {
  const story = followed.value?.story;
  if (story === undefined) return null;
  const { bars, totalMs } = storyBars(story);
  const health: Health = story.settled ? 'good' : story.stuck === null ? 'unknown' : 'slow';
  return (
    <>
      <p class="outcome">
        <Mark health={health} text={story.status ?? 'no status yet'} />{' '}
        {totalMs === null ? '' : `${inTime(totalMs)} from the request to the last consumer`}
      </p>
      {story.stuck === null ? null : <p class="problem">{story.stuck.sentence}</p>}
      {story.problems.map((problem) => (
        <p key={problem} class="problem">
          {problem}
        </p>
      ))}
      <ol class="bars">
        {bars.map((bar, index) => (
          <BarRow key={index} bar={bar} />
        ))}
      </ol>
    </>
  );
}

const kindNames = {
  request: 'request',
  commit: 'committed',
  kafka: 'in Kafka',
  consumer: 'applied',
} as const;

function BarRow({ bar: { hop, from, width } }: { readonly bar: StoryBar }) {
  return (
    <li data-state={hop.state} data-kind={hop.kind}>
      <span class="hop">
        <b>{hop.eventType}</b> {kindNames[hop.kind]} · {hop.where}
      </span>
      <span class="took">
        {hop.state === 'done' ? (hop.durationMs === null ? '' : inTime(hop.durationMs)) : hop.state}
      </span>
      <span class="line" aria-hidden="true">
        <i style={{ left: `${from.toFixed(2)}%`, width: `max(5px, ${width.toFixed(2)}%)` }} />
      </span>
      <span class="detail" title={hop.detail}>
        {hop.detail}
      </span>
    </li>
  );
}
