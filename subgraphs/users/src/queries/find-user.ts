import { hasScope, perRequest, type RequestContext } from '@ebuy/runtime';
import DataLoader from 'dataloader';
import { seeUser } from '../commands/see-user.ts';
import { visitorOf } from '../commands/visitor.ts';
import { isSubject } from '../domain/checks.ts';
import type { User, UserSeen } from '../domain/user.ts';
import type { Database } from '../store/index.ts';
import { readUsers } from '../store/users.ts';

const MAX_IDS_A_STATEMENT = 100;

/** The ways to a user, each read once a request, however often an operation asks. */
export function userFinder(database: Database) {
  const own = perRequest(async (context) => {
    const visitor = visitorOf(context);
    return visitor === null ? null : seenBySelf(await seeUser(database, visitor));
  });
  const anyones = perRequest(
    () =>
      new DataLoader<string, User | null>(
        async (ids) => {
          const users = new Map((await readUsers(database, ids)).map((user) => [user.id, user]));
          return ids.map((id) => users.get(id) ?? null);
        },
        { maxBatchSize: MAX_IDS_A_STATEMENT },
      ),
  );
  return {
    /** The person who asks; null for guests and machines. */
    me: own,
    /** To those who may not know more, whoever it is, a user is an id: the same for one who never was here. */
    async byId(id: string, context: RequestContext): Promise<UserSeen> {
      const { caller } = context;
      if (caller.kind === 'user' && caller.id === id) return (await own(context)) ?? { id, personal: null };
      const mayKnow = hasScope(caller, 'users:admin') && isSubject(id);
      return { id, personal: mayKnow ? await anyones(context).load(id) : null };
    },
  };
}

export function seenBySelf(user: User): UserSeen {
  return { id: user.id, personal: user };
}
