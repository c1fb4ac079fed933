/** One row of the file, as text. Every column may be missing: a row can be cut short. */
export interface RawRow {
  readonly InvoiceNo?: string | undefined;
  readonly StockCode?: string | undefined;
  readonly Quantity?: string | undefined;
  readonly InvoiceDate?: string | undefined;
  readonly UnitPrice?: string | undefined;
  readonly CustomerID?: string | undefined;
  readonly Country?: string | undefined;
}

/** Why a row can't be part of an order or a return. */
export type RefusalReason =
  | 'columns missing'
  | 'date not readable'
  | 'not a product'
  | 'quantity not readable'
  | 'quantity is zero'
  | 'negative quantity outside a return'
  | 'positive quantity in a return'
  | 'price not readable'
  | 'price is finer than a penny'
  | 'price is zero'
  | 'price is negative';

/** quantity: pieces, 1 or more, in a return as well. unitPriceMinor: pence. */
export interface InvoiceLine {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPriceMinor: number;
}

export type RowVerdict =
  | { readonly good: true; readonly line: InvoiceLine; readonly at: Date }
  | { readonly good: false; readonly reason: RefusalReason };

/**
 * A product's code is five digits and up to two letters (85123A, 15056bl), or DCGS and what follows (goods of a sister shop).
 * Everything else in the file is postage (POST, DOT, C2), a fee (BANK CHARGES, AMAZONFEE), a correction (M, D), a sample (S)
 * or a voucher (gift_0001_40): nothing that lies on a shelf.
 */
const PRODUCT = /^(\d{5}[A-Za-z]{0,2}|DCGS\w+)$/;

/** An invoice whose number starts with C is a cancellation: goods that came back. */
export function isReturn(invoiceNo: string): boolean {
  return /^C/i.test(invoiceNo);
}

/** Judges a row by itself; the first reason that holds is given, in the order of `RefusalReason`. */
export function judgeRow(row: RawRow): RowVerdict {
  const { InvoiceNo, StockCode, Quantity, InvoiceDate, UnitPrice, Country } = row;
  if (!InvoiceNo || !StockCode || !Quantity || !InvoiceDate || !UnitPrice || !Country)
    return refuse('columns missing');
  const at = parseInvoiceDate(InvoiceDate);
  if (at === undefined) return refuse('date not readable');
  if (!PRODUCT.test(StockCode)) return refuse('not a product');
  const quantity = judgeQuantity(Quantity, isReturn(InvoiceNo));
  if (typeof quantity === 'string') return refuse(quantity);
  const unitPriceMinor = judgePrice(UnitPrice);
  if (typeof unitPriceMinor === 'string') return refuse(unitPriceMinor);
  return { good: true, at, line: { sku: StockCode, quantity, unitPriceMinor } };
}

function refuse(reason: RefusalReason): RowVerdict {
  return { good: false, reason };
}

function judgeQuantity(text: string, inReturn: boolean): number | RefusalReason {
  const quantity = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(quantity)) return 'quantity not readable';
  if (quantity === 0) return 'quantity is zero';
  if (inReturn) return quantity < 0 ? -quantity : 'positive quantity in a return';
  return quantity > 0 ? quantity : 'negative quantity outside a return';
}

/** From the digits, never by multiplying a float: 4.35 * 100 is 434.99999999999994. */
function judgePrice(text: string): number | RefusalReason {
  const parts = /^(-?)(\d+)(?:\.(\d*))?$/.exec(text);
  if (parts === null) return 'price not readable';
  const [, sign, whole = '', decimals = ''] = parts;
  if (/[1-9]/.test(decimals.slice(2))) return 'price is finer than a penny';
  const minor = Number(whole + decimals.slice(0, 2).padEnd(2, '0'));
  if (!Number.isSafeInteger(minor)) return 'price not readable';
  if (minor === 0) return 'price is zero';
  return sign === '-' ? 'price is negative' : minor;
}

const ISO_DATE = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?Z?$/;
/** As the original workbook exports it: 12/1/2010 8:26 is 1 December. */
const US_DATE = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d\d)$/;

/** Both notations, read as UTC: the data name no time zone. A day that does not exist (31 February) is not a date. */
function parseInvoiceDate(text: string): Date | undefined {
  const iso = ISO_DATE.exec(text)
    ?.slice(1)
    .map((part: string | undefined) => Number(part ?? 0));
  const us = US_DATE.exec(text)?.slice(1).map(Number);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = iso ?? reorder(us) ?? [];
  const at = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const same =
    at.getUTCFullYear() === year &&
    at.getUTCMonth() === month - 1 &&
    at.getUTCDate() === day &&
    at.getUTCHours() === hour;
  return same && year > 0 && minute < 60 && second < 60 ? at : undefined;
}

function reorder(us: number[] | undefined): number[] | undefined {
  if (us === undefined) return undefined;
  const [month = 0, day = 0, year = 0, hour = 0, minute = 0] = us;
  return [year, month, day, hour, minute];
}
