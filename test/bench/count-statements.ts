/**
 * Loaded into a service by `node --import`: counts what its Postgres connections are asked, by statement name, and writes it
 * to the file STATEMENT_COUNTS when the process ends. The service itself is the one that runs in production.
 */
import { writeFileSync } from 'node:fs';
import pg from 'pg';
import { StatementGroup } from '../../src/platform/postgres/statement-group.ts';

/** By what is sent in one piece: names of statements, or the text of one without, joined by " + ". */
export type StatementCounts = Readonly<Record<string, { readonly calls: number; readonly ms: number }>>;

type Query = (this: pg.Client, ...args: unknown[]) => unknown;

const counts: Record<string, { calls: number; ms: number }> = {};
// eslint-disable-next-line @typescript-eslint/unbound-method -- called with its client below
const query = pg.Client.prototype.query as unknown as Query;

const counting: Query = function (...args) {
  const count = (counts[nameOf(args[0])] ??= { calls: 0, ms: 0 });
  count.calls += 1;
  const began = performance.now();
  const end = (): void => void (count.ms += performance.now() - began);
  if (args[0] instanceof StatementGroup) args[0].callback = end;
  const result = query.apply(this, args);
  if (result instanceof Promise) result.then(end, end);
  return result;
};
pg.Client.prototype.query = counting as unknown as typeof pg.Client.prototype.query;

function nameOf(sent: unknown): string {
  if (sent instanceof StatementGroup) return sent.statements.map(nameOf).join(' + ');
  if (typeof sent === 'string') return sent;
  const { name, text } = sent as { name?: string; text?: string };
  return name ?? text ?? 'unnamed';
}

process.on('exit', () => {
  const file = process.env['STATEMENT_COUNTS'];
  if (file !== undefined) writeFileSync(file, JSON.stringify(counts));
});
