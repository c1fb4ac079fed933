import { randomBytes } from 'node:crypto';
import { silentLog } from '../../src/platform/log.ts';
import { createPool } from '../../src/platform/postgres/pool.ts';
import type { Pool } from '../../src/platform/postgres/pool.ts';
import { restrictConnections } from '../../src/platform/postgres/provision-database.ts';
import { stackValue } from './test-stack.ts';

export interface TestDatabase {
  readonly database: string;
  /** Connection strings of the service's role, the owner, the operator, the audit, its repairs and the superuser. */
  readonly appUrl: string;
  readonly ownerUrl: string;
  readonly opsUrl: string;
  readonly auditUrl: string;
  /** Undefined without an outbox. */
  readonly repairUrl: string | undefined;
  readonly adminUrl: string;
  /** As the service's role, as the service itself would connect. */
  readonly pool: Pool;
  drop(): Promise<void>;
}

/** A database of its own, fully migrated and with registered schemas, copied from the service's template. */
export async function createTestDatabase(service: 'orders' | 'inventory' | 'sales'): Promise<TestDatabase> {
  const database = `${service}_${randomBytes(5).toString('hex')}`;
  const admin = createPool({
    connectionString: stackValue('POSTGRES_ADMIN_URL'),
    applicationName: 'test',
    log: silentLog,
    max: 1,
  });
  await admin.query({ text: `create database ${database} template ${service} owner ${service}_owner` });
  const outbox = service === 'sales' ? {} : { outbox: { cdc: '', repair: '' } };
  const passwords = { owner: '', app: '', ops: '', audit: '', ...outbox };
  await restrictConnections(admin, { database, rolePrefix: service, passwords });
  const urlOf = (name: string): string => {
    const url = new URL(stackValue(name));
    url.pathname = `/${database}`;
    return url.href;
  };
  const prefix = service.toUpperCase();
  const appUrl = urlOf(`${prefix}_DATABASE_URL`);
  const pool = createPool({ connectionString: appUrl, applicationName: 'test', log: silentLog });
  return {
    database,
    appUrl,
    ownerUrl: urlOf(`${prefix}_OWNER_DATABASE_URL`),
    opsUrl: urlOf(`${prefix}_OPS_DATABASE_URL`),
    auditUrl: urlOf(`${prefix}_AUDIT_DATABASE_URL`),
    repairUrl: service === 'sales' ? undefined : urlOf(`${prefix}_REPAIR_DATABASE_URL`),
    adminUrl: urlOf('POSTGRES_ADMIN_URL'),
    pool,
    async drop() {
      await pool.end();
      await admin.query({ text: `drop database if exists ${database} with (force)` });
      await admin.end();
    },
  };
}
