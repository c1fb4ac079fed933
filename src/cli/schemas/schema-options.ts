import { relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Option } from 'commander';
import { schemas } from '../../contracts/topic-settings.ts';

/** What every verb of `schemas` understands. */
export interface SchemaOptions {
  readonly dir: string;
  readonly json?: true;
}

export const dirOption = (): Option =>
  new Option('--dir <folder>', 'folder of schemas').default(
    relative(process.cwd(), fileURLToPath(schemas)) || '.',
  );
export const jsonOption = (): Option => new Option('--json', 'print one JSON document');

export const folderUrl = (dir: string): URL => pathToFileURL(`${resolve(dir)}/`);
