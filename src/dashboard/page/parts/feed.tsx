import { signal } from '@preact/signals';
import type { EventRow, EventsSlice } from '../../dashboard-state.ts';
import { follow } from '../follow-order.ts';
import { inClock, inCount, inRate } from '../in-words.ts';
import { slice } from '../live-state.ts';
import { Section } from './section.tsx';

const events = slice('events');
const shown = 16;
/** Kept while the feed is held still; undefined while it runs. */
const still = signal<EventsSlice | undefined>(undefined);
/** Kept while the mouse or the keyboard is at a row: nobody can hit what moves away. */
const touched = signal<EventsSlice | undefined>(undefined);

/** Events as they are read from Kafka, decoded; newest first. */
export function Feed() {
  const now = still.value ?? touched.value ?? events.value;
  const rows = (now?.rows ?? []).slice(-shown).reverse();
  const isStill = still.value !== undefined;
  return (
    <Section
      title="Events"
      width="full"
      aside={
        <>
          {inRate(events.value?.perSecond ?? null)}/s; {inCount(events.value?.notShown ?? null)} not shown{' '}
          <button
            type="button"
            aria-pressed={isStill}
            onClick={() => (still.value = isStill ? undefined : events.value)}
          >
            Hold still
          </button>
        </>
      }
      problem={events.value?.problem ?? null}
    >
      <ol class="feed" onMouseEnter={hold} onFocusIn={hold} onMouseLeave={release} onFocusOut={release}>
        {/* By place, not by event: the texts change, no row moves. */}
        {rows.map((row, place) => (
          <FeedRow key={place} row={row} />
        ))}
      </ol>
    </Section>
  );
}

const hold = (): void => void (touched.value ??= events.value);
const release = (): void => void (touched.value = undefined);

function FeedRow({ row }: { readonly row: EventRow }) {
  const { aggregateId, topic } = row;
  return (
    <li data-topic={topic.includes('inventory') ? 'inventory' : 'orders'}>
      <time>{inClock(row.at)}</time>
      <b class="type">{row.type}</b>
      {aggregateId === null || !isOrder(row) ? (
        <span class="about">{aggregateId ?? row.key}</span>
      ) : (
        <button type="button" class="link about" onClick={() => follow(aggregateId)}>
          {aggregateId}
        </button>
      )}
      <span class="place">
        {row.partition}@{row.offset}
      </span>
      <span class="text">{withoutId(row)}</span>
    </li>
  );
}

/** What has a story: an order's own id is a uuid; a sku's is not. */
const isOrder = ({ aggregateId }: EventRow): boolean => /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(aggregateId ?? '');

/** The id stands beside; what is left of the line is for what it says. */
const withoutId = ({ text, aggregateId }: EventRow): string =>
  aggregateId === null ? text : text.replace(`"orderId":"${aggregateId}",`, '');
