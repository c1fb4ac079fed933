import { setTimeout as delay } from 'node:timers/promises';
import { readReplicationSlot } from '../../connect/replication-slot.ts';
import type { Encoder } from '../../events/encoder.ts';
import type { EventDefinition } from '../../events/define-event.ts';
import { describeError } from '../../platform/errors.ts';
import type { CheckResult } from '../../platform/http/health-routes.ts';
import type { Kafka } from '../../platform/kafka/kafka-client.ts';
import type { Log } from '../../platform/log.ts';
import type { Pool } from '../../platform/postgres/pool.ts';
import { repeat } from '../../platform/repeat.ts';
import { followProbes, type ArrivedProbe, type ProbeFollower } from './follow-probes.ts';
import type { Hop } from './probe-result.ts';
import { isOverdue, judgeProbes, redAfterMs, type ProbesSeen, type StuckPlace } from './judge-probes.ts';
import { readProbeLsn, writeProbe, type ProbePayload, type WrittenProbe } from './write-probe.ts';

export interface ProbingOptions {
  readonly pool: Pool;
  readonly encoder: Encoder;
  readonly kafka: Kafka;
  readonly topicPrefix: string;
  readonly probe: EventDefinition<ProbePayload>;
  /** The connector that reads this service's outbox: the key of its probes. */
  readonly connector: string;
  readonly slot: string;
  /** The instance, as named in the probe. */
  readonly sender: string;
  readonly everyMs: number;
  readonly log: Log;
}

export interface Probing {
  readonly connector: string;
  /** For /healthz/pipeline: red when no probe arrived for 15 s. */
  check(): Promise<CheckResult>;
  seen(): ProbesSeen;
  stop(): Promise<void>;
}

/** Own probes whose COMMIT is remembered; the rest of the way takes seconds at most, or is red. */
const REMEMBERED = 20;
const WRITE_TIMEOUT_MS = 3_000;
/** Of the time between two: what the sender's next one may take on its way before another instance sends. */
const LATE = 1.5;
const STOP_WITHIN_MS = 2_000;

/**
 * Sends a probe through this service's own outbox every `everyMs` and reads the topic back, until it is stopped. Nothing that
 * fails here ever reaches the service: it is what the check says. While another instance's probes arrive this one sends none.
 */
export function keepProbing(options: ProbingOptions): Probing {
  const state = new ProbingState(options);
  const stopRepeating = repeat(() => state.probeOnce(), {
    everyMs: options.everyMs,
    retryMs: options.everyMs,
    what: `probe ${options.connector}`,
    log: options.log,
  });
  return {
    connector: options.connector,
    check: () => state.check(),
    seen: () => state.seen(),
    async stop() {
      // A Kafka that is away is not waited for, nor worth an error: the process ends anyway.
      const ended = Promise.all([stopRepeating(), state.stop()]).catch(() => undefined);
      await Promise.race([ended, delay(STOP_WITHIN_MS, undefined, { ref: false })]);
    },
  };
}

class ProbingState {
  readonly #options: ProbingOptions;
  readonly #since = Date.now();
  readonly #written: WrittenProbe[] = [];
  #follower: ProbeFollower | undefined;
  #followedSince = 0;
  #newest: ArrivedProbe | undefined;
  #problem: StuckPlace | undefined;
  #isRed = false;
  #isStopped = false;

  constructor(options: ProbingOptions) {
    this.#options = options;
  }

  seen(): ProbesSeen {
    const newest = this.#newest;
    const committedAt = this.#written.find(({ eventId }) => eventId === newest?.eventId)?.committedAt;
    return {
      since: this.#since,
      everyMs: this.#options.everyMs,
      newest: newest && { ...newest, committedAt },
    };
  }

  async check(): Promise<CheckResult> {
    const now = Date.now();
    const stuck = isOverdue(this.seen(), now) ? await this.#findStuckPlace() : undefined;
    return judgeProbes(this.seen(), now, stuck);
  }

  /** Never throws: what went wrong is said by the check, and once in the log. */
  async probeOnce(): Promise<void> {
    await this.#attempt('arrival', 'read the topic of probes', async () => {
      await this.#follow();
      if (this.#isStopped || this.#isSentByOthers()) return;
      await this.#attempt('commit', 'write a probe', () => this.#write());
    });
    this.#logChange();
  }

  async #attempt(hop: Hop, what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      if (this.#problem?.hop === hop) this.#problem = undefined;
    } catch (error) {
      if (this.#isStopped) return;
      if (this.#problem?.hop !== hop)
        this.#options.log.warn({ reason: describeError(error) }, `could not ${what}`);
      this.#problem = { hop, what: `it could not ${what} (the log says why)` };
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#follower?.stop();
  }

  /** Reading begins before anything is written: a probe to a missing topic would hold up the connector, and all events with it. */
  async #follow(): Promise<void> {
    const { kafka, topicPrefix, probe, everyMs } = this.#options;
    const quietFor = Date.now() - Math.max(this.#followedSince, this.#newest?.arrivedAt ?? 0);
    if (this.#follower !== undefined && quietFor <= redAfterMs(everyMs)) return;
    // Perhaps the reader is what is dead: its topic was made anew, or its session was lost for good.
    const before = this.#follower;
    this.#follower = undefined;
    await before?.stop();
    const follower = await followProbes(kafka, topicPrefix + probe.topic, (one) => this.#arrived(one));
    if (this.#isStopped) return follower.stop();
    this.#follower = follower;
    this.#followedSince = Date.now();
  }

  #arrived(probe: ArrivedProbe): void {
    if (probe.connector !== this.#options.connector) return;
    // After a new snapshot old probes come once more.
    if (probe.sentAt >= (this.#newest?.sentAt ?? 0)) this.#newest = probe;
  }

  /** Whoever sent the newest one goes on; the others look on until it is late. */
  #isSentByOthers(): boolean {
    const newest = this.#newest;
    if (newest === undefined || this.#written.some(({ eventId }) => eventId === newest.eventId)) return false;
    return Date.now() - newest.sentAt < LATE * this.#options.everyMs;
  }

  async #write(): Promise<void> {
    const { pool, encoder, probe, connector, sender } = this.#options;
    this.#written.push(
      await writeProbe(pool, encoder, probe, { connector, sender, timeoutMs: WRITE_TIMEOUT_MS }),
    );
    if (this.#written.length > REMEMBERED) this.#written.shift();
  }

  /** As far as the service's role can see; `outbox probe` sees more. */
  async #findStuckPlace(): Promise<StuckPlace> {
    const { pool, slot: slotName, connector } = this.#options;
    if (this.#problem !== undefined) return this.#problem;
    const slot = await readReplicationSlot(pool, slotName);
    if (slot === undefined) return { hop: 'wal', what: 'its slot does not exist' };
    if (!slot.active) return { hop: 'wal', what: 'nobody reads its slot' };
    const last = this.#written.at(-1);
    const rowLsn = last && (await readProbeLsn(pool, last.eventId));
    const isPassed = rowLsn !== undefined && slot.confirmedLsn !== undefined && slot.confirmedLsn > rowLsn;
    const what = isPassed ? 'its slot has passed it' : 'its slot has a reader';
    return { hop: 'kafka', what: `although ${what}; npx outbox probe ${connector} says more` };
  }

  #logChange(): void {
    const seen = this.seen();
    const isRed = isOverdue(seen, Date.now());
    if (isRed === this.#isRed) return;
    this.#isRed = isRed;
    const { connector, log } = this.#options;
    if (isRed) log.warn({ connector }, 'no probe arrives any more: events do not flow');
    else log.info({ connector }, 'probes arrive again');
  }
}
