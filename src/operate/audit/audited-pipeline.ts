import type { Kafka } from '../../platform/kafka/kafka-client.ts';
import type { Log } from '../../platform/log.ts';
import type { Pool } from '../../platform/postgres/pool.ts';

/** A service as the audit sees it: what it said, and what its consumer has recorded. */
export interface AuditedService {
  readonly name: string;
  readonly database: string;
  /** As the role `<name>_audit`. */
  readonly db: Pool;
  /** Undefined for a service that says nothing to others. */
  readonly outbox: AuditedOutbox | undefined;
}

export interface AuditedOutbox {
  readonly connector: string;
  readonly slot: string;
  /**
   * Why nothing can be called lost now, in a sentence: what is wrong between slot and connector makes the slot's position
   * meaningless, and mending it says the rows again. Undefined when all is well. Needs Kafka Connect.
   */
  readonly doubt: () => Promise<string | undefined>;
  /** As the role `<name>_repair`; undefined when nothing is to be repaired. */
  readonly repair: Pool | undefined;
}

/** Everything that an audit works on; the pipeline as a value, so that nothing here knows a domain. */
export interface AuditedPipeline {
  readonly services: readonly AuditedService[];
  readonly kafka: Kafka;
  readonly topicPrefix: string;
  readonly log: Log;
}
