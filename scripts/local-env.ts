import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { services } from '../src/pipeline.ts';
import type { ServiceDefinition } from '../src/pipeline.ts';
import { postgresTls } from './postgres-tls.ts';
import { brokerAddresses, workerUrls } from './stack/cluster-parts.ts';

const projectRoot = new URL('../', import.meta.url);

/**
 * The environment of everything started on this machine: `.env.example`, then `.env`, then the shell; later ones win.
 * Addresses follow from ports and passwords unless they are set themselves.
 */
export function localEnv(shell: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const values = { ...readEnvFile('.env.example'), ...readEnvFile('.env'), ...defined(shell) };
  return { ...derivedAddresses(values), ...values };
}

/** Addresses made of ports and passwords; exported so that a test stack on other ports derives its own. */
export function derivedAddresses(values: Record<string, string>): Record<string, string> {
  return {
    POSTGRES_ADMIN_URL: postgresUrl(values, 'postgres', 'postgres'),
    ...Object.fromEntries(services.flatMap((service) => Object.entries(serviceAddresses(service, values)))),
    KAFKA_BROKERS: brokerAddresses(values).join(','),
    REGISTRY_URL: `http://127.0.0.1:${values['REGISTRY_PORT'] ?? ''}/apis/ccompat/v7`,
    CONNECT_URL: workerUrls(values).join(','),
    CDC_DB_HOST: '127.0.0.1',
    CDC_DB_PORT: values['POSTGRES_PORT'] ?? '',
    ...(values['POSTGRES_CA_FILE']
      ? { CDC_DB_SSLMODE: 'verify-full', CDC_DB_SSLROOTCERT: values['POSTGRES_CA_FILE'] }
      : { CDC_DB_SSLMODE: 'disable', CDC_DB_SSLROOTCERT: '' }),
  };
}

/** The addresses of one service's database for its roles; what the Connect worker needs only where there is an outbox. */
function serviceAddresses(
  { name, database, connector }: ServiceDefinition,
  values: Record<string, string>,
): Record<string, string> {
  const prefix = name.toUpperCase();
  return {
    [`${prefix}_DATABASE_URL`]: postgresUrl(values, `${name}_app`, database),
    [`${prefix}_OWNER_DATABASE_URL`]: postgresUrl(values, `${name}_owner`, database),
    [`${prefix}_OPS_DATABASE_URL`]: postgresUrl(values, `${name}_ops`, database),
    [`${prefix}_AUDIT_DATABASE_URL`]: postgresUrl(values, `${name}_audit`, database),
    ...(connector === undefined
      ? {}
      : {
          [`${prefix}_REPAIR_DATABASE_URL`]: postgresUrl(values, `${name}_repair`, database),
          [`CDC_${prefix}_USER`]: `${name}_cdc`,
          [`CDC_${prefix}_PASSWORD`]: values[`${prefix}_CDC_PASSWORD`] ?? '',
        }),
  };
}

/** The password of role `orders_app` is `ORDERS_APP_PASSWORD`. */
function postgresUrl(values: Record<string, string>, role: string, database: string): string {
  const password = values[`${role.toUpperCase()}_PASSWORD`] ?? '';
  return `postgres://${role}:${encodeURIComponent(password)}@127.0.0.1:${values['POSTGRES_PORT'] ?? ''}/${database}${postgresTls(values)}`;
}

/** Where to open the dashboard on this machine. */
export function dashboardUrl(env: Readonly<Record<string, string>>): string {
  return `http://127.0.0.1:${env['DASHBOARD_PORT'] ?? ''}`;
}

function readEnvFile(name: string): Record<string, string> {
  const file = new URL(name, projectRoot);
  return existsSync(file) ? defined(parseEnv(readFileSync(file, 'utf8'))) : {};
}

function defined(values: NodeJS.Dict<string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
