import { createHash } from 'node:crypto';
import { newId } from '@ebuy/kernel';
import type { Database } from '../store/index.ts';
import {
  appendChunk,
  completeUpload,
  dropUpload,
  insertUpload,
  MAX_CHUNK_BYTES,
  storedBytes,
} from '../store/uploads.ts';

/** All files that are kept: a day's uploads of a large shop. */
const MAX_STORED_BYTES = 2 * 1024 * 1024 * 1024;

export interface Upload {
  readonly uploadId: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** A file that is larger than it may be. */
export class UploadTooLarge extends Error {
  override readonly name = 'UploadTooLarge';
}

/** As many files as there is room for are kept already. */
export class NoRoomForUpload extends Error {
  override readonly name = 'NoRoomForUpload';
}

/**
 * Keeps a file, piece by piece as it comes. One that breaks off or is too large leaves nothing but, where the process dies, a row that
 * the sweep removes.
 */
export async function receiveUpload(
  database: Database,
  pieces: AsyncIterable<Buffer> | Iterable<Buffer>,
  { who, maxBytes }: { readonly who: string; readonly maxBytes: number },
): Promise<Upload> {
  if ((await storedBytes(database)) > MAX_STORED_BYTES) throw new NoRoomForUpload();
  const uploadId = newId();
  await insertUpload(database, uploadId, who);
  const hash = createHash('sha256');
  let bytes = 0;
  let position = 0;
  try {
    for await (const chunk of inChunks(pieces)) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new UploadTooLarge();
      hash.update(chunk);
      await appendChunk(database, uploadId, position, chunk);
      position += 1;
    }
    const sha256 = hash.digest('hex');
    await completeUpload(database, uploadId, sha256);
    return { uploadId, bytes, sha256 };
  } catch (error) {
    await dropUpload(database, uploadId).catch(() => undefined);
    throw error;
  }
}

/** Full chunks, whatever the pieces are; never more than one and a piece in memory. */
async function* inChunks(pieces: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  for await (const piece of pieces) {
    held.push(piece);
    heldBytes += piece.length;
    if (heldBytes < MAX_CHUNK_BYTES) continue;
    const bytes = Buffer.concat(held, heldBytes);
    let from = 0;
    for (; heldBytes - from >= MAX_CHUNK_BYTES; from += MAX_CHUNK_BYTES)
      yield bytes.subarray(from, from + MAX_CHUNK_BYTES);
    held = [bytes.subarray(from)];
    heldBytes -= from;
  }
  if (heldBytes > 0) yield Buffer.concat(held, heldBytes);
}
