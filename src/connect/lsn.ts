import { PipelineError } from '../platform/errors.ts';

/** As Postgres writes a position in its log: two halves of 32 bits in hexadecimal. */
export function lsnText(lsn: bigint): string {
  const low = lsn & 0xffff_ffffn;
  return `${(lsn >> 32n).toString(16).toUpperCase()}/${low.toString(16).toUpperCase()}`;
}

/** @throws PipelineError `usage_invalid` */
export function parseLsn(text: string): bigint {
  const [, high, low] = /^([0-9a-f]{1,8})\/([0-9a-f]{1,8})$/i.exec(text.trim()) ?? [];
  if (high !== undefined && low !== undefined) return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
  throw new PipelineError('usage_invalid', `"${text}" is no position in Postgres' log.`, {
    remedy: 'Write it as Postgres does, for example 0/1A2B3C8.',
  });
}
