import { failureOf } from '../../connect/connector-status.ts';
import type { ConnectClient } from '../../connect/connect-client.ts';
import { readReplicationSlot } from '../../connect/replication-slot.ts';
import { describeError } from '../../platform/errors.ts';
import { slotName } from '../diagnose/connector-facts.ts';
import { diagnoseConnector } from '../diagnose/diagnose-connector.ts';
import type { OperatedConnector } from '../operated-pipeline.ts';
import type { ReaderFacts } from './trace-facts.ts';

/** How far the connector has come, and what is known to keep it from going on. */
export async function readReader(connector: OperatedConnector, connect: ConnectClient): Promise<ReaderFacts> {
  const { file, service } = connector;
  const slot = service && (await readReplicationSlot(service.pool, slotName(file.config)));
  const trouble = await troubleOf(connector, connect).catch(
    (error: unknown) => `${file.name} can't be looked at: ${describeError(error)}`,
  );
  return { confirmedLsn: slot?.confirmedLsn, trouble };
}

async function troubleOf(connector: OperatedConnector, connect: ConnectClient): Promise<string | undefined> {
  const { name } = connector.file;
  const [finding] = await diagnoseConnector(connector, connect);
  if (finding !== undefined) {
    const { sentence, mend } = finding;
    const what = /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
    if (mend === 'none') return what;
    return `${what} Run: npx outbox connectors ${mend === 'restart' ? 'restart' : 'heal'} ${name}`;
  }
  const status = await connect.status(name);
  const failure = status && failureOf(status);
  return failure && `${name}: ${failure.part} FAILED: ${failure.reason}`;
}
