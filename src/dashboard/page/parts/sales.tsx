import type { SalesRow } from '../../dashboard-state.ts';
import { inCount } from '../in-words.ts';
import { slice } from '../live-state.ts';
import { salesTables, type SalesTable } from '../sales-table.ts';
import { Section } from './section.tsx';

const sales = slice('sales');
const mostDays = 5;
const mostCountries = 10;

/** What was sold, by day and country, as the second reader of the log counts it. */
export function Sales() {
  const now = sales.value;
  return (
    <Section
      title="Sales by country and day"
      width="full"
      aside="net of returns, and confirmed orders"
      problem={now?.problem ?? null}
    >
      <div class="sales">
        {salesTables(now?.rows ?? [], mostDays, mostCountries).map((table) => (
          <Table key={table.currency} table={table} />
        ))}
        {now?.rows.length === 0 ? <p class="nothing">Nothing was sold yet.</p> : null}
      </div>
    </Section>
  );
}

function Table({ table: { currency, days, countries } }: { readonly table: SalesTable }) {
  const most = Math.max(1, ...countries.flatMap(({ cells }) => cells.map((cell) => cell?.netMinor ?? 0)));
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={`Sales in ${currency}`}>
      <table>
        <thead>
          <tr>
            <th scope="col">{currency}</th>
            {days.map((day) => (
              <th key={day} scope="col" class="figure">
                {day}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {countries.map(({ country, cells }) => (
            <tr key={country}>
              <th scope="row">{country}</th>
              {cells.map((cell, index) => (
                <Cell key={days[index]} cell={cell} most={most} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A bar under the figure, as long as its share of the best day: countries differ by a hundred times, colours would not show it. */
function Cell({ cell, most }: { readonly cell: SalesRow | null; readonly most: number }) {
  if (cell === null) return <td />;
  const share = Math.max(0, (100 * cell.netMinor) / most);
  return (
    <td class="figure">
      <span class="share" style={{ '--share': `${share.toFixed(1)}%` }}>
        {inCount(Math.round(cell.netMinor / 100))} <span class="quiet">{inCount(cell.orders)}</span>
      </span>
    </td>
  );
}
