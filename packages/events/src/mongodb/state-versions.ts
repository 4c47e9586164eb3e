/** The state topics of a MongoDB subgraph, as a comparison needs its documents: `_id` is the key, `version` the state's own. */
import type { mongo } from 'mongoose';
import type { DomainEvent } from '../envelope.ts';
import type { StateVersion } from '../kafka/compare-topic.ts';
import { type PendingDocument, pushPendingEvents } from './pending.ts';

interface StateDocument extends PendingDocument {
  readonly version: number;
}

const BATCH = 1_000;
/** Version 0: nobody was ever told of it. */
const TOLD = { version: { $gt: 0 } };

export async function* documentVersions(collection: mongo.Collection): AsyncGenerator<StateVersion[]> {
  const documents = collection as unknown as mongo.Collection<StateDocument>;
  const cursor = documents.find(TOLD, { projection: { version: 1, pendingSince: 1 } }).batchSize(BATCH);
  let batch: StateVersion[] = [];
  for await (const { _id, version, pendingSince } of cursor) {
    batch.push({ key: _id, version, waiting: pendingSince !== undefined });
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

export async function documentVersionsOf(
  collection: mongo.Collection,
  keys: readonly string[],
): Promise<Map<string, number>> {
  const documents = collection as unknown as mongo.Collection<StateDocument>;
  const found = await documents.find({ _id: { $in: [...keys] } }, { projection: { version: 1 } }).toArray();
  return new Map(found.map(({ _id, version }) => [_id, version]));
}

/**
 * Puts the state of these documents among their pending events again. One that has changed, or waits to be sent, in between is left: what
 * is told of it then is newer. Returns how many.
 */
export async function tellAgain<Document extends { readonly version: number }>(
  collection: mongo.Collection,
  keys: readonly string[],
  eventOf: (document: Document & { readonly _id: string }) => DomainEvent,
): Promise<number> {
  const documents = collection as unknown as mongo.Collection<StateDocument>;
  const found = await documents
    .find({ _id: { $in: [...keys] }, ...TOLD, pendingSince: { $exists: false } }, { projection: { pendingEvents: 0 } })
    .toArray();
  let told = 0;
  for (const document of found) {
    const event = eventOf(document as unknown as Document & { readonly _id: string });
    const asItIs = { _id: document._id, version: document.version, pendingSince: { $exists: false } };
    const { matchedCount } = await documents.updateOne(
      asItIs,
      pushPendingEvents([event], new Date()) as mongo.UpdateFilter<StateDocument>,
    );
    told += matchedCount;
  }
  return told;
}
