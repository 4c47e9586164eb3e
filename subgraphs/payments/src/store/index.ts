import { postgresPool, TRANSACTION_LIMITS } from '@ebuy/runtime';
import { PrismaPg } from '@prisma/adapter-pg';
import { Prisma, PrismaClient } from '../generated/prisma/client.ts';

export type Store = PrismaClient;
export type Transaction = Prisma.TransactionClient;
export { Prisma };

export function openStore(databaseUrl: string): Store {
  return new PrismaClient({ adapter: new PrismaPg(...postgresPool('payments', databaseUrl)) });
}

/** Within one transaction. None is ever held while the provider is asked. */
export function inTransaction<Result>(store: Store, work: (tx: Transaction) => Promise<Result>): Promise<Result> {
  return store.$transaction(work, TRANSACTION_LIMITS);
}
