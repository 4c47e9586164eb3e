import { type Database, Prisma } from './index.ts';

export const MAX_CHUNK_BYTES = 262_144;

export async function insertUpload(database: Database, id: string, who: string): Promise<void> {
  await database.$executeRaw(Prisma.sql`INSERT INTO import_upload (id, who) VALUES (${id}::uuid, ${who})`);
}

export async function appendChunk(database: Database, id: string, position: number, bytes: Buffer): Promise<void> {
  await database.$executeRaw(Prisma.sql`
    WITH longer AS (UPDATE import_upload SET bytes = bytes + ${bytes.length}::int WHERE id = ${id}::uuid RETURNING id)
    INSERT INTO import_chunk (upload_id, position, bytes) SELECT id, ${position}::int, ${bytes}::bytea FROM longer`);
}

export async function completeUpload(database: Database, id: string, sha256: string): Promise<void> {
  await database.$executeRaw(Prisma.sql`UPDATE import_upload SET sha256 = ${sha256} WHERE id = ${id}::uuid`);
}

export async function dropUpload(database: Database, id: string): Promise<void> {
  await database.$executeRaw(Prisma.sql`DELETE FROM import_upload WHERE id = ${id}::uuid`);
}

/** Bytes of all the files that are kept. */
export async function storedBytes(database: Database): Promise<number> {
  const [row] = await database.$queryRaw<{ bytes: bigint }[]>(
    Prisma.sql`SELECT coalesce(sum(bytes), 0)::bigint AS bytes FROM import_upload`,
  );
  return Number(row?.bytes ?? 0);
}

/** Of a file that is there as a whole; null for any other. */
export async function hashOfUpload(database: Database, id: string): Promise<string | null> {
  const [row] = await database.$queryRaw<{ sha256: string | null }[]>(
    Prisma.sql`SELECT sha256 FROM import_upload WHERE id = ${id}::uuid`,
  );
  return row?.sha256 ?? null;
}

/** The file's bytes, a chunk at a time. */
export async function* readUpload(database: Database, id: string): AsyncGenerator<Uint8Array> {
  for (let position = 0; ; position += 1) {
    const [row] = await database.$queryRaw<{ bytes: Uint8Array }[]>(
      Prisma.sql`SELECT bytes FROM import_chunk WHERE upload_id = ${id}::uuid AND position = ${position}::int`,
    );
    if (row === undefined) return;
    yield row.bytes;
  }
}

/** Files after a day, broken uploads after an hour; those that an import is reading stay. */
export function pruneUploads(database: Database): Promise<number> {
  return database.$executeRaw`
    DELETE FROM import_upload u
     WHERE u.created_at < now() - CASE WHEN u.sha256 IS NULL THEN interval '1 hour' ELSE interval '1 day' END
       AND NOT EXISTS (SELECT FROM product_import i WHERE i.upload_id = u.id AND i.status = 'RUNNING')`;
}
