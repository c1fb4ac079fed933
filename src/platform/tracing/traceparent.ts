import { randomBytes } from 'node:crypto';

const w3cTraceparent = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** What a log line has of a trace: the same for all that one request caused. Undefined for what is no trace context. */
export function traceIdOf(traceparent: string | null | undefined): string | undefined {
  return isTraceparent(traceparent) ? traceparent.slice(3, 35) : undefined;
}

/** The caller's W3C trace context when it is a valid one, else a new one, so that every event can be traced back. */
export function traceparentOf(header: string | null | undefined): string {
  if (isTraceparent(header)) return header;
  const random = randomBytes(24).toString('hex');
  return `00-${random.slice(0, 32)}-${random.slice(32)}-01`;
}

export const isTraceparent = (text: string | null | undefined): text is string =>
  text !== null && text !== undefined && w3cTraceparent.test(text);
