import { faultInvariants, invariants, runInvariants } from '../support/invariants/invariants.ts';
import type { Invariant, Violation } from '../support/invariants/invariants.ts';

const namesOf = <Name extends Invariant>(list: Readonly<Record<Name, string>>): readonly Name[] =>
  Object.keys(list) as Name[];

/** Every invariant, in the order in which they are listed. */
export const invariantNames: readonly Invariant[] = namesOf({
  ...invariants,
  ...runInvariants,
  ...faultInvariants,
});

/** What is decided when a step of the check has ended, in the order of the steps. */
export const decidedBy = {
  storm: namesOf(faultInvariants),
  databases: namesOf(invariants),
  replies: ['replies-match'],
  topics: ['said-in-kafka', 'kafka-as-written', 'kafka-was-said'],
  lag: ['lag-zero'],
  slots: ['slot-active', 'log-bounded'],
  replay: ['replay-changes-nothing'],
  logs: ['no-unhandled-rejection'],
} as const satisfies Readonly<Record<string, readonly Invariant[]>>;

export type CheckStep = keyof typeof decidedBy;

/** A line for each invariant that a step decides. @param undecidable why one is not judged */
export function invariantLines(
  step: CheckStep,
  found: readonly Violation[],
  undecidable: ReadonlyMap<Invariant, string> = new Map(),
): string[] {
  return decidedBy[step].map((name) => {
    const reason = undecidable.get(name);
    if (reason !== undefined) return `- ${name} is not judged: ${reason}`;
    const count = found.filter(({ invariant }) => invariant === name).length;
    return count === 0 ? `✓ ${name}` : `✗ ${name}: ${count} ${count === 1 ? 'violation' : 'violations'}`;
  });
}
