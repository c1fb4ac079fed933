import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { KafkaAccess } from '../../src/platform/kafka/kafka-access.ts';
import { createKafka } from '../../src/platform/kafka/kafka-client.ts';
import { silentLog } from '../../src/platform/log.ts';
import { brokersOf, type BrokerPart } from './cluster-parts.ts';
import { jarFolder } from './jars.ts';
import type { Launch } from './detached-process.ts';
import { processResource } from './process-resource.ts';
import type { Resource, ResourceName } from './resource.ts';
import { brokerSettings, clusterId, jvmOptions, renderProperties, type Settings } from './settings.ts';
import {
  dataFolder,
  jvmLaunch,
  jvmMarker,
  partProcess,
  portOf,
  replicationFactor,
  type StackContext,
} from './stack-context.ts';
import { StackError } from './stack-error.ts';

export const log4jOption = `-Dlog4j2.configurationFile=${fileURLToPath(new URL('log4j2.properties', import.meta.url))}`;

/**
 * A Kafka broker that is a controller, too (KRaft), on loopback. Of several, none is healthy before more than half of them run: the
 * others are not what it needs, or none could start.
 */
export function kafka(context: StackContext, part: BrokerPart): Resource {
  const { name, nodeId, portVariable, controllerPortVariable } = part;
  const port = portOf(context, name, portVariable);
  const controllerPort = portOf(context, name, controllerPortVariable);
  const voters = votersOf(context);
  const data = dataFolder(context, name);
  const properties = join(data, 'server.properties');
  return processResource({
    name,
    needs: [],
    process: partProcess(context, name, jvmMarker(context, name)),
    ports: [
      { variable: portVariable, port },
      { variable: controllerPortVariable, port: controllerPort },
    ],
    probe: () => {
      const { kafkaAccess } = context.extras;
      return kafkaAccess === undefined ? servesRequests(port) : letsIn(kafkaAccess);
    },
    prepare: async () => {
      mkdirSync(data, { recursive: true });
      refuseOtherVoters(name, data, voters);
      const copies = replicationFactor(context);
      const settings = serverProperties({
        nodeId,
        port,
        controllerPort,
        voters,
        data,
        copies,
        proxied: nodeId === 1 ? proxiedListeners(context) : [],
      });
      writeFileSync(properties, renderProperties({ ...settings, ...context.extras.kafka }));
      await format(context, name, data, properties);
      return kafkaLaunch(context, name, ['kafka.Kafka', properties]);
    },
    // Each of several waits for the others, which start at the same time on the same machine.
    startWithinMs: voters.includes(',') ? 180_000 : 60_000,
    stop: { signal: 'SIGTERM', withinMs: 20_000 },
  });
}

function votersOf(context: StackContext): string {
  return brokersOf(context.env)
    .map(({ name, nodeId, controllerPortVariable }) => {
      return `${nodeId}@127.0.0.1:${portOf(context, name, controllerPortVariable)}`;
    })
    .join(',');
}

/**
 * Two brokers with empty logs are the majority of three: beside one with data they would agree that the cluster is empty, and it
 * would follow them.
 */
function refuseOtherVoters(name: ResourceName, data: string, voters: string): void {
  const properties = join(data, 'server.properties');
  if (!isFormatted(data) || !existsSync(properties)) return;
  const line = /^controller\.quorum\.voters=(.*)$/m.exec(readFileSync(properties, 'utf8'))?.[1] ?? voters;
  const ids = (text: string): string => [...text.matchAll(/(\d+)@/g)].map(([, id]) => id).join(', ');
  if (ids(line) === ids(voters)) return;
  throw new StackError(name, `its data is of a cluster of nodes ${ids(line)}, not of ${ids(voters)}`, {
    remedy:
      'Set the ports of the brokers (KAFKA_2_PORT ...) as they were, or begin with an empty cluster: npm run stack -- down --wipe',
  });
}

const isFormatted = (data: string): boolean => existsSync(join(data, 'log', 'meta.properties'));

