import {
  always,
  exactly,
  harmless,
  leavesOut,
  list,
  SKIPS,
  unless,
  when,
  type Rule,
} from './danger-judges.ts';
import type { ConnectorChange } from './connector-changes.ts';
import type { ConnectorConfig } from './connector-file.ts';
import { matchesWhole } from './outbox-predicate.ts';

const OTHER_BYTES = 'readers get other bytes than they expect and park or drop them';

/** Transforms that add to a record and take nothing away. */
const ADDING = /^org\.apache\.kafka\.connect\.transforms\.(?:InsertHeader|HeaderFrom\$(?:Key|Value))$/;

/** What stood there stands there in the same order; something may have come between. */
function keepsOrder({ from, to }: ConnectorChange): boolean {
  const wanted = list(to);
  let at = -1;
  return list(from).every((entry) => (at = wanted.indexOf(entry, at + 1)) >= 0);
}

const OTHER_RECORDS = always(
  'loss',
  'other records than before are made into events: a pattern that does not fit lets all of them pass as they are',
);

/** The pattern changed because `topic.prefix` or the table did, and fits again. */
function fitsTable({ key, to }: ConnectorChange, wanted: ConnectorConfig): boolean {
  const name = `${wanted['topic.prefix'] ?? ''}.${wanted['table.include.list'] ?? ''}`;
  return key.endsWith('.pattern') && matchesWhole(to ?? '', name);
}

const routing: readonly Rule[] = [
  {
    key: /^transforms\.[^.]+\.table\.field\.event\.key$/,
    judge: always(
      'order',
      'events of one key go to another partition than those before, so readers may get them in another order: first let every consumer come to the end of its topics',
    ),
  },
  {
    key: /^transforms\.[^.]+\.table\.field\.event\.id$/,
    judge: always(
      'duplicates',
      'consumers know an event by its id: one that is sent again under another id is applied twice',
    ),
  },
  {
    key: /^transforms\.[^.]+\.route\.(?:by\.field|topic\.(?:regex|replacement))$/,
    judge: always(
      'loss',
      'events go to other topics: readers of the old ones get none of them, and where a topic does not exist the connector waits for ever',
    ),
  },
  {
    key: /^transforms\.[^.]+\.table\.fields\.additional\.placement$/,
    judge: when(leavesOut, 'loss', 'consumers refuse events without their headers'),
  },
  {
    key: /^transforms\.[^.]+\.table\.op\.invalid\.behavior$/,
    judge: unless(['fatal'], 'loss', SKIPS),
  },
  { key: /^transforms\.[^.]+\.route\.tombstone\.on\.empty\.payload$/, judge: () => undefined },
  {
    key: exactly('transforms'),
    judge: when(
      (change) => !keepsOrder(change),
      'loss',
      'records are no longer made into events, or in another way: readers of the topics get none, or unreadable ones',
    ),
  },
  {
    key: /^transforms\.[^.]+\.type$/,
    judge: when(
      ({ from, to }) => from !== undefined || !ADDING.test(to ?? ''),
      'loss',
      'another transform makes other records, or drops them',
    ),
  },
  {
    // Of a transform that only adds: what it adds decides nothing. Its type has been judged above.
    key: /^transforms\.[^.]+\.(?:headers|fields|operation|header|value\.literal|plugin\.version)$/,
    judge: () => undefined,
  },
  {
    key: /^transforms\.[^.]+\.predicate$/,
    judge: when(
      ({ key, from }) => from !== undefined || key === 'transforms.outbox.predicate',
      'loss',
      'other records than before are made into events',
    ),
  },
  {
    key: /^transforms\./,
    judge: always('loss', 'events look different from now on: readers may refuse them'),
  },
  {
    key: exactly('predicates'),
    judge: when(leavesOut, 'loss', 'other records than before are made into events'),
  },
  {
    key: /^predicates\./,
    judge: (change, wanted) =>
      change.from === undefined || fitsTable(change, wanted) ? undefined : OTHER_RECORDS(change, wanted),
  },
];

const bytes: readonly Rule[] = [
  {
    key: /^key\.converter(?:\.|$)/,
    judge: always('order', `another key goes to another partition, and ${OTHER_BYTES}`),
  },
  { key: /^(?:value|header)\.converter(?:\.|$)/, judge: always('loss', OTHER_BYTES) },
  { key: exactly('binary.handling.mode', 'converters'), judge: always('loss', OTHER_BYTES) },
  {
    key: exactly('producer.override.acks'),
    judge: unless(
      ['all', '-1'],
      'loss',
      'Kafka may lose an event that it has acknowledged, and the slot has moved on',
    ),
  },
  {
    key: exactly('producer.override.enable.idempotence'),
    judge: unless(['true'], 'order', 'a retry may send an event twice, and behind a later one'),
  },
  {
    key: /^producer\.override\.partitioner\./,
    judge: always('order', 'events of one key go to another partition than those before'),
  },
  {
    key: exactly('producer.override.bootstrap.servers'),
    judge: always('loss', 'events go to another Kafka: readers of this one get none of them'),
  },
  { key: /^errors\.log\.|^custom\.metric\.tags$|^statistics\.|^openlineage\./, judge: harmless },
];

/** Rules for what a record looks like and where it goes. */
export const recordRules: readonly Rule[] = [...routing, ...bytes];
