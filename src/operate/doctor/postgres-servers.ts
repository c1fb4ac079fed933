import type { Pool } from '../../platform/postgres/pool.ts';
import type { OperatedConnector, OperatedPipeline, OperatedService } from '../operated-pipeline.ts';

/** A Postgres server with those databases of the pipeline that are on it: what is the server's is asked once. */
export interface PostgresServer {
  /** As the server sees itself; behind a container's or a proxy's port it is not the address that was called. */
  readonly address: string;
  readonly services: readonly OperatedService[];
  /** Of one of the services. */
  readonly pool: Pool;
  /** Whose slots belong here. */
  readonly connectors: readonly OperatedConnector[];
}

/** Servers that no service reaches are left out: the sections of their databases say so. */
export async function findPostgresServers(pipeline: OperatedPipeline): Promise<PostgresServer[]> {
  const found = await Promise.all(pipeline.services.map((service) => identityOf(service)));
  const servers = new Map<string, PostgresServer>();
  for (const { service, identity } of found) {
    if (identity === undefined) continue;
    const key = `${identity.systemIdentifier} ${identity.address}`;
    const services = [...(servers.get(key)?.services ?? []), service];
    servers.set(key, {
      address: identity.address,
      services,
      pool: services[0]?.pool ?? service.pool,
      connectors: pipeline.connectors.filter(
        (connector) => connector.service !== undefined && services.includes(connector.service),
      ),
    });
  }
  return [...servers.values()];
}

interface Identity {
  readonly systemIdentifier: string;
  readonly address: string;
}

async function identityOf(
  service: OperatedService,
): Promise<{ service: OperatedService; identity: Identity | undefined }> {
  try {
    const { rows } = await service.pool.query<Identity>({
      name: 'doctor_server_identity',
      text: `
        select system_identifier::text as "systemIdentifier",
               coalesce(host(inet_server_addr()) || ':' || inet_server_port(), 'local') as address
        from pg_control_system()`,
    });
    return { service, identity: rows[0] };
  } catch {
    // The section of its database asks again, and says why.
    return { service, identity: undefined };
  }
}
