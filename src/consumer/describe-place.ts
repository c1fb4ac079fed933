/** Where an event is, for a sentence that a person must act on. Without its key, which is a customer's: such sentences are logged. */
export function describePlace(event: {
  eventId: string;
  topic: string;
  partition: number;
  offset: number;
}): string {
  return `Event ${event.eventId} (topic ${event.topic}, partition ${event.partition}, offset ${event.offset})`;
}
