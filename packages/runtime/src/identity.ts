/**
 * How services know each other: a short-lived JWT (RFC 7519, HS256) in the header `x-ebuy-identity`, signed with a key that only
 * this caller and this target share, over the caller's name, the target, the time, the body's hash and the person asked for.
 * A captured header opens nothing else: not another service, not another body, not half a minute later.
 *
 * Written out on node:crypto, which signs in ten microseconds: a purchase passes a dozen of these, and a general library goes through
 * WebCrypto's thread pool, a quarter of a millisecond each time. Access tokens from outside are jose's work (router/src/identity).
 */
import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Caller } from '@ebuy/kernel';
import { z } from 'zod';

export const IDENTITY_HEADER = 'x-ebuy-identity';
const LIFETIME_SECONDS = 30;
const CLOCK_TOLERANCE_SECONDS = 5;
const MAX_TOKEN_CHARACTERS = 8_192;

/**
 * What is signed in the body's place where there is no body to hash when one signs: a purpose. None of them is JSON, so what is signed for
 * one passes neither for a request of the graph nor for another purpose.
 */
export const SIGNED_PURPOSES = {
  /** connection_init of a WebSocket: opens subscriptions for this caller, and nothing else (graph/socket.ts). */
  subscriptions: 'graphql-transport-ws',
  /** A file that is streamed to the path named here: it is on its way before anybody could hash it. Opens that path, and nothing else. */
  uploads: 'POST /uploads text/csv',
} as const;

/** What a verified header says. */
export interface Identity {
  /** The service that signed: `router`, `orders`, … */
  readonly service: string;
  readonly caller: Caller;
  readonly correlationId: string;
  /** Where the caller's request came from, as the router saw it; null where nobody said. */
  readonly clientAddress: string | null;
}

/** The keys of one service by the other's name: 32 bytes, base64url. */
export type IdentityKeys = Readonly<Record<string, string>>;

const claims = z.object({
  iss: z.string(),
  aud: z.string(),
  iat: z.number(),
  exp: z.number(),
  bh: z.string(),
  cid: z.string().min(1).max(128),
  // Absent from services that were started before it was known.
  ca: z.string().max(64).nullish(),
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

const HEADER = encode({ alg: 'HS256', typ: 'JWT' });

/** Signs one request's header. `body` is the exact text sent, and `caller` is never changed afterwards. Throws when no key is shared with the target. */
export function signIdentity(
  request: {
    readonly from: string;
    readonly to: string;
    readonly body: string;
    readonly caller: Caller;
    readonly correlationId: string;
    /** An IP address. */
    readonly clientAddress?: string | null;
  },
  keys: IdentityKeys,
): string {
  const key = keyFor(keys, request.to);
  if (key === undefined) throw new Error(`${request.from} has no key to call ${request.to}`);
  const now = Math.floor(Date.now() / 1_000);
  const rest = JSON.stringify({
    iss: request.from,
    aud: request.to,
    iat: now,
    exp: now + LIFETIME_SECONDS,
    bh: hashOf(request.body),
    cid: request.correlationId,
    ca: request.clientAddress ?? null,
  });
  const payload = callerPart(request.caller) + Buffer.from(rest.slice(1)).toString('base64url');
  return `${HEADER}.${payload}.${macOf(key, payload)}`;
}

const callerParts = new WeakMap<Caller, string>();

/**
 * The beginning of a payload, which is the same for all requests of a caller: `{"caller":{…},` with spaces up to a multiple of three bytes,
 * so that its base64 and that of the rest are those of the whole.
 */
function callerPart(caller: Caller): string {
  let part = callerParts.get(caller);
  if (part === undefined) {
    const text = `{"caller":${JSON.stringify(caller)},`;
    part = Buffer.from(text + ' '.repeat((3 - (Buffer.byteLength(text) % 3)) % 3)).toString('base64url');
    callerParts.set(caller, part);
  }
  return part;
}

/** Null for anything but a sound header from a service that may call this one, for exactly this body. */
export function verifyIdentity(
  token: string | undefined,
  request: { readonly to: string; readonly body: string | Buffer },
  keys: IdentityKeys,
): Identity | null {
  if (token === undefined || token.length > MAX_TOKEN_CHARACTERS) return null;
  const [header, payload, mac, ...rest] = token.split('.');
  // There is one algorithm, so there is one header: none is read, and none can ask for another.
  if (header !== HEADER || payload === undefined || mac === undefined || rest.length > 0) return null;
  const parsed = claims.safeParse(decode(payload));
  if (!parsed.success) return null;
  const { iss, aud, iat, exp, bh, cid, ca, caller } = parsed.data;
  const key = keyFor(keys, iss);
  if (key === undefined || !sameText(mac, macOf(key, payload))) return null;
  const now = Date.now() / 1_000;
  const isTimely =
    iat <= now + CLOCK_TOLERANCE_SECONDS && now < exp + CLOCK_TOLERANCE_SECONDS && exp - iat <= LIFETIME_SECONDS;
  if (aud !== request.to || !isTimely || !sameText(bh, hashOf(request.body))) return null;
  return { service: iss, caller, correlationId: cid, clientAddress: ca ?? null };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
}

const keyObjects = new Map<string, KeyObject>();

/** A key is made ready once a process: there are as many as services that know each other. */
function keyFor(keys: IdentityKeys, service: string): KeyObject | undefined {
  const encoded = Object.hasOwn(keys, service) ? keys[service] : undefined;
  if (encoded === undefined) return undefined;
  let key = keyObjects.get(encoded);
  if (key === undefined) {
    key = createSecretKey(encoded, 'base64url');
    keyObjects.set(encoded, key);
  }
  return key;
}

function macOf(key: KeyObject, payload: string): string {
  return createHmac('sha256', key).update(`${HEADER}.${payload}`).digest('base64url');
}

function hashOf(body: string | Buffer): string {
  return hash('sha256', body, 'base64url');
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
