import type { Finding, FindingCode } from './finding.ts';

/** With these a task that goes on would pass over events without a word. */
const LOSES: readonly FindingCode[] = [
  'publication_missing',
  'publication_wrong',
  'slot_missing',
  'slot_lost',
  // What its other reader confirms, the connector never gets.
  'slot_held',
  'slot_ahead',
  'offsets_missing',
  // Another task would begin it anew, beside the slot that this one made.
  'snapshot_running',
  'server_changed',
  'timeline_changed',
];

/** The first reason why this connector must not be started or go on before `outbox connectors heal`. */
export function losesEvents(findings: readonly Finding[]): Finding | undefined {
  return findings.find(({ code }) => LOSES.includes(code));
}
