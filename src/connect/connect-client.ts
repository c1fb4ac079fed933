import { z } from 'zod';
import type { Access, TlsAccess } from '../platform/access.ts';
import { PipelineError } from '../platform/errors.ts';
import { maskSecrets } from '../platform/mask-secrets.ts';
import {
  alreadyExists,
  connectRequest,
  isBusy,
  type ConnectAnswer,
  type ConnectRequest,
} from './connect-request.ts';
import { connectorConfigSchema, type ConnectorConfig } from './connector-file.ts';
import { connectorStatusSchema, type ConnectorStatus } from './connector-status.ts';

const connectorSchema = z.object({ config: connectorConfigSchema });
const errorSchema = z.object({ message: z.string() });
const offsetsSchema = z.object({
  offsets: z.array(
    z.object({
      partition: z.record(z.string(), z.unknown()),
      offset: z.record(z.string(), z.unknown()).nullable(),
    }),
  ),
});

const validationSchema = z.object({
  configs: z.array(
    z.object({
      definition: z.object({ name: z.string(), default_value: z.string().nullish() }).nullish(),
      value: z.object({ name: z.string(), value: z.string().nullish(), errors: z.array(z.string()) }),
    }),
  ),
});
const pluginsSchema = z.array(
  z.object({ class: z.string(), type: z.string(), version: z.string().nullish() }),
);
const workerSchema = z.object({ version: z.string(), commit: z.string(), kafka_cluster_id: z.string() });

/** What Connect thinks of each key that a plugin of the config declares; `errors` is empty for a good one. */
export interface KeyVerdict {
  readonly key: string;
  readonly errors: readonly string[];
  readonly defaultValue: string | undefined;
  /** False for a key that Connect lists only because the config has it, such as `producer.override.foo`. */
  readonly declared: boolean;
}

export interface ConnectPlugin {
  readonly class: string;
  readonly type: string;
  readonly version: string | undefined;
}

/** The answering worker; `version` is Kafka's. */
export interface ConnectWorker {
  readonly version: string;
  readonly kafkaClusterId: string;
}

/** Where a source connector stands: for each of its partitions the position that Connect stored last. */
export type ConnectorOffsets = z.infer<typeof offsetsSchema>['offsets'];

/**
 * Kafka Connect's REST API, as far as this pipeline uses it. Every call may be repeated without harm, and is: a rebalance (409)
 * and a timeout are asked again until the deadline, then fail. All of them throw PipelineError:
 * `connect_unreachable` (nobody answers) or `connect_refused` (Connect answers no, with its reason).
 */
export interface ConnectClient {
  /** The (first) worker's address without user and password, for messages. */
  readonly url: string;
  /** For whoever asks a worker for something beside its REST API. */
  readonly tls?: TlsAccess | undefined;
  /**
   * Waits until the worker has read its connectors: one that is just starting says of each that it does not exist. Workers before
   * Kafka 3.9 can't be asked that.
   */
  ready(): Promise<void>;
  /** Names of all connectors, sorted. */
  names(): Promise<string[]>;
  config(name: string): Promise<ConnectorConfig | undefined>;
  status(name: string): Promise<ConnectorStatus | undefined>;
  offsets(name: string): Promise<ConnectorOffsets>;
  /**
   * Creates a connector that does not start by itself (KIP-980); `false` when one of that name is there already, which then stays
   * as it is: a first try whose answer got lost may have worked, and a worker that is just starting does not know its connectors.
   */
  createStopped(name: string, config: ConnectorConfig): Promise<boolean>;
  /** Replaces the config of a connector; never delete and create instead: dying in between would leave none. */
  updateConfig(name: string, config: ConnectorConfig): Promise<void>;
  resume(name: string): Promise<void>;
  /** Its tasks stay, but do nothing: they go on holding their slot. */
  pause(name: string): Promise<void>;
  /** Its tasks end and let go of their slot; only then may offsets be changed. Returns before they have ended. */
  stop(name: string): Promise<void>;
  /** Restarts the connector and its tasks, but only those that are FAILED. */
  restartFailed(name: string): Promise<void>;
  /** Restarts the connector and all its tasks. */
  restart(name: string): Promise<void>;
  restartTask(name: string, task: number): Promise<void>;
  /** Of a STOPPED connector only. Connect answers what it did in a sentence. */
  setOffsets(name: string, offsets: ConnectorOffsets): Promise<string>;
  /** Forgets where the connector stood; of a STOPPED connector only. */
  resetOffsets(name: string): Promise<string>;
  /** Tries a config without creating anything, on the real database, and says what each key is worth. */
  validate(config: ConnectorConfig): Promise<KeyVerdict[]>;
  plugins(): Promise<ConnectPlugin[]>;
  worker(): Promise<ConnectWorker>;
  /** Removes the connector. Its replication slot and its stored offsets stay behind. */
  delete(name: string): Promise<void>;
}

