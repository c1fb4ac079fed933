// @ts-expect-error: kafkajs publishes no types of its inside.
import requestQueue from 'kafkajs/src/network/requestQueue/index.js';

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

/**
 * Lets kafkajs rest while nothing is to be sent. Version 2.2.4 sets a timer for requests that wait (because of a quota, or of too
 * many in flight) also when none waits, and computes a negative time for it. Node makes that 1 ms, and each timer sets the next:
 * every connection that was ever used wakes its process a thousand times a second (tulios/kafkajs#1751). Requests that do wait are
 * sent as before; a fetch, and so the delay of an event, never depended on that timer.
 *
 * This reaches into kafkajs, so its version is pinned in package.json.
 */
export function restWhenIdle(): void {
  const { prototype } = requestQueue as { readonly prototype: RequestQueue };
  const schedule = Object.getOwnPropertyDescriptor(prototype, 'scheduleCheckPendingRequests')?.value as
    ((this: RequestQueue) => void) | undefined;
  if (schedule === undefined) throw new TypeError('kafkajs is not version 2.2.4: run npm ci.');
  prototype.scheduleCheckPendingRequests = function () {
    if (this.pending.length > 0) schedule.call(this);
  };
}
