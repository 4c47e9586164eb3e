/**
 * kafkajs 2.2.4 wakes every connection of its own a thousand times a second, for as long as it is open: after each look at its
 * queue it sets a timer for the end of a throttling that is not there (`throttledUntil - Date.now()` of -1, which Node makes one
 * millisecond and warns of). A shop at rest spends most of its CPU on that. Here a queue in which nothing waits sets no timer: whatever is
 * queued next, and every answer that comes in, looks at the queue by itself.
 *
 * Source: src/network/requestQueue/index.js of the pinned version; `tests/quiet-queues.component.test.ts` tells when it has changed.
 */
import { createRequire } from 'node:module';

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
const schedule = prototype.scheduleCheckPendingRequests;

prototype.scheduleCheckPendingRequests = function scheduleWhenSomethingWaits(this: RequestQueue): void {
  if (this.pending.length > 0) schedule.call(this);
};
