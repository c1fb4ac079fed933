import { inBytes, inRate, inTime } from '../in-words.ts';
import { slice } from '../live-state.ts';
import { healthWord, wayStops, type Stop } from '../way-stops.ts';

const way = slice('way');

/** The way of an order: a verdict that is read from across the room, and every hop with its rate, delay and health. */
export function WayPicture() {
  const now = way.value;
  return (
    <section aria-label="The way of an order" class="picture">
      <Verdict />
      <ol class="stops">
        {wayStops(now).map((stop) => (
          <StopSign key={stop.id} stop={stop} />
        ))}
      </ol>
      <div class="turn" aria-hidden="true" />
      <div class="branch" aria-hidden="true" />
    </section>
  );
}

/** Longer ones are set smaller: the room for them is fixed. */
const longVerdict = 70;

function Verdict() {
  const now = way.value;
  const health = now?.problem == null ? (now?.health ?? 'unknown') : 'unknown';
  const trouble = now?.hops.find((hop) => hop.health === health && hop.reason !== null)?.reason;
  const endToEnd =
    now?.endToEndP50Ms == null
      ? 'No order was settled in the last minute.'
      : `From the request to the settled order: half within ${inTime(now.endToEndP50Ms)}, 99 of 100 within ${inTime(now.endToEndP99Ms)}.`;
  const verdict = now === undefined ? 'Waiting for the first figures' : (now.problem ?? now.verdict);
  return (
    <div class="verdict" data-health={health} data-long={verdict.length > longVerdict ? 'yes' : 'no'}>
      <p role="status">{verdict}</p>
      <p>{health === 'good' || trouble === now?.verdict ? endToEnd : (trouble ?? endToEnd)}</p>
    </div>
  );
}

function StopSign({ stop }: { readonly stop: Stop }) {
  const { id, line, hop } = stop;
  const word = healthWord(hop.health);
  return (
    <li
      class="stop"
      data-hop={id}
      data-line={line}
      data-health={hop.health}
      data-cut={stop.isCut ? 'yes' : 'no'}
      title={hop.reason ?? undefined}
    >
      <i class="arrow" aria-hidden="true" />
      <div class="sign">
        <span class="name">{stop.name}</span>
        <span class="what">{word === '' ? stop.what : <b class="state">{word}</b>}</span>
        <span class="rate">
          {id.endsWith('-wal') ? inBytes(hop.perSecond) : inRate(hop.perSecond)} <small>{stop.unit}</small>
        </span>
        <span class="delay">{inTime(hop.delayMs)}</span>
        {hop.partitions.length === 0 ? (
          <span class="note">{hop.note ?? '\u00a0'}</span>
        ) : (
          <Partitions stop={stop} />
        )}
      </div>
    </li>
  );
}

/** A bar a partition: its share of the busiest one's rate. */
function Partitions({ stop: { hop } }: { readonly stop: Stop }) {
  const most = Math.max(1, ...hop.partitions.map(({ perSecond }) => perSecond ?? 0));
  const words = hop.partitions
    .map(({ partition, perSecond, lag }) => `${partition}: ${inRate(perSecond)}/s, ${lag ?? '?'} behind`)
    .join('; ');
  return (
    <span class="partitions" role="img" aria-label={`By partition ${words}`} title={words}>
      {hop.partitions.map(({ partition, perSecond }) => (
        <i key={partition} style={{ '--full': `${Math.round((100 * (perSecond ?? 0)) / most)}%` }} />
      ))}
    </span>
  );
}
