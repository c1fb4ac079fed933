import type { Queryable } from '../../platform/postgres/statement.ts';
import type { Passed } from './advance-marks.ts';
import type { AuditedPipeline } from './audited-pipeline.ts';
import { writtenAt, type EventRow } from './event-row.ts';
import { findInTopic } from './find-in-topic.ts';
import type { KeyPlace } from './find-recorded.ts';
import {
  judgeSuspect,
  whyNotRepaired,
  type Hop,
  type Repairs,
  type State,
  type SuspectFacts,
} from './judge-suspect.ts';
import type { Reader } from './readers.ts';
import { readRepairs } from './repair-events.ts';
import type { Suspect } from './scan-outbox.ts';

/** An event that a consumer must have and has not. */
export interface MissingEvent extends EventRow {
  readonly consumer: string;
  /** The consumer's service. */
  readonly service: string;
  readonly state: State;
  readonly hop: Hop;
  readonly writtenAt: Date;
  /** How often it was published once more. */
  readonly repairs: number;
  /** Of a lost one: why it is not published once more, in a sentence; undefined where it can be. */
  readonly notRepaired: string | undefined;
}

interface Known {
  readonly passed: Passed;
  /** Of suspects that were asked for after the passes were seen. */
  readonly places: ReadonlyMap<Suspect, KeyPlace>;
}

/** Of a suspect that could not be asked for once more, nobody knows that its consumer has passed it without it. */
export function factsOf(
  suspect: Suspect,
  { passed, places }: Known,
  more: { readonly repairs?: Repairs | undefined; readonly inTopic?: boolean | undefined } = {},
): SuspectFacts {
  const { row, reader } = suspect;
  const place = places.get(suspect);
  return {
    row,
    slotPassed: passed.bySlot,
    consumerPassed: place === undefined ? undefined : passed.byConsumer(reader, row.topic),
    place,
    repairs: more.repairs,
    inTopic: more.inTopic,
  };
}

/** The state and place of each, in order of id. Only of what is lost it is found out where. */
export async function nameMissing(
  suspects: readonly Suspect[],
  known: Known & {
    readonly pipeline: AuditedPipeline;
    readonly outbox: { readonly db: Queryable };
    readonly readers: readonly Reader[];
  },
): Promise<MissingEvent[]> {
  if (suspects.length === 0) return [];
  const ids = [...new Set(suspects.map(({ row }) => row.eventId))];
  const repairs = await readRepairs(known.outbox.db, ids);
  const stateOf = (suspect: Suspect, inTopic?: boolean) =>
    judgeSuspect(factsOf(suspect, known, { repairs: repairs.get(suspect.row.eventId), inTopic }));
  const lost = suspects.filter((suspect) => stateOf(suspect).state === 'lost');
  // All who miss one of the lost events, also those to whom it is merely late.
  const lostIds = new Set(lost.map(({ row }) => row.eventId));
  const inTopic = await findInTopic(
    known.pipeline,
    suspects.filter(({ row }) => lostIds.has(row.eventId)),
    known.readers,
  );
  const overtakenBy = overtakersOf(suspects, known.places);
  const now = new Date();
  return suspects
    .map((suspect): MissingEvent => {
      const { row, reader } = suspect;
      const verdict = stateOf(suspect, inTopic.get(row.eventId));
      const repaired = repairs.get(row.eventId);
      const facts = { overtakenBy: overtakenBy.get(row.eventId) ?? [], repairs: repaired };
      return {
        ...row,
        consumer: reader.consumer,
        service: reader.service.name,
        ...verdict,
        writtenAt: writtenAt(row),
        repairs: repaired?.times ?? 0,
        notRepaired: verdict.state === 'lost' ? whyNotRepaired(facts, now) : undefined,
      };
    })
    .sort((a, b) => (a.rowId < b.rowId ? -1 : 1));
}

/** By event id: the consumers that would stop if it were said again. One of them is enough to leave it alone. */
function overtakersOf(
  suspects: readonly Suspect[],
  places: ReadonlyMap<Suspect, KeyPlace>,
): Map<string, string[]> {
  const overtakers = new Map<string, string[]>();
  for (const suspect of suspects) {
    if (places.get(suspect)?.overtaken !== true) continue;
    const { eventId } = suspect.row;
    overtakers.set(eventId, [...(overtakers.get(eventId) ?? []), suspect.reader.consumer]);
  }
  return overtakers;
}
