import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { z } from 'zod';
import { PipelineError } from '../platform/errors.ts';
import { jsonErrorPlace } from './json-error-place.ts';
import { wrongReferences } from './secret-references.ts';
import { connectorFileSchema, isSecretKey, isSecretReference, type ConnectorFile } from './connector-file.ts';

/**
 * Every `*.json` of the folder, sorted by name, or the first reason why one of them must not reach Kafka Connect.
 * @throws PipelineError `connector_file_invalid`, naming the file and the place in it.
 */
export async function readConnectorFiles(folder: string): Promise<ConnectorFile[]> {
  const names = await listJsonFiles(folder);
  if (names.length === 0)
    throw invalid(`There is no connector file (*.json) in ${folder}.`, 'Give the right folder with --dir.');
  const files: ConnectorFile[] = [];
  for (const name of names) {
    const path = join(folder, name);
    files.push(parseConnectorFile(path, await readFile(path, 'utf8')));
  }
  refuseSharedSlots(folder, files);
  return files;
}

/** Judges the text of one file; `path` is only for the messages and for the rule that file and connector share their name. */
export function parseConnectorFile(path: string, text: string): ConnectorFile {
  const parsed = connectorFileSchema.safeParse(parseJson(path, text));
  if (!parsed.success)
    throw invalid(
      `${path}: ${parsed.error.issues.map(describeIssue).join('; ')}.`,
      'The form is { "name": "orders-outbox", "config": { "key": "value", … } }, every value in quotes.',
    );
  const file = parsed.data;
  refuseOtherName(path, file);
  refuseConnectorWithoutClass(path, file);
  refuseClearTextSecrets(path, file);
  refuseWrongReferences(path, file);
  return file;
}

async function listJsonFiles(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => name.endsWith('.json')).sort();
  } catch (cause) {
    throw new PipelineError('connector_file_invalid', `The folder ${folder} can't be read.`, {
      remedy: 'Give a folder of connector files with --dir.',
      cause,
    });
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // What V8 says of the place, or quotes of the text, is behind the file name already.
    const reason = message.replace(/ in JSON at position .*$|, (?:\.\.\.)?".*$/s, '');
    throw invalid(
      `${path}:${jsonErrorPlace(message, text)} is not JSON: ${reason}.`,
      'Mend the file at that line and column.',
    );
  }
}

function describeIssue(issue: z.core.$ZodIssue): string {
  return `${issue.path.length === 0 ? 'the file' : `"${issue.path.join('.')}"`}: ${issue.message}`;
}

function refuseOtherName(path: string, file: ConnectorFile): void {
  const expected = basename(path, '.json');
  if (file.name !== expected)
    throw invalid(
      `${path} describes the connector "${file.name}", but its file name says "${expected}".`,
      'Make both the same: a second file of the same connector would undo the first.',
    );
}

function refuseConnectorWithoutClass(path: string, file: ConnectorFile): void {
  if (file.config['connector.class'] === undefined)
    throw invalid(`${path} has no "connector.class".`, 'Name the connector class to run.');
  if (file.config['name'] !== undefined && file.config['name'] !== file.name)
    throw invalid(
      `${path} has "config.name" "${file.config['name']}" beside "name" "${file.name}".`,
      'Leave "name" out of "config".',
    );
}

function refuseClearTextSecrets(path: string, file: ConnectorFile): void {
  const clear = Object.entries(file.config).filter(
    ([key, value]) => isSecretKey(key) && !isSecretReference(value),
  );
  if (clear.length > 0)
    throw invalid(
      `${path} has a secret in clear text: ${clear.map(([key]) => `"${key}"`).join(', ')}.`,
      'Write ${env:CDC_…} and set that variable for the Connect worker: Connect shows a clear-text value to whoever asks its REST API.',
    );
}

function refuseWrongReferences(path: string, file: ConnectorFile): void {
  const [wrong] = wrongReferences(file.config);
  if (wrong !== undefined)
    throw invalid(
      `${path}: "${wrong.key}" ${wrong.message}.`,
      'Secrets belong into the keys for them (database.password), other references to where the database is.',
    );
}

/** The second reader of a slot waits for the first one to go, for a minute, while Connect calls it RUNNING. */
function refuseSharedSlots(folder: string, files: readonly ConnectorFile[]): void {
  const owners = new Map<string, string>();
  for (const { name, config } of files) {
    const slot = config['slot.name'];
    if (slot === undefined) continue;
    // Slots belong to a whole server: the database does not matter.
    const place = [config['database.hostname'], config['database.port'], slot].join(' ');
    const owner = owners.get(place);
    if (owner !== undefined)
      throw invalid(
        `${folder}: ${owner} and ${name} have the same slot.name "${slot}" on the same server.`,
        'Give each connector a slot of its own: only one of them could read it.',
      );
    owners.set(place, name);
  }
}

function invalid(message: string, remedy: string): PipelineError {
  return new PipelineError('connector_file_invalid', message, { remedy });
}