export interface ConnectClientOptions extends Access {
  /**
   * The REST address, e.g. `http://127.0.0.1:18083`; user and password in it become basic authentication. Several workers of one
   * cluster separated by commas: the next one is asked when one can't be reached.
   */
  readonly url: string;
  /** What must not come up in any text that Connect answers, such as a failed task's trace. */
  readonly secrets?: readonly string[];
  /** Milliseconds that one request may take; Connect itself gives up at 90 s. */
  readonly requestTimeoutMs?: number;
  /** Milliseconds during which rebalances and timeouts are asked again. */
  readonly retryForMs?: number;
}

export function createConnectClient(options: ConnectClientOptions): ConnectClient {
  const ask = withoutSecrets(connectRequest(options), options.secrets ?? []);
  return { url: ask.url, tls: options.tls, ...questions(ask), ...changes(ask) };
}

/** All but a connector's config and offsets, which are compared and written back as they are. */
function withoutSecrets(ask: ConnectRequest, secrets: readonly string[]): ConnectRequest {
  const masked = (value: unknown): unknown => {
    if (typeof value === 'string') return maskSecrets(value, secrets);
    if (Array.isArray(value)) return value.map(masked);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, masked(inner)]));
  };
  return {
    get url() {
      return ask.url;
    },
    async send(method, at, body) {
      const answer = await ask.send(method, at, body);
      const isAsStored = method === 'GET' && !/\/status$/.test(at) && answer.status < 300;
      return isAsStored ? answer : { ...answer, body: masked(answer.body) };
    },
  };
}

type Questions = 'ready' | 'names' | 'config' | 'status' | 'offsets' | 'validate' | 'plugins' | 'worker';

const path = (name: string, rest = ''): string => `/connectors/${encodeURIComponent(name)}${rest}`;

function questions(ask: ConnectRequest): Pick<ConnectClient, Questions> {
  const answered = async <Schema extends z.ZodType>(
    schema: Schema,
    at: string,
    put?: unknown,
  ): Promise<z.infer<Schema>> =>
    parsed(ask.url, at, await ask.send(put === undefined ? 'GET' : 'PUT', at, put), schema);
  const find = async <Schema extends z.ZodType>(
    schema: Schema,
    at: string,
  ): Promise<z.infer<Schema> | undefined> => {
    const answer = await ask.send('GET', at);
    return answer.status === 404 ? undefined : parsed(ask.url, at, answer, schema);
  };
  return {
    async ready() {
      // 503 while it starts, which is asked again as any other 503.
      const answer = await ask.send('GET', '/health');
      if (answer.status !== 404) refuseUnlessDone(ask.url, answer);
    },
    names: async () => (await answered(z.array(z.string()), '/connectors')).sort(),
    config: async (name) => (await find(connectorSchema, path(name)))?.config,
    status: (name) => find(connectorStatusSchema, path(name, '/status')),
    offsets: async (name) => (await find(offsetsSchema, path(name, '/offsets')))?.offsets ?? [],
    async validate(config) {
      const at = `/connector-plugins/${encodeURIComponent(config['connector.class'] ?? '')}/config/validate`;
      return (await answered(validationSchema, at, config)).configs.map(toVerdict);
    },
    plugins: async () =>
      (await answered(pluginsSchema, '/connector-plugins?connectorsOnly=false')).map((plugin) => ({
        ...plugin,
        version: plugin.version ?? undefined,
      })),
    async worker() {
      const { version, kafka_cluster_id: kafkaClusterId } = await answered(workerSchema, '/');
      return { version, kafkaClusterId };
    },
  };
}

function toVerdict({ definition, value }: z.infer<typeof validationSchema>['configs'][number]): KeyVerdict {
  return {
    key: value.name,
    errors: value.errors,
    defaultValue: definition?.default_value ?? undefined,
    declared: definition !== null && definition !== undefined,
  };
}

