import { signal } from '@preact/signals';
import type { PlacedOrder, PlaceOrder } from '../../dashboard-state.ts';
import { post, RefusedError } from '../ask-server.ts';
import { follow, followed, tookMs } from '../follow-order.ts';
import { inCount, inTime } from '../in-words.ts';
import { slice } from '../live-state.ts';
import { readOrderForm } from '../read-order-form.ts';
import { ask } from './confirm-dialog.tsx';
import { Section } from './section.tsx';
import { tell } from './told.tsx';

const stock = slice('stock');
const mostLines = 4;
const lines = signal(1);
const isSending = signal(false);
const countries = ['United Kingdom', 'France', 'Germany', 'EIRE', 'Spain', 'Netherlands', 'Portugal'];

/** Places an order as any client would, and shows how far it has come. */
export function OrderForm() {
  return (
    <Section title="Place an order" width="third" problem={stock.value?.problem ?? null}>
      <form class="order" onSubmit={send}>
        <div class="who">
          <label>
            Customer
            <input name="customerId" defaultValue="ada" required maxLength={64} autocomplete="off" />
          </label>
          <label>
            Country
            <select name="country">
              {countries.map((country) => (
                <option key={country}>{country}</option>
              ))}
            </select>
          </label>
        </div>
        {Array.from({ length: lines.value }, (_, index) => (
          <OrderLine key={index} />
        ))}
        <div class="send">
          <button type="submit" class="main" disabled={isSending.value}>
            Place the order
          </button>
          <button
            type="button"
            disabled={lines.value === mostLines}
            onClick={() => (lines.value = Math.min(mostLines, lines.value + 1))}
          >
            One more line
          </button>
        </div>
      </form>
      <HowFar />
    </Section>
  );
}

function OrderLine() {
  const items = stock.value?.items ?? [];
  return (
    <div class="order-line">
      <label>
        Product
        <select name="sku" required>
          {items.map(({ sku, available }) => (
            <option key={sku} value={sku}>
              {sku} ({inCount(available)} left)
            </option>
          ))}
        </select>
      </label>
      <label>
        Pieces
        <input name="quantity" type="number" min={1} max={1_000_000} defaultValue="1" required />
      </label>
      <label>
        Price
        <input
          name="price"
          type="number"
          min={0.01}
          max={10_000_000}
          step={0.01}
          defaultValue="19.95"
          required
        />
      </label>
    </div>
  );
}

/** A sentence on the newest order followed, always two lines high; the whole story is further down. */
function HowFar() {
  const now = followed.value;
  const story = now?.story;
  const done = story?.hops.filter(({ state }) => state === 'done').at(-1);
  return (
    <p class="how-far" role="status">
      {now === undefined ? (
        'Its way is then shown hop by hop.'
      ) : (
        <>
          <b>{story?.status ?? 'Sent'}</b>
          {story?.settled === true
            ? ` after ${inTime(tookMs(story))}. `
            : done === undefined
              ? ' '
              : `, now at ${done.where}. `}
          <a href="#one-order-s-story">Its whole story</a>
        </>
      )}
    </p>
  );
}

function send(event: Event): void {
  event.preventDefault();
  const order = readOrderForm(new FormData(event.currentTarget as HTMLFormElement));
  const pieces = order.lines.map(({ sku, quantity }) => `${inCount(quantity)} of ${sku}`).join(', ');
  ask({
    title: `Place an order for ${order.customerId}?`,
    meaning: `${pieces}. It is a real order: stock is reserved when there is enough.`,
    verb: 'Place the order',
    act: () => place(order),
  });
}

async function place(order: PlaceOrder): Promise<void> {
  isSending.value = true;
  try {
    const { orderId } = await post<PlacedOrder>('orders', order);
    tell(`Order ${orderId} was accepted.`, true);
    follow(orderId);
  } catch (error) {
    tell(error instanceof RefusedError ? error.message : 'The dashboard could not be reached.', false);
  } finally {
    isSending.value = false;
  }
}
