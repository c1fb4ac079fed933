import type { EventDefinition } from '../events/define-event.ts';
import type { ConnectClient } from '../connect/connect-client.ts';
import type { ConnectorFile } from '../connect/connector-file.ts';
import type { RegistryPlace } from '../events/registry-access.ts';
import type { Kafka } from '../platform/kafka/kafka-client.ts';
import type { TopicSpec } from '../platform/kafka/topic-admin.ts';
import type { Log } from '../platform/log.ts';
import type { MigrationSet } from '../platform/postgres/migrate.ts';
import type { Pool } from '../platform/postgres/pool.ts';
import type { ProbePayload } from './probe/write-probe.ts';

/** A service as an operator sees it. */
export interface OperatedService {
  readonly name: string;
  readonly database: string;
  /** As the role `<name>_ops`: reads everything of the pipeline, says probes, drops a slot; changes nothing of the service's. */
  readonly pool: Pool;
  /** As `<name>_owner`, for what only an owner can mend (a publication); undefined where the environment does not give it. */
  readonly ownerUrl: string | undefined;
  /** Name of its connector as in `src/pipeline.ts`; undefined for a service that says nothing. */
  readonly connector: string | undefined;
  /** Names its consumer; the Kafka group is topic prefix + this. */
  readonly consumer: string;
  /** In the order in which they build on each other. */
  readonly migrations: readonly MigrationSet[];
}

/** A connector file, already as this environment needs it, and the service whose outbox it reads. */
export interface OperatedConnector {
  readonly file: ConnectorFile;
  /** Undefined when no service of the pipeline has the file's `database.dbname`: then nothing is known of slot, rows and probes. */
  readonly service: OperatedService | undefined;
}

/** Everything that the operating commands work on; the pipeline as a value, so that nothing here knows a domain. */
export interface OperatedPipeline {
  readonly services: readonly OperatedService[];
  readonly connectors: readonly OperatedConnector[];
  readonly topics: readonly TopicSpec[];
  /** What a probe is, without the prefix of its topic. */
  readonly probe: EventDefinition<ProbePayload>;
  readonly topicPrefix: string;
  readonly connect: ConnectClient;
  readonly kafka: Kafka;
  readonly registry: RegistryPlace;
  /** The folder `schemas/`. */
  readonly schemas: URL;
  readonly log: Log;
}
