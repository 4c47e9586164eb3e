import type { Topic } from '../catalogue.ts';
import type { StateVersion } from '../kafka/compare-topic.ts';
import type { SqlTransaction } from './transaction.ts';

/** Where a state topic's aggregates stand: names of the code's own, never of a caller's input. */
export interface StateTable {
  readonly topic: Topic;
  readonly table: string;
  readonly key: string;
  readonly keyType: 'uuid' | 'text';
}

const BATCH = 5_000;

/** Every key of a table with a column `version`, and whether the outbox still has an event of it to send. */
export async function* tableVersions(
  db: SqlTransaction,
  { topic, table, key, keyType }: StateTable,
): AsyncGenerator<StateVersion[]> {
  let last: string | null = null;
  for (;;) {
    const rows: StateVersion[] = await db.$queryRawUnsafe<StateVersion[]>(
      `SELECT ${key}::text AS key, version,
              ${key}::text IN (SELECT key FROM outbox WHERE published_at IS NULL AND topic = $2) AS waiting
         FROM ${table} WHERE $1::text IS NULL OR ${key} > $1::${keyType} ORDER BY ${key} LIMIT ${BATCH}`,
      last,
      topic.name,
    );
    if (rows.length > 0) yield rows;
    if (rows.length < BATCH) return;
    last = rows.at(-1)?.key ?? null;
  }
}

export async function tableVersionsOf(
  db: SqlTransaction,
  { table, key, keyType }: StateTable,
  keys: readonly string[],
): Promise<Map<string, number>> {
  const rows = await db.$queryRawUnsafe<{ key: string; version: number }[]>(
    `SELECT ${key}::text AS key, version FROM ${table} WHERE ${key} = ANY($1::${keyType}[])`,
    [...keys],
  );
  return new Map(rows.map((row) => [row.key, row.version]));
}
