import type { Invoice } from './invoices.ts';

/**
 * Hands out invoices in the order given, but never two of one customer at once: a customer's next one waits until
 * `done` is called for the one before. A guest's invoice stands alone.
 */
export class CustomerQueues {
  readonly #invoices: readonly Invoice[];
  /** Customers with an invoice under way, and what waits behind it. */
  readonly #busy = new Map<string, Invoice[]>();
  /** Their turn has come; they are older than anything not yet looked at. */
  readonly #released: Invoice[] = [];
  #cursor = 0;

  constructor(invoices: readonly Invoice[]) {
    this.#invoices = invoices;
  }

  /** `undefined`: nothing may be sent now. What waits behind an invoice under way goes to whoever says `done` and asks again. */
  take(): Invoice | undefined {
    const released = this.#released.shift();
    if (released !== undefined) return released;
    while (this.#cursor < this.#invoices.length) {
      const invoice = this.#invoices[this.#cursor++];
      if (invoice === undefined) break;
      const waiting = this.#busy.get(keyOf(invoice));
      if (waiting === undefined) {
        this.#busy.set(keyOf(invoice), []);
        return invoice;
      }
      waiting.push(invoice);
    }
    return undefined;
  }

  done(invoice: Invoice): void {
    const key = keyOf(invoice);
    const next = this.#busy.get(key)?.shift();
    if (next === undefined) this.#busy.delete(key);
    else this.#released.push(next);
  }
}

function keyOf({ customerId, invoiceNo }: Invoice): string {
  return customerId === null ? `guest ${invoiceNo}` : `customer ${customerId}`;
}
