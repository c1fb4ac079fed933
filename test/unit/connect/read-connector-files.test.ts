import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PipelineError } from '../../../src/platform/errors.ts';
import { parseConnectorFile, readConnectorFiles } from '../../../src/connect/read-connector-files.ts';

const valid = {
  name: 'orders-outbox',
  config: {
    'connector.class': 'x.Y',
    'slot.name': 'orders_outbox',
    'database.password': '${env:CDC_ORDERS_PASSWORD}',
  },
};
const withConfig = (config: Record<string, unknown>): string =>
  JSON.stringify({ ...valid, config: { ...valid.config, ...config } });
const parse = (text: string): unknown => parseConnectorFile('connectors/orders-outbox.json', text);

describe('a connector file', () => {
  test('is read as name and config', () => {
    expect(parse(JSON.stringify(valid))).toEqual(valid);
  });

  test('that is not JSON is refused with line and column', () => {
    expect(() => parse('{\n  "name": oops\n}')).toThrow(
      'connectors/orders-outbox.json:2:11 is not JSON: Unexpected token',
    );
  });

  test.each([
    ['{\n "name": "a",\n}', '3:1'],
    ['{ "name": trux }', '1:14'],
    ['{ "a": "\\u12" }', '1:13'],
    ['{} x', '1:4'],
    ['{\n\n "config": { "a": x', '3:19'],
  ])('%j is refused at %s', (text, place) => {
    expect(() => parse(text)).toThrow(`connectors/orders-outbox.json:${place} is not JSON`);
  });

  test('that ends too early is refused with the place of its end', () => {
    expect(() => parse('{\n  "name": "a",\n')).toThrow(/^connectors\/orders-outbox\.json:3:1 is not JSON/);
  });

  test.each(['null', '[]', '"text"', '{}', ''])('that holds %j is refused', (text) => {
    expect(() => parse(text)).toThrow(PipelineError);
  });

  test('with a number as a value is refused with the key, since Connect keeps text', () => {
    expect(() => parse(withConfig({ 'poll.interval.ms': 5 }))).toThrow(
      /"config\.poll\.interval\.ms": .*expected string/,
    );
  });

  test('with an unknown key beside name and config is refused', () => {
    expect(() => parse(JSON.stringify({ ...valid, confg: {} }))).toThrow(/confg/);
  });

  test('whose name differs from its file name is refused', () => {
    expect(() => parse(JSON.stringify({ ...valid, name: 'other' }))).toThrow(
      /"other".*file name says "orders-outbox"/,
    );
  });

  test('without a connector class is refused', () => {
    expect(() => parse(JSON.stringify({ name: 'orders-outbox', config: {} }))).toThrow(
      /no "connector\.class"/,
    );
  });

  test.each(['hunter2', '${env:A}b', '', '${ env }'])(
    'with the clear-text password %j is refused without showing it',
    (secret) => {
      let message = '';
      try {
        parse(withConfig({ 'database.password': secret }));
      } catch (error) {
        message = String(error);
      }
      expect(message).toMatch(/secret in clear text: "database\.password"/);
      if (secret !== '') expect(message).not.toContain(secret);
    },
  );
});

describe('a folder of connector files', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'connectors-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const write = (name: string, slot: string): void =>
    writeFileSync(
      join(folder, `${name}.json`),
      JSON.stringify({ name, config: { 'connector.class': 'x.Y', 'slot.name': slot } }),
    );

  test('gives its .json files sorted by name and passes over others', async () => {
    write('b', 'b');
    write('a', 'a');
    writeFileSync(join(folder, 'README.md'), '');
    expect((await readConnectorFiles(folder)).map((file) => file.name)).toEqual(['a', 'b']);
  });

  test('in which two connectors have the same slot is refused', async () => {
    write('a', 'shared');
    write('b', 'shared');
    await expect(readConnectorFiles(folder)).rejects.toThrow(/a and b have the same slot\.name "shared"/);
  });

  test('that is empty or not there is refused', async () => {
    await expect(readConnectorFiles(folder)).rejects.toThrow(/no connector file/);
    await expect(readConnectorFiles(join(folder, 'nope'))).rejects.toThrow(/can't be read/);
  });
});
