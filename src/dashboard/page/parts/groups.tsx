import type { GroupState } from '../../dashboard-state.ts';
import { inCount } from '../in-words.ts';
import { slice } from '../live-state.ts';
import { Mark } from './connectors.tsx';
import { Section } from './section.tsx';

const groups = slice('groups');

/** Who reads which partition, and how far behind. */
export function Groups() {
  const now = groups.value;
  return (
    <Section title="Consumer groups" width="full" problem={now?.problem ?? null}>
      <div class="groups">
        {now?.groups.map((group) => (
          <Group key={group.name} group={group} />
        ))}
      </div>
      {now?.groups.length === 0 ? <p class="nothing">Nobody reads.</p> : null}
    </Section>
  );
}

function Group({ group }: { readonly group: GroupState }) {
  const isStable = group.state === 'Stable';
  const lag = group.partitions.reduce((sum, one) => sum + (one.lag ?? 0), 0);
  return (
    <div class="scroll group-table">
      <h3>
        {group.name} <Mark health={isStable ? 'good' : 'slow'} text={group.state} />
        <span class="quiet"> {lag === 0 ? 'nothing behind' : `${inCount(lag)} behind`}</span>
      </h3>
      <table>
        <thead>
          <tr>
            <th scope="col">Partition</th>
            <th scope="col" class="figure">
              Position
            </th>
            <th scope="col" class="figure">
              Behind
            </th>
            <th scope="col">Owner</th>
          </tr>
        </thead>
        <tbody>
          {group.partitions.map((one) => (
            <tr key={`${one.topic}/${one.partition}`}>
              <th scope="row">
                {one.topic} {one.partition}
              </th>
              <td class="figure">{inCount(one.position)}</td>
              <td class="figure">{inCount(one.lag)}</td>
              <td class="owner">{one.owner ?? <Mark health="broken" text="nobody" />}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="quiet">
        {group.idle.length === 0
          ? 'No instance is idle.'
          : `Idle, without a partition: ${group.idle.join(', ')}.`}
      </p>
    </div>
  );
}
