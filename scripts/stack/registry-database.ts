import { silentLog } from '../../src/platform/log.ts';
import { createPool } from '../../src/platform/postgres/pool.ts';
import { superuserUrl } from './stack-context.ts';
import { StackError } from './stack-error.ts';

/** Role and database of the registry, made or brought to the password of the environment; harmless when they exist. */
export async function createRegistryDatabase(env: Record<string, string>): Promise<void> {
  const pool = createPool({
    connectionString: superuserUrl(env),
    applicationName: 'stack',
    log: silentLog,
    max: 1,
  });
  const run = async (text: string): Promise<number> => (await pool.query({ text })).rowCount;
  try {
    const verb = (await run("select 1 from pg_roles where rolname = 'registry'")) === 0 ? 'create' : 'alter';
    await run(`${verb} role registry login password ${literal(env['REGISTRY_DB_PASSWORD'] ?? '')}`);
    // Not transactional: dying here leaves the role alone, and the next start goes on from there.
    if ((await run("select 1 from pg_database where datname = 'registry'")) === 0) {
      await run('create database registry owner registry');
    }
    await run('revoke connect on database registry from public');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StackError('registry', `its database could not be made: ${reason}`, {
      remedy: 'Check that postgres is healthy: npm run stack -- status',
      cause,
    });
  } finally {
    await pool.end();
  }
}

/** DDL takes no parameters. Backslashes are plain with standard_conforming_strings, the default. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
