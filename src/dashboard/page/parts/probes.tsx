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
  const total = Math.max(
    1,
    hopOrder.reduce((sum, hop) => sum + (probe.hops[hop] ?? 0), 0),
  );
  return (
    <div class="probe" data-arrived={probe.arrived ? 'yes' : 'no'}>
      <h3>{probe.connector}</h3>
      <p class="age">
        {probe.arrived ? inTime(probe.ageMs) : `not there after ${inTime(probe.ageMs)}`}
        <span class="quiet"> sent {inClock(probe.sentAt)}</span>
      </p>
      <ol class="bar">
        {hopOrder.map((hop) => (
          <li
            key={hop}
            data-slow={hop === probe.slowHop ? 'yes' : 'no'}
            style={{ flexGrow: Math.max(0.12, (probe.hops[hop] ?? 0) / total) }}
          >
            <span>{hopNames[hop]}</span>
            <b>{inTime(probe.hops[hop] ?? null)}</b>
          </li>
        ))}
      </ol>
      {probe.reason === null ? null : <p class="problem">{probe.reason}</p>}
    </div>
  );
}
