import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { CustomerQueues } from './customer-queues.ts';
import type { Invoice } from './invoices.ts';
import { describeProblem, sendUntilAnswered } from './send-until-answered.ts';

/** Closed loop: this many requests under way, the next when one is answered. */
const CONCURRENCY = 16;
/** With a rate: requests start when they are due; this many may be under way before the sender falls behind. */
const CONCURRENCY_AT_A_RATE = 256;
/** A killed service, broker or database must not cost the run; a service that is gone for good must end it. */
const GIVE_UP_AFTER_MS = 5 * 60_000;

/** The answer 201 to an order or a return, and when it was first asked for (epoch ms, with fractions). */
export interface Accepted {
  readonly id: string;
  readonly invoice: Invoice;
  readonly sentAt: number;
}

export interface Sent {
  readonly orders: Accepted[];
  readonly returns: Accepted[];
  /** 4xx answers by what the service said. */
  readonly refusedOrders: Map<string, number>;
  readonly refusedReturns: Map<string, number>;
  retries: number;
}

export interface SendOptions {
  readonly ordersUrl: string;
  /** Makes this run's Idempotency-Keys its own: the same file sent again makes new orders. */
  readonly runId: string;
  /** Requests per second; undefined: as fast as they are answered. */
  readonly rate?: number | undefined;
  readonly onAnswer: (sent: Sent) => void;
}

/** Sends all invoices, a customer's one after the other. @throws Error when the service does not answer for five minutes. */
export async function sendInvoices(invoices: readonly Invoice[], options: SendOptions): Promise<Sent> {
  const sent: Sent = {
    orders: [],
    returns: [],
    refusedOrders: new Map(),
    refusedReturns: new Map(),
    retries: 0,
  };
  const queues = new CustomerQueues(invoices);
  const due = pace(options.rate);
  const worker = async (): Promise<void> => {
    for (;;) {
      await due();
      const invoice = queues.take();
      if (invoice === undefined) return;
      await sendOne(invoice, sent, options);
      queues.done(invoice);
      options.onAnswer(sent);
    }
  };
  const workers = Math.min(invoices.length, options.rate === undefined ? CONCURRENCY : CONCURRENCY_AT_A_RATE);
  await Promise.all(Array.from({ length: workers }, worker));
  return sent;
}

/** Each call gets the next of evenly spaced moments, whether answers come or not. */
function pace(rate: number | undefined): () => Promise<void> {
  const start = performance.now();
  let ticket = 0;
  return async () => {
    if (rate === undefined) return;
    const wait = start + (ticket++ * 1000) / rate - performance.now();
    if (wait > 0) await delay(wait);
  };
}

const createdSchema = z.union([z.object({ orderId: z.uuid() }), z.object({ returnId: z.uuid() })]);

async function sendOne(invoice: Invoice, sent: Sent, options: SendOptions): Promise<void> {
  const isOrder = invoice.kind === 'order';
  const sentAt = performance.timeOrigin + performance.now();
  const answer = await sendUntilAnswered(
    {
      method: 'POST',
      url: `${options.ordersUrl}/${isOrder ? 'orders' : 'returns'}`,
      body: toBody(invoice),
      idempotencyKey: `${options.runId}-${invoice.invoiceNo}`,
    },
    { giveUpAfterMs: GIVE_UP_AFTER_MS, onRetry: () => (sent.retries += 1) },
  );
  if (answer.status >= 400) {
    const refused = isOrder ? sent.refusedOrders : sent.refusedReturns;
    const reason = `${answer.status} ${describeProblem(answer.body)}`;
    refused.set(reason, (refused.get(reason) ?? 0) + 1);
    return;
  }
  const created = createdSchema.parse(answer.body);
  const id = 'orderId' in created ? created.orderId : created.returnId;
  (isOrder ? sent.orders : sent.returns).push({ id, invoice, sentAt });
}

/** The shop prices everything in pounds sterling, whatever the country. A return names no order: the data do not say which. */
function toBody({ invoiceNo, customerId, country, lines, kind }: Invoice): unknown {
  const goods = { ...(customerId === null ? {} : { customerId }), country, currency: 'GBP', lines };
  return kind === 'order' ? { ...goods, reference: invoiceNo } : goods;
}
