/** Sales of one country, UTC day (YYYY-MM-DD) and currency, or what one event adds to them. Amounts in minor units. */
export interface DaySales {
  readonly country: string;
  readonly day: string;
  readonly currency: string;
  readonly orders: number;
  readonly units: number;
  readonly revenueMinor: number;
  readonly returns: number;
  readonly returnedUnits: number;
  readonly returnedMinor: number;
}

interface Goods {
  readonly country: string;
  readonly currency: string;
  readonly lines: readonly { readonly quantity: number }[];
  readonly totalMinor: number;
}

/** What these goods add to their day's sales. `at`: epoch ms. `sign` -1 takes back what 1 has added. */
export function daySales(goods: Goods, at: number, kind: 'sold' | 'returned', sign: 1 | -1): DaySales {
  const units = sign * goods.lines.reduce((sum, { quantity }) => sum + quantity, 0);
  const minor = sign * goods.totalMinor;
  const isSold = kind === 'sold';
  return {
    country: goods.country,
    day: new Date(at).toISOString().slice(0, 10),
    currency: goods.currency,
    orders: isSold ? sign : 0,
    units: isSold ? units : 0,
    revenueMinor: isSold ? minor : 0,
    returns: isSold ? 0 : sign,
    returnedUnits: isSold ? 0 : units,
    returnedMinor: isSold ? 0 : minor,
  };
}

/** One entry per country, day and currency: an upsert can't touch a row twice. */
export function sumByDay(changes: readonly DaySales[]): DaySales[] {
  const sums = new Map<string, DaySales>();
  for (const change of changes) {
    const key = JSON.stringify([change.country, change.day, change.currency]);
    const sum = sums.get(key);
    sums.set(key, sum === undefined ? change : add(sum, change));
  }
  return [...sums.values()];
}

const add = (a: DaySales, b: DaySales): DaySales => ({
  ...a,
  orders: a.orders + b.orders,
  units: a.units + b.units,
  revenueMinor: a.revenueMinor + b.revenueMinor,
  returns: a.returns + b.returns,
  returnedUnits: a.returnedUnits + b.returnedUnits,
  returnedMinor: a.returnedMinor + b.returnedMinor,
});
