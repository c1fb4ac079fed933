import type { ConnectWorker } from '../../connect/connect-client.ts';
import { describeError } from '../../platform/errors.ts';
import type { Cluster } from '../../platform/kafka/read-cluster.ts';
import type { OperatedPipeline } from '../operated-pipeline.ts';
import {
  judgeAllowList,
  judgeOwnProviders,
  judgeDebezium,
  judgeInternalTopics,
  judgeReferences,
  judgeSameKafka,
  judgeWorker,
  type InternalTopics,
} from './check-connect.ts';
import { lookAtConnector } from './check-connectors.ts';
import { skipped, warning, type Judgement } from './judgement.ts';
import type { Check, Section } from './section.ts';

interface ConnectFacts {
  readonly pipeline: OperatedPipeline;
  readonly worker: ConnectWorker;
  readonly internal: InternalTopics;
  /** Undefined when Kafka can't be reached, which is another section's problem. */
  readonly cluster: Cluster | undefined;
}

const checks: readonly Check<ConnectFacts>[] = [
  { name: 'worker', look: ({ worker }) => [judgeWorker(worker)] },
  { name: 'debezium', look: async ({ pipeline }) => [judgeDebezium(await pipeline.connect.plugins())] },
  {
    name: 'secrets',
    look: async ({ pipeline: { connect, connectors } }) => [
      await judgeAllowList(connect),
      await judgeOwnProviders(connect),
      ...judgeReferences(connectors.map(({ file }) => file)),
    ],
  },
  {
    name: 'kafka',
    look: ({ worker, cluster }) => [cluster === undefined ? noKafka : judgeSameKafka(worker, cluster.id)],
  },
  {
    name: 'internal topics',
    look: ({ cluster, internal }) =>
      cluster === undefined
        ? [noKafka]
        : judgeInternalTopics(internal, cluster.topics, cluster.brokers.length),
  },
  {
    name: 'connectors',
    look: async ({ pipeline: { connect, connectors } }) => {
      if (connectors.length === 0)
        return [warning('There is no connector file.', 'See connectors/README.md, or give --dir.')];
      return (
        await Promise.all(
          connectors.map((connector) =>
            lookAtConnector(connector, connect).catch((error: unknown): Judgement[] => [
              skipped(`${connector.file.name} could not be looked at: ${describeError(error)}`),
            ]),
          ),
        )
      ).flat();
    },
  },
];

const noKafka = skipped('Kafka was not reached');

export function connectSection(
  pipeline: OperatedPipeline,
  internal: InternalTopics,
  cluster: Promise<Cluster>,
): Section<ConnectFacts> {
  return {
    title: `Kafka Connect ${pipeline.connect.url}`,
    reach: async () => {
      const worker = await pipeline.connect.worker();
      await pipeline.connect.ready();
      return { pipeline, worker, internal, cluster: await cluster.catch(() => undefined) };
    },
    remedy: 'Start it (npm run stack -- up connect) or set CONNECT_URL.',
    checks,
  };
}
