import type { FoundOrder, FoundOrders } from '../../dashboard-state.ts';
import { follow, followed } from '../follow-order.ts';
import { inCount, inMoment } from '../in-words.ts';
import { search, searchOrders, type Search } from '../search-orders.ts';

/** What came of a search: orders to choose from, or why there are none. */
export function FoundList() {
  const now = search.value;
  if (now === undefined || isElsewhere(now)) return null;
  if (now.problem !== null)
    return (
      <p class="problem" role="status">
        {now.problem}
      </p>
    );
  if (now.found === undefined)
    return (
      <p class="nothing" role="status">
        Looking for {now.id} …
      </p>
    );
  if (now.found.nothing !== null)
    return (
      <p class="nothing" role="status">
        {now.found.nothing}
      </p>
    );
  return now.found.orders.length === 1 ? null : <Choice id={now.id} found={now.found} />;
}

/** An order was chosen that this search did not find: among the events, or by the form. */
function isElsewhere({ found }: Search): boolean {
  const orderId = followed.value?.orderId;
  return orderId !== undefined && found?.orders.some((order) => order.orderId === orderId) !== true;
}

function Choice({ id, found }: { readonly id: string; readonly found: FoundOrders }) {
  const { orders, lookedSince, hasMore } = found;
  const many = hasMore ? `The newest ${orders.length}` : inCount(orders.length);
  const since = lookedSince === null ? '' : ` since ${inMoment(lookedSince)}`;
  return (
    <div class="found">
      <p role="status">
        {many} orders of <b>{id}</b>
        {since}. Choose one:
      </p>
      <ol aria-label={`Orders of ${id}, newest first`}>
        {orders.map((order) => (
          <FoundRow key={order.orderId} order={order} />
        ))}
      </ol>
      {lookedSince === null ? null : (
        <button type="button" onClick={() => void searchOrders(id, true)}>
          Look at older ones too
        </button>
      )}
    </div>
  );
}

function FoundRow({ order: { orderId, status, since } }: { readonly order: FoundOrder }) {
  const isShown = followed.value?.orderId === orderId;
  return (
    <li>
      <time dateTime={since}>{inMoment(since)}</time>
      <span class="status">{status ?? 'no status'}</span>
      <button type="button" class="link" aria-pressed={isShown} onClick={() => follow(orderId)}>
        {orderId}
      </button>
    </li>
  );
}
