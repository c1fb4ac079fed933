import type {
  ConnectorState,
  ConnectorsSlice,
  GroupState,
  HeldSlice,
  Health,
  Hop,
  HopId,
  ProbesSlice,
  ProbeState,
  SlotsSlice,
  SlotState,
  WaySlice,
} from './dashboard-state.ts';
import type { FlowFigures } from './flow/flow-meter.ts';

/** What is known of one of the two outboxes: its database and the connector that reads it. */
export interface OutboxFacts {
  readonly connector: string;
  readonly databaseProblem: string | null;
  readonly rowsPerSecond: number | null;
  readonly logBytesPerSecond: number | null;
}

/** What is known of a consumer; rates and times by the ends and positions seen. */
export interface ReaderFacts {
  readonly perSecond: number | null;
  readonly behindMs: number | null;
}

export interface TopicFacts {
  /** By partition. */
  readonly perSecond: ReadonlyMap<number, number | null>;
}

export interface WayFacts {
  readonly now: number;
  readonly requests: {
    readonly perSecond: number | null;
    readonly meanMs: number | null;
    readonly problem: string | null;
  };
  readonly outboxes: Readonly<Record<'orders' | 'inventory', OutboxFacts>>;
  readonly topics: Readonly<Record<'orders' | 'inventory', TopicFacts>>;
  readonly readers: Readonly<Record<'orders' | 'inventory' | 'sales', ReaderFacts>>;
  readonly kafkaProblem: string | null;
  readonly connectors: ConnectorsSlice;
  readonly slots: SlotsSlice;
  readonly probes: ProbesSlice;
  readonly groups: readonly GroupState[];
  readonly held: HeldSlice;
  readonly flow: FlowFigures;
}

type Judged = Pick<Hop, 'health' | 'reason'>;

const GOOD: Judged = { health: 'good', reason: null };
const UNKNOWN: Judged = { health: 'unknown', reason: null };
const broken = (reason: string): Judged => ({ health: 'broken', reason });
const slow = (reason: string): Judged => ({ health: 'slow', reason });

/** Far above what a request takes here (milliseconds), far below what a customer puts up with. */
const SLOW_REQUEST_MS = 500;
const SLOW_COMMIT_MS = 500;
const SLOW_LOG_MS = 2_000;
const SLOW_KAFKA_MS = 2_000;
const BEHIND_MS = 5_000;
/** So far behind and nothing moves: nobody is at work. */
const STANDS_MS = 15_000;

/** Every hop of an order with its figures and its health, and the worst of it in one sentence. Pure: time is in the facts. */
export function decideWay(facts: WayFacts): Omit<WaySlice, 'problem'> {
  const hops: Hop[] = [
    httpHop(facts),
    ...outboxHops(facts, 'orders'),
    readerHop(facts, 'sales', 'orders.events', null),
    readerHop(facts, 'inventory', 'orders.events', facts.flow.inventoryMs),
    ...outboxHops(facts, 'inventory'),
    readerHop(facts, 'orders', 'inventory.events', facts.flow.settleMs),
  ];
  return {
    hops,
    ...verdictOf(hops, facts),
    endToEndP50Ms: facts.flow.endToEndP50Ms,
    endToEndP99Ms: facts.flow.endToEndP99Ms,
  };
}

function verdictOf(hops: readonly Hop[], { requests }: WayFacts): Pick<WaySlice, 'verdict' | 'health'> {
  const worst = (health: Health): Hop | undefined => hops.find((hop) => hop.health === health);
  const bad = worst('broken') ?? worst('slow');
  if (bad !== undefined) return { health: bad.health, verdict: bad.reason ?? `${bad.id} is ${bad.health}.` };
  if (worst('unknown') !== undefined) return { health: 'unknown', verdict: 'Looking at the hops …' };
  const { perSecond } = requests;
  return {
    health: 'good',
    verdict:
      perSecond === null || perSecond < 0.05
        ? 'Every hop is well; nothing is on its way.'
        : 'Every hop is well; orders flow.',
  };
}

function httpHop({ requests: { perSecond, meanMs, problem } }: WayFacts): Hop {
  const judged =
    problem !== null
      ? broken(`The order service takes no orders: ${problem}`)
      : meanMs !== null && meanMs > SLOW_REQUEST_MS
        ? slow(`The order service takes ${seconds(meanMs)} for a request.`)
        : perSecond === null
          ? UNKNOWN
          : GOOD;
  return hop('http', judged, { perSecond, delayMs: meanMs });
}

