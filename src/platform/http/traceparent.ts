import { randomBytes } from 'node:crypto';

const w3cTraceparent = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** What a log line has of a trace: the same for all that one request caused. Undefined for what is no trace context. */
export function traceIdOf(traceparent: string | null | undefined): string | undefined {
  return typeof traceparent === 'string' && w3cTraceparent.test(traceparent)
    ? traceparent.slice(3, 35)
    : undefined;
}

/** The caller's W3C trace context when it is a valid one, else a new one, so that every event can be traced back. */
export function traceparentOf(header: string | undefined): string {
  if (header !== undefined && w3cTraceparent.test(header)) return header;
  const random = randomBytes(24).toString('hex');
  return `00-${random.slice(0, 32)}-${random.slice(32)}-01`;
}
