import type { OperatedPipeline, OperatedService } from '../operated-pipeline.ts';
import {
  findCandidates,
  readSubjects,
  stretchesFor,
  type Candidate,
  type Stretch,
  type SubjectRows,
} from './find-subjects.ts';
import type { StoryWords } from './story.ts';

/** A thing with a story. */
export interface Subject {
  readonly aggregateId: string;
  readonly key: string;
  /** Of its first event. */
  readonly since: Date;
  /** By its newest event that has one; null when none has. */
  readonly status: string | null;
  /** The id that was asked for is its own or that of one of its events, not only its key. */
  readonly isExact: boolean;
}

export interface FoundSubjects {
  /** Newest first. */
  readonly subjects: readonly Subject[];
  /** Since when outboxes were looked through; null when they were to their beginning. Older ones may be there. */
  readonly lookedSince: Date | null;
  /** What databases said that could not be asked: an outbox that nobody can ask hides what it has said. */
  readonly failures: readonly unknown[];
}

export interface FindOptions {
  readonly statusAfter: StoryWords['statusAfter'];
  readonly now: Date;
  readonly limit: number;
  /** Looks to the beginning, however many are found before. */
  readonly everything?: boolean;
}

/** What this id may mean in any outbox: a thing's own id, the id of an event, or a key (a customer). */
export async function findSubjectsIn(
  { services }: Pick<OperatedPipeline, 'services'>,
  id: string,
  options: FindOptions,
): Promise<FoundSubjects> {
  const writers = services.filter(({ connector }) => connector !== undefined);
  const stretches = stretchesFor(id, options.now);
  const looks = options.everything === true ? stretches.slice(-1) : stretches;
  let found: Looked = { candidates: [], failures: [] };
  let last: Stretch | undefined;
  for (const stretch of looks) {
    found = await lookIn(writers, id, stretch, options.limit);
    last = stretch;
    if (isEnough(found.candidates)) break;
  }
  const all = await gather(writers, found.candidates, options.statusAfter);
  const hasOlder = last !== looks.at(-1) && !found.candidates.some(({ isExact }) => isExact);
  return {
    subjects: all.subjects.slice(0, options.limit),
    lookedSince: hasOlder ? (last?.from ?? null) : null,
    failures: [...found.failures, ...all.failures],
  };
}

interface Looked {
  readonly candidates: readonly Candidate[];
  readonly failures: readonly unknown[];
}

/** The one that was meant is enough; of a customer one is not, since it would be taken for the only one. */
const isEnough = (candidates: readonly Candidate[]): boolean =>
  candidates.length > 1 || candidates.some(({ isExact }) => isExact);

async function lookIn(
  writers: readonly OperatedService[],
  id: string,
  stretch: Stretch,
  limit: number,
): Promise<Looked> {
  const { values, failures } = await askAll(writers, ({ pool }) => findCandidates(pool, id, stretch, limit));
  const exact = values.filter(({ isExact }) => isExact);
  const byId = new Map((exact.length > 0 ? exact : values).map((one) => [one.aggregateId, one]));
  return { candidates: [...byId.values()], failures };
}

async function gather(
  writers: readonly OperatedService[],
  candidates: readonly Candidate[],
  statusAfter: StoryWords['statusAfter'],
): Promise<{ subjects: Subject[]; failures: readonly unknown[] }> {
  if (candidates.length === 0) return { subjects: [], failures: [] };
  const ids = candidates.map(({ aggregateId }) => aggregateId);
  const { values, failures } = await askAll(writers, ({ pool }) => readSubjects(pool, ids));
  const subjects = candidates.flatMap(({ aggregateId, isExact }) => {
    const rows = values.filter((one) => one.aggregateId === aggregateId);
    return rows.length === 0 ? [] : [{ ...subjectOf(rows, statusAfter), isExact }];
  });
  return { subjects: subjects.sort((a, b) => b.since.getTime() - a.since.getTime()), failures };
}

/** Who spoke of it first began it; row ids of all outboxes are ordered by time. */
function subjectOf(
  rows: readonly SubjectRows[],
  statusAfter: StoryWords['statusAfter'],
): Omit<Subject, 'isExact'> {
  const first = rows.reduce((before, one) => (one.since < before.since ? one : before));
  const types = rows
    .flatMap(({ said }) => said)
    .sort()
    .map((text) => text.slice(text.indexOf(' ') + 1));
  return {
    aggregateId: first.aggregateId,
    key: first.key,
    since: first.since,
    status: types.reduce<string | null>((before, type) => statusAfter[type] ?? before, null),
  };
}

async function askAll<T>(
  writers: readonly OperatedService[],
  ask: (service: OperatedService) => Promise<readonly T[]>,
): Promise<{ values: T[]; failures: unknown[] }> {
  const answers = await Promise.allSettled(writers.map(ask));
  return {
    values: answers.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])),
    failures: answers.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : [])),
  };
}
