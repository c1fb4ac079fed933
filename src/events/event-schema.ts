import { readFileSync } from 'node:fs';
import avro from 'avsc';
import { PipelineError } from '../platform/errors.ts';

/** One published version of one event type, as its file in `schemas/` says it. */
export interface EventSchema {
  readonly topic: string;
  readonly type: string;
  readonly version: number;
  /** Record name with namespace; the same over all versions. */
  readonly recordName: string;
  /** TopicRecordNameStrategy: several event types share a topic, each evolves by itself. */
  readonly subject: string;
  /** The file's text: what is registered. */
  readonly text: string;
  readonly avroType: avro.Type;
  readonly fingerprint: string;
}

/**
 * Reads `<dir>/<topic>/<Type>.v<version>.avsc`.
 * @throws PipelineError `schema_invalid` naming the file.
 */
export function readEventSchema(dir: URL, topic: string, type: string, version: number): EventSchema {
  const file = `${topic}/${type}.v${version}.avsc`;
  try {
    const text = readFileSync(new URL(file, dir), 'utf8');
    const avroType = avro.Type.forSchema(JSON.parse(text) as avro.Schema);
    const recordName = avroType.name ?? '';
    if (avroType.typeName !== 'record' || recordName.split('.').at(-1) !== type) {
      throw new Error(`it must be a record named ${type}, so that the name stays the same over versions`);
    }
    const fingerprint = fingerprintOf(avroType);
    return {
      topic,
      type,
      version,
      recordName,
      subject: `${topic}-${recordName}`,
      text,
      avroType,
      fingerprint,
    };
  } catch (error) {
    throw new PipelineError('schema_invalid', `schemas/${file} is not usable: ${(error as Error).message}.`, {
      remedy: 'Mend the file (schemas/README.md has the rules).',
      cause: error,
    });
  }
}

/**
 * The first 16 hex digits of SHA-256 over the schema's parsing canonical form (Avro specification): equal for two
 * schemas exactly when they write the same bytes, however their files are laid out and documented.
 */
export function fingerprintOf(avroType: avro.Type): string {
  return avroType.fingerprint('sha256').subarray(0, 8).toString('hex');
}
