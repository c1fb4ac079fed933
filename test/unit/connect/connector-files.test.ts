import { readFileSync } from 'node:fs';
import type { ConnectorFile } from '../../../src/connect/connector-file.ts';
import { outboxPattern } from '../../../src/connect/connector-for-environment.ts';
import { readConnectorFiles } from '../../../src/connect/read-connector-files.ts';
import { topicCatalogue } from '../../../src/contracts/catalogue.ts';
import { services } from '../../../src/pipeline.ts';

const folder = new URL('../../../connectors', import.meta.url).pathname;

describe('the connector files of this project', () => {
  let files: ConnectorFile[] = [];
  beforeAll(async () => {
    files = await readConnectorFiles(folder);
  });

  test('are one for each outbox', () => {
    const outboxes = services.flatMap(({ connector }) => connector ?? []);
    expect(files.map((file) => file.name)).toEqual(outboxes.sort());
  });

  test('differ only in the name of their service', () => {
    const withoutName = (file: ConnectorFile): string => {
      const service = file.config['database.dbname'] ?? '';
      return JSON.stringify(file).replaceAll(service, 'x').replaceAll(service.toUpperCase(), 'X');
    };
    expect(new Set(files.map(withoutName)).size).toBe(1);
  });

  test('have their heartbeat topic in the catalogue: without it a connector hangs, RUNNING', () => {
    const topics = topicCatalogue('').map(({ name }) => name);
    for (const { config } of files)
      expect(topics).toContain(`${config['topic.heartbeat.prefix']}.${config['topic.prefix']}`);
  });

  test('look for the records of their own outbox', () => {
    for (const { config } of files)
      expect(config['predicates.isOutbox.pattern']).toBe(
        outboxPattern(config['topic.prefix'] ?? '', config['table.include.list'] ?? ''),
      );
  });

  test('take the address and the secrets from the environment of the worker', () => {
    for (const { config } of files)
      for (const key of ['hostname', 'port', 'sslmode', 'sslrootcert', 'user', 'password'])
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