/** Database, log, Debezium and topic of one outbox. */
function outboxHops(facts: WayFacts, service: 'orders' | 'inventory'): Hop[] {
  const outbox = facts.outboxes[service];
  const connector = facts.connectors.connectors.find(({ name }) => name === outbox.connector);
  const slot = facts.slots.slots.find((one) => one.connector === outbox.connector);
  const probe = facts.probes.probes.find((one) => one.connector === outbox.connector);
  const arrived = probe?.arrived === true ? probe.hops : {};
  const { flow } = facts;
  const walMs = (service === 'orders' ? flow.ordersWalMs : flow.inventoryWalMs) ?? arrived.wal ?? null;
  const kafkaMs =
    (service === 'orders' ? flow.ordersDebeziumMs : flow.inventoryDebeziumMs) ?? arrived.kafka ?? null;
  const topic = facts.topics[service];
  const perSecond = sum([...topic.perSecond.values()]);
  const commitMs = arrived.commit ?? null;
  return [
    hop(`${service}-db`, judgeDatabase(service, outbox, commitMs), {
      perSecond: outbox.rowsPerSecond,
      delayMs: commitMs,
    }),
    hop(`${service}-wal`, judgeSlot(facts.slots, slot, walMs), {
      perSecond: outbox.logBytesPerSecond,
      delayMs: walMs,
      note: slot === undefined ? null : `${bytes(slot.bytesHeld)} held`,
    }),
    hop(
      `${service}-debezium`,
      judgeConnector(facts.connectors, outbox.connector, {
        ...{ connector, probe, kafkaMs },
        isMoving: perSecond !== null && perSecond > 0,
      }),
      {
        perSecond,
        delayMs: kafkaMs,
        note: connector === undefined ? null : connector.state.toLowerCase(),
      },
    ),
    hop(`${service}-topic`, judgeTopic(facts, topic), {
      perSecond,
      delayMs: arrived.arrival ?? null,
      partitions: partitionsOf(facts, service),
    }),
  ];
}

function judgeDatabase(service: string, outbox: OutboxFacts, commitMs: number | null): Judged {
  if (outbox.databaseProblem !== null) return broken(outbox.databaseProblem);
  if (commitMs !== null && commitMs > SLOW_COMMIT_MS)
    return slow(`Database ${service} takes ${seconds(commitMs)} to commit.`);
  return outbox.rowsPerSecond === null ? UNKNOWN : GOOD;
}

function judgeSlot({ problem }: SlotsSlice, slot: SlotState | undefined, walMs: number | null): Judged {
  if (slot === undefined || problem !== null) return UNKNOWN;
  if (slot.walStatus === 'missing') return broken(`The replication slot ${slot.name} does not exist.`);
  if (slot.walStatus === 'lost')
    return broken(`The replication slot ${slot.name} is lost: heal ${slot.connector}.`);
  if (slot.walStatus === 'unreserved')
    return slow(
      `Slot ${slot.name} holds more log than the server promises to keep; it may be lost any moment.`,
    );
  if (slot.health === 'slow' && slot.active)
    return slow(
      `Slot ${slot.name} is lost in ${Math.ceil((slot.msUntilFull ?? 0) / 60_000)} min at the present rate.`,
    );
  if (!slot.active) return slow(`Nobody reads slot ${slot.name}; Postgres keeps the log for it.`);
  if (walMs !== null && walMs > SLOW_LOG_MS)
    return slow(`Events wait ${seconds(walMs)} in the log before Debezium reads them.`);
  return GOOD;
}

function judgeConnector(
  { problem }: ConnectorsSlice,
  name: string,
  seen: {
    readonly connector: ConnectorState | undefined;
    readonly probe: ProbeState | undefined;
    readonly kafkaMs: number | null;
    /** Events come out of it, whatever a probe says. */
    readonly isMoving: boolean;
  },
): Judged {
  const { connector, probe, kafkaMs, isMoving } = seen;
  if (probe?.arrived === false && problem !== null)
    return broken(probe.reason ?? `No probe comes through ${name}.`);
  if (problem !== null) return probe === undefined ? broken(problem) : slow(problem);
  if (connector === undefined) return UNKNOWN;
  const [reason = `${name} is not well.`] = connector.reasons;
  const said = reason.startsWith('The connector')
    ? reason.replace('The connector', name)
    : `${name}: ${reason}`;
  const stands = [connector, ...connector.tasks].some(({ state }) => state !== 'RUNNING');
  if (connector.health === 'broken' && (stands || !isMoving)) return broken(said);
  if (connector.health !== 'good') return slow(said);
  if (kafkaMs !== null && kafkaMs > SLOW_KAFKA_MS)
    return slow(`${name} takes ${seconds(kafkaMs)} from the log into Kafka.`);
  return GOOD;
}

