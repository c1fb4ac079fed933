import { offsetsOf, type ConnectClient, type ConnectorOffsets } from '../../connect/connect-client.ts';
import { isHeld } from '../../connect/wait-until-held.ts';
import { PipelineError } from '../../platform/errors.ts';
import { waitUntil } from '../../platform/wait-until.ts';
import type { OperatedConnector } from '../operated-pipeline.ts';
import { saveConnector } from './save-connector.ts';

/** Connect answers no while the old task is still on its way out. */
const STILL_ENDING = /STOPPED state|zombie|still/i;
const END_WITHIN_MS = 20_000;

/**
 * Stores other offsets for a STOPPED connector, or none at all. Config and old offsets are saved before, for `connectors rollback`;
 * dying in between leaves a save too many.
 * @returns what Connect says that it did
 * @throws PipelineError `connector_failed` for a connector that is not STOPPED; what Connect and Postgres say
 */
export async function changeOffsets(
  connect: ConnectClient,
  { file: { name }, service }: OperatedConnector,
  next: ConnectorOffsets | undefined,
): Promise<string> {
  await refuseUnlessStopped(connect, name);
  const reason = next === undefined ? 'offsets --reset' : 'offsets set by hand';
  if (service !== undefined) await saveConnector(service.pool, connect, name, reason);
  let refused: PipelineError | undefined;
  return waitUntil(
    async () => {
      try {
        return await (next === undefined ? connect.resetOffsets(name) : connect.setOffsets(name, next));
      } catch (error) {
        if (!(error instanceof PipelineError) || STILL_ENDING.test(error.message)) throw error;
        refused = error;
        return 'refused';
      }
    },
    { timeoutMs: END_WITHIN_MS, everyMs: 500, what: `the old task of ${name} to end` },
  ).then((answer) => {
    if (refused !== undefined) throw refused;
    return answer;
  });
}

/** @throws PipelineError `connector_failed` */
export async function refuseUnlessStopped(connect: ConnectClient, name: string): Promise<void> {
  const status = await connect.status(name);
  if (status !== undefined && isHeld(status, 'STOPPED')) return;
  if (status === undefined)
    throw new PipelineError('connector_failed', `Kafka Connect has no connector ${name}.`, {
      remedy: `Create it: npx outbox connectors apply ${name}.`,
    });
  throw new PipelineError(
    'connector_failed',
    `${name} is ${status.connector.state}: only the offsets of a STOPPED connector can be changed.`,
    { remedy: `Stop it first: npx outbox connectors stop ${name}.` },
  );
}

/**
 * Connect would take offsets under any name, and Debezium reads only those of its topic.prefix: the rest would change nothing, until
 * somebody gives the connector that prefix. Forgetting such a leftover is fine.
 * @throws PipelineError `usage_invalid`
 */
export function refuseOtherServers(given: ConnectorOffsets, serverName: string): void {
  const other = given.find(({ partition, offset }) => offset !== null && partition['server'] !== serverName);
  if (other === undefined) return;
  throw new PipelineError(
    'usage_invalid',
    `These offsets are of ${JSON.stringify(other.partition)}, but the connector reads those of its topic.prefix, ${serverName}.`,
    { remedy: `Write them for {"server":"${serverName}"}.` },
  );
}

/**
 * The stored offset of its topic.prefix with another position in it. Where nothing is stored it is that of a commit at this position,
 * as Debezium stores one.
 */
export function offsetsAt(
  stored: ConnectorOffsets,
  lsn: bigint,
  options: { serverName: string; now: Date },
): ConnectorOffsets {
  const [first] = offsetsOf(stored, options.serverName);
  const kept = Object.entries(first?.offset ?? {}).filter(([key]) => !/snapshot|^txId$/.test(key));
  const place = Number(lsn);
  return [
    {
      partition: first?.partition ?? { server: options.serverName },
      offset: {
        ts_usec: options.now.getTime() * 1_000,
        ...Object.fromEntries(kept),
        messageType: 'COMMIT',
        lsn: place,
        lsn_proc: place,
        lsn_commit: place,
      },
    },
  ];
}
