/**
 * Loaded into a service by `--import`: lets it be killed at a named point of its next transaction.
 * SIGUSR2: after COMMIT was answered, before anybody is told (an HTTP answer, Kafka's offset).
 * SIGHUP: before COMMIT is sent, with all work done.
 */
import pg from 'pg';
import { StatementGroup } from '../../src/platform/postgres/statement-group.ts';

let dieBefore = false;
let dieAfter = false;
process.on('SIGHUP', () => (dieBefore = true));
process.on('SIGUSR2', () => (dieAfter = true));

const die = (): void => void process.kill(process.pid, 'SIGKILL');

type Query = (this: pg.Client, ...words: unknown[]) => unknown;
// eslint-disable-next-line @typescript-eslint/unbound-method -- called with the client as `this` below
const query = pg.Client.prototype.query as unknown as Query;

const spied: Query = function (this: pg.Client, ...words) {
  const [group] = words;
  const commits = group instanceof StatementGroup && group.statements.some(({ name }) => name === 'commit');
  if (commits && dieBefore) die();
  // The answers are known by then, and whoever waits for them has not gone on yet.
  if (commits && dieAfter)
    group.callback = (error) => {
      if (error === null) die();
    };
  return query.apply(this, words);
};
pg.Client.prototype.query = spied as unknown as typeof pg.Client.prototype.query;
