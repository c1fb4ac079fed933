import { readdirSync, readFileSync } from 'node:fs';
import { PipelineError } from '../platform/errors.ts';

/** A file as it stands in the folder of schemas, whatever is in it. */
export interface SchemaText {
  /** `<topic>/<file>`. */
  readonly file: string;
  readonly text: string;
}

/**
 * Every file of every topic, by name.
 * @throws PipelineError `usage_invalid` when there is no such folder
 */
export function readSchemaFolder(schemas: URL): SchemaText[] {
  try {
    return readdirSync(schemas, { withFileTypes: true })
      .filter((topic) => topic.isDirectory())
      .flatMap((topic) =>
        readdirSync(new URL(`${topic.name}/`, schemas)).map((name) => `${topic.name}/${name}`),
      )
      .sort()
      .map((file) => ({ file, text: readFileSync(new URL(file, schemas), 'utf8') }));
  } catch (error) {
    throw new PipelineError('usage_invalid', `The schemas can not be read: ${(error as Error).message}.`, {
      remedy: 'Name the folder with --dir.',
      cause: error,
    });
  }
}
