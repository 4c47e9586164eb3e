import { createHmac, createPublicKey } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWTVerifyGetKey, SignJWT } from 'jose';
import { AUDIENCE, TokenRefused, verifyAccessToken } from '../src/identity/access-token.ts';
import { authenticate } from '../src/identity/authenticate.ts';

const issuer = 'http://keycloak.test/realms/ebuy';
const now = Math.floor(Date.now() / 1_000);
const claims = {
  iss: issuer,
  aud: ['account', AUDIENCE],
  sub: 'aa11',
  typ: 'Bearer',
  azp: 'ebuy-storefront',
  sid: 'a-sign-in',
  exp: now + 300,
  iat: now,
  email: 'shopper@example.com',
  email_verified: true,
  name: 'Sam Shopper',
  realm_access: { roles: ['customer', 'offline_access'] },
};

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;
let ours: KeyPair;
let theirs: KeyPair;
let pss: KeyPair;
let keys: JWTVerifyGetKey;

beforeAll(async () => {
  ours = await generateKeyPair('RS256', { extractable: true });
  theirs = await generateKeyPair('RS256', { extractable: true });
  pss = await generateKeyPair('PS256', { extractable: true });
  keys = createLocalJWKSet({
    keys: [
      { ...(await exportJWK(ours.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' },
      { ...(await exportJWK(pss.publicKey)), kid: 'k3', use: 'sig' },
    ],
  });
});

const sign = (payload: Record<string, unknown>, header: Record<string, unknown> = {}, pair: KeyPair = ours) =>
  new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'k1', ...header }).sign(pair.privateKey);
const verify = (token: string) => verifyAccessToken(token, { issuer, keys });
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const without = (name: keyof typeof claims) =>
  Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));

describe('a sound access token', () => {
  test('speaks for its user, with the roles we know', async () => {
    expect(await verify(await sign(claims))).toEqual({
      kind: 'user',
      id: 'aa11',
      email: 'shopper@example.com',
      emailVerified: true,
      displayName: 'Sam Shopper',
      roles: ['customer'],
      scopes: [],
      clientId: 'ebuy-storefront',
    });
  });

  test("of a client speaks for the client's id", async () => {
    const token = await sign({
      ...without('sid'),
      azp: 'ebuy-partner-demo',
      preferred_username: 'service-account-ebuy-partner-demo',
      realm_access: { roles: ['partner'] },
    });
    expect(await verify(token)).toMatchObject({
      kind: 'client',
      id: 'ebuy-partner-demo',
      displayName: null,
      roles: ['partner'],
      scopes: ['partner:catalog', 'partner:orders'],
    });
  });

  test('without a name shows its user name, but no address: names stand where everybody reads them', async () => {
    const nameless = { ...without('name'), email: 'sam@example.com' };
    const shown = async (preferred_username: string) =>
      (await verify(await sign({ ...nameless, preferred_username }))).displayName;
    expect(await shown('sam')).toBe('sam');
    expect(await shown('sam@example.com')).toBeNull();
  });

  test('without an address of its own has no verified one', async () => {
    expect(await verify(await sign(without('email')))).toMatchObject({ email: null, emailVerified: false });
  });

  test('may be a few seconds past its time, for clocks that differ', async () => {
    await expect(verify(await sign({ ...claims, exp: now - 10 }))).resolves.toBeDefined();
  });
});

describe('refused:', () => {
  const attacks: [string, () => string | Promise<string>][] = [
    ['alg none', () => `${encode({ alg: 'none' })}.${encode(claims)}.`],
    [
      'alg NONE with a signature',
      async () => `${encode({ alg: 'NONE', kid: 'k1' })}.${(await sign(claims)).split('.').slice(1).join('.')}`,
    ],
    ['HS256 signed with the public key', () => signWithPublicKey()],
    ['an algorithm that we do not take, by a key of ours', () => sign(claims, { alg: 'PS256', kid: 'k3' }, pss)],
    ['a key that is not ours under our key id', () => sign(claims, {}, theirs)],
    ['an unknown key id', () => sign(claims, { kid: 'k2' })],
    [
      'a key of its own in the header (jwk)',
      async () => sign(claims, { jwk: await exportJWK(theirs.publicKey) }, theirs),
    ],
    ['a key set of its own (jku)', () => sign(claims, { jku: 'http://evil.test/jwks', kid: 'evil' }, theirs)],
    ['a certificate of its own (x5u)', () => sign(claims, { x5u: 'http://evil.test/cert' }, theirs)],
    ['expired', () => sign({ ...claims, exp: now - 61 })],
    ['not valid yet', () => sign({ ...claims, nbf: now + 120 })],
    ['a clock a minute off', () => sign({ ...claims, nbf: now + 61 })],
    ['another issuer', () => sign({ ...claims, iss: 'http://evil.test/realms/ebuy' })],
    ['another realm of the same Keycloak', () => sign({ ...claims, iss: 'http://keycloak.test/realms/master' })],
    ['for another audience', () => sign({ ...claims, aud: ['account'] })],
    ['without an expiry', () => sign(without('exp'))],
    ['without a subject', () => sign(without('sub'))],
    ['without an audience', () => sign(without('aud'))],
    ['an ID token', () => sign({ ...claims, typ: 'ID' })],
    ['a refresh token', () => sign({ ...claims, typ: 'Refresh' })],
    ['of no kind', () => sign(without('typ'))],
    ['longer than any of ours', () => sign({ ...claims, filler: 'x'.repeat(9_000) })],
    [
      'a role that the client wrote in',
      async () => withPayload(await sign(claims), { ...claims, realm_access: { roles: ['admin'] } }),
    ],
    ['roles that are no list', () => sign({ ...claims, realm_access: { roles: 'admin' } })],
    ['half a token', async () => (await sign(claims)).split('.').slice(0, 2).join('.')],
    ['an encrypted one', () => `${encode({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.a.b.c.d`],
  ];

  test.each(attacks)('%s', async (_, forge) => {
    const token = await forge();
    await expect(authenticate(`Bearer ${token}`, verify)).rejects.toBeInstanceOf(TokenRefused);
  });

  test.each(['', 'Bearer', 'Bearer ', 'Basic c2hvcHBlcjpzZWNyZXQ=', 'token', 'Bearer a.b.c, Bearer d.e.f'])(
    'the header %j',
    async (header) => {
      await expect(authenticate(header, verify)).rejects.toBeInstanceOf(TokenRefused);
    },
  );

  async function signWithPublicKey(): Promise<string> {
    const pem = createPublicKey({ key: (await exportJWK(ours.publicKey)) as never, format: 'jwk' }).export({
      type: 'spki',
      format: 'pem',
    });
    const text = `${encode({ alg: 'HS256', kid: 'k1' })}.${encode(claims)}`;
    return `${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`;
  }

  function withPayload(token: string, payload: unknown): string {
    const [header, , signature] = token.split('.');
    return `${header}.${encode(payload)}.${signature}`;
  }
});

test('no header is nobody, and asks Keycloak nothing', async () => {
  const never = () => Promise.reject(new Error('asked'));
  expect(await authenticate(undefined, never)).toMatchObject({ kind: 'anonymous', id: null, scopes: [] });
});

test('a user who calls herself a client is still a user', async () => {
  const token = await sign({ ...claims, preferred_username: 'service-account-ebuy-storefront' });
  expect(await verify(token)).toMatchObject({ kind: 'user', id: 'aa11' });
});
