import { failpoint } from '@ebuy/events';

/** How long a transaction waits for a connection, and how long it may take. */
const TRANSACTION_LIMITS = { maxWait: 5_000, timeout: 10_000 } as const;

/** The part of a generated Prisma client that opens transactions; this package depends on none of them. */
interface Transacting<Transaction> {
  $transaction<Result>(
    work: (tx: Transaction) => Promise<Result>,
    limits: { readonly maxWait: number; readonly timeout: number },
  ): Promise<Result>;
}

/** Everything or nothing, within a deadline. Nobody outside is to be asked within it: it holds locks and a connection. */
export async function inTransaction<Transaction, Result>(
  database: Transacting<Transaction>,
  work: (tx: Transaction) => Promise<Result>,
): Promise<Result> {
  const result = await database.$transaction(async (tx) => {
    const made = await work(tx);
    failpoint('store-before-commit');
    return made;
  }, TRANSACTION_LIMITS);
  failpoint('store-after-commit');
  return result;
}