/** Also after a format that was interrupted: meta.properties is its last file, and formatting twice is harmless. */
async function format(
  context: StackContext,
  name: ResourceName,
  data: string,
  properties: string,
): Promise<void> {
  if (isFormatted(data)) return;
  const main = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties, '--ignore-formatted'];
  main.push(...(context.extras.kafkaFormat ?? []));
  const { command, args, env, cwd } = kafkaLaunch(context, name, main, ['-XX:TieredStopAtLevel=1']);
  try {
    await promisify(execFile)(command, args, { env, cwd });
  } catch (cause) {
    const { stdout, stderr, message } = cause as Error & { stdout?: string; stderr?: string };
    const said = `${stdout ?? ''}${stderr ?? ''}` || message;
    throw new StackError(name, 'its storage could not be formatted', {
      remedy: 'Read the reason below.',
      lastLines: said.trimEnd().split('\n').slice(-8),
      cause,
    });
  }
}

function kafkaLaunch(context: StackContext, name: ResourceName, main: string[], jvm: string[] = []): Launch {
  const classPath = join(jarFolder(context.jars, 'kafka'), '*');
  const heap = brokersOf(context.env).length === 1 ? jvmOptions.kafka : jvmOptions.kafkaOfSeveral;
  return jvmLaunch(context, name, { jvm: [...heap, log4jOption, ...jvm], classPath, main });
}

/** One more way in for clients that are to reach it through a proxy: a broker tells its clients where to come. */
interface ProxiedListener {
  readonly port: number;
  /** Where the proxy listens. */
  readonly proxyPort: number;
}

/** KAFKA_PROXIED_PORTS=port:proxy port,... */
function proxiedListeners({ env }: StackContext): ProxiedListener[] {
  return (env['KAFKA_PROXIED_PORTS'] ?? '')
    .split(',')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [port = NaN, proxyPort = NaN] = pair.split(':').map(Number);
      return { port, proxyPort };
    });
}

export function serverProperties(place: {
  nodeId: number;
  port: number;
  controllerPort: number;
  voters: string;
  data: string;
  copies: number;
  proxied?: readonly ProxiedListener[];
}): Settings {
  const more = (write: (one: ProxiedListener, name: string) => string): string =>
    (place.proxied ?? []).map((one, index) => `,${write(one, `PROXIED${index + 1}`)}`).join('');
  return {
    ...brokerSettings(place.copies),
    'node.id': String(place.nodeId),
    listeners:
      `PLAINTEXT://127.0.0.1:${place.port},CONTROLLER://127.0.0.1:${place.controllerPort}` +
      more(({ port }, name) => `${name}://127.0.0.1:${port}`),
    'advertised.listeners':
      `PLAINTEXT://127.0.0.1:${place.port}` +
      more(({ proxyPort }, name) => `${name}://127.0.0.1:${proxyPort}`),
    'listener.security.protocol.map':
      'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT' + more((_, name) => `${name}:PLAINTEXT`),
    'controller.quorum.voters': place.voters,
    'log.dirs': join(place.data, 'log'),
  };
}

/** Where plain text gets no answer. */
async function letsIn(access: KafkaAccess): Promise<boolean> {
  const admin = createKafka({ ...access, clientId: 'stack', log: silentLog }).admin({
    retry: { retries: 0 },
  });
  try {
    await admin.connect();
    await admin.listTopics();
    return true;
  } catch {
    return false;
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

/**
 * Asks the broker for its API versions (ApiVersions, version 0). It opens its port only when it is registered and unfenced, so
 * an answer means that it serves; an open socket alone could be anything.
 */
function servesRequests(port: number): Promise<boolean> {
  const clientId = Buffer.from('stack');
  const request = Buffer.alloc(14 + clientId.length);
  request.writeInt32BE(request.length - 4, 0);
  request.writeInt16BE(18, 4);
  request.writeInt16BE(0, 6);
  request.writeInt32BE(4711, 8);
  request.writeInt16BE(clientId.length, 12);
  clientId.copy(request, 14);
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    const answer = (healthy: boolean): void => {
      socket.destroy();
      resolve(healthy);
    };
    socket.setTimeout(2000, () => answer(false));
    socket.on('error', () => answer(false));
    socket.on('close', () => answer(false));
    socket.once('data', (data) =>
      answer(data.length >= 10 && data.readInt32BE(4) === 4711 && data.readInt16BE(8) === 0),
    );
  });
}
