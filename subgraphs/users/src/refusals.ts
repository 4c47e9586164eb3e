import { type Particulars, refusalsOf } from '@ebuy/kernel';

/** Every refusal: its code in `ProfileErrorCode`, and what it says when nothing more precise is known. */
export const REFUSALS = {
  INVALID_DISPLAY_NAME: 'A display name has at most 200 characters, none of them control characters.',
  INVALID_ADDRESS: 'This part of the address is missing, too long, or has characters that an address cannot have.',
  UNKNOWN_COUNTRY: 'There is no country with this code. Give the two letters of ISO 3166-1, such as DE.',
  TOO_MANY_ADDRESSES: 'You keep 50 addresses, which is as many as may be. Delete one first.',
  NOT_FOUND: 'There is no such address among yours.',
  FORBIDDEN: 'Only people have a profile and addresses. Sign in as one.',
} as const;

export type RefusalCode = keyof typeof REFUSALS;

const refusal = refusalsOf(REFUSALS);

export function refuse(code: RefusalCode, particulars?: Particulars): never {
  throw refusal(code, particulars);
}
