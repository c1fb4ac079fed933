import { replyEventId } from '../../outbox/reply-event-id.ts';
import type { OperatedPipeline, OperatedService } from '../operated-pipeline.ts';
import { readTracedEvents } from './read-traced-events.ts';
import type { TracedEvent, TraceFacts } from './trace-facts.ts';

export interface ReadEvents {
  /** Oldest row first. */
  readonly events: readonly TracedEvent[];
  readonly causes: TraceFacts['causes'];
  /** Databases that could not be asked, and what they said. */
  readonly failures: ReadonlyMap<string, unknown>;
}

/**
 * The events about a thing in all outboxes, and every answer to one of them, to an answer, and so on: an answer's id is derived from
 * its cause, whatever it is about.
 */
export async function readAllEvents(
  { services, connectors }: Pick<OperatedPipeline, 'services' | 'connectors'>,
  subject: string,
  types: readonly string[],
): Promise<ReadEvents> {
  const causes = new Map<string, { consumer: string; eventId: string }>();
  const events = new Map<string, TracedEvent>();
  const failures = new Map<string, unknown>();
  let asked = new Set<string>();
  for (;;) {
    const wanted = { subject, eventIds: [...asked] };
    const pages = await Promise.all(
      services.map(async (service) => {
        if (service.connector === undefined || failures.has(service.database)) return [];
        const file = connectors.find((one) => one.service === service)?.file;
        const outbox = { service: service.name, connector: file?.name ?? service.connector };
        return readTracedEvents(service.pool, wanted, outbox).catch((error: unknown) => {
          failures.set(service.database, error);
          return [];
        });
      }),
    );
    const fresh = pages.flat().filter(({ eventId }) => !events.has(eventId));
    for (const event of fresh) events.set(event.eventId, event);
    asked = new Set(fresh.flatMap((event) => answersTo(event, services, types, causes)));
    if ([...asked].every((id) => events.has(id))) break;
    // All of this thing are here already: only answers about another thing need another look.
    if (fresh.length === 0) break;
  }
  return { events: [...events.values()].sort((a, b) => (a.rowId < b.rowId ? -1 : 1)), causes, failures };
}

function answersTo(
  { eventId }: TracedEvent,
  services: readonly OperatedService[],
  types: readonly string[],
  causes: Map<string, { consumer: string; eventId: string }>,
): string[] {
  return services.flatMap(({ consumer, connector }) => {
    if (connector === undefined) return [];
    return types.map((type) => {
      const answer = replyEventId(consumer, eventId, type);
      causes.set(answer, { consumer, eventId });
      return answer;
    });
  });
}
