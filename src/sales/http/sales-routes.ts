import { z } from 'zod';
import { invalidRequest } from '../../platform/http/problem.ts';
import { defineRoute, type Route } from '../../platform/http/route.ts';
import type { Queryable } from '../../platform/postgres/statement.ts';
import { selectSales } from '../sql/select-sales.ts';

const mostDays = 10_000;

// Postgres has no year 0.
const day = z.iso.date().refine((text) => text >= '0001-01-01', 'must not be before 0001-01-01');

const query = z.strictObject({
  country: z
    .string()
    .min(1)
    .max(100)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not contain control characters')
    .optional(),
  from: day.default('0001-01-01').meta({ description: 'First day, YYYY-MM-DD (UTC)' }),
  to: day.default('9999-12-31').meta({ description: 'Last day, YYYY-MM-DD (UTC)' }),
});

const minor = z.int().meta({ description: 'Minor units of the currency' });
const daySales = z.strictObject({
  country: z.string(),
  day: z.iso.date(),
  currency: z.string(),
  orders: z.int().meta({ description: 'Confirmed and not cancelled since, placed on this day' }),
  units: z.int(),
  revenueMinor: minor,
  returns: z.int().meta({ description: 'Returned on this day; the order may be of another' }),
  returnedUnits: z.int(),
  returnedMinor: minor,
  netMinor: minor.meta({ description: 'revenueMinor - returnedMinor' }),
});
const answer = z.strictObject({
  items: z.array(daySales),
  isComplete: z
    .boolean()
    .meta({ description: `False when more than ${mostDays} rows match: ask for fewer days` }),
});

/** What was sold, by day and country. */
export function salesRoutes(db: Queryable): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/sales',
      operationId: 'getSales',
      summary: 'Sales by UTC day, country and currency, in that order',
      query,
      responses: { 200: { description: 'The days with sales or returns', schema: answer } },
      handle: async ({ query: { country = null, from, to } }) => {
        if (from > to) throw invalidRequest([{ field: 'from', reason: `${from} is after ${to}` }]);
        const rows = await selectSales(db, { country, from, to, limit: mostDays + 1 });
        const items = rows
          .slice(0, mostDays)
          .map((row) => ({ ...row, netMinor: row.revenueMinor - row.returnedMinor }));
        return { status: 200, body: { items, isComplete: rows.length <= mostDays } };
      },
    }),
  ];
}
