import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * The token that opens a guest's cart or order: an HMAC over its kind and id with the service's secret, so that nothing is
 * stored and a repeat of the same idempotency key hands out the same one. 256 bits, base64url.
 */
export function accessTokenFor(secret: string, kind: 'cart' | 'order', id: string): string {
  return createHmac('sha256', secret).update(`${kind}:${id}`).digest('base64url');
}

/** Compares in constant time. */
export function opensWith(
  secret: string,
  kind: 'cart' | 'order',
  id: string,
  token: string | null | undefined,
): boolean {
  const expected = Buffer.from(accessTokenFor(secret, kind, id));
  const given = Buffer.from(token ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
