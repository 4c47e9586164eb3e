import { postgresPool } from '@ebuy/runtime';
import { PrismaPg } from '@prisma/adapter-pg';
import { Prisma, PrismaClient } from '../generated/prisma/client.ts';

export type Store = PrismaClient;
export type Transaction = Prisma.TransactionClient;
export { Prisma };

export function openStore(databaseUrl: string): Store {
  return new PrismaClient({ adapter: new PrismaPg(...postgresPool('payments', databaseUrl)) });
}

export { inTransaction } from '@ebuy/runtime';
