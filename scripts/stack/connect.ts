import { mkdirSync, symlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jarFolder } from './jars.ts';
import { brokerAddresses, brokersOf, workersOf, type WorkerPart } from './cluster-parts.ts';
import { log4jOption } from './kafka.ts';
import type { Launch } from './detached-process.ts';
import { processResource } from './process-resource.ts';
import type { Resource, ResourceName } from './resource.ts';
import { jvmOptions, renderProperties, workerJvmOptions, workerSettings, type Settings } from './settings.ts';
import {
  answers,
  dataFolder,
  jvmLaunch,
  jvmMarker,
  partProcess,
  portOf,
  replicationFactor,
  type StackContext,
} from './stack-context.ts';
import { withTimerSlack, workerTimerSlackNs } from './timer-slack.ts';

/**
 * A Kafka Connect worker with Debezium's Postgres connector as its only plugin. Its state is in Kafka; several are one group, which
 * shares the connectors.
 * @param beforeStart runs each time before the worker starts, with the brokers healthy: its topics must exist by then.
 */
export function connect(
  context: StackContext,
  { name, portVariable }: WorkerPart,
  beforeStart: () => Promise<void>,
): Resource {
  const port = portOf(context, name, portVariable);
  const folder = dataFolder(context, name);
  return processResource({
    name,
    needs: brokersOf(context.env).map((broker) => broker.name),
    process: partProcess(context, name, jvmMarker(context, name)),
    ports: [{ variable: portVariable, port }],
    probe: () => answers(`http://127.0.0.1:${port}/connectors`),
    prepare: async () => {
      await beforeStart();
      const plugins = preparePlugins(context, folder);
      // Through a proxy where somebody put one between them.
      const { CONNECT_KAFKA_PORT: proxied } = context.env;
      const brokers = proxied === undefined ? brokerAddresses(context.env).join(',') : `127.0.0.1:${proxied}`;
      const settings = workerProperties({ port, plugins, brokers, copies: replicationFactor(context) });
      const properties = join(folder, 'worker.properties');
      writeFileSync(properties, renderProperties({ ...settings, ...context.extras.connect }));
      return launch(context, name, properties);
    },
    startWithinMs: 90_000,
    stop: { signal: 'SIGTERM', withinMs: 20_000 },
  });
}

export function workerProperties(place: {
  port: number;
  plugins: string;
  brokers: string;
  copies: number;
}): Settings {
  return {
    ...workerSettings(place.copies),
    'bootstrap.servers': place.brokers,
    // Whoever reaches the REST port can run a connector: loopback only.
    listeners: `http://127.0.0.1:${place.port}`,
    'rest.advertised.host.name': '127.0.0.1',
    'rest.advertised.port': String(place.port),
    'plugin.path': place.plugins,
  };
}

/** `plugin.path` is a folder of folders, each a plugin of its own; this one holds a link to Debezium's jars. */
function preparePlugins(context: StackContext, folder: string): string {
  const plugins = join(folder, 'plugins');
  rmSync(plugins, { recursive: true, force: true });
  mkdirSync(plugins, { recursive: true });
  symlinkSync(jarFolder(context.jars, 'debezium'), join(plugins, 'debezium-connector-postgres'));
  return plugins;
}

function launch(context: StackContext, name: ResourceName, properties: string): Launch {
  const secrets = Object.entries(context.env).filter(([name]) => name.startsWith('CDC_'));
  const heap = workersOf(context.env).length === 1 ? jvmOptions.connect : jvmOptions.connectOfSeveral;
  const worker = jvmLaunch(context, name, {
    jvm: [...heap, ...workerJvmOptions, log4jOption],
    classPath: join(jarFolder(context.jars, 'kafka'), '*'),
    main: ['org.apache.kafka.connect.cli.ConnectDistributed', properties],
    env: Object.fromEntries(secrets),
  });
  return withTimerSlack(worker, workerTimerSlackNs);
}
