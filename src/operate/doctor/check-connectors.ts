import type { ConnectClient } from '../../connect/connect-client.ts';
import { connectorChanges, describeChange } from '../../connect/connector-changes.ts';
import type { ConnectorConfig } from '../../connect/connector-file.ts';
import { isRunning, type ConnectorStatus } from '../../connect/connector-status.ts';
import { diagnoseConnector, type Finding, type FindingCode } from '../diagnose-connector.ts';
import type { OperatedConnector } from '../operated-pipeline.ts';
import { ok, problem, warning, type Judgement } from './judgement.ts';

/** What the sections of Postgres say already. */
const SAID_ELSEWHERE: readonly FindingCode[] = ['slot_lost', 'publication_missing'];

export async function lookAtConnector(
  connector: OperatedConnector,
  connect: ConnectClient,
): Promise<Judgement[]> {
  const { name, config } = connector.file;
  const findings = await diagnoseConnector(connector, connect);
  const actual = await connect.config(name);
  return [
    ...judgeFindings(name, findings, await connect.status(name)),
    ...(actual === undefined ? [] : [judgeConfig(name, config, actual)]),
  ];
}

export function judgeFindings(
  name: string,
  findings: readonly Finding[],
  status: ConnectorStatus | undefined,
): Judgement[] {
  const told = findings.filter(({ code }) => !SAID_ELSEWHERE.includes(code));
  if (told.length > 0)
    return told.map(({ code, mend, sentence }) =>
      problem(
        code === 'connector_missing' ? `${name} is not registered.` : `${name}: ${sentence}`,
        remedyOf(name, code, mend),
      ),
    );
  if (findings.length === 0 && status !== undefined && !isRunning(status))
    return [
      warning(
        `${name} is ${status.connector.state}, its task ${status.tasks[0]?.state ?? 'not there yet'}.`,
        `Look again in a moment: npx outbox connectors status ${name}`,
      ),
    ];
  return findings.length > 0 ? [] : [ok(`${name} is registered and runs`)];
}

function remedyOf(name: string, code: FindingCode, mend: Finding['mend']): string {
  if (code === 'connector_missing') return `Run: npx outbox connectors apply ${name}`;
  if (code === 'held_back') return `When that is no longer wanted: npx outbox connectors resume ${name}`;
  return mend === 'none' ? 'A person must decide this one.' : `Run: npx outbox connectors heal ${name}`;
}

export function judgeConfig(name: string, wanted: ConnectorConfig, actual: ConnectorConfig): Judgement {
  const changes = connectorChanges(wanted, actual);
  const [first] = changes;
  if (first === undefined) return ok(`${name} is as its file says`);
  const more = changes.length === 1 ? '' : ` and ${changes.length - 1} more`;
  return warning(
    `${name} is not as its file says: ${describeChange(first)}${more}.`,
    `See all of it: npx outbox connectors plan ${name}`,
  );
}
