import { readFileSync } from 'node:fs';
import type { ConnectorFile } from '../../../src/connect/connector-file.ts';
import { outboxPattern } from '../../../src/connect/connector-for-environment.ts';
import { readConnectorFiles } from '../../../src/connect/read-connector-files.ts';

const folder = new URL('../../../connectors', import.meta.url).pathname;

describe('the connector files of this project', () => {
  let files: ConnectorFile[] = [];
  beforeAll(async () => {
    files = await readConnectorFiles(folder);
  });

  test('are one for each outbox', () => {
    expect(files.map((file) => file.name)).toEqual(['inventory-outbox', 'orders-outbox']);
  });

  test('differ only in the name of their service', () => {
    const asOrders = (file: ConnectorFile): string =>
      JSON.stringify(file).replaceAll('inventory', 'orders').replaceAll('INVENTORY', 'ORDERS');
    expect(new Set(files.map(asOrders)).size).toBe(1);
  });

  test('look for the records of their own outbox', () => {
    for (const { config } of files)
      expect(config['predicates.isOutbox.pattern']).toBe(
        outboxPattern(config['topic.prefix'] ?? '', config['table.include.list'] ?? ''),
      );
  });

  test('take the address and the secrets from the environment of the worker', () => {
    for (const { config } of files)
      for (const key of ['hostname', 'port', 'sslmode', 'user', 'password'])
        expect(config[`database.${key}`]).toMatch(/^\$\{env:CDC_\w+\}$/);
  });

  test('have each of their keys explained in connectors/README.md, which explains no other', () => {
    const readme = readFileSync(`${folder}/README.md`, 'utf8');
    // The first cell of a table row names the keys, each in backticks.
    const explained = [...readme.matchAll(/^\| (`[^|]*) \|/gm)].flatMap((row) =>
      [...(row[1] ?? '').matchAll(/`([^`]+)`/g)].map((key) => key[1]),
    );
    expect(new Set(explained)).toEqual(new Set(Object.keys(files[0]?.config ?? {})));
  });
});
