import type { SalesRow } from '../dashboard-state.ts';

export interface SalesTable {
  readonly currency: string;
  /** Oldest first. */
  readonly days: readonly string[];
  /** Best-selling first; a cell a day, null where nothing was sold. */
  readonly countries: readonly {
    readonly country: string;
    readonly cells: readonly (SalesRow | null)[];
    readonly netMinor: number;
  }[];
}

/** The newest days across, the countries that sold most in them down, one table for each currency. */
export function salesTables(
  rows: readonly SalesRow[],
  mostDays: number,
  mostCountries: number,
): SalesTable[] {
  const currencies = [...new Set(rows.map(({ currency }) => currency))].toSorted();
  return currencies.map((currency) => {
    const own = rows.filter((row) => row.currency === currency);
    const days = [...new Set(own.map(({ day }) => day))].toSorted().slice(-mostDays);
    const shown = own.filter(({ day }) => days.includes(day));
    const countries = [...new Set(shown.map(({ country }) => country))].map((country) => {
      const sold = shown.filter((row) => row.country === country);
      return {
        country,
        cells: days.map((day) => sold.find((row) => row.day === day) ?? null),
        netMinor: sold.reduce((sum, row) => sum + row.netMinor, 0),
      };
    });
    return {
      currency,
      days,
      countries: countries.toSorted((a, b) => b.netMinor - a.netMinor).slice(0, mostCountries),
    };
  });
}
