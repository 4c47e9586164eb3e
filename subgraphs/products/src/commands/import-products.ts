import { setTimeout as delay } from 'node:timers/promises';
import { isId, newId } from '@ebuy/kernel';
import { appendAudit } from '@ebuy/runtime';
import { refuse } from '../refusals.ts';
import { insertImport, type ProductImport, readImport } from '../store/imports.ts';
import { type Database, inTransaction } from '../store/index.ts';
import { dropUpload, hashOfUpload } from '../store/uploads.ts';
import type { Actor } from './actor.ts';
import { NoRoomForUpload, receiveUpload, type Upload } from './receive-upload.ts';

export interface ImportProductsInput {
  readonly csv?: string | null | undefined;
  readonly uploadId?: string | null | undefined;
  readonly currency: string;
  readonly publish?: boolean | null | undefined;
}

const MAX_CSV_BYTES = 1024 * 1024;
const MOST_AT_ONCE = 20;
/** Shorter than the router waits for an answer. */
const WAIT_MS = 8_000;
const LOOK_EVERY_MS = 100;

/** Begins an import. A small file is waited for; a large one is answered as it stands. */
export async function importProducts(
  database: Database,
  { csv = null, uploadId = null, currency, publish }: ImportProductsInput,
  actor: Actor,
  runner: { wake(): void },
): Promise<ProductImport> {
  if ((csv === null) === (uploadId === null)) refuse('INVALID_IMPORT', { field: [csv === null ? 'csv' : 'uploadId'] });
  const source = uploadId === null ? await keepCsv(database, csv ?? '', actor) : await findUpload(database, uploadId);
  const id = newId();
  const wanted = {
    id,
    uploadId: source.uploadId,
    who: actor.principal,
    correlationId: actor.trace.correlationId,
    currency,
    publish: publish ?? false,
  };
  const detail = { uploadId: source.uploadId, sha256: source.sha256, currency, publish: wanted.publish };
  const begun = await inTransaction(database, async (tx) => {
    if (!(await insertImport(tx, wanted, MOST_AT_ONCE))) return false;
    await appendAudit(tx, actor.audit({ action: 'importProducts', aggregate: { type: 'ProductImport', id }, detail }));
    return true;
  });
  if (!begun) {
    if (csv !== null) await dropUpload(database, source.uploadId);
    refuse('TOO_MANY_IMPORTS');
  }
  runner.wake();
  return csv === null ? now(database, id) : whenDone(database, id);
}

type Source = Pick<Upload, 'uploadId' | 'sha256'>;

async function findUpload(database: Database, uploadId: string): Promise<Source> {
  const sha256 = isId(uploadId) ? await hashOfUpload(database, uploadId) : null;
  if (sha256 === null) refuse('UPLOAD_NOT_FOUND', { field: ['uploadId'] });
  return { uploadId, sha256 };
}

async function keepCsv(database: Database, csv: string, actor: Actor): Promise<Source> {
  const bytes = Buffer.from(csv);
  if (bytes.length > MAX_CSV_BYTES) refuse('CSV_TOO_LARGE', { field: ['csv'] });
  try {
    return await receiveUpload(database, [bytes], { who: actor.principal, maxBytes: MAX_CSV_BYTES });
  } catch (error) {
    if (!(error instanceof NoRoomForUpload)) throw error;
    const message = 'Too many files are kept already; each goes after a day. Try again later.';
    return refuse('TOO_MANY_IMPORTS', { message });
  }
}

async function whenDone(database: Database, id: string): Promise<ProductImport> {
  const until = performance.now() + WAIT_MS;
  for (;;) {
    const current = await now(database, id);
    if (current.status !== 'RUNNING' || performance.now() > until) return current;
    await delay(LOOK_EVERY_MS);
  }
}

async function now(database: Database, id: string): Promise<ProductImport> {
  const current = await readImport(database, id);
  if (current === null) throw new Error(`The import ${id} is gone`);
  return current;
}
