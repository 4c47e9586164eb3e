import { isId } from '@ebuy/kernel';
import { withoutAddress } from '../domain/addresses.ts';
import { refuse } from '../refusals.ts';
import type { Database } from '../store/index.ts';
import { removeAddress } from '../store/users.ts';
import { changeUser } from './change-user.ts';
import type { Visitor } from './visitor.ts';

/** Returns the id of the address that is gone. */
export async function deleteAddress(
  database: Database,
  visitor: Visitor,
  input: { readonly addressId: string },
): Promise<string> {
  const addressId = input.addressId.toLowerCase();
  if (!isId(addressId)) refuse('NOT_FOUND', { field: ['addressId'] });
  await changeUser(database, visitor, async (user, tx) => {
    const addresses = withoutAddress(user.addresses, addressId);
    await removeAddress(tx, user.id, addressId);
    return { ...user, addresses };
  });
  return addressId;
}
