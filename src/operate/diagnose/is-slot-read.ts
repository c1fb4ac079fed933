import { readReplicationSlot } from '../../connect/replication-slot.ts';
import type { OperatedConnector } from '../operated-pipeline.ts';
import { slotName } from './connector-facts.ts';

/**
 * Whether somebody reads the connector's slot: only then its task has got to the log. True too where no service of the pipeline has
 * the connector's database, since nothing can be known then. Rejects with what Postgres says when it can't be asked.
 */
export async function isSlotRead({ service, file: { config } }: OperatedConnector): Promise<boolean> {
  if (service === undefined) return true;
  return (await readReplicationSlot(service.pool, slotName(config)))?.active === true;
}