function judgeTopic({ kafkaProblem }: WayFacts, { perSecond }: TopicFacts): Judged {
  if (kafkaProblem !== null) return broken(kafkaProblem);
  return perSecond.size === 0 ? UNKNOWN : GOOD;
}

/** The lag is that of the reader who carries an order on. */
function partitionsOf({ topics, groups }: WayFacts, service: 'orders' | 'inventory'): Hop['partitions'] {
  const reader = groups.find(({ name }) => name === (service === 'orders' ? 'inventory' : 'orders'));
  return [...topics[service].perSecond].map(([partition, perSecond]) => ({
    partition,
    perSecond,
    lag: reader?.partitions.find((one) => one.partition === partition)?.lag ?? null,
  }));
}

function readerHop(
  facts: WayFacts,
  consumer: 'orders' | 'inventory' | 'sales',
  topic: string,
  eachMs: number | null,
): Hop {
  const group = facts.groups.find(({ name }) => name === consumer);
  const { perSecond, behindMs } = facts.readers[consumer];
  const lag = group === undefined ? null : sum(group.partitions.map((partition) => partition.lag));
  const held = facts.held.keys.filter((key) => key.consumer === consumer);
  const notes = [
    ...(lag === null ? [] : [`${lag.toLocaleString('en-GB')} behind`]),
    ...(held.length === 0 ? [] : [held.length === 1 ? '1 key held' : `${held.length} keys held`]),
  ];
  return hop(consumer, judgeReader(facts, consumer, topic, { group, lag }), {
    perSecond,
    delayMs: behindMs !== null && behindMs > 0 ? Math.max(behindMs, eachMs ?? 0) : (eachMs ?? behindMs),
    note: notes.join(', ') || null,
  });
}

function judgeReader(
  facts: WayFacts,
  consumer: 'orders' | 'inventory' | 'sales',
  topic: string,
  { group, lag }: { readonly group: GroupState | undefined; readonly lag: number | null },
): Judged {
  // Without Kafka nothing can be said of who reads; that is said at the topic.
  if (facts.kafkaProblem !== null || group === undefined || group.state === 'unknown') return UNKNOWN;
  const { perSecond, behindMs } = facts.readers[consumer];
  if (group.partitions.length > 0 && group.partitions.every(({ owner }) => owner === null))
    return broken(
      `Consumer ${consumer} does not run: nobody reads ${topic} for it (its group is ${group.state}).`,
    );
  if (behindMs !== null && behindMs > STANDS_MS && perSecond === 0)
    return broken(`Consumer ${consumer} stands still, ${lag ?? '?'} events and ${seconds(behindMs)} behind.`);
  if (behindMs !== null && behindMs > BEHIND_MS)
    return slow(`Consumer ${consumer} is ${seconds(behindMs)} and ${lag ?? '?'} events behind.`);
  const parked = facts.held.keys.find((key) => key.consumer === consumer && key.state === 'parked');
  if (parked !== undefined)
    return slow(`Consumer ${consumer} has parked key ${parked.key}: ${parked.reason.replace(/\.?$/, '.')}`);
  return GOOD;
}

function hop(id: HopId, judged: Judged, figures: Partial<Omit<Hop, 'id' | 'health' | 'reason'>>): Hop {
  return { id, ...judged, perSecond: null, delayMs: null, note: null, partitions: [], ...figures };
}

/** Null when none is known. */
function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}

const seconds = (ms: number): string =>
  ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;

function bytes(count: number): string {
  if (count < 1_000) return `${count} B`;
  if (count < 1_000_000) return `${Math.round(count / 1_000)} kB`;
  if (count < 1_000_000_000) return `${(count / 1_000_000).toFixed(1)} MB`;
  return `${(count / 1_000_000_000).toFixed(1)} GB`;
}
