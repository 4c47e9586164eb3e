/**
 * Checks a webhook's signature as the Standard Webhooks specification has it (https://www.standardwebhooks.com, section "Signatures"):
 * HMAC-SHA256 over `id.timestamp.body`, any number of signatures, any number of keys while one is being replaced.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

const TOLERANCE_SECONDS = 5 * 60;
const MAX_SIGNATURES = 10;

export type SignedWebhook = { readonly id: string } | { readonly problem: string };

/** The key's bytes: `whsec_` and base64, as the specification writes it; the prefix may be missing. */
export function webhookKey(secret: string): Buffer {
  return Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
}

export function verifyWebhook(
  headers: IncomingHttpHeaders,
  body: Buffer,
  keys: readonly Buffer[],
  now: Date,
): SignedWebhook {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  const signatures = headers['webhook-signature'];
  if (typeof id !== 'string' || !/^[\w-]{1,255}$/.test(id)) return { problem: 'no sound webhook-id' };
  if (typeof timestamp !== 'string' || !/^\d{1,12}$/.test(timestamp)) return { problem: 'no sound webhook-timestamp' };
  if (typeof signatures !== 'string') return { problem: 'no webhook-signature' };
  if (Math.abs(now.getTime() / 1_000 - Number(timestamp)) > TOLERANCE_SECONDS)
    return { problem: 'too old, or too new' };
  const given = signatures
    .split(' ')
    .slice(0, MAX_SIGNATURES)
    .filter((signature) => signature.startsWith('v1,'))
    .map((signature) => Buffer.from(signature.slice(3), 'base64'));
  const expected = keys.map((key) => createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest());
  const sound = expected.some((one) =>
    given.some((other) => other.length === one.length && timingSafeEqual(one, other)),
  );
  return sound ? { id } : { problem: 'no signature fits' };
}
