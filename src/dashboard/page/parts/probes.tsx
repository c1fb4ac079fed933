import type { ProbeHop, ProbeState } from '../../dashboard-state.ts';
import { inClock, inTime } from '../in-words.ts';
import { slice } from '../live-state.ts';
import { Section } from './section.tsx';

const probes = slice('probes');
const hopNames: Readonly<Record<ProbeHop, string>> = {
  commit: 'commit',
  wal: 'log read',
  kafka: 'into Kafka',
  arrival: 'read back',
};
const hopOrder: readonly ProbeHop[] = ['commit', 'wal', 'kafka', 'arrival'];

/** The newest test event through each connector: RUNNING is not healthy, an event that came out at the far end is. */
export function Probes() {
  const now = probes.value;
  return (
    <Section title="Newest probe through each connector" width="full" problem={now?.problem ?? null}>
      {now?.probes.map((probe) => (
        <ProbeRow key={probe.connector} probe={probe} />
      ))}
      {now?.probes.length === 0 ? <p class="nothing">No probe was sent yet.</p> : null}
    </Section>
  );
}

function ProbeRow({ probe }: { readonly probe: ProbeState }) {
  return (
    <div class="probe">
      <h3>{probe.connector}</h3>
      <p class="age">
        {probe.arrived ? inTime(probe.ageMs) : `not there after ${inTime(probe.ageMs)}`}
        <span class="quiet"> sent {inClock(probe.sentAt)}</span>
      </p>
      <div class="bar" aria-hidden="true" style={{ backgroundImage: barOf(probe) }} />
      <ol>
        {hopOrder.map((hop) => (
          <li key={hop} data-slow={hop === probe.slowHop ? 'yes' : 'no'}>
            <span>{hopNames[hop]}</span> <b>{inTime(probe.hops[hop] ?? null)}</b>
          </li>
        ))}
      </ol>
      {probe.reason === null ? null : <p class="problem">{probe.reason}</p>}
    </div>
  );
}

/** The hops as parts of one bar, the slow one dark: a picture, so that nothing on the page moves when they change. */
function barOf({ hops, slowHop }: ProbeState): string {
  const total = Math.max(
    1,
    hopOrder.reduce((sum, hop) => sum + (hops[hop] ?? 0), 0),
  );
  let end = 0;
  const parts = hopOrder.flatMap((hop) => {
    const start = end;
    end += (100 * (hops[hop] ?? 0)) / total;
    if (end === start) return [];
    const colour = hop === slowHop ? 'var(--ink)' : 'var(--line-orders)';
    return [
      `${colour} ${start.toFixed(1)}% calc(${end.toFixed(1)}% - 2px)`,
      `transparent 0 ${end.toFixed(1)}%`,
    ];
  });
  return parts.length === 0 ? 'none' : `linear-gradient(to right, ${parts.join(', ')})`;
}
