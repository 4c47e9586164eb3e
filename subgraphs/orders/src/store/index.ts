import { postgresPool } from '@ebuy/runtime';
import { PrismaPg } from '@prisma/adapter-pg';
import { type Prisma, PrismaClient } from '../generated/prisma/client.ts';

export type Store = PrismaClient;
export type Transaction = Prisma.TransactionClient;

export function openStore(databaseUrl: string): Store {
  return new PrismaClient({ adapter: new PrismaPg(...postgresPool('orders', databaseUrl)) });
}

export { inTransaction } from '@ebuy/runtime';
