/** Products by id or key, and their changes: each one write to one document, its event included. */
import { committing, type DomainEvent, withPendingEvents } from '@ebuy/events';
import { Fault } from '@ebuy/kernel';
import { faulting } from '@ebuy/runtime';
import type { mongo } from 'mongoose';
import type { CatalogProduct } from '../domain/catalog-product.ts';
import { same } from '../domain/same.ts';
import { type ProductDocument, type ProductModel, toCatalogProduct, toFields } from './document.ts';
import { duplicateKeyOf } from './duplicate-key.ts';

export interface ProductChange {
  readonly before: CatalogProduct;
  readonly after: CatalogProduct;
  /** Takes the place of one that still waits. */
  readonly event: DomainEvent | null;
}

export interface ProductWrites {
  /** As they are now; those that are not kept are missing. */
  readForChange(ids: readonly string[]): Promise<Map<string, CatalogProduct>>;
  /** Writes those that are still as they were read. Returns how many: fewer when others were faster. */
  write(changes: readonly ProductChange[], at: Date): Promise<number>;
  /** Every document that is there throughout, once, in batches, in no order, with these fields alone. */
  scan<Fields>(projection: mongo.Document, batch: number): AsyncIterable<(Fields & { _id: string })[]>;
  /** Deletes products that no event tells of, once the world was told. Returns how many. */
  deleteGone(): Promise<number>;
  /** Whether one that is gone still has its withdrawal to send. */
  goneWait(): Promise<boolean>;
}

const WITHOUT_PENDING = { pendingEvents: 0, pendingSince: 0 } as const;

/** `onEvents` is told of each document whose event waits. */
export function productWrites(model: ProductModel, onEvents: (productId: string) => void): ProductWrites {
  // Past mongoose's queries and documents: the driver alone takes four fifths of their time, and every order comes through here.
  const documents = model.collection as unknown as mongo.Collection<ProductDocument>;
  return {
    readForChange: (ids) =>
      faulting(async () => {
        const found = await documents.find({ _id: { $in: [...ids] } }, { projection: WITHOUT_PENDING }).toArray();
        return new Map(found.map((document) => [document._id, toCatalogProduct(document)]));
      }),
    write: (changes, at) =>
      faulting(async () => {
        const written = await writeAll(documents, changes, at);
        for (const { after, event } of changes) if (event !== null) onEvents(after.id);
        return written;
      }),
    async *scan<Fields>(projection: mongo.Document, batch: number) {
      // Not sorted: an engine that sorts without an index holds every document whole for that.
      const cursor = documents.find({}, { projection }).batchSize(batch);
      let rows: (Fields & { _id: string })[] = [];
      try {
        for (;;) {
          const row = await faulting(() => cursor.next());
          if (row !== null) rows.push(row as unknown as Fields & { _id: string });
          if (rows.length === batch || (row === null && rows.length > 0)) {
            yield rows;
            rows = [];
          }
          if (row === null) return;
        }
      } finally {
        await cursor.close().catch(() => undefined);
      }
    },
    deleteGone: () =>
      faulting(async () => {
        const told = { goneSince: { $exists: true }, pendingSince: { $exists: false } };
        return (await documents.deleteMany(told)).deletedCount;
      }),
    goneWait: () =>
      faulting(async () => {
        const waiting = { goneSince: { $exists: true }, pendingSince: { $exists: true } };
        return (await documents.findOne(waiting, { projection: { _id: 1 } })) !== null;
      }),
  };
}

async function writeAll(
  documents: mongo.Collection<ProductDocument>,
  changes: readonly ProductChange[],
  at: Date,
): Promise<number> {
  const operations = changes.map((change) => operationOf(change, at));
  const [only] = operations;
  try {
    if (only !== undefined && operations.length === 1) return await committing(() => writeOne(documents, only));
    const result = await committing(() => documents.bulkWrite(operations, { ordered: false }));
    return result.matchedCount + result.insertedCount;
  } catch (error) {
    const index = duplicateKeyOf(error);
    if (index === null) throw error;
    // Two made the same document; or, in a bulk, any one was refused: those are found out one by one.
    if (index === '_id_' || operations.length > 1) return 0;
    const [{ after }] = changes as [ProductChange];
    throw new Fault(`Another product has what is this one's for ever (${index}): ${after.id}`, {
      cause: error,
      retryable: false,
    });
  }
}

type Operation =
  | { readonly insertOne: { readonly document: ProductDocument } }
  | {
      readonly updateOne: {
        readonly filter: { readonly _id: string; readonly revision: number };
        readonly update: mongo.UpdateFilter<ProductDocument>;
      };
    };

async function writeOne(documents: mongo.Collection<ProductDocument>, operation: Operation): Promise<number> {
  if ('updateOne' in operation) {
    const { filter, update } = operation.updateOne;
    return (await documents.updateOne(filter, update)).matchedCount;
  }
  await documents.insertOne(operation.insertOne.document);
  return 1;
}

function operationOf({ before, after, event }: ProductChange, at: Date): Operation {
  const { pendingEvents = [] } = withPendingEvents(event === null ? [] : [event], at);
  if (before.revision === 0) {
    const pending = event === null ? { pendingEvents } : { pendingEvents, pendingSince: at };
    return { insertOne: { document: { _id: after.id, ...toFields(after), ...pending } } };
  }
  const update: mongo.UpdateFilter<ProductDocument> = {
    $set: { ...changedFields(before, after), ...(event === null ? {} : { pendingEvents }) } as never,
    // The relay finds it by this; an older one stays.
    ...(event === null ? {} : { $min: { pendingSince: at } as never }),
    ...(before.goneSince !== null && after.goneSince === null ? { $unset: { goneSince: '' } as never } : {}),
  };
  return { updateOne: { filter: { _id: after.id, revision: before.revision }, update } };
}

/** Only what differs is sent: a sale changes some numbers of a document of many kilobytes. */
function changedFields(before: CatalogProduct, after: CatalogProduct): Record<string, unknown> {
  const { shown, variantIds, ...fields } = toFields(after);
  if (shown === undefined) return fields;
  const known = before.shown as Record<string, unknown> | null;
  const names = Object.keys(shown);
  if (known === null || names.length !== Object.keys(known).length || names.some((name) => !(name in known))) {
    return { ...fields, shown, variantIds };
  }
  const differing = Object.entries(shown).filter(([name, value]) => !same(known[name], value));
  return {
    ...fields,
    variantIds,
    ...Object.fromEntries(differing.map(([name, value]) => [`shown.${name}`, value])),
  };
}
