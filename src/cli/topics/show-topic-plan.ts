import { styleText } from 'node:util';
import { isOutOfReach, topicHasWork, type PlannedTopic } from '../../platform/kafka/topic-plan.ts';
import { WIDTH, wrapped } from '../wrapped.ts';

/** A line a topic, below it what differs. Colours only on a terminal (styleText asks it). */
export function topicPlanLines(topics: readonly PlannedTopic[], undeclared: readonly string[]): string[] {
  const width = Math.max(0, ...topics.map(({ spec }) => spec.name.length));
  return [
    ...topics.flatMap((topic) => topicLines(topic, width)),
    ...undeclared.map((name) => `  ${name}  is declared nowhere; it is left alone`),
    summaryLine(topics),
  ];
}

function topicLines(topic: PlannedTopic, width: number): string[] {
  return [
    `${markOf(topic)} ${topic.spec.name.padEnd(width)}  ${headline(topic)}`,
    ...differences(topic).flatMap((text) =>
      wrapped(text, WIDTH - 6).map((line, index) => `${index === 0 ? '    ' : '      '}${line}`),
    ),
  ];
}

function markOf(topic: PlannedTopic): string {
  if (topic.isMissing) return styleText('green', '+');
  if (isOutOfReach(topic)) return styleText('red', '!');
  return topicHasWork(topic) ? styleText('yellow', '~') : styleText('dim', '=');
}

function headline(topic: PlannedTopic): string {
  if (topic.isMissing) return `is missing (partitions: ${topic.spec.partitions})`;
  return topicHasWork(topic) ? 'differs' : 'unchanged';
}

/** What differs, a sentence each, for `plan` and for what `apply` could not do. */
export function differences({ settings, partitions, replicationFactor, kept }: PlannedTopic): string[] {
  const others = Object.entries(kept).map(([name, value]) => `${name}=${value}`);
  return [
    ...settings.map(({ name, from, to }) => `${name}: ${from} → ${to}`),
    ...(partitions === undefined ? [] : [partitionsInWords(partitions)]),
    ...(replicationFactor === undefined ? [] : [copiesInWords(replicationFactor)]),
    ...(others.length === 0 ? [] : [`kept, set by others: ${others.join(', ')}`]),
  ];
}

const partitionsInWords = ({ from, to }: { from: number; to: number }): string =>
  from < to
    ? `partitions: ${from} → ${to}, which moves keys to other partitions: a consumer may read a key's new events before its older ones. Refused without --accept-reordering.`
    : `partitions: has ${from}, declared are ${to}. They can not be taken away: set the catalogue to ${from}, or move to a new topic.`;

export const copiesInWords = ({ from, to }: { from: number; to: number }): string =>
  `replication factor: has ${from}, declared is ${to} (REPLICATION_FACTOR). Apply does not move copies: use kafka-reassign-partitions.sh.`;

function summaryLine(topics: readonly PlannedTopic[]): string {
  const open = topics.filter(topicHasWork);
  if (open.length === 0) return `Nothing to do: ${topics.length} topics are as declared.`;
  if (open.every(isOutOfReach))
    return `${open.length} of ${topics.length} topics differ in what apply can not change.`;
  return `${open.length} of ${topics.length} topics are not as declared. Run: npx outbox topics apply`;
}
