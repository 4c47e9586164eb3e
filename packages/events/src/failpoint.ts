/**
 * The moments in which a crash would hurt most, by name. Production code says that it passes one; nothing more happens there. What is done
 * about it (a kill, a delay) subscribes from outside, in packages/testing, which no service can import: in production there is nobody to
 * listen, and a passage costs one look at a boolean.
 *
 * `diagnostics_channel` calls its subscribers synchronously, so a process that kills itself in one goes no further.
 */
import { channel } from 'node:diagnostics_channel';

export const FAILPOINT_CHANNEL = 'ebuy:failpoint';

export const FAILPOINTS = [
  /** The inbox row of an event is written, its effect is not; both are in one transaction. */
  'inbox-between-claim-and-effect',
  /** Everything of a transaction, or of a document's one write, is ready; the store has not committed it. */
  'store-before-commit',
  /** The store has committed; nobody has been told. */
  'store-after-commit',
  /** Kafka has the events; the outbox, or the document, still calls them unsent. */
  'relay-after-publish',
  /** An event is applied or put aside; its offset is not committed. */
  'consumer-before-offset',
  /** The payment provider has done what it was asked; its answer is not looked at. */
  'provider-after-charge',
  /** The provider's answer is read and checked; it is not recorded. */
  'provider-before-record',
] as const;
export type Failpoint = (typeof FAILPOINTS)[number];

const passages = channel(FAILPOINT_CHANNEL);

/** Says that the process passes this point. */
export function failpoint(name: Failpoint): void {
  if (passages.hasSubscribers) passages.publish(name);
}

/** A write that commits by itself, between the two points of a store: one statement, one document, one bulk. Not for what is within a transaction. */
export async function committing<Result>(write: () => PromiseLike<Result>): Promise<Result> {
  failpoint('store-before-commit');
  const result = await write();
  failpoint('store-after-commit');
  return result;
}
