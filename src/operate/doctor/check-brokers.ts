import type { Broker } from '../../platform/kafka/read-cluster.ts';
import { bytesInWords } from './in-words.ts';
import { ok, problem, warning, type Judgement } from './judgement.ts';

/**
 * What a record can weigh: 900,000 bytes of payload at most (src/outbox/migrations/0001_outbox.sql), and room for its key, its
 * headers and the frame around them.
 */
export const RECORD_BYTES = 1_000_000;

export function judgeBrokers(brokers: readonly Broker[]): Judgement[] {
  const [one] = brokers;
  if (one === undefined) return [problem('The cluster names no broker.', 'Look into the log of Kafka.')];
  return [ok(brokers.length === 1 ? `one broker, ${one.address}` : `${brokers.length} brokers`)];
}

/** All brokers should be set alike, so each finding is said once, with the brokers that it holds for. */
export function judgeAutoCreate(brokers: readonly Broker[]): Judgement {
  const creating = brokers.filter(({ settings }) => settings['auto.create.topics.enable'] === 'true');
  if (creating.length === 0) return ok('topics come from the catalogue alone');
  return warning(
    `${named(creating)} creates topics by itself: a misspelt name becomes a topic with one partition instead of an error.`,
    'Set auto.create.topics.enable=false on every broker and restart it.',
  );
}

export function judgeUncleanElection(brokers: readonly Broker[]): Judgement {
  const unclean = brokers.filter(({ settings }) => settings['unclean.leader.election.enable'] === 'true');
  if (unclean.length === 0) return ok('only replicas that have everything become leaders');
  return problem(
    `${named(unclean)} lets a replica lead that lacks records: events that were confirmed disappear.`,
    'Set unclean.leader.election.enable=false on every broker.',
  );
}

export function judgeBrokerMessageBytes(brokers: readonly Broker[]): Judgement {
  const sizes = brokers.map(({ settings }) => Number(settings['message.max.bytes'] ?? Infinity));
  const least = Math.min(...sizes);
  if (least >= RECORD_BYTES) return ok(`records up to ${bytesInWords(least)}`);
  return warning(
    `message.max.bytes is ${bytesInWords(least)}: topics without a setting of their own refuse the largest events.`,
    'Set message.max.bytes to at least 1048588, which is the default.',
  );
}

const named = (brokers: readonly Broker[]): string =>
  brokers.length === 1 ? `Broker ${brokers[0]?.id ?? ''}` : `Each of ${brokers.length} brokers`;
