/**
 * Audit entries in MongoDB: they wait inside the document whose change they tell of, put there by the same atomic write, until the sealer
 * moves them into the collection `audit`, one after the other.
 *
 * - `pendingAudit`: entries that are not in the chain yet, oldest first. `pendingAuditSince`: since when; absent while none waits, and
 *   found through a sparse index. A document with either must not be deleted.
 * - `audit`: { _id: the seal, entry, hash }, unique by `entry.id`. The next number can be taken once: of two sealers one is refused and looks
 *   again, so no lease is needed. One that was killed after it had written and before it took the entry out of its document
 *   finds it there next time, and only takes it out.
 *
 * Nothing in MongoDB refuses a change of the chain, as triggers do in PostgreSQL; the check finds it.
 */
import type { mongo } from 'mongoose';
import { type AuditHead, beginningOf, headAfter, type SealedEntry, type StoredEntry, sealNext } from './chain.ts';
import type { AuditEntry } from './entry.ts';

export const AUDIT_COLLECTION = 'audit';
const DOCUMENTS_A_ROUND = 200;
const DUPLICATE_KEY = 11_000;

/** What the sealer needs of a document. */
export interface AuditedDocument {
  readonly _id: string;
  pendingAudit?: AuditEntry[];
  pendingAuditSince?: Date;
}

interface AuditDocument {
  readonly _id: number;
  readonly entry: unknown;
  readonly hash: string;
}

/** The fields of a document that is inserted with entries. */
export function withPendingAudit(entries: readonly AuditEntry[], at: Date): Omit<AuditedDocument, '_id'> {
  return entries.length === 0 ? {} : { pendingAudit: [...entries], pendingAuditSince: at };
}

/** Operands of `$push` and `$min`, to merge with those of the change itself, so that both are one write. */
export function pushPendingAudit(entries: readonly AuditEntry[], at: Date) {
  if (entries.length === 0) return { push: {}, min: {} };
  return { push: { pendingAudit: { $each: [...entries] } }, min: { pendingAuditSince: at } };
}

/** One at a time: not every engine takes two at once. */
export async function createAuditIndexes(database: mongo.Db, collections: readonly string[]): Promise<void> {
  await database.collection(AUDIT_COLLECTION).createIndex({ 'entry.id': 1 }, { unique: true });
  for (const name of collections) {
    await database.collection(name).createIndex({ pendingAuditSince: 1 }, { sparse: true });
  }
}

export interface MongoAuditOptions {
  readonly database: mongo.Db;
  readonly chain: string;
  /** Whose documents are {@link AuditedDocument}s. */
  readonly collections: readonly string[];
  /** For tests: awaited after an entry is in the chain, before it leaves its document. */
  readonly afterSeal?: () => Promise<void>;
}

/** Seals what waits, at most a round a collection. Holds where the chain ends, so that it is looked for once. */
export class MongoAuditSealer {
  readonly #options: MongoAuditOptions;
  readonly #audit: mongo.Collection<AuditDocument>;
  #head: AuditHead;
  #knowsHead = false;

  constructor(options: MongoAuditOptions) {
    this.#options = options;
    this.#audit = options.database.collection<AuditDocument>(AUDIT_COLLECTION);
    this.#head = beginningOf(options.chain);
  }

  /** Returns the chain's new head; null when there was nothing to do. */
  async seal(): Promise<AuditHead | null> {
    let sealed = false;
    for (const name of this.#options.collections) {
      const documents = this.#options.database.collection<AuditedDocument>(name);
      const waiting = await documents
        .find({ pendingAuditSince: { $exists: true } }, { projection: { pendingAudit: 1 } })
        .sort({ pendingAuditSince: 1 })
        .limit(DOCUMENTS_A_ROUND)
        .toArray();
      for (const { _id, pendingAudit = [] } of waiting) {
        for (const entry of pendingAudit) sealed = (await this.#append(entry)) || sealed;
        await takeOut(documents, _id, pendingAudit);
      }
    }
    return sealed ? this.#head : null;
  }

  /** False: it was in the chain already. */
  async #append(entry: AuditEntry): Promise<boolean> {
    if (!this.#knowsHead) await this.#catchUp();
    for (;;) {
      const next = sealNext(this.#head, { id: entry.id, entry });
      try {
        await this.#audit.insertOne({ _id: next.seal, entry, hash: next.hash });
      } catch (error) {
        if ((error as { code?: unknown }).code !== DUPLICATE_KEY) throw error;
        if ((await this.#audit.findOne({ 'entry.id': entry.id }, { projection: { _id: 1 } })) !== null) return false;
        await this.#catchUp();
        continue;
      }
      this.#head = headAfter(this.#head, next);
      await this.#options.afterSeal?.();
      return true;
    }
  }

  /** To where the chain ends now: another replica may have sealed. */
  async #catchUp(): Promise<void> {
    if (!this.#knowsHead) {
      const last = await this.#audit.findOne({}, { sort: { _id: -1 }, projection: { hash: 1 } });
      if (last !== null) this.#head = { ...this.#head, seal: last._id, hash: last.hash };
      this.#knowsHead = true;
    }
    for (;;) {
      const next = await this.#audit.findOne({ _id: this.#head.seal + 1 }, { projection: { hash: 1 } });
      if (next === null) return;
      this.#head = { ...this.#head, seal: next._id, hash: next.hash };
    }
  }
}

/** Takes out what is in the chain, and only that; the mark goes with the last. */
async function takeOut(
  documents: mongo.Collection<AuditedDocument>,
  documentId: string,
  entries: readonly AuditEntry[],
): Promise<void> {
  const ids = entries.map(({ id }) => id);
  await documents.updateOne({ _id: documentId }, { $pull: { pendingAudit: { id: { $in: ids } } } });
  await documents.updateOne(
    { _id: documentId, 'pendingAudit.0': { $exists: false } },
    { $unset: { pendingAuditSince: '', pendingAudit: '' } },
  );
}

/** A chain's rows in their order. */
export async function* readMongoChain(database: mongo.Db): AsyncGenerator<SealedEntry> {
  const rows = database.collection<AuditDocument>(AUDIT_COLLECTION).find({}).sort({ _id: 1 });
  for await (const { _id, entry, hash } of rows) yield { id: idOf(entry), entry, seal: _id, hash };
}

/** Entries that have no place in the chain yet. */
export async function readMongoUnsealed(database: mongo.Db, collections: readonly string[]): Promise<StoredEntry[]> {
  const found: StoredEntry[] = [];
  for (const name of collections) {
    const waiting = database
      .collection<AuditedDocument>(name)
      .find({ pendingAuditSince: { $exists: true } }, { projection: { pendingAudit: 1 } });
    for await (const { pendingAudit = [] } of waiting) {
      found.push(...pendingAudit.map((entry) => ({ id: entry.id, entry })));
    }
  }
  return found;
}

function idOf(entry: unknown): string {
  return String((entry as { id?: unknown } | null)?.id);
}
