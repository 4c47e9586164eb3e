import { setTimeout as delay } from 'node:timers/promises';
import { Refusal } from '@ebuy/kernel';
import { isTransientPostgresError, type Logger } from '@ebuy/runtime';
import { problemOf } from '../import/place-of-refusal.ts';
import { BROKE_OFF, FileRefused } from '../import/problem.ts';
import { Progress } from '../import/progress.ts';
import { type ImportFile, openImportFile, type PlacedProduct } from '../import/read-products.ts';
import { type ClaimedImport, giveBack, LeaseLost, readOutcomes, saveProgress } from '../store/imports.ts';
import type { Database } from '../store/index.ts';
import { readProductsBySlug } from '../store/products.ts';
import { readUpload } from '../store/uploads.ts';
import { importProduct } from './import-product.ts';

/** Products looked up together. */
const BATCH = 25;
/** Batches at the same time: a product waits for PostgreSQL most of its time. */
const LANES = 3;
const SAVE_EVERY_MS = 400;
const TRIES = 4;
const MAX_ATTEMPTS = 5;

export interface RunOptions {
  readonly logger: Logger;
  /** Asks it to stop between two products; another replica goes on from there. */
  readonly signal: AbortSignal;
}

/** Runs an import that was claimed, to its end, or until it is asked to stop or has lost its lease. */
export async function runImport(
  database: Database,
  claimed: ClaimedImport,
  { logger, signal }: RunOptions,
): Promise<void> {
  const progress = new Progress();
  const lost = new AbortController();
  const stop = AbortSignal.any([signal, lost.signal]);
  const keeping = keepLease(database, claimed, progress, lost);
  try {
    const status = await bringIn(database, claimed, progress, stop).catch((error: unknown) => {
      if (error instanceof LeaseLost) return 'STOPPED' as const;
      if (!(error instanceof FileRefused)) throw error;
      if (error.problem !== null) progress.add([error.problem]);
      return 'FAILED' as const;
    });
    await keeping.end();
    if (status === 'STOPPED') await giveBack(database, claimed);
    else await saveProgress(database, claimed, progress.state(), status);
  } catch (error) {
    await keeping.end();
    logger.error({ err: error, importId: claimed.id, attempts: claimed.attempts }, 'an import broke off');
    if (claimed.attempts < MAX_ATTEMPTS || isTransientPostgresError(error)) return;
    progress.add([BROKE_OFF]);
    await saveProgress(database, claimed, progress.state(), 'FAILED');
  }
}

async function bringIn(
  database: Database,
  claimed: ClaimedImport,
  progress: Progress,
  stop: AbortSignal,
): Promise<'COMPLETED' | 'STOPPED'> {
  const done = await readOutcomes(database, claimed.id);
  const file = await openImportFile(readUpload(database, claimed.uploadId), claimed.currency);
  const failed = new AbortController();
  const lane = async () => {
    for (;;) {
      const batch = stop.aborted || failed.signal.aborted ? [] : await nextBatch(file);
      progress.linesRead = file.linesRead();
      if (batch.length === 0) return;
      await importBatch(database, claimed, file, batch, { done, progress, stop });
    }
  };
  const lanes = await Promise.allSettled(
    Array.from({ length: LANES }, () =>
      lane().catch((error: unknown) => {
        failed.abort();
        throw error;
      }),
    ),
  );
  await file.products.return(undefined);
  progress.linesRead = file.linesRead();
  const broken = lanes.find((one) => one.status === 'rejected');
  if (broken !== undefined) throw broken.reason;
  return stop.aborted ? 'STOPPED' : 'COMPLETED';
}

async function nextBatch({ products }: ImportFile): Promise<PlacedProduct[]> {
  const batch: PlacedProduct[] = [];
  while (batch.length < BATCH) {
    const next = await products.next();
    if (next.done === true) break;
    batch.push(next.value);
  }
  return batch;
}

interface Run {
  readonly done: ReadonlyMap<number, boolean>;
  readonly progress: Progress;
  readonly stop: AbortSignal;
}

async function importBatch(
  database: Database,
  claimed: ClaimedImport,
  file: ImportFile,
  batch: readonly PlacedProduct[],
  { done, progress, stop }: Run,
): Promise<void> {
  const slugs = batch.flatMap(({ read }) => read?.product.slug ?? []);
  let known = await readProductsBySlug(database, slugs);
  for (const { ordinal, read, problems } of batch) {
    if (stop.aborted) return;
    progress.add(problems);
    if (read === null) continue;
    const before = done.get(ordinal);
    if (before !== undefined) {
      progress.outcomes[before ? 'created' : 'updated'] += 1;
      continue;
    }
    const { product } = read;
    const by = {
      importId: claimed.id,
      token: claimed.token,
      ordinal,
      publish: claimed.publish,
      who: claimed.who,
      trace: { correlationId: claimed.correlationId, causationId: null },
    };
    try {
      const outcome = await patiently(
        () => importProduct(database, known.get(product.slug) ?? null, product, by),
        async () => {
          known = await readProductsBySlug(database, slugs);
        },
      );
      progress.outcomes[outcome] += 1;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      progress.add([problemOf(error, read, file.header)]);
    }
  }
}

/** Again, after another look, when somebody else made the same product or took a SKU at this moment, or the engine faltered. */
async function patiently<Result>(work: () => Promise<Result>, lookAgain: () => Promise<void>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const isRace = (error instanceof Refusal && error.code === 'SLUG_TAKEN') || isUniqueViolation(error);
      if (attempt === TRIES || !(isRace || isTransientPostgresError(error))) throw error;
      await delay(50 * 2 ** attempt);
      await lookAgain();
    }
  }
}

function isUniqueViolation(error: unknown): boolean {
  return /\b(?:23505|P2002)\b/.test(JSON.stringify(error) ?? '');
}

/** Saves the progress again and again, which keeps the lease; says so when it is lost. */
function keepLease(database: Database, claimed: ClaimedImport, progress: Progress, lost: AbortController) {
  const ended = new AbortController();
  const keep = async () => {
    while (!ended.signal.aborted) {
      await delay(SAVE_EVERY_MS, undefined, { signal: ended.signal }).catch(() => undefined);
      if (ended.signal.aborted) return;
      // A statement that fails is tried again; the lease outlives a few of them.
      const isOurs = await saveProgress(database, claimed, progress.state()).catch(() => true);
      if (!isOurs) return lost.abort();
    }
  };
  const keeping = keep();
  return {
    async end() {
      ended.abort();
      await keeping;
    },
  };
}
