import Table from 'cli-table3';
import { Command } from 'commander';
import { schemas } from '../../contracts/topic-settings.ts';
import { applySchemas } from '../../outbox/apply-schemas.ts';
import { services } from '../../pipeline.ts';
import { createPool } from '../../platform/postgres/pool.ts';
import type { CommandContext } from '../run-command.ts';

interface Options {
  readonly json?: true;
}

/** `outbox schemas apply` */
export function schemasApplyCommand(context: CommandContext): Command {
  return new Command('apply')
    .description(
      'register every schema and write the ids into the databases of the services that write events',
    )
    .option('--json', 'print one JSON document')
    .action((options: Options) => schemasApply(context, options));
}

async function schemasApply({ env, log }: CommandContext, options: Options): Promise<void> {
  const databases = services
    .filter((service) => service.connector !== undefined)
    .map((service) => env[`${service.name.toUpperCase()}_OWNER_DATABASE_URL`] ?? '')
    .map((connectionString) =>
      createPool({ connectionString, applicationName: 'outbox-schemas-apply', log, max: 1 }),
    );
  try {
    const applied = await applySchemas({ schemas, registryUrl: env['REGISTRY_URL'] ?? '', databases });
    if (options.json === true) console.log(JSON.stringify(applied));
    else {
      const table = new Table({ head: ['subject', 'version', 'schema id'], style: { head: [], border: [] } });
      for (const schema of applied) table.push([schema.subject, schema.version, schema.schemaId]);
      console.log(table.toString());
      console.log(`${applied.length} schemas are registered and known to ${databases.length} databases.`);
    }
  } finally {
    await Promise.all(databases.map((database) => database.end()));
  }
}
