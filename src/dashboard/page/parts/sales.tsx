import { inCount, inMoney } from '../in-words.ts';
import { slice } from '../live-state.ts';
import { Section } from './section.tsx';

const sales = slice('sales');
const shown = 14;

/** What was sold, by day and country, as the second reader of the log counts it. */
export function Sales() {
  const rows = sales.value?.rows.slice(0, shown) ?? [];
  const most = Math.max(1, ...rows.map(({ netMinor }) => netMinor));
  return (
    <Section title="Sales by country and day" width="narrow" problem={sales.value?.problem ?? null}>
      <div class="scroll sales">
        <table>
          <thead>
            <tr>
              <th scope="col">Day</th>
              <th scope="col">Country</th>
              <th scope="col" class="figure">
                Orders
              </th>
              <th scope="col" class="figure">
                Net
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={`${row.day}/${row.country}/${row.currency}`}>
                <td>{row.day}</td>
                <th scope="row">
                  <span
                    class="share"
                    style={{ '--share': `${Math.max(0, (100 * row.netMinor) / most).toFixed(1)}%` }}
                  >
                    {row.country}
                  </span>
                </th>
                <td class="figure">{inCount(row.orders)}</td>
                <td class="figure">{inMoney(row.netMinor, row.currency)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {rows.length === 0 ? <p class="nothing">Nothing was sold yet.</p> : null}
      </div>
    </Section>
  );
}
