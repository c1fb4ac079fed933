import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

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
  const port = values['POSTGRES_PORT'] ?? '';
  const url = (role: string, password: string, database: string): string =>
    `postgres://${role}:${encodeURIComponent(values[password] ?? '')}@127.0.0.1:${port}/${database}`;
  return {
    POSTGRES_ADMIN_URL: url('postgres', 'POSTGRES_PASSWORD', 'postgres'),
    ORDERS_DATABASE_URL: url('orders_app', 'ORDERS_APP_PASSWORD', 'orders'),
    ORDERS_OWNER_DATABASE_URL: url('orders_owner', 'ORDERS_OWNER_PASSWORD', 'orders'),
    INVENTORY_DATABASE_URL: url('inventory_app', 'INVENTORY_APP_PASSWORD', 'inventory'),
    INVENTORY_OWNER_DATABASE_URL: url('inventory_owner', 'INVENTORY_OWNER_PASSWORD', 'inventory'),
    SALES_DATABASE_URL: url('sales_app', 'SALES_APP_PASSWORD', 'sales'),
    SALES_OWNER_DATABASE_URL: url('sales_owner', 'SALES_OWNER_PASSWORD', 'sales'),
    KAFKA_BROKERS: `127.0.0.1:${values['KAFKA_PORT'] ?? ''}`,
    REGISTRY_URL: `http://127.0.0.1:${values['REGISTRY_PORT'] ?? ''}/apis/ccompat/v7`,
    CONNECT_URL: `http://127.0.0.1:${values['CONNECT_PORT'] ?? ''}`,
    CDC_DB_HOST: '127.0.0.1',
    CDC_DB_PORT: port,
    CDC_DB_SSLMODE: 'disable',
    CDC_ORDERS_USER: 'orders_cdc',
    CDC_ORDERS_PASSWORD: values['ORDERS_CDC_PASSWORD'] ?? '',
    CDC_INVENTORY_USER: 'inventory_cdc',
    CDC_INVENTORY_PASSWORD: values['INVENTORY_CDC_PASSWORD'] ?? '',
  };
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
