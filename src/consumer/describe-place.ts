/** Where an event is, for a sentence that a person must act on. */
export function describePlace(event: {
  eventId: string;
  key: string;
  topic: string;
  partition: number;
  offset: number;
}): string {
  return `Event ${event.eventId} (key ${event.key}, topic ${event.topic}, partition ${event.partition}, offset ${event.offset})`;
}
