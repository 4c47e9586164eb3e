/** GraphQL in: reads arguments, calls a command or a query, shows the answer. */
import { payloadOf } from '@ebuy/runtime';
import { deleteAddress } from '../commands/delete-address.ts';
import { saveAddress } from '../commands/save-address.ts';
import { updateProfile } from '../commands/update-profile.ts';
import { requiredVisitor } from '../commands/visitor.ts';
import type { Resolvers } from '../generated/graphql.ts';
import { seenBySelf, userFinder } from '../queries/find-user.ts';
import type { RefusalCode } from '../refusals.ts';
import type { Database } from '../store/index.ts';

export function createResolvers(database: Database): Resolvers {
  const users = userFinder(database);
  return {
    Query: { me: (_, __, context) => users.me(context) },
    Mutation: {
      updateProfile: (_, { input }, context) =>
        payload('user', async () => seenBySelf(await updateProfile(database, requiredVisitor(context), input))),
      saveAddress: (_, { input }, context) =>
        payload('address', async () => saveAddress(database, requiredVisitor(context), input)),
      deleteAddress: (_, { input }, context) =>
        payload('addressId', async () => deleteAddress(database, requiredVisitor(context), input)),
    },
    User: {
      __resolveReference: ({ id }, context) => users.byId(id, context),
      email: ({ personal }) => personal?.email ?? null,
      displayName: ({ personal }) => personal?.displayName ?? null,
      addresses: ({ personal }) => (personal === null ? null : [...personal.addresses]),
    },
  };
}

/** The codes are those of REFUSALS, which a test holds against the schema's enum. */
function payload<Name extends string, Result>(name: Name, run: () => Promise<Result>) {
  return payloadOf<Name, Result, RefusalCode>(name, run);
}
