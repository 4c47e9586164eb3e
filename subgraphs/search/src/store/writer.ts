/** Writes documents to every index version that is written to, each with the catalog's version: older never replaces newer, wherever it arrives. */
import { committing } from '@ebuy/events';
import { Fault } from '@ebuy/kernel';
import type { IndexDocument } from '../domain/document.ts';
import { type Engine, EngineRefusal } from './engine.ts';
import type { IndexNames } from './names.ts';

/** Nobody waits at a screen for a write. */
const DEADLINE_MS = 10_000;
/** How long a look at the write alias counts. Whoever adds an index to it waits longer than this before copying: see commands/reindex.ts. */
export const TARGETS_FRESH_MS = 1_000;
const CONFLICT = 409;
const NOT_FOUND = 404;
const BAD_REQUEST = 400;

interface BulkAnswer {
  readonly errors: boolean;
  readonly items: readonly {
    readonly index: {
      readonly _id: string;
      readonly status: number;
      readonly error?: { readonly type: string; readonly reason: string };
    };
  }[];
}

interface Targets {
  readonly indexes: readonly string[];
  /** On the clock of `performance.now()`: when they were asked for. */
  readonly at: number;
}

export interface DocumentWriter {
  /** Returns once every index has these documents or newer ones. Throws a retryable Fault, or an Error for a document that cannot be indexed. */
  write(documents: readonly IndexDocument[]): Promise<void>;
  /** To one index alone: for a version that is being filled. */
  writeTo(index: string, documents: readonly IndexDocument[]): Promise<void>;
}

/** `onMissing` is called when there is no index to write to; afterwards the write is tried again by whoever asked. */
export function documentWriter(engine: Engine, names: IndexNames, onMissing: () => void): DocumentWriter {
  let known: Targets | undefined;

  async function targets(): Promise<Targets> {
    const at = performance.now();
    if (known && at - known.at < TARGETS_FRESH_MS) return known;
    try {
      const found = await engine.ask<Record<string, object>>({ method: 'GET', path: `/_alias/${names.write}` });
      known = { indexes: Object.keys(found).sort(), at };
      return known;
    } catch (error) {
      if (!(error instanceof EngineRefusal) || error.status !== NOT_FOUND) throw error;
      onMissing();
      throw new Fault('There is no index to write to yet', { cause: error, retryable: true });
    }
  }

  const put = async (indexes: readonly string[], documents: readonly IndexDocument[]) => {
    try {
      await bulk(engine, indexes, documents);
    } catch (error) {
      // An index may have gone: look again before the next try.
      known = undefined;
      throw error;
    }
  };

  return {
    async write(documents) {
      const newest = newestOf(documents);
      if (newest.length === 0) return;
      let { indexes, at } = await targets();
      await put(indexes, newest);
      // The look was old when the write was done: an index that was added meanwhile may be being copied to already, without this.
      while (performance.now() - at >= TARGETS_FRESH_MS) {
        const now = await targets();
        const missed = now.indexes.filter((index) => !indexes.includes(index));
        if (missed.length > 0) await put(missed, newest);
        ({ indexes, at } = now);
      }
    },
    async writeTo(index, documents) {
      const newest = newestOf(documents);
      if (newest.length > 0) await bulk(engine, [index], newest);
    },
  };
}

/** One a product: of several in one batch only the newest is worth a write. */
function newestOf(documents: readonly IndexDocument[]): IndexDocument[] {
  const newest = new Map<string, IndexDocument>();
  for (const document of documents) {
    const before = newest.get(document.id);
    if (!before || before.version < document.version) newest.set(document.id, document);
  }
  return [...newest.values()];
}

async function bulk(engine: Engine, indexes: readonly string[], documents: readonly IndexDocument[]): Promise<void> {
  const lines = indexes.flatMap((_index) =>
    documents.flatMap((document) => [
      { index: { _index, _id: document.id, version: document.version, version_type: 'external' } },
      document,
    ]),
  );
  const { errors, items } = await committing(() =>
    engine.ask<BulkAnswer>({ method: 'POST', path: '/_bulk', lines, deadlineMs: DEADLINE_MS }),
  );
  if (!errors) return;
  const failed = items.map(({ index }) => index).filter(({ status }) => status >= 300 && status !== CONFLICT);
  const passing = failed.find(({ status }) => status !== BAD_REQUEST);
  const [first] = failed;
  if (passing) {
    throw new Fault(`OpenSearch did not take ${passing._id}: ${passing.error?.type}`, { retryable: true });
  }
  if (first) throw new Error(`OpenSearch cannot index ${first._id}: ${first.error?.type}, ${first.error?.reason}`);
}
