import { refuse } from '../refusals.ts';
import type { Address, PostalAddress } from './user.ts';

export const MAX_ADDRESSES = 50;

export interface Wanted {
  readonly id: string;
  /** Whether it takes the place of one that is kept. */
  readonly replaces: boolean;
  readonly address: PostalAddress;
  /** Null: as it is, and no for a new one. */
  readonly isDefault: boolean | null;
}

/** The addresses with this one among them; the very list that was given when that changes nothing. */
export function withAddress(addresses: readonly Address[], wanted: Wanted): readonly Address[] {
  const before = addresses.find(({ id }) => id === wanted.id);
  if (wanted.replaces && before === undefined) refuse('NOT_FOUND', { field: ['addressId'] });
  if (!wanted.replaces && addresses.length >= MAX_ADDRESSES) refuse('TOO_MANY_ADDRESSES');
  const after: Address = {
    ...wanted.address,
    id: wanted.id,
    isDefault: addresses.length === 0 || (wanted.isDefault ?? before?.isDefault ?? false),
  };
  if (before !== undefined && sameAddress(before, after)) return addresses;
  const others = addresses
    .filter(({ id }) => id !== wanted.id)
    .map((other) => (after.isDefault && other.isDefault ? { ...other, isDefault: false } : other));
  return [...others, after].sort(defaultFirst);
}

export function withoutAddress(addresses: readonly Address[], addressId: string): readonly Address[] {
  const left = addresses.filter(({ id }) => id !== addressId);
  if (left.length === addresses.length) refuse('NOT_FOUND', { field: ['addressId'] });
  return left;
}

/** Ids are made in the order of time. */
function defaultFirst(a: Address, b: Address): number {
  if (a.isDefault !== b.isDefault) return a.isDefault ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

function sameAddress(a: Address, b: Address): boolean {
  return (Object.keys(b) as (keyof Address)[]).every((name) => a[name] === b[name]);
}