function changes(ask: ConnectRequest): Omit<ConnectClient, Questions | 'url'> {
  const change = async (method: string, at: string, body?: unknown): Promise<void> => {
    refuseUnlessDone(ask.url, await ask.send(method, at, body));
  };
  const told = async (method: string, at: string, body?: unknown): Promise<string> =>
    parsed(ask.url, at, await ask.send(method, at, body), errorSchema).message;
  return {
    async createStopped(name, config) {
      const answer = await ask.send('POST', '/connectors', { name, config, initial_state: 'STOPPED' });
      if (alreadyExists(answer)) return false;
      refuseUnlessDone(ask.url, answer);
      return true;
    },
    updateConfig: (name, config) => change('PUT', path(name, '/config'), config),
    resume: (name) => change('PUT', path(name, '/resume')),
    pause: (name) => change('PUT', path(name, '/pause')),
    stop: (name) => change('PUT', path(name, '/stop')),
    setOffsets: (name, offsets) => told('PATCH', path(name, '/offsets'), { offsets }),
    resetOffsets: (name) => told('DELETE', path(name, '/offsets')),
    restartFailed: (name) => change('POST', path(name, '/restart?includeTasks=true&onlyFailed=true')),
    restart: (name) => change('POST', path(name, '/restart?includeTasks=true')),
    restartTask: (name, task) => change('POST', path(name, `/tasks/${task}/restart`)),
    async delete(name) {
      const answer = await ask.send('DELETE', path(name));
      if (answer.status !== 404) refuseUnlessDone(ask.url, answer);
    },
  };
}

/** Those of one `topic.prefix`: an earlier one may have left its own behind, which says nothing of this connector's place. */
export function offsetsOf(offsets: ConnectorOffsets, serverName: string | undefined): ConnectorOffsets {
  return offsets.filter(({ partition }) => partition['server'] === serverName);
}

/**
 * The highest position in the log that the offset of this `topic.prefix` names: Debezium goes on behind it. Undefined when it has none.
 */
export function storedLsn(offsets: ConnectorOffsets, serverName: string | undefined): bigint | undefined {
  const [stored] = offsetsOf(offsets, serverName);
  const offset = stored?.offset ?? undefined;
  if (offset === undefined) return undefined;
  const places = [offset['lsn'], offset['lsn_proc'], offset['lsn_commit']]
    .filter((value) => typeof value === 'number' || typeof value === 'string')
    .map((value) => BigInt(value));
  return places.reduce<bigint | undefined>(
    (most, lsn) => (most === undefined || lsn > most ? lsn : most),
    undefined,
  );
}

function parsed<Schema extends z.ZodType>(
  url: string,
  at: string,
  answer: ConnectAnswer,
  schema: Schema,
): z.infer<Schema> {
  refuseUnlessDone(url, answer);
  const result = schema.safeParse(answer.body);
  if (result.success) return result.data;
  throw new PipelineError('connect_refused', `${url}${at} does not answer as Kafka Connect does.`, {
    remedy: 'Check that the address is the REST API of a Kafka Connect worker (3.5 or later).',
    cause: result.error,
  });
}

function refuseUnlessDone(url: string, answer: ConnectAnswer): void {
  if (answer.status >= 200 && answer.status < 300) return;
  const body = errorSchema.safeParse(answer.body);
  const reason = body.success ? reasonOf(body.data.message) : `HTTP status ${answer.status}`;
  throw new PipelineError('connect_refused', `Kafka Connect at ${url} refused: ${reason}`, {
    remedy: remedyFor(answer),
  });
}

function remedyFor(answer: ConnectAnswer): string {
  if (isBusy(answer)) return 'It passes by itself: try again in a moment.';
  return answer.status === 401 || answer.status === 403
    ? 'Give user and password: CONNECT_USER and CONNECT_PASSWORD, or http://user:password@host:port.'
    : 'Mend what it says in the connector file or behind it, and register again; nothing was changed.';
}

/** Connect wraps a config's errors in introductions, lists and a hint to another endpoint; only the errors help. */
function reasonOf(message: string): string {
  const lines = message
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^Connector configuration is invalid|^You can also find/.test(line))
    .map((line) =>
      line.replace('Error while validating connector config: ', '').replace(/, available connectors .*/, ''),
    );
  const reason = lines.join(' ') || message;
  return /[.!?]$/.test(reason) ? reason : `${reason}.`;
}
