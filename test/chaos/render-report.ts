import { machineLine } from '../bench/describe-machine.ts';
import { faultInvariants, invariants, runInvariants } from '../support/invariants/invariants.ts';
import type { Fault } from './fault.ts';
import { faults } from './faults.ts';
import { meanings } from './meanings.ts';
import type { Meaning } from './meanings.ts';
import { wasFault } from './run-storm.ts';
import type { StrikeResult } from './run-storm.ts';
import type { StormResult } from './storm-command.ts';

/** What a storm was and what it found, as Markdown. Nothing in it was not seen. */
export function renderReport(result: StormResult): string {
  const { again, strikes, load, rest, checks, violations, stormSeconds } = result;
  const struck = strikes.filter(wasFault).length;
  const all = { ...invariants, ...runInvariants, ...faultInvariants };
  const countOf = (name: string): number => violations.filter(({ invariant }) => invariant === name).length;
  const thatMean = (meaning: Meaning): number =>
    violations.filter(({ invariant }) => meanings[invariant].includes(meaning)).length;
  return [
    '# A storm, and what was left of it',
    '',
    `Written by \`${again} --report\`.`,
    'The seed decides requests and faults; run it again, and the same faults come in the same order.',
    '',
    `On ${machineLine(result.machine)}.`,
    '',
    '| | |',
    '|---|---:|',
    ...row('faults', struck),
    ...row('strikes skipped: nothing to spoil, or no means to', strikes.length - struck),
    ...row('storm', `${stormSeconds} s`),
    ...row('orders answered', load.orders),
    ...row('cancels answered', load.cancels),
    ...row('returns answered', load.returns),
    ...row('requests sent again on purpose, same Idempotency-Key', load.repeated),
    ...row('tries without a usable answer', load.retries),
    ...row('events in the outboxes', checks.events),
    ...row('records in Kafka, copies included', checks.records),
    ...row('records read once more in the replay', checks.replayed),
    ...row('until all was at rest after the last fault', `${rest.seconds} s`),
    ...row('events that `audit --repair` said again', rest.republished),
    ...row('keys planted to be held, and held', result.planted),
    ...row('**lost**', thatMean('lost')),
    ...row('**applied twice**', thatMean('twice')),
    ...row('**reordered**', thatMean('reordered')),
    '',
    'A violation that may mean two of the last three counts in both.',
    '',
    '## Faults',
    '',
    '| fault | times | skipped | not made good | seconds, longest | what |',
    '|---|---:|---:|---:|---:|---|',
    ...faults.flatMap((fault) => faultRow(fault, strikes)),
    '',
    `At the end \`connectors heal\` found: ${rest.healed}.`,
    '',
    '## Invariants',
    '',
    '| invariant | violations | |',
    '|---|---:|---|',
    ...Object.entries(all).map(([name, what]) => `| ${name} | ${countOf(name)} | ${what} |`),
    '',
    ...checks.undecided.map((sentence) => `\n${sentence}.`),
    ...(violations.length === 0
      ? []
      : [
          '## Violations',
          '',
          ...violations.slice(0, 100).map((one) => `- ${one.invariant}: ${one.detail}`),
          '',
        ]),
  ].join('\n');
}

/** None of a fault that was not drawn. */
function faultRow({ name, what }: Fault, strikes: readonly StrikeResult[]): string[] {
  const drawn = strikes.filter(({ fault }) => fault === name);
  if (drawn.length === 0) return [];
  const struck = drawn.filter(wasFault);
  const failed = struck.filter(({ kind }) => kind === 'failed').length;
  const longest = struck.length === 0 ? '-' : Math.max(...struck.map(({ seconds }) => seconds));
  return [
    `| ${name} | ${struck.length} | ${drawn.length - struck.length} | ${failed} | ${longest} | ${what} |`,
  ];
}

const row = (what: string, value: string | number): string[] => [`| ${what} | ${value} |`];
