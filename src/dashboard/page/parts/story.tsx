import { followed } from '../follow-order.ts';
import { search, searchOrders } from '../search-orders.ts';
import { FoundList } from './found-list.tsx';
import { Section } from './section.tsx';
import { StoryPicture } from './story-picture.tsx';

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
          Id of an order, an event or a customer
          <input name="id" required maxLength={200} autocomplete="off" spellcheck={false} />
        </label>
        <button type="submit">Show its story</button>
      </form>
      <FoundList />
      <div class="story">
        <Told />
      </div>
    </Section>
  );
}

function find(event: Event): void {
  event.preventDefault();
  const id = new FormData(event.currentTarget as HTMLFormElement).get('id');
  if (typeof id === 'string') void searchOrders(id);
}

function Told() {
  const now = followed.value;
  if (now === undefined)
    return search.value === undefined ? (
      <p class="nothing">Look for an id, place an order, or choose one among the events.</p>
    ) : null;
  return now.story === undefined ? (
    <p class="nothing">{now.problem === null ? 'Looking for it …' : ''}</p>
  ) : (
    <StoryPicture story={now.story} />
  );
}
