import type { ConnectClient } from '../../connect/connect-client.ts';
import { PipelineError } from '../../platform/errors.ts';
import { examineConnector } from './diagnose-connector.ts';
import { losesEvents } from './loses-events.ts';
import type { OperatedConnector } from '../operated-pipeline.ts';
import { rememberServerNow } from './remember-server.ts';

/**
 * Compares slot, stored offset, publication and server before a connector goes on. One that has neither slot nor offset begins anew:
 * then the server is noted, since no earlier one can be meant by what it will store.
 * @throws PipelineError `connector_dangerous` when it would lose events; what Postgres says when it can't be asked
 */
export async function refuseLosingEvents(
  connector: OperatedConnector,
  connect: ConnectClient,
  options: { verb: string },
): Promise<void> {
  const { name } = connector.file;
  const { facts, findings } = await examineConnector(connector, connect);
  const losing = losesEvents(findings);
  if (losing === undefined) {
    const beginsAnew = facts.offsets.length === 0 && facts.postgres?.slot === undefined;
    return beginsAnew ? rememberServerNow(connector) : undefined;
  }
  throw new PipelineError(
    'connector_dangerous',
    `${name} was not told to ${options.verb}, since events would be lost. ${losing.sentence}`,
    {
      remedy:
        losing.mend === 'none'
          ? `Then ${options.verb} it (--force does it all the same).`
          : `Mend it: npx outbox connectors heal ${name} (--force does it all the same).`,
    },
  );
}
