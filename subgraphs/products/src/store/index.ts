import { postgresPool, TRANSACTION_LIMITS } from '@ebuy/runtime';
import { PrismaPg } from '@prisma/adapter-pg';
import { Prisma, PrismaClient } from '../generated/prisma/client.ts';

export type Database = PrismaClient;
export type Transaction = Prisma.TransactionClient;
export { Prisma };

export function openDatabase(url: string): Database {
  return new PrismaClient({ adapter: new PrismaPg(...postgresPool('products', url)) });
}

/** Everything or nothing, within a deadline. */
export function inTransaction<Result>(database: Database, work: (tx: Transaction) => Promise<Result>): Promise<Result> {
  return database.$transaction(work, TRANSACTION_LIMITS);
}
