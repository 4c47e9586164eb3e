/** An address as it is given, checked. */
export interface PostalAddress {
  readonly recipient: string;
  readonly line1: string;
  readonly line2: string | null;
  readonly city: string;
  readonly region: string | null;
  readonly postalCode: string | null;
  readonly countryCode: string;
  readonly phone: string | null;
}

export interface Address extends PostalAddress {
  readonly id: string;
  readonly isDefault: boolean;
}

export interface User {
  /** The identity provider's subject. */
  readonly id: string;
  readonly version: number;
  readonly email: string | null;
  readonly displayName: string | null;
  /** The default one first, then the oldest. */
  readonly addresses: readonly Address[];
}

/** A user as someone may see them: `personal` is null for whoever may know the id only. */
export interface UserSeen {
  readonly id: string;
  readonly personal: User | null;
}
