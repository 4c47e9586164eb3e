import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { ANONYMOUS, signIdentity, verifyIdentity } from '../src/index.ts';

const key = randomBytes(32).toString('base64url');
const body = '{"query":"{ me { id } }"}';
const caller = { ...ANONYMOUS, kind: 'user' as const, id: 'u-1', roles: ['customer'] };
const target = { to: 'orders', body };
const keys = { router: key };
let sound: string;

const forged = (claims: object, secret = key, options: { iss?: string; aud?: string; exp?: string | number } = {}) =>
  new SignJWT({ bh: '', cid: 'c', caller, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(options.iss ?? 'router')
    .setAudience(options.aud ?? 'orders')
    .setIssuedAt()
    .setExpirationTime(options.exp ?? '30s')
    .sign(Buffer.from(secret, 'base64url'));

beforeAll(async () => {
  sound = await signIdentity({ from: 'router', to: 'orders', body, caller, correlationId: 'c-1' }, { orders: key });
});

describe('the identity between services', () => {
  test('names the service, the caller and the correlation id', async () => {
    expect(await verifyIdentity(sound, target, keys)).toEqual({ service: 'router', caller, correlationId: 'c-1' });
  });

  test('opens no other service, no other body, and nothing without its key', async () => {
    expect(await verifyIdentity(sound, { to: 'payments', body }, keys)).toBeNull();
    expect(await verifyIdentity(sound, { to: 'orders', body: `${body} ` }, keys)).toBeNull();
    expect(await verifyIdentity(sound, target, { router: randomBytes(32).toString('base64url') })).toBeNull();
    expect(await verifyIdentity(sound, target, {})).toBeNull();
    expect(await verifyIdentity(undefined, target, keys)).toBeNull();
  });

  test.each([
    ['nonsense', () => 'x.y.z'],
    ['no signature', () => `${sound.split('.').slice(0, 2).join('.')}.`],
    ['alg none', () => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${sound.split('.')[1]}.`],
    ['another signer', () => forged({}, randomBytes(32).toString('base64url'))],
    ['an issuer without a key', () => forged({}, key, { iss: 'cart' })],
    ['a prototype as issuer', () => forged({}, key, { iss: '__proto__' })],
    ['past its end', () => forged({}, key, { exp: Math.floor(Date.now() / 1000) - 60 })],
    ['no body hash', () => forged({})],
    ['too long to be read', () => 'a'.repeat(9_000)],
  ])('%s is refused', async (_, make) => {
    expect(await verifyIdentity(await make(), target, keys)).toBeNull();
  });

  test('nobody signs for a target without a key', async () => {
    await expect(signIdentity({ from: 'cart', to: 'orders', body, caller, correlationId: 'c' }, {})).rejects.toThrow(
      /no key/,
    );
  });
});
