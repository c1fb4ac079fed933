import { chmodSync, chownSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { derivedAddresses, localEnv } from '../../scripts/local-env.ts';
import { setUpDatabases, setUpSchemas } from '../../scripts/set-up-pipeline.ts';
import { freePorts } from '../../scripts/stack/free-ports.ts';
import type { PartExtras } from '../../scripts/stack/part-extras.ts';
import { unprivilegedUser } from '../../scripts/stack/postgres-home.ts';
import type { Settings } from '../../scripts/stack/settings.ts';
import { checkout, createStack } from '../../scripts/stack/stack.ts';
import { readKafkaAccess } from '../../src/platform/kafka/kafka-access.ts';
import { silentLog } from '../../src/platform/log.ts';
import { makeCertificates, startConnectProxy, type TestCertificates } from './connect-proxy.ts';
import { useTestStack } from './test-stack.ts';

export interface EncryptedStack {
  readonly env: Readonly<Record<string, string>>;
  /** An authority that nobody here trusts, and a client that it vouches for. */
  readonly strangers: TestCertificates;
  stop(): Promise<void>;
}

const passwords = { services: 'kafka-of-services', worker: 'kafka-of-worker', broker: 'kafka-of-broker' };
const web = { user: 'ops', password: 'web-of-ops' };

/**
 * A stack without a door for plain text: Postgres takes only TLS, the broker only TLS with a password (SCRAM for the services, PLAIN for
 * the worker), its controller only the broker's certificate, and registry and Connect stand behind a proxy that wants TLS, a client's
 * certificate and a password. This process and those it starts find it through test-stack.ts.
 */
export async function startEncryptedStack(): Promise<EncryptedStack> {
  const [certificates, strangers] = [makeCertificates(), makeCertificates()];
  const local: Record<string, string> = {
    ...localEnv(),
    ...(await freePorts()),
    POSTGRES_CA_FILE: certificates.ca,
  };
  const plain: Record<string, string> = { ...local, ...derivedAddresses(local) };
  const registry = await startConnectProxy({
    target: new URL(plain['REGISTRY_URL'] ?? '').origin,
    certificates,
    credentials: `${web.user}:${web.password}`,
  });
  const connect = await startConnectProxy({
    target: plain['CONNECT_URL'] ?? '',
    certificates,
    credentials: `${web.user}:${web.password}`,
  });
  const env = {
    ...plain,
    TOPIC_PREFIX: '',
    REPLICATION_FACTOR: '1',
    PROBE_EVERY_MS: '0',
    KAFKA_CA_FILE: certificates.ca,
    KAFKA_SASL_MECHANISM: 'scram-sha-512',
    KAFKA_USER: 'services',
    KAFKA_PASSWORD: passwords.services,
    REGISTRY_URL: `${registry.url}/apis/ccompat/v7`,
    ...webVariables('REGISTRY', certificates),
    CONNECT_URL: connect.url,
    ...webVariables('CONNECT', certificates),
  };
  const root = `.stack/encrypted-${process.pid}`;
  const stack = createStack({ root, env, extras: extrasFor(env, certificates) });
  useTestStack({ root, env });
  const stop = async (): Promise<void> => {
    await Promise.all([registry.close(), connect.close()]);
    await stack.down({ wipe: true });
    rmSync(`${checkout}${root}`, { recursive: true, force: true });
    certificates.remove();
    strangers.remove();
  };
  try {
    await stack.up();
    await setUpDatabases(env, silentLog);
    await setUpSchemas(env, silentLog);
  } catch (error) {
    await stop();
    throw error;
  }
  return { env, strangers, stop };
}

const webVariables = (whose: 'REGISTRY' | 'CONNECT', { ca, client }: TestCertificates) => ({
  [`${whose}_USER`]: web.user,
  [`${whose}_PASSWORD`]: web.password,
  [`${whose}_CA_FILE`]: ca,
  [`${whose}_CERT_FILE`]: client.cert,
  [`${whose}_KEY_FILE`]: client.key,
});

function extrasFor(env: Record<string, string>, certificates: TestCertificates): PartExtras {
  return {
    postgres: postgresSettings(certificates),
    kafka: brokerSettings(env, certificates),
    kafkaFormat: ['--add-scram', `SCRAM-SHA-512=[name=services,password=${passwords.services}]`],
    kafkaAccess: readKafkaAccess(env),
    connect: workerSettings(certificates),
    registry: {
      APICURIO_DATASOURCE_URL: `jdbc:postgresql://127.0.0.1:${env['POSTGRES_PORT'] ?? ''}/registry?sslmode=verify-full&sslrootcert=${certificates.ca}`,
    },
  };
}

function postgresSettings({ ca, server }: TestCertificates): Settings {
  const folder = dirname(ca);
  const hba = join(folder, 'pg_hba.conf');
  writeFileSync(hba, 'hostssl all all 127.0.0.1/32 scram-sha-256\n');
  // Postgres takes no key that others may read, and does not run as root.
  const key = join(folder, 'postgres.key');
  writeFileSync(key, readFileSync(server.key), { mode: 0o600 });
  if (process.getuid?.() === 0) {
    const { uid, gid } = unprivilegedUser();
    chownSync(key, uid, gid);
    chmodSync(folder, 0o755);
  }
  return { ssl: 'on', ssl_cert_file: server.cert, ssl_key_file: key, hba_file: hba };
}

function brokerSettings(env: Record<string, string>, { ca, server }: TestCertificates): Settings {
  const store = join(dirname(ca), 'broker.pem');
  writeFileSync(store, readFileSync(server.key, 'utf8') + readFileSync(server.cert, 'utf8'), { mode: 0o600 });
  const clients = `SASL_SSL://127.0.0.1:${env['KAFKA_PORT'] ?? ''}`;
  return {
    listeners: `${clients},CONTROLLER://127.0.0.1:${env['KAFKA_CONTROLLER_PORT'] ?? ''}`,
    'advertised.listeners': clients,
    'listener.security.protocol.map': 'SASL_SSL:SASL_SSL,CONTROLLER:SSL',
    'inter.broker.listener.name': 'SASL_SSL',
    'sasl.mechanism.inter.broker.protocol': 'PLAIN',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config':
      'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'listener.name.sasl_ssl.plain.sasl.jaas.config': plainLogin(
      'broker',
      passwords.broker,
      `user_broker="${passwords.broker}" user_worker="${passwords.worker}"`,
    ),
    'listener.name.controller.ssl.client.auth': 'required',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': store,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': ca,
  };
}

/** As docs/security.md says: the worker's own clients, and those of its connectors. */
function workerSettings({ ca }: TestCertificates): Settings {
  const settings = {
    'security.protocol': 'SASL_SSL',
    'sasl.mechanism': 'PLAIN',
    'sasl.jaas.config': plainLogin('worker', passwords.worker),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': ca,
  };
  return Object.fromEntries(
    ['', 'producer.', 'admin.'].flatMap((prefix) =>
      Object.entries(settings).map(([key, value]) => [prefix + key, value]),
    ),
  );
}

const plainLogin = (user: string, password: string, more = ''): string =>
  `org.apache.kafka.common.security.plain.PlainLoginModule required username="${user}" password="${password}" ${more};`;
