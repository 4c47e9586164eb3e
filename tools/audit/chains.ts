// The audit chains of a shop, wherever they stand.
import {
  readMongoChain,
  readMongoUnsealed,
  readPostgresChain,
  readPostgresUnsealed,
  type SealedEntry,
  type StoredEntry,
} from '@ebuy/runtime';
import type { mongo } from 'mongoose';
import type { Pool } from 'pg';

/** Where the services keep what they did. */
export interface AuditedStores {
  readonly orders: Pool;
  readonly payments: Pool;
  readonly products: Pool;
  readonly catalog: mongo.Db;
  readonly reviews: mongo.Db;
}

export interface AuditChain {
  /** The service's name. */
  readonly name: keyof AuditedStores;
  /** In their order. */
  rows(): AsyncIterable<SealedEntry>;
  /** Those that have no place yet: the newest, for a second or so. */
  unsealed(): Promise<StoredEntry[]>;
}

/** In MongoDB, whose documents entries wait in until they are sealed. */
const WAITING_IN = { catalog: ['collections'], reviews: ['reviews'] } as const;
const RELATIONAL = ['orders', 'payments', 'products'] as const;
const DOCUMENTS = ['catalog', 'reviews'] as const;

export function chainsOf(stores: AuditedStores): AuditChain[] {
  const relational = RELATIONAL.map((name): AuditChain => {
    const pool = stores[name];
    const sql = {
      $queryRawUnsafe: async <Rows>(text: string, ...values: unknown[]) =>
        (await pool.query(text, values)).rows as Rows,
    };
    return { name, rows: () => readPostgresChain(sql), unsealed: () => readPostgresUnsealed(sql) };
  });
  const documents = DOCUMENTS.map((name): AuditChain => {
    const database = stores[name];
    return {
      name,
      rows: () => readMongoChain(database),
      unsealed: () => readMongoUnsealed(database, WAITING_IN[name]),
    };
  });
  return [...relational, ...documents];
}
