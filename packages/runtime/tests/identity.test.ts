import { createHash, randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { jwtVerify, SignJWT } from 'jose';
import { ANONYMOUS, signIdentity, verifyIdentity } from '../src/index.ts';

const key = randomBytes(32).toString('base64url');
const body = '{"query":"{ me { id } }"}';
const caller = { ...ANONYMOUS, kind: 'user' as const, id: 'u-1', roles: ['customer'] };
const bh = createHash('sha256').update(body).digest('base64url');
const target = { to: 'orders', body };
const keys = { router: key };
let sound: string;

const forged = (claims: object, secret = key, options: { iss?: string; aud?: string; exp?: string | number } = {}) =>
  new SignJWT({ bh: '', cid: 'c', caller, ...claims })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(options.iss ?? 'router')
    .setAudience(options.aud ?? 'orders')
    .setIssuedAt()
    .setExpirationTime(options.exp ?? '30s')
    .sign(Buffer.from(secret, 'base64url'));

beforeAll(() => {
  sound = signIdentity({ from: 'router', to: 'orders', body, caller, correlationId: 'c-1' }, { orders: key });
});

describe('the identity between services', () => {
  test('names the service, the caller and the correlation id', async () => {
    expect(verifyIdentity(await forged({ bh }), target, keys)).toMatchObject({ service: 'router' });
    expect(verifyIdentity(sound, target, keys)).toEqual({
      service: 'router',
      caller,
      correlationId: 'c-1',
      clientAddress: null,
    });
  });

  test("carries the client's address, signed with the rest", () => {
    const request = { from: 'router', to: 'orders', body, caller, correlationId: 'c-1', clientAddress: '203.0.113.7' };
    const token = signIdentity(request, { orders: key });
    expect(verifyIdentity(token, target, keys)).toMatchObject({ clientAddress: '203.0.113.7' });
    const [header, payload = '', mac] = token.split('.');
    const other = Buffer.from(payload, 'base64url').toString().replace('203.0.113.7', '203.0.113.8');
    const forgedToken = `${header}.${Buffer.from(other).toString('base64url')}.${mac}`;
    expect(verifyIdentity(forgedToken, target, keys)).toBeNull();
  });

  test('opens no other service, no other body, and nothing without its key', () => {
    expect(verifyIdentity(sound, { to: 'payments', body }, keys)).toBeNull();
    expect(verifyIdentity(sound, { to: 'orders', body: `${body} ` }, keys)).toBeNull();
    expect(verifyIdentity(sound, target, { router: randomBytes(32).toString('base64url') })).toBeNull();
    expect(verifyIdentity(sound, target, {})).toBeNull();
    expect(verifyIdentity(undefined, target, keys)).toBeNull();
  });

  test.each([
    ['nonsense', () => 'x.y.z'],
    ['no signature', () => `${sound.split('.').slice(0, 2).join('.')}.`],
    ['alg none', () => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${sound.split('.')[1]}.`],
    ['another signer', () => forged({}, randomBytes(32).toString('base64url'))],
    ['an issuer without a key', () => forged({}, key, { iss: 'cart' })],
    ['a prototype as issuer', () => forged({}, key, { iss: '__proto__' })],
    ['past its end', () => forged({ bh }, key, { exp: Math.floor(Date.now() / 1000) - 60 })],
    ['longer than a request lives', () => forged({ bh }, key, { exp: '1h' })],
    ['for another target', () => forged({ bh }, key, { aud: 'payments' })],
    ['a fourth part', () => `${sound}.x`],
    ['no body hash', () => forged({})],
    ['too long to be read', () => 'a'.repeat(9_000)],
  ])('%s is refused', async (_, make) => {
    expect(verifyIdentity(await make(), target, keys)).toBeNull();
  });

  test('nobody signs for a target without a key', () => {
    const request = { from: 'cart', to: 'orders', body, caller, correlationId: 'c' };
    expect(() => signIdentity(request, {})).toThrow(/no key/);
    expect(() => signIdentity({ ...request, to: '__proto__' }, {})).toThrow(/no key/);
  });

  test('is a JWT that any library reads', async () => {
    const { payload } = await jwtVerify(sound, Buffer.from(key, 'base64url'), { audience: 'orders', issuer: 'router' });
    expect(payload).toMatchObject({ cid: 'c-1', caller: { id: 'u-1' } });
  });
});
