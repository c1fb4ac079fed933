import type { ConnectClient } from '../../connect/connect-client.ts';
import { PipelineError } from '../../platform/errors.ts';
import { diagnoseConnector } from './diagnose-connector.ts';
import { losesEvents } from './loses-events.ts';
import type { OperatedConnector } from '../operated-pipeline.ts';

/**
 * Compares slot, stored offset, publication and server before a connector goes on.
 * @throws PipelineError `connector_dangerous` when it would lose events; what Postgres says when it can't be asked
 */
export async function refuseLosingEvents(
  connector: OperatedConnector,
  connect: ConnectClient,
  options: { verb: string },
): Promise<void> {
  const { name } = connector.file;
  const losing = losesEvents(await diagnoseConnector(connector, connect));
  if (losing === undefined) return;
  throw new PipelineError(
    'connector_dangerous',
    `${name} was not told to ${options.verb}, since events would be lost. ${losing.sentence}`,
    { remedy: `Mend it: npx outbox connectors heal ${name} (--force does it all the same).` },
  );
}
