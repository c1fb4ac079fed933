import { schemas } from '../src/contracts/topic-settings.ts';
import { topicCatalogue } from '../src/contracts/catalogue.ts';
import { readRegistryAccess } from '../src/events/registry-access.ts';
import { applySchemas } from '../src/outbox/apply-schemas.ts';
import { services } from '../src/pipeline.ts';
import type { ServiceDefinition } from '../src/pipeline.ts';
import { readKafkaAccess } from '../src/platform/kafka/kafka-access.ts';
import { createKafka } from '../src/platform/kafka/kafka-client.ts';
import { applyTopics } from '../src/platform/kafka/topic-admin.ts';
import type { Log } from '../src/platform/log.ts';
import { migrate } from '../src/platform/postgres/migrate.ts';
import { createPool } from '../src/platform/postgres/pool.ts';
import { provisionDatabase } from '../src/platform/postgres/provision-database.ts';

type Env = Readonly<Record<string, string>>;

/** Databases, roles and tables of every service. Needs Postgres. Idempotent. */
export async function setUpDatabases(env: Env, log: Log): Promise<void> {
  for (const service of services) await setUpDatabase(service, env, log);
}

async function setUpDatabase(service: ServiceDefinition, env: Env, log: Log): Promise<void> {
  const prefix = service.name.toUpperCase();
  const outbox =
    service.connector === undefined
      ? {}
      : {
          outbox: {
            cdc: valueOf(env, `${prefix}_CDC_PASSWORD`),
            repair: valueOf(env, `${prefix}_REPAIR_PASSWORD`),
          },
        };
  await provisionDatabase({
    adminUrl: valueOf(env, 'POSTGRES_ADMIN_URL'),
    database: service.database,
    rolePrefix: service.name,
    passwords: {
      owner: valueOf(env, `${prefix}_OWNER_PASSWORD`),
      app: valueOf(env, `${prefix}_APP_PASSWORD`),
      ops: valueOf(env, `${prefix}_OPS_PASSWORD`),
      audit: valueOf(env, `${prefix}_AUDIT_PASSWORD`),
      ...outbox,
    },
    log,
  });
  await migrate({ connectionString: ownerUrl(service, env), sets: service.migrations, log });
}

/** Every topic of the catalogue. Needs Kafka. Idempotent. */
export async function setUpTopics(env: Env, log: Log): Promise<void> {
  const kafka = createKafka({ ...readKafkaAccess(env), clientId: 'setup', log });
  await applyTopics(kafka, topicCatalogue(env['TOPIC_PREFIX'] ?? ''), {
    replicationFactor: Number(valueOf(env, 'REPLICATION_FACTOR')),
    log,
  });
}

/** Every schema in the registry, and its id in the databases that write events. Needs both. Idempotent. */
export async function setUpSchemas(env: Env, log: Log): Promise<void> {
  const writers = services.filter((service) => service.connector !== undefined);
  const databases = writers.map((service) => ({
    name: service.name,
    db: createPool({ connectionString: ownerUrl(service, env), applicationName: 'setup', log, max: 1 }),
  }));
  try {
    await applySchemas({ schemas, registry: readRegistryAccess(env), databases });
  } finally {
    await Promise.all(databases.map(({ db }) => db.end()));
  }
}

const ownerUrl = (service: ServiceDefinition, env: Env): string =>
  valueOf(env, `${service.name.toUpperCase()}_OWNER_DATABASE_URL`);

function valueOf(env: Env, name: string): string {
  const value = env[name];
  if (value === undefined || value === '')
    throw new Error(`${name} is not set. Add it to .env or, for everyone, to .env.example.`);
  return value;
}
