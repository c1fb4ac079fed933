import pino from 'pino';

export type Log = pino.Logger;

/**
 * JSON lines on stdout; readable lines when `pretty` (a terminal). `name` is the service.
 * Never pass rows, payloads or connection strings: log ids.
 */
export function createLog(options: { name: string; level?: string | undefined; pretty?: boolean }): Log {
  const base = { name: options.name, level: options.level ?? 'info' };
  return options.pretty === true
    ? pino({ ...base, transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname' } } })
    : pino(base);
}

/** For tests and for callers that have nothing to say. */
export const silentLog: Log = pino({ level: 'silent' });
