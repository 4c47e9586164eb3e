import { isId, newId } from '@ebuy/kernel';
import { withAddress } from '../domain/addresses.ts';
import { type AddressInput, checkAddress } from '../domain/checks.ts';
import type { Address } from '../domain/user.ts';
import { refuse } from '../refusals.ts';
import type { Database } from '../store/index.ts';
import { writeAddress } from '../store/users.ts';
import { changeUser } from './change-user.ts';
import type { Visitor } from './visitor.ts';

export interface SaveAddress {
  readonly addressId?: string | null | undefined;
  readonly address: AddressInput;
  readonly isDefault?: boolean | null | undefined;
}

export async function saveAddress(database: Database, visitor: Visitor, input: SaveAddress): Promise<Address> {
  const address = checkAddress(input.address);
  const replaced = input.addressId?.toLowerCase() ?? null;
  if (replaced !== null && !isId(replaced)) refuse('NOT_FOUND', { field: ['addressId'] });
  const id = replaced ?? newId();
  const wanted = { id, replaces: replaced !== null, address, isDefault: input.isDefault ?? null };
  const { addresses } = await changeUser(database, visitor, async (user, tx) => {
    const after = withAddress(user.addresses, wanted);
    if (after === user.addresses) return user;
    await writeAddress(tx, user.id, savedOf(after, id));
    return { ...user, addresses: after };
  });
  return savedOf(addresses, id);
}

function savedOf(addresses: readonly Address[], id: string): Address {
  const saved = addresses.find((one) => one.id === id);
  if (saved === undefined) throw new Error('An address that was saved is not among the addresses');
  return saved;
}
