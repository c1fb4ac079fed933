import { readRegistryAccess } from '../../events/registry-access.ts';
import type { SchemaPlace } from '../../outbox/plan-schemas.ts';
import { services } from '../../pipeline.ts';
import { createPool } from '../../platform/postgres/pool.ts';
import { requiredValue } from '../../platform/required-value.ts';
import type { CommandContext } from '../run-command.ts';
import { folderUrl, type SchemaOptions } from './schema-options.ts';

/**
 * The registry, and the databases of all services that write events.
 * @param role `ops` may look, `owner` may write ids
 */
export async function withSchemaPlace<T>(
  { env, log }: CommandContext,
  options: SchemaOptions,
  role: 'ops' | 'owner',
  use: (place: SchemaPlace) => Promise<T>,
): Promise<T> {
  const registry = readRegistryAccess(env);
  const databases = services
    .filter((service) => service.connector !== undefined)
    .map(({ name }) => ({
      name,
      db: createPool({
        connectionString: requiredValue(env, `${name.toUpperCase()}_${role.toUpperCase()}_DATABASE_URL`),
        applicationName: 'outbox-schemas',
        log,
        max: 1,
      }),
    }));
  try {
    return await use({ schemas: folderUrl(options.dir), registry, databases });
  } finally {
    await Promise.all(databases.map(({ db }) => db.end()));
  }
}
