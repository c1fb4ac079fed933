import { z } from 'zod';
import { plainText } from '../../platform/http/plain-text.ts';
import { orderStatuses } from '../order-status.ts';
import { totalOf } from '../order.ts';

const text = (longest: number) => plainText(1, longest);

export const mostLines = 1_000;
/** Room for the most lines with the longest skus, three bytes a character. */
export const orderBodyLimitBytes = 384 * 1024;

/** A billion in cents. Readers add totals up: 90,000 of them a day and country still fit a whole number in JavaScript. */
const mostTotalMinor = 100_000_000_000;

const line = z.strictObject({
  sku: text(64).describe('The stock keeping unit'),
  quantity: z.int().min(1).max(1_000_000),
  unitPriceMinor: z.int().min(1).max(1_000_000_000).describe('Price of one in minor units (cents, pence)'),
});

const lines = z
  .array(line)
  .min(1)
  .max(mostLines)
  .refine((all) => totalOf(all) <= mostTotalMinor, `the total must be at most ${mostTotalMinor}`);

const content = {
  customerId: text(64).optional().describe('Absent for a guest'),
  country: text(64).describe('As the shop names it'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as GBP')
    .default('GBP'),
  lines,
};

export const orderBody = z.strictObject({ ...content, reference: text(128).optional() });
export type OrderBody = z.output<typeof orderBody>;

export const returnBody = z.strictObject({ ...content, orderId: z.uuid().toLowerCase().optional() });

export const cancelBody = z.strictObject({ reason: text(500).optional() });

// Printable ASCII: HTTP allows little else in a header, and the key must come back as it was sent.
const headerText = z.string().regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 printable ASCII characters');
export const idempotencyKeyText = headerText;

/** Every other header is let through. */
export const idempotencyHeaders = z.object({
  'idempotency-key': headerText
    .optional()
    .describe('Names the request: sent again with the same body it gets the first answer. Kept 7 days.'),
  'x-client-id': headerText.default('anonymous').describe('Whose idempotency keys these are'),
});
export type IdempotencyHeaders = z.output<typeof idempotencyHeaders>;

export const bulkLine = z.strictObject({ ...orderBody.shape, idempotencyKey: headerText.optional() });

export const orderPath = z.strictObject({ orderId: z.uuid().toLowerCase() });

const integerText = (name: string, least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from ${least} to ${most}`)
    .refine((digits) => Number(digits) >= least && Number(digits) <= most, {
      message: `must be a whole number from ${least} to ${most}`,
      // One sentence is enough when the digits are wrong already.
      when: ({ issues }) => issues.length === 0,
    })
    .describe(name);

export const orderQuery = z.strictObject({
  waitFor: z.literal('settled').optional().describe('Answer only when the order is no longer PLACED'),
  timeoutMs: integerText('How long to wait at most, 0 to 30000 ms; 10000 unless given', 0, 30_000).optional(),
});

export const ordersQuery = z.strictObject({
  customerId: text(64).optional(),
  limit: integerText('How many at most, 1 to 200; 50 unless given', 1, 200).optional(),
  before: z
    .uuid()
    .toLowerCase()
    .optional()
    .describe('Only orders older than this one: the `next` of the page before'),
});

const rejectionReason = z.strictObject({
  sku: z.string(),
  requested: z.int(),
  available: z.int(),
  reason: z.enum(['OUT_OF_STOCK', 'UNKNOWN_SKU']),
});

const time = z.iso.datetime();

export const orderAnswer = z.strictObject({
  orderId: z.uuid(),
  customerId: z.string().nullable(),
  status: z.enum(orderStatuses),
  country: z.string(),
  currency: z.string(),
  lines: z.array(line),
  totalMinor: z.int(),
  reference: z.string().nullable(),
  placedAt: time,
  settledAt: time.nullable().describe('When it left PLACED'),
  rejection: z.array(rejectionReason).nullable().describe('Why it was rejected, by sku'),
  cancelledAt: time.nullable(),
  cancelReason: z.string().nullable(),
});

export const ordersAnswer = z.strictObject({
  orders: z.array(orderAnswer),
  next: z.uuid().nullable().describe('`before` of the next page; null at the end'),
});

export const placedAnswer = z.strictObject({
  orderId: z.uuid(),
  status: z.literal('PLACED'),
  totalMinor: z.int(),
  currency: z.string(),
  reference: z.string().nullable(),
  placedAt: time,
});

export const cancelledAnswer = z.strictObject({
  orderId: z.uuid(),
  status: z.literal('CANCELLED'),
  cancelledAt: time,
  reason: z.string().nullable(),
});

export const returnAnswer = z.strictObject({
  returnId: z.uuid(),
  orderId: z.uuid().nullable(),
  totalMinor: z.int(),
  currency: z.string(),
  returnedAt: time,
});
