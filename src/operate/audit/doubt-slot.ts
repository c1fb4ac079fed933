import type { ConnectClient, ConnectorOffsets } from '../../connect/connect-client.ts';
import { examineConnector } from '../diagnose/diagnose-connector.ts';
import { losesEvents } from '../diagnose/loses-events.ts';
import type { OperatedConnector } from '../operated-pipeline.ts';

/**
 * Why the slot's position does not tell what is in Kafka: a slot that was made anew stands at the end of the log while the connector is
 * still saying all retained rows again, and one that does not fit the stored offset needs just that. Until then whatever is missing
 * is late: a repair would only say it once more.
 * @throws PipelineError `connect_unreachable`; what Postgres says
 */
export async function doubtSlot(
  connector: OperatedConnector,
  connect: ConnectClient,
): Promise<string | undefined> {
  const { name } = connector.file;
  const { facts, findings } = await examineConnector(connector, connect);
  const finding = losesEvents(findings);
  if (finding !== undefined) return `${finding.sentence} Run: npx outbox connectors heal ${name}`;
  if (facts.postgres?.healBegunAt !== undefined)
    return `A heal of ${name} began at ${facts.postgres.healBegunAt.toISOString()} and has not ended. If nobody is at it, run: npx outbox connectors heal ${name}`;
  if (isInSnapshot(facts.offsets))
    return `${name} is saying all retained rows again; look again when it has done so.`;
  return undefined;
}

/** Without an offset it has not begun. Debezium writes `snapshot_completed` only while there is a snapshot. */
function isInSnapshot(offsets: ConnectorOffsets): boolean {
  const offset = offsets[0]?.offset;
  if (offset === undefined || offset === null) return true;
  const completed = offset['snapshot_completed'];
  return completed === false || completed === 'false';
}
