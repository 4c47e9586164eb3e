import { checkDisplayName } from '../domain/checks.ts';
import type { User } from '../domain/user.ts';
import type { Database } from '../store/index.ts';
import { changeUser } from './change-user.ts';
import type { Visitor } from './visitor.ts';

export interface UpdateProfile {
  readonly displayName?: string | null | undefined;
}

export async function updateProfile(database: Database, visitor: Visitor, input: UpdateProfile): Promise<User> {
  const checked = input.displayName === undefined ? undefined : checkDisplayName(input.displayName);
  return changeUser(database, visitor, (user) => {
    const displayName = checked === undefined ? user.displayName : checked;
    return displayName === user.displayName ? user : { ...user, displayName };
  });
}
