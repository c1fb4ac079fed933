import type { ConnectorChange } from './connector-changes.ts';
import type { ConnectorConfig } from './connector-file.ts';

/** What a change can do to the events, the worst first. */
export type Harm = 'loss' | 'order' | 'duplicates' | 'standstill';

/**
 * What a change needs beyond the new config: `resnapshot` a new slot and no stored offset, so that every retained outbox row is said
 * again; `move_offset` the stored offset under the new `topic.prefix`, so that nothing is.
 */
export type Care = 'resnapshot' | 'move_offset';

export interface Dangerous {
  readonly class: 'dangerous';
  readonly harm: Harm;
  /** What happens, for a person who must decide; without a full stop. */
  readonly because: string;
  readonly care?: Care;
}

/** `restart`: the task restarts, as after each change, and no event is in danger. `harmless`: it changes what is logged or measured. */
export type Danger = Dangerous | { readonly class: 'restart' } | { readonly class: 'harmless' };

/** Undefined: this change of the key is not dangerous. */
export type Judge = (change: ConnectorChange, wanted: ConnectorConfig) => Danger | undefined;

export interface Rule {
  readonly key: RegExp;
  readonly judge: Judge;
}

export const always =
  (harm: Harm, because: string, care?: Care): Judge =>
  () => ({ class: 'dangerous', harm, because, ...(care && { care }) });

/** Dangerous unless the new value is this one. `undefined` in `safe` stands for "left out". */
export const unless =
  (safe: readonly (string | undefined)[], harm: Harm, because: string): Judge =>
  ({ to }) =>
    safe.includes(to) ? undefined : { class: 'dangerous', harm, because };

export const when =
  (dangerous: (change: ConnectorChange) => boolean, harm: Harm, because: string): Judge =>
  (change) =>
    dangerous(change) ? { class: 'dangerous', harm, because } : undefined;

export const harmless: Judge = () => ({ class: 'harmless' });

export const exactly = (...keys: readonly string[]): RegExp =>
  new RegExp(`^(?:${keys.map((key) => key.replaceAll('.', '\\.')).join('|')})$`);

/** The entries of a comma list. */
export const list = (value: string | undefined): string[] =>
  (value ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

export const leavesOut = ({ from, to }: ConnectorChange): boolean =>
  list(from).some((entry) => !list(to).includes(entry));

export const SKIPS =
  'the connector goes on behind an event that it could not read or send, and that event is lost';
