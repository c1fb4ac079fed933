import { PipelineError } from '../platform/errors.ts';

/** Confluent wire format: a zero byte, the schema id as 4 bytes big-endian, then the Avro bytes. */
export const WIRE_HEADER_BYTES = 5;

export function writeWireHeader(buffer: Buffer, schemaId: number): void {
  buffer[0] = 0;
  buffer.writeUInt32BE(schemaId, 1);
}

/** @throws PipelineError `event_unreadable` when the bytes are not in the wire format. */
export function readSchemaId(value: Buffer): number {
  if (value.length < WIRE_HEADER_BYTES || value[0] !== 0) {
    throw new PipelineError(
      'event_unreadable',
      `The value is not in Confluent wire format: ${value.length} bytes starting with 0x${value.subarray(0, 5).toString('hex')}.`,
      { remedy: 'Find out who wrote it: everything in this topic must come through an outbox.' },
    );
  }
  return value.readUInt32BE(1);
}
