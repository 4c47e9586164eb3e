/** Collections: few, and the catalog's own. Each change is one write to one document, its event and the audit's entry included. */
import { committing, type DomainEvent, pushPendingEvents, roomForPendingEvents, withPendingEvents } from '@ebuy/events';
import { type AuditEntry, faulting, pushPendingAudit, withPendingAudit } from '@ebuy/runtime';
import type { Collection } from '../domain/collection.ts';
import { type CollectionModel, toCollection } from './document.ts';
import { duplicateKeyOf } from './duplicate-key.ts';

export type CollectionChange = Partial<Pick<Collection, 'title' | 'description' | 'productIds' | 'rule'>>;

export interface CollectionStore {
  findMany(ids: readonly string[]): Promise<Collection[]>;
  findBySlug(slug: string): Promise<Collection | null>;
  /** In the order in which they were made. */
  list(after: string | null, limit: number): Promise<Collection[]>;
  count(): Promise<number>;
  /** Which there are, and which version of each. */
  versions(): Promise<Map<string, number>>;
  /** False: the slug belongs to another. */
  insert(collection: Collection, event: DomainEvent, audited: AuditEntry, at: Date): Promise<boolean>;
  /** Compares the version and raises it. Null: another was faster, or too many events of this collection wait to be sent. */
  change(
    collection: Collection,
    change: CollectionChange,
    event: DomainEvent,
    audited: AuditEntry,
    at: Date,
  ): Promise<Collection | null>;
}

const WITHOUT_PENDING = { pendingEvents: 0, pendingSince: 0, pendingAudit: 0, pendingAuditSince: 0 } as const;

export function collectionStore(model: CollectionModel, onEvents: (collectionId: string) => void): CollectionStore {
  return {
    findMany: (ids) =>
      faulting(async () => {
        const found = await model.find({ _id: { $in: [...ids] } }, WITHOUT_PENDING).lean();
        return found.map((document) => toCollection(document));
      }),
    findBySlug: (slug) =>
      faulting(async () => {
        const found = await model.findOne({ slug }, WITHOUT_PENDING).lean();
        return found === null ? null : toCollection(found);
      }),
    list: (after, limit) =>
      faulting(async () => {
        const beyond = after === null ? {} : { _id: { $gt: after } };
        const found = await model.find(beyond, WITHOUT_PENDING).sort({ _id: 1 }).limit(limit).lean();
        return found.map((document) => toCollection(document));
      }),
    count: () => faulting(() => model.countDocuments({})),
    versions: () =>
      faulting(async () => {
        const found = await model.find({}, { version: 1 }).lean();
        return new Map(found.map(({ _id, version }) => [_id, version]));
      }),
    insert: ({ id, ...fields }, event, audited, at) =>
      faulting(async () => {
        try {
          const pending = { ...withPendingEvents([event], at), ...withPendingAudit([audited], at) };
          const document = { _id: id, ...fields, ...pending };
          await committing(() => model.collection.insertOne(document as never));
        } catch (error) {
          if (duplicateKeyOf(error) !== null) return false;
          throw error;
        }
        onEvents(id);
        return true;
      }),
    change: (collection, change, event, audited, at) =>
      faulting(async () => {
        const { id, version } = collection;
        const changed = { ...change, version: version + 1, updatedAt: at };
        const seen = { _id: id, version, ...roomForPendingEvents() };
        const events = pushPendingEvents([event], at);
        const audit = pushPendingAudit([audited], at);
        const update = {
          $set: changed,
          $push: { ...events.$push, ...audit.push },
          $min: { ...events.$min, ...audit.min },
        };
        const result = await committing(() => model.updateOne(seen, update as never));
        if (result.matchedCount !== 1) return null;
        onEvents(id);
        return { ...collection, ...changed };
      }),
  };
}
