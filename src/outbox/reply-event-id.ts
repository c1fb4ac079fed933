import { hash as hashOf } from 'node:crypto';

/**
 * The id of the event with which a consumer answers another one: always the same for the same cause, so a second try
 * can't say it twice. It keeps the cause's 48 bits of time (a UUIDv7 has them first), so it falls into the same days'
 * partitions of `processed_events`; the rest is SHA-256 of consumer, cause and type.
 */
export function replyEventId(consumer: string, causeEventId: string, type: string): string {
  const hash = hashOf('sha256', `${consumer}\n${causeEventId}\n${type}`);
  const time = causeEventId.replaceAll('-', '').slice(0, 12);
  const variant = ((parseInt(hash.slice(3, 4), 16) & 0x3) | 0x8).toString(16);
  const hex = `${time}7${hash.slice(0, 3)}${variant}${hash.slice(4, 19)}`;
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
