import type { ConnectClient } from '../../connect/connect-client.ts';
import { describeChange } from '../../connect/connector-changes.ts';
import { dangerousChanges, type ConnectorPlan } from '../../connect/connector-plan.ts';
import { isRunning, type ConnectorStatus } from '../../connect/connector-status.ts';
import { planConnectors } from '../../connect/plan-connectors.ts';
import { publicationFaults, readPublication } from '../../connect/publication.ts';
import { outboxTable, publicationName } from '../diagnose/connector-facts.ts';
import { diagnoseConnector, type Finding, type FindingCode } from '../diagnose/diagnose-connector.ts';
import type { OperatedConnector } from '../operated-pipeline.ts';
import { ok, problem, warning, type Judgement } from './judgement.ts';

export async function lookAtConnector(
  connector: OperatedConnector,
  connect: ConnectClient,
): Promise<Judgement[]> {
  const { name } = connector.file;
  const [said, findings, plans, status] = await Promise.all([
    saidElsewhere(connector),
    diagnoseConnector(connector, connect),
    planConnectors(connect, [connector.file]),
    connect.status(name),
  ]);
  return [...judgeFindings(name, findings, status, said), ...plans.flatMap(({ plan }) => judgePlan(plan))];
}

/** What the sections of Postgres say already, in the same words for everybody. */
async function saidElsewhere({ file: { config }, service }: OperatedConnector): Promise<FindingCode[]> {
  if (service === undefined) return [];
  const publication = await readPublication(service.pool, publicationName(config));
  // One that looks right and was made anew is the diagnosis' business alone.
  const looksWrong =
    publication !== undefined && publicationFaults(publication, outboxTable(config)).length > 0;
  return ['slot_lost', 'publication_missing', ...(looksWrong ? ['publication_wrong' as const] : [])];
}

export function judgeFindings(
  name: string,
  findings: readonly Finding[],
  status: ConnectorStatus | undefined,
  saidElsewhere: readonly FindingCode[] = [],
): Judgement[] {
  if (findings.length > 0)
    return findings
      .filter(({ code }) => !saidElsewhere.includes(code))
      .map((finding) => judgeFinding(name, finding, status));
  if (status === undefined || isRunning(status)) return [ok(`${name} is registered and runs`)];
  return [
    warning(
      `${name} is ${status.connector.state}, its task ${status.tasks[0]?.state ?? 'not there yet'}.`,
      `Look again in a moment: npx outbox connectors status ${name}`,
    ),
  ];
}

/** The sentence of a finding may name its remedy; here that has a line of its own. */
function judgeFinding(
  name: string,
  { code, mend, sentence }: Finding,
  status: ConnectorStatus | undefined,
): Judgement {
  if (code === 'connector_missing')
    return problem(`${name} is not registered.`, `Run: npx outbox connectors apply ${name}`);
  if (code === 'held_back' && mend === 'none')
    return problem(
      `${name} is ${status?.connector.state ?? 'held back'}: somebody told it to be.`,
      `When that is no longer wanted: npx outbox connectors resume ${name}`,
    );
  const remedy =
    mend === 'none' ? 'A person must decide this one.' : `Run: npx outbox connectors heal ${name}`;
  return problem(`${name}: ${sentence}`, remedy);
}

/** A connector that is not there yet has no changes to tell; what is wrong with its file counts all the same. */
export function judgePlan(plan: Pick<ConnectorPlan, 'name' | 'step' | 'changes' | 'problems'>): Judgement[] {
  const { name, step, changes, problems } = plan;
  const [wrong] = problems;
  if (wrong !== undefined)
    return [
      problem(
        `connectors/${name}.json: ${wrong.key} ${wrong.message}${more(problems.length)}.`,
        `See all of it: npx outbox connectors plan ${name}`,
      ),
    ];
  const [change] = changes;
  if (step === 'create') return [];
  if (change === undefined) return [ok(`${name} is as its file says`)];
  const [danger] = dangerousChanges(plan as ConnectorPlan);
  return [
    warning(
      `${name} is not as its file says: ${describeChange(danger ?? change)}${more(changes.length)}${danger === undefined ? '' : ' (dangerous)'}.`,
      `See all of it: npx outbox connectors plan ${name}`,
    ),
  ];
}

const more = (count: number): string => (count === 1 ? '' : ` and ${count - 1} more`);
