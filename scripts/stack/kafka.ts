import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KafkaAccess } from '../../src/platform/kafka/kafka-access.ts';
import { createKafka } from '../../src/platform/kafka/kafka-client.ts';
import { silentLog } from '../../src/platform/log.ts';
import { jarFolder } from './jars.ts';
import type { Launch } from './detached-process.ts';
import { processResource } from './process-resource.ts';
import type { Resource } from './resource.ts';
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

/** One Kafka broker that is its own controller (KRaft), on loopback. */
export function kafka(context: StackContext): Resource {
  const port = portOf(context, 'kafka', 'KAFKA_PORT');
  const controllerPort = portOf(context, 'kafka', 'KAFKA_CONTROLLER_PORT');
  const data = dataFolder(context, 'kafka');
  const properties = join(data, 'server.properties');
  return processResource({
    name: 'kafka',
    needs: [],
    process: partProcess(context, 'kafka', jvmMarker(context, 'kafka')),
    ports: [
      { variable: 'KAFKA_PORT', port },
      { variable: 'KAFKA_CONTROLLER_PORT', port: controllerPort },
    ],
    probe: () => {
      const { kafkaAccess } = context.extras;
      return kafkaAccess === undefined ? servesRequests(port) : letsIn(kafkaAccess);
    },
    prepare: () => {
      mkdirSync(data, { recursive: true });
      const copies = replicationFactor(context);
      const settings = serverProperties({
        port,
        controllerPort,
        data,
        copies,
        proxied: proxiedListener(context),
      });
      writeFileSync(properties, renderProperties({ ...settings, ...context.extras.kafka }));
      format(context, data, properties);
      return kafkaLaunch(context, ['kafka.Kafka', properties]);
    },
    startWithinMs: 60_000,
    stop: { signal: 'SIGTERM', withinMs: 20_000 },
  });
}

/** Also after a format that was interrupted: meta.properties is its last file, and formatting twice is harmless. */
function format(context: StackContext, data: string, properties: string): void {
  if (existsSync(join(data, 'log', 'meta.properties'))) return;
  const main = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties, '--ignore-formatted'];
  main.push(...(context.extras.kafkaFormat ?? []));
  const launch = kafkaLaunch(context, main, ['-XX:TieredStopAtLevel=1']);
  const { command, args, env, cwd } = launch;
  const result = spawnSync(command, args, { env, cwd, encoding: 'utf8' });
  if (result.status === 0) return;
  const lastLines = (result.stdout + result.stderr).trimEnd().split('\n').slice(-8);
  throw new StackError('kafka', 'its storage could not be formatted', {
    remedy: 'Read the reason below.',
    lastLines,
  });
}

function kafkaLaunch(context: StackContext, main: string[], jvm: string[] = []): Launch {
  const classPath = join(jarFolder(context.jars, 'kafka'), '*');
  return jvmLaunch(context, 'kafka', { jvm: [...jvmOptions.kafka, log4jOption, ...jvm], classPath, main });
}

/** A second way in for clients that are to reach it through a proxy: a broker tells its clients where to come. */
interface ProxiedListener {
  readonly port: string;
  /** Where the proxy listens. */
  readonly proxyPort: string;
}

function proxiedListener({ env }: StackContext): ProxiedListener | undefined {
  const { KAFKA_PROXIED_PORT: port, KAFKA_PROXY_PORT: proxyPort } = env;
  return port === undefined || proxyPort === undefined ? undefined : { port, proxyPort };
}

export function serverProperties(place: {
  port: number;
  controllerPort: number;
  data: string;
  copies: number;
  proxied?: ProxiedListener | undefined;
}): Settings {
  const { proxied } = place;
  const more = (text: string): string => (proxied === undefined ? '' : text);
  return {
    ...brokerSettings(place.copies),
    listeners:
      `PLAINTEXT://127.0.0.1:${place.port},CONTROLLER://127.0.0.1:${place.controllerPort}` +
      more(`,PROXIED://127.0.0.1:${proxied?.port ?? ''}`),
    'advertised.listeners':
      `PLAINTEXT://127.0.0.1:${place.port}` + more(`,PROXIED://127.0.0.1:${proxied?.proxyPort ?? ''}`),
    'listener.security.protocol.map': `PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT${more(',PROXIED:PLAINTEXT')}`,
    'controller.quorum.voters': `1@127.0.0.1:${place.controllerPort}`,
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
