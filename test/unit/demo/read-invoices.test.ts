import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { chooseInvoices } from '../../../scripts/demo/invoices.ts';
import { readInvoices } from '../../../scripts/demo/read-invoices.ts';

const committed = fileURLToPath(
  new URL('../../../scripts/demo/data/online-retail-2010-12.csv.gz', import.meta.url),
);
const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
const good = '1,22423,"CAKE ""STAND"", 3 TIERS",6,2010-12-01T08:26:00Z,12.75,17850,France';

describe('readInvoices', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'invoices-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const fileOf = (content: string | Buffer): string => {
    const file = join(folder, 'some.csv');
    writeFileSync(file, content);
    return file;
  };

  test('accounts for every row of the committed file', async () => {
    const invoices = await readInvoices(committed);
    const chosen = chooseInvoices(invoices);
    expect(invoices).toHaveLength(2025);
    expect(invoices.filter(({ kind }) => kind === 'return')).toHaveLength(326);
    expect(invoices.filter(({ customerId }) => customerId === null)).toHaveLength(317);
    expect(chosen.rows).toBe(42_481);
    expect(chosen.refusedByReason).toEqual({
      'not a product': 195,
      'price is zero': 203,
      'negative quantity outside a return': 70,
    });
    expect(chosen.refusedInvoicesByReason).toEqual({
      'not a product': 32,
      'price is zero': 72,
      'negative quantity outside a return': 70,
    });
    expect(chosen.toSend.filter(({ kind }) => kind === 'order')).toHaveLength(1550);
    expect(chosen.toSend.filter(({ kind }) => kind === 'return')).toHaveLength(301);
  });

  test('reads the same from a plain and from a gzipped file, whatever its name', async () => {
    const content = `${header}\n${good}\n`;
    const plain = await readInvoices(fileOf(content));
    expect(plain).toMatchObject([{ lines: [{ sku: '22423', quantity: 6, unitPriceMinor: 1275 }] }]);
    expect(await readInvoices(fileOf(gzipSync(content)))).toEqual(plain);
  });

  test('takes columns in any order, a byte order mark and Windows line ends', async () => {
    const content =
      '\ufeffCountry,CustomerID,UnitPrice,InvoiceDate,Quantity,Description,StockCode,InvoiceNo\r\nFrance,,1.5,12/1/2010 8:26,2,X,22423,7\r\n';
    expect(await readInvoices(fileOf(content))).toMatchObject([
      { invoiceNo: '7', customerId: null, country: 'France' },
    ]);
  });

  test('judges a row that is cut short instead of stopping', async () => {
    const chosen = chooseInvoices(await readInvoices(fileOf(`${header}\n1,22423,CAKE\n${good}\n`)));
    expect(chosen).toMatchObject({
      rows: 2,
      refusedByReason: { 'columns missing': 1 },
      toSend: [{ invoiceNo: '1' }],
    });
  });

  test.each([
    [
      'names the missing columns',
      'InvoiceNo,StockCode,Qty\n1,2,3\n',
      /lacks the columns Description, Quantity, .*Country\.$/,
    ],
    ['says that there are no rows', `${header}\n`, /no rows below its header/],
    ['says that the file is empty', '', /is empty/],
    [
      'says that a gzip is broken',
      gzipSync(`${header}\n${good}\n`).subarray(0, 40),
      /not a readable CSV file/,
    ],
  ])('%s', async (_title, content, message) => {
    await expect(readInvoices(fileOf(content))).rejects.toThrow(message);
  });

  test('says that there is no such file', async () => {
    await expect(readInvoices(join(folder, 'none.csv'))).rejects.toThrow(/There is no file .*none\.csv\./);
  });
});
