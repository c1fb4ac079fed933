import { isReturn, judgeRow } from './judge-row.ts';
import type { InvoiceLine, RawRow, RefusalReason } from './judge-row.ts';

/** All rows of one invoice number. `lines` are the good ones; an invoice without any is not sent. */
export interface Invoice {
  readonly invoiceNo: string;
  readonly kind: 'order' | 'return';
  /** null: a guest. */
  readonly customerId: string | null;
  readonly country: string;
  /** The time of its first good row; of an invoice without one, epoch 0. */
  readonly at: Date;
  readonly lines: readonly InvoiceLine[];
  /** Why its other rows were refused, one entry a row. */
  readonly refusals: readonly RefusalReason[];
}

type Counts = Readonly<Record<string, number>>;

export interface ChosenInvoices {
  /** Sent in this order; each has at least one line. */
  readonly toSend: readonly Invoice[];
  readonly rows: number;
  /** Rows. */
  readonly refusedByReason: Counts;
  /** Invoices with no good row left, by the reason of their first row. */
  readonly refusedInvoicesByReason: Counts;
}

interface Draft {
  readonly invoiceNo: string;
  readonly customerId: string | null;
  readonly country: string;
  at: Date | undefined;
  readonly lines: InvoiceLine[];
  readonly refusals: RefusalReason[];
}

/**
 * Gathers judged rows into invoices. An invoice's rows need not follow each other in the file.
 * A row without an invoice number belongs to an invoice of its own that nobody can send: it is counted like the others.
 */
export class InvoiceBook {
  readonly #drafts = new Map<string, Draft>();

  add(row: RawRow): void {
    const verdict = judgeRow(row);
    const draft = this.#draftOf(row);
    if (!verdict.good) {
      draft.refusals.push(verdict.reason);
      return;
    }
    draft.lines.push(verdict.line);
    draft.at ??= verdict.at;
  }

  /** Ordered by time; what has the same time stays in the order of the file, as does what has none. */
  invoices(): Invoice[] {
    let previous = new Date(0);
    const timed = [...this.#drafts.values()].map((draft) => {
      previous = draft.at ?? previous;
      return { draft, sortAt: previous.getTime() };
    });
    return timed.sort((a, b) => a.sortAt - b.sortAt).map(({ draft }) => toInvoice(draft));
  }

  #draftOf(row: RawRow): Draft {
    const invoiceNo = row.InvoiceNo ?? '';
    const known = this.#drafts.get(invoiceNo);
    if (known !== undefined) return known;
    const customerId = row.CustomerID ? row.CustomerID : null;
    const draft: Draft = {
      invoiceNo,
      customerId,
      country: row.Country ?? '',
      at: undefined,
      lines: [],
      refusals: [],
    };
    this.#drafts.set(invoiceNo, draft);
    return draft;
  }
}

function toInvoice(draft: Draft): Invoice {
  return { ...draft, kind: isReturn(draft.invoiceNo) ? 'return' : 'order', at: draft.at ?? new Date(0) };
}

/**
 * What a run sends: everything, or the first `orders` orders and the returns between them. Refused rows are counted
 * up to there, so that the counts speak about the same part of the file.
 */
export function chooseInvoices(
  invoices: readonly Invoice[],
  orders = Number.POSITIVE_INFINITY,
): ChosenInvoices {
  const toSend: Invoice[] = [];
  const refusedByReason: Record<string, number> = {};
  const refusedInvoicesByReason: Record<string, number> = {};
  let rows = 0;
  let ordersChosen = 0;
  for (const invoice of invoices) {
    if (ordersChosen >= orders) break;
    rows += invoice.lines.length + invoice.refusals.length;
    for (const reason of invoice.refusals) add(refusedByReason, reason);
    if (invoice.lines.length === 0) add(refusedInvoicesByReason, invoice.refusals[0] ?? 'columns missing');
    else {
      toSend.push(invoice);
      if (invoice.kind === 'order') ordersChosen += 1;
    }
  }
  return { toSend, rows, refusedByReason, refusedInvoicesByReason };
}

function add(counts: Record<string, number>, reason: string): void {
  counts[reason] = (counts[reason] ?? 0) + 1;
}
