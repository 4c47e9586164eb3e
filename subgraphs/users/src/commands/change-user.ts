import { appendEvents, newEvent } from '@ebuy/events';
import { Fault } from '@ebuy/kernel';
import type { User } from '../domain/user.ts';
import { type Database, inTransaction, type Transaction } from '../store/index.ts';
import { lockUser, writeUser } from '../store/users.ts';
import { seeUser } from './see-user.ts';
import type { Visitor } from './visitor.ts';

/**
 * Changes the visitor's own user: locks them, applies `change`, raises the version and emits it.
 * `change` writes addresses itself and returns the user as they shall be; the very one that it was given means that nothing changes.
 */
export async function changeUser(
  database: Database,
  visitor: Visitor,
  change: (user: User, tx: Transaction) => User | Promise<User>,
): Promise<User> {
  await seeUser(database, visitor);
  return inTransaction(database, async (tx) => {
    const before = await lockUser(tx, visitor.id);
    if (before === null) throw new Fault('A user was gone right after they had been seen', { retryable: true });
    const wanted = await change(before, tx);
    if (wanted === before) return before;
    const now = new Date();
    const after = { ...wanted, version: before.version + 1 };
    await writeUser(tx, after, now);
    const payload = { userId: after.id, status: 'ACTIVE', version: after.version } as const;
    await appendEvents(tx, [newEvent('user.changed', payload, visitor.trace, now)]);
    return after;
  });
}
