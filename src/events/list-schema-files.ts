import { readdirSync } from 'node:fs';
import { PipelineError } from '../platform/errors.ts';

export interface SchemaFile {
  readonly topic: string;
  readonly type: string;
  readonly version: number;
}

/**
 * Every `<topic>/<Type>.v<version>.avsc` below `schemas/`, by topic, type and version.
 * @throws PipelineError `schema_invalid` for a file that is named otherwise: it would silently not be registered.
 */
export function listSchemaFiles(schemas: URL): SchemaFile[] {
  const topics = readdirSync(schemas, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const files = topics.flatMap((topic) =>
    readdirSync(new URL(`${topic.name}/`, schemas)).map((file) => parseName(topic.name, file)),
  );
  return files.sort(
    (a, b) => a.topic.localeCompare(b.topic) || a.type.localeCompare(b.type) || a.version - b.version,
  );
}

/** What `<topic>/<Event>.v<N>.avsc` says; undefined for any other name. */
export function parseSchemaFileName(file: string): SchemaFile | undefined {
  const [, topic, type, version] = /^([^/]+)\/([A-Z][A-Za-z0-9]*)\.v([1-9]\d*)\.avsc$/.exec(file) ?? [];
  if (topic === undefined || type === undefined || version === undefined) return undefined;
  return { topic, type, version: Number(version) };
}

function parseName(topic: string, file: string): SchemaFile {
  const parsed = parseSchemaFileName(`${topic}/${file}`);
  if (parsed === undefined) {
    throw new PipelineError('schema_invalid', `schemas/${topic}/${file} is not named <Event>.v<N>.avsc.`, {
      remedy: 'Rename it, as in OrderPlaced.v1.avsc.',
    });
  }
  return parsed;
}

/** The newest version of each event type, of files as `listSchemaFiles` sorts them. */
export function newestVersions(files: readonly SchemaFile[]): SchemaFile[] {
  return [...new Map(files.map((file) => [`${file.topic}/${file.type}`, file])).values()];
}
