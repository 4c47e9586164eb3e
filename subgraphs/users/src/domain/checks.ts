/** What hostile input must be before anything is done with it. */
import { refuse } from '../refusals.ts';
import { isCountry } from './countries.ts';
import { isFit, kept } from './text.ts';
import type { PostalAddress } from './user.ts';

const MAX_SUBJECT = 255;
const MAX_EMAIL = 254;
const MAX_NAME = 200;
const MAX_LINE = 200;
const MAX_POSTAL_CODE = 20;
const MAX_PHONE = 40;

/** Whether a text can be a user's id: any that the identity provider may give, not only UUIDs. */
export function isSubject(id: unknown): id is string {
  return typeof id === 'string' && id !== '' && isFit(id, MAX_SUBJECT);
}

/** The e-mail address of a token; null when there is none that could be kept. */
export function emailFromToken(email: string | null): string | null {
  return email !== null && isFit(email, MAX_EMAIL) ? kept(email) : null;
}

/** The name of a token; null when there is none fit to show. An e-mail address is a login, not a name: reviews would show it. */
export function displayNameFromToken(name: string | null): string | null {
  return name !== null && isFit(name, MAX_NAME) && !name.includes('@') ? kept(name) : null;
}

export function checkDisplayName(name: string | null): string | null {
  if (name === null) return null;
  if (!isFit(name, MAX_NAME)) refuse('INVALID_DISPLAY_NAME', { field: ['displayName'] });
  return kept(name);
}

export interface AddressInput {
  readonly recipient: string;
  readonly line1: string;
  readonly line2?: string | null | undefined;
  readonly city: string;
  readonly region?: string | null | undefined;
  readonly postalCode?: string | null | undefined;
  readonly countryCode: string;
  readonly phone?: string | null | undefined;
}

export function checkAddress(input: AddressInput): PostalAddress {
  const optional = (name: keyof AddressInput, max: number): string | null => {
    const text = input[name] ?? '';
    if (!isFit(text, max)) refuseField(name, `has more than ${max} characters, or some that an address cannot have.`);
    return kept(text);
  };
  const required = (name: keyof AddressInput, max: number): string =>
    optional(name, max) ?? refuseField(name, 'must not be empty.');
  if (!isCountry(input.countryCode)) refuse('UNKNOWN_COUNTRY', { field: ['address', 'countryCode'] });
  return {
    recipient: required('recipient', MAX_LINE),
    line1: required('line1', MAX_LINE),
    line2: optional('line2', MAX_LINE),
    city: required('city', MAX_LINE),
    region: optional('region', MAX_LINE),
    postalCode: optional('postalCode', MAX_POSTAL_CODE),
    countryCode: input.countryCode,
    phone: optional('phone', MAX_PHONE),
  };
}

function refuseField(name: keyof AddressInput, problem: string): never {
  refuse('INVALID_ADDRESS', { field: ['address', name], message: `${name} ${problem}` });
}
