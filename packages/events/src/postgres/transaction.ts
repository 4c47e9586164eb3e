/**
 * The part of a Prisma transaction client that outbox, inbox and idempotency keys need. Every generated client has it, so
 * this package depends on none of them.
 */
export interface SqlTransaction {
  $queryRawUnsafe<Rows = unknown>(query: string, ...values: unknown[]): Promise<Rows>;
  $executeRawUnsafe(query: string, ...values: unknown[]): Promise<number>;
}
