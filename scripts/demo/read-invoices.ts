import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse';
import { InvoiceBook } from './invoices.ts';
import type { Invoice } from './invoices.ts';
import type { RawRow } from './judge-row.ts';
import { UsageError } from './usage-error.ts';

const COLUMNS = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
  'Country',
] as const;

/**
 * Reads a CSV file, gzipped or not (told by its first bytes, not its name), row by row; the invoices are kept in memory.
 * @throws UsageError when it can't be read, or isn't a CSV with these columns (the missing ones are named).
 */
export async function readInvoices(file: string): Promise<Invoice[]> {
  const book = new InvoiceBook();
  const gzipped = await isGzipped(file);
  const parser = parse({
    columns: checkHeader(file),
    bom: true,
    trim: true,
    // A row that is cut short is judged ("columns missing"); it does not end the run.
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  });
  const collect = async (rows: AsyncIterable<RawRow>): Promise<void> => {
    for await (const row of rows) book.add(row);
  };
  try {
    const source = createReadStream(file);
    if (gzipped) await pipeline(source, createGunzip(), parser, collect);
    else await pipeline(source, parser, collect);
  } catch (error) {
    throw toUsageError(file, error);
  }
  const invoices = book.invoices();
  if (invoices.length === 0) throw new UsageError(`${file} has no rows below its header.`);
  return invoices;
}

function checkHeader(file: string): (header: string[]) => string[] {
  return (header) => {
    const missing = COLUMNS.filter((column) => !header.includes(column));
    if (missing.length === 0) return header;
    throw new UsageError(
      `${file} is not a CSV of invoices: it lacks the column${missing.length === 1 ? '' : 's'} ${missing.join(', ')}.`,
    );
  };
}

async function isGzipped(file: string): Promise<boolean> {
  try {
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
      if (bytesRead === 0) throw new UsageError(`${file} is empty.`);
      return buffer[0] === 0x1f && buffer[1] === 0x8b;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw toUsageError(file, error);
  }
}

function toUsageError(file: string, error: unknown): Error {
  if (error instanceof UsageError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'ENOENT') return new UsageError(`There is no file ${file}.`);
  if (code === 'EISDIR') return new UsageError(`${file} is a folder, not a CSV file.`);
  if (code === 'EACCES') return new UsageError(`${file} may not be read by this user.`);
  if (error instanceof CsvError || code.startsWith('Z_')) {
    return new UsageError(`${file} is not a readable CSV file: ${(error as Error).message}.`);
  }
  return error as Error;
}
