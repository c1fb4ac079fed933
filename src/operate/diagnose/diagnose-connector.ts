import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectClient } from '../../connect/connect-client.ts';
import { isRunning } from '../../connect/connector-status.ts';
import { readConnectorFacts, type ConnectorFacts } from './connector-facts.ts';
import { decideFindings } from './decide-findings.ts';
import type { Finding, FindingCode } from './finding.ts';
import type { OperatedConnector } from '../operated-pipeline.ts';

export type { Finding, FindingCode, Mend } from './finding.ts';

/** What may be so for a moment only: a worker that has just started, a reader on its way out, an offset on its way in. */
const DOUBTFUL: readonly FindingCode[] = [
  'connector_missing',
  'slot_missing',
  'slot_held',
  'slot_ahead',
  'offsets_missing',
  'snapshot_running',
];
const LOOK_AGAIN_FOR_MS = 3_000;
const LOOK_EVERY_MS = 500;

/**
 * Looks at the connector, its stored offsets, its slot, its publication and the server they belong to. Changes nothing.
 * No finding means that nothing keeps the connector from going on behind its stored offset without losing an event; whether events
 * come through is the probe's business. What may pass by itself is looked at again for three seconds before it is said.
 * @throws PipelineError `connect_unreachable`; what Postgres says when it can't be reached
 */
export async function diagnoseConnector(
  connector: OperatedConnector,
  connect: ConnectClient,
): Promise<Finding[]> {
  return [...(await examineConnector(connector, connect)).findings];
}

/** What was found, and the facts that say so. */
export interface Examination {
  readonly facts: ConnectorFacts;
  readonly findings: readonly Finding[];
}

/** As `diagnoseConnector`. */
export async function examineConnector(
  connector: OperatedConnector,
  connect: ConnectClient,
): Promise<Examination> {
  const giveUpAt = Date.now() + LOOK_AGAIN_FOR_MS;
  for (;;) {
    const facts = await readConnectorFacts(connector, connect);
    const findings = decideFindings(facts);
    const isDoubtful = findings.some(({ code }) => DOUBTFUL.includes(code)) && !isCertain(facts, findings);
    if (!isDoubtful || Date.now() >= giveUpAt) return { facts, findings };
    await delay(LOOK_EVERY_MS);
  }
}

/**
 * A connector that was started behind its slot looks well as soon as it has stored its next offset: what it passed over shows only
 * until then, so a second look would take back what is true.
 */
function isCertain({ status }: ConnectorFacts, findings: readonly Finding[]): boolean {
  return status !== undefined && isRunning(status) && findings.some(({ code }) => code === 'slot_ahead');
}
