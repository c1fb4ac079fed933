import type { ConnectClient } from '../../connect/connect-client.ts';
import { isRunning, type ConnectorStatus } from '../../connect/connector-status.ts';
import { diagnoseConnector } from '../diagnose/diagnose-connector.ts';
import { losesEvents } from '../diagnose/loses-events.ts';
import type { OperatedConnector } from '../operated-pipeline.ts';

/**
 * Lets a connector go on that was stopped for a change which then failed before anything was changed: only one that ran, and only
 * where that loses nothing. Never throws, so that the failure itself is what is told.
 * @param before its status before it was stopped
 * @returns how it is now, in a sentence without a full stop
 */
export async function resumeAfterFailure(
  connector: OperatedConnector,
  connect: ConnectClient,
  before: ConnectorStatus | undefined,
): Promise<string> {
  const { name } = connector.file;
  if (before === undefined || !isRunning(before))
    return `nothing was changed; it did not run before and is left STOPPED: npx outbox connectors resume ${name}`;
  try {
    const losing = losesEvents(await diagnoseConnector(connector, connect));
    if (losing !== undefined)
      return `nothing was changed, but it is left STOPPED, since events would be lost: ${losing.sentence} Mend it: npx outbox connectors heal ${name}`;
    await connect.resume(name);
    return 'nothing was changed, and it was resumed';
  } catch {
    return `nothing was changed, but whether it may go on could not be seen, so it is left STOPPED: npx outbox connectors resume ${name}`;
  }
}
