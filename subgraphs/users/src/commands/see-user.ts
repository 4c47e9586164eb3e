import { appendEvents, newEvent } from '@ebuy/events';
import { Fault } from '@ebuy/kernel';
import type { User } from '../domain/user.ts';
import { type Database, inTransaction } from '../store/index.ts';
import { readUser, registerUser } from '../store/users.ts';
import type { Visitor } from './visitor.ts';

/**
 * The user of someone who shows up: made the first time, the e-mail address refreshed when their token has another one.
 * One statement, a read, when there is nothing to do.
 */
export async function seeUser(database: Database, visitor: Visitor): Promise<User> {
  const known = await readUser(database, visitor.id);
  if (known !== null && (visitor.email === null || visitor.email === known.email)) return known;
  return inTransaction(database, async (tx) => {
    const now = new Date();
    const version = await registerUser(tx, visitor, now);
    if (version !== null) {
      const payload = { userId: visitor.id, status: 'ACTIVE', version } as const;
      const type = version === 1 ? 'user.registered' : 'user.changed';
      await appendEvents(tx, [newEvent(type, payload, visitor.trace, now)]);
    }
    const user = await readUser(tx, visitor.id);
    if (user === null) throw new Fault('A user was gone right after they had been seen', { retryable: true });
    return user;
  });
}
