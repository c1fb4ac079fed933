import { eventTopics } from '../../contracts/catalogue.ts';
import { createGenericDecoder } from '../../events/generic-decoder.ts';
import type { OperatedPipeline } from '../../operate/operated-pipeline.ts';
import { findRecordedEvent, sayNotFound } from '../../operate/trace/find-recorded-event.ts';
import type { KnownRecords } from '../../operate/trace/find-records.ts';
import { findSubjectsIn } from '../../operate/trace/find-subjects-in.ts';
import { traceSubject } from '../../operate/trace/trace-subject.ts';
import { storyWords } from '../../pipeline.ts';
import { describeError } from '../../platform/errors.ts';
import { notFound, unavailable } from '../../platform/http/problem.ts';
import type { FoundOrders, OrderStory } from '../dashboard-state.ts';

/** What the page asks about single orders. */
export interface Stories {
  /** @throws HttpProblem 503 when nothing was found, and not all could be asked */
  find(id: string, options: { readonly everything: boolean }): Promise<FoundOrders>;
  /** @throws HttpProblem 404 when no outbox knows it */
  tell(orderId: string): Promise<OrderStory>;
}

/** A list is for choosing from. */
const LIST = 20;

/** Tells what `outbox trace` tells. Several pages that follow one order ask once. */
export function tellStories(pipeline: OperatedPipeline, knownRecords: KnownRecords): Stories {
  const options = {
    words: storyWords,
    eventTypes: eventTopics.flatMap(({ events }) => Object.keys(events)),
    decoder: createGenericDecoder(pipeline.registry),
    knownRecords,
  };
  const underWay = new Map<string, Promise<OrderStory>>();
  return {
    find: (id, { everything }) => findOrders(pipeline, id, everything),
    tell(orderId) {
      const telling =
        underWay.get(orderId) ??
        traceSubject(pipeline, orderId, options).finally(() => underWay.delete(orderId));
      underWay.set(orderId, telling);
      return telling.then((story) => {
        if (story.hops.length > 0 || story.problems.length > 0) return story;
        throw notFound(`No outbox has an event about ${orderId}. Rows are kept for 7 days.`);
      });
    },
  };
}

async function findOrders(pipeline: OperatedPipeline, id: string, everything: boolean): Promise<FoundOrders> {
  const { statusAfter } = storyWords;
  const found = await findSubjectsIn(pipeline, id, { statusAfter, now: new Date(), limit: LIST, everything });
  const [failure] = found.failures;
  const isEmpty = found.subjects.length === 0;
  if (isEmpty && failure !== undefined)
    throw unavailable(`An outbox could not be asked for ${id}: ${describeError(failure)}`, failure);
  return {
    orders: found.subjects.map(({ aggregateId, key, since, status }) => ({
      ...{ orderId: aggregateId, key, status },
      since: since.toISOString(),
    })),
    nothing: isEmpty ? sayNotFound(id, (await findRecordedEvent(pipeline, id)).recorded) : null,
    lookedSince: found.lookedSince?.toISOString() ?? null,
    hasMore: found.subjects.length === LIST,
  };
}
