/**
 * How services know each other: a short-lived JWT (RFC 7519, HS256) in the header `x-ebuy-identity`, signed with a key that only
 * this caller and this target share, over the caller's name, the target, the time, the body's hash and the person asked for.
 * A captured header opens nothing else: not another service, not another body, not half a minute later.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Caller } from '@ebuy/kernel';
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';

export const IDENTITY_HEADER = 'x-ebuy-identity';
const LIFETIME_SECONDS = 30;
const CLOCK_TOLERANCE_SECONDS = 5;

/** What a verified header says. */
export interface Identity {
  /** The service that signed: `router`, `orders`, … */
  readonly service: string;
  readonly caller: Caller;
  readonly correlationId: string;
}

/** The keys of one service by the other's name: 32 bytes, base64url. */
export type IdentityKeys = Readonly<Record<string, string>>;

const claims = z.object({
  iss: z.string(),
  bh: z.string(),
  cid: z.string().min(1).max(128),
  caller: z.object({
    kind: z.enum(['anonymous', 'user', 'client']),
    id: z.string().nullable(),
    email: z.string().nullable(),
    emailVerified: z.boolean(),
    displayName: z.string().nullable(),
    roles: z.array(z.string()),
    scopes: z.array(z.string()),
    clientId: z.string().nullable(),
  }),
});

const hashOf = (body: string | Buffer) => createHash('sha256').update(body).digest('base64url');
const keyOf = (encoded: string) => Buffer.from(encoded, 'base64url');

/** Signs one request's header. `body` is the exact text sent. Throws when no key is shared with the target. */
export async function signIdentity(
  request: {
    readonly from: string;
    readonly to: string;
    readonly body: string;
    readonly caller: Caller;
    readonly correlationId: string;
  },
  keys: IdentityKeys,
): Promise<string> {
  const key = keys[request.to];
  if (key === undefined) throw new Error(`${request.from} has no key to call ${request.to}`);
  return new SignJWT({ bh: hashOf(request.body), cid: request.correlationId, caller: request.caller })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(request.from)
    .setAudience(request.to)
    .setIssuedAt()
    .setExpirationTime(`${LIFETIME_SECONDS}s`)
    .sign(keyOf(key));
}

/** Null for anything but a sound header from a service that may call this one, for exactly this body. */
export async function verifyIdentity(
  token: string | undefined,
  request: { readonly to: string; readonly body: string | Buffer },
  keys: IdentityKeys,
): Promise<Identity | null> {
  if (token === undefined || token.length > 8_192) return null;
  try {
    const { payload } = await jwtVerify(token, (_header, jws) => keyOf(keys[issuerOf(jws.payload)] ?? ''), {
      algorithms: ['HS256'],
      audience: request.to,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      maxTokenAge: LIFETIME_SECONDS,
      requiredClaims: ['iss', 'aud', 'iat', 'exp'],
    });
    const verified = claims.parse(payload);
    if (!sameText(verified.bh, hashOf(request.body))) return null;
    return { service: verified.iss, caller: verified.caller, correlationId: verified.cid };
  } catch {
    return null;
  }
}

/** Only to choose the key: nothing is believed before the signature is checked. */
function issuerOf(encodedPayload: string | Uint8Array): string {
  const { iss } = JSON.parse(Buffer.from(String(encodedPayload), 'base64url').toString()) as { iss?: unknown };
  if (typeof iss !== 'string' || iss === '__proto__') throw new Error('no issuer');
  return iss;
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
