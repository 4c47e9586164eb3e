// What the sandbox provider's own books say about an order: the judge of whether anybody was charged, and how often.
import { dirname, join } from 'node:path';
import { openSecrets } from '@ebuy/tools/shop/secrets.ts';
import { testShop } from './shop.ts';

export interface Charges {
  /** All that were ever asked for, declined ones included. */
  readonly authorizations: number;
  readonly heldMinor: number;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  /** Whether more than one is held or captured. */
  readonly isPaidTwice: boolean;
}

const DEADLINE_MS = 15_000;
const NONE = { authorizations: 0, heldMinor: 0, capturedMinor: 0, refundedMinor: 0 };

export async function chargesOf(orderId: string): Promise<Charges> {
  const { of: secretOf } = await openSecrets(join(dirname(process.env.EBUY_TEST_SHOP ?? ''), 'secrets.json'));
  const response = await fetch(`${testShop().urls.sandbox}/v1/charges?orderId=${orderId}`, {
    headers: { authorization: `Bearer ${secretOf('sandbox/api-key')}` },
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  if (!response.ok) throw new Error(`The provider's books cannot be read: ${response.status} ${await response.text()}`);
  const { totals, paidTwice } = (await response.json()) as {
    totals: Omit<Charges, 'isPaidTwice'>[];
    paidTwice: number;
  };
  if (totals.length > 1) throw new Error(`The order ${orderId} was charged in several currencies`);
  const { authorizations, heldMinor, capturedMinor, refundedMinor } = totals[0] ?? NONE;
  return { authorizations, heldMinor, capturedMinor, refundedMinor, isPaidTwice: paidTwice > 0 };
}

/** One authorization, of exactly this amount, held and not yet taken: for `toEqual`. */
export function heldOnce({ amountMinor }: { readonly amountMinor: number }, authorizations = 1): Charges {
  return { authorizations, heldMinor: amountMinor, capturedMinor: 0, refundedMinor: 0, isPaidTwice: false };
}
