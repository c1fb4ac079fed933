import { z } from 'zod';
import { describeProblem, sendUntilAnswered } from './send-until-answered.ts';

/** The most the service takes in one request. */
const SKUS_A_REQUEST = 1000;
const GIVE_UP_AFTER_MS = 60_000;
/** An order of an earlier run may still be reserved between our look and our count; then we look again. */
const TRIES = 5;

const pageSchema = z.object({
  items: z.array(z.object({ sku: z.string(), reserved: z.number() })),
  next: z.string().nullable(),
});

/**
 * Sets the stock so that of each sku `available` pieces are free to sell, over HTTP. What earlier runs on the same database
 * have reserved stays reserved and is added, so that every run begins with the same pieces for sale.
 */
export async function seedStock(inventoryUrl: string, available: ReadonlyMap<string, number>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const reserved = await readReserved(inventoryUrl);
    const counts = [...available].map(([sku, pieces]) => ({
      sku,
      onHand: pieces + (reserved.get(sku) ?? 0),
      reason: 'demo',
    }));
    const refusal = await putCounts(inventoryUrl, counts);
    if (refusal === undefined) return;
    if (tries === TRIES) throw new Error(`The inventory refused the stock of the demo: ${refusal}.`);
  }
}

async function readReserved(inventoryUrl: string): Promise<Map<string, number>> {
  const reserved = new Map<string, number>();
  let after: string | null = '';
  while (after !== null) {
    const query = new URLSearchParams({ limit: '1000', ...(after === '' ? {} : { after }) });
    const response = await fetch(`${inventoryUrl}/stock?${query.toString()}`);
    const page = pageSchema.parse(await response.json());
    for (const item of page.items) reserved.set(item.sku, item.reserved);
    after = page.next;
  }
  return reserved;
}

/** What the service said when it refused; undefined when all is set. */
async function putCounts(inventoryUrl: string, counts: readonly unknown[]): Promise<string | undefined> {
  for (let at = 0; at < counts.length; at += SKUS_A_REQUEST) {
    const body = counts.slice(at, at + SKUS_A_REQUEST);
    const request = { method: 'PUT', url: `${inventoryUrl}/stock`, body } as const;
    const answer = await sendUntilAnswered(request, { giveUpAfterMs: GIVE_UP_AFTER_MS });
    if (answer.status === 409) return describeProblem(answer.body);
    if (answer.status >= 400) throw new Error(`PUT ${inventoryUrl}/stock: ${describeProblem(answer.body)}`);
  }
  return undefined;
}
