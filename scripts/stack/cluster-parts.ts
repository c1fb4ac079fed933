import type { ResourceName } from './resource.ts';

type Env = Readonly<Record<string, string>>;

/** A broker of the stack, which is a controller as well. */
export interface BrokerPart {
  readonly name: ResourceName;
  readonly nodeId: number;
  readonly portVariable: string;
  readonly controllerPortVariable: string;
}

export interface WorkerPart {
  readonly name: ResourceName;
  readonly portVariable: string;
}

/** Of the parts beyond the first broker and the first worker: each is there where its port is set. */
export const extraPorts = [
  'KAFKA_2_PORT',
  'KAFKA_2_CONTROLLER_PORT',
  'KAFKA_3_PORT',
  'KAFKA_3_CONTROLLER_PORT',
  'CONNECT_2_PORT',
] as const;

const firstBroker: BrokerPart = {
  name: 'kafka',
  nodeId: 1,
  portVariable: 'KAFKA_PORT',
  controllerPortVariable: 'KAFKA_CONTROLLER_PORT',
};
const moreBrokers: readonly BrokerPart[] = ([2, 3] as const).map((nodeId) => ({
  name: `kafka-${nodeId}`,
  nodeId,
  portVariable: `KAFKA_${nodeId}_PORT`,
  controllerPortVariable: `KAFKA_${nodeId}_CONTROLLER_PORT`,
}));
const firstWorker: WorkerPart = { name: 'connect', portVariable: 'CONNECT_PORT' };
const moreWorkers: readonly WorkerPart[] = [{ name: 'connect-2', portVariable: 'CONNECT_2_PORT' }];

const isSet =
  (env: Env) =>
  ({ portVariable }: WorkerPart): boolean =>
    (env[portVariable] ?? '') !== '';

export const brokersOf = (env: Env): readonly BrokerPart[] => [
  firstBroker,
  ...moreBrokers.filter(isSet(env)),
];

export const workersOf = (env: Env): readonly WorkerPart[] => [
  firstWorker,
  ...moreWorkers.filter(isSet(env)),
];

/** `KAFKA_BROKERS` of the services. */
export const brokerAddresses = (env: Env): string[] => brokersOf(env).map((part) => loopback(env, part));

/** `CONNECT_URL` of the commands is these, separated by commas. */
export const workerUrls = (env: Env): string[] =>
  workersOf(env).map((part) => `http://${loopback(env, part)}`);

const loopback = (env: Env, { portVariable }: WorkerPart): string => `127.0.0.1:${env[portVariable] ?? ''}`;
