import avro from 'avsc';
import { resolveSchema, type ResolvedSchema } from './resolved-schema.ts';
import { isUnreadable, schemaIncompatibilities, type Incompatibility } from './schema-incompatibilities.ts';

/** A schema as both of its judges need it. */
export interface ComparableSchema {
  readonly avroType: avro.Type;
  readonly resolved: ResolvedSchema;
}

/** @throws Error that says what is no JSON or no Avro */
export function comparableSchema(text: string): ComparableSchema {
  const json = JSON.parse(text) as avro.Schema;
  return { resolved: resolveSchema(json), avroType: avro.Type.forSchema(json) };
}

/**
 * Why `reader` can not read what `writer` wrote, or would take it for something else. Avro, which decodes, has the verdict;
 * our own walk has the words.
 */
export function incompatibilitiesBetween(
  reader: ComparableSchema,
  writer: ComparableSchema,
): readonly Incompatibility[] {
  const reasons = schemaIncompatibilities(reader.resolved, writer.resolved);
  if (reasons.some(isUnreadable)) return reasons;
  try {
    reader.avroType.createResolver(writer.avroType);
    return reasons;
  } catch (error) {
    return [...reasons, inAvrosWords((error as Error).message)];
  }
}

/** Should the two ever disagree, the stricter one is right. */
const inAvrosWords = (message: string): Incompatibility => ({
  path: '',
  rule: 'type-changed',
  sentence: `can not be read, says Avro: ${message}`,
  remedy: 'Take the change back, or define a new event type.',
});
