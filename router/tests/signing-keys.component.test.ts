import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { close, listen, portOf } from '@ebuy/runtime';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK, type JWTVerifyGetKey, SignJWT } from 'jose';
import { AUDIENCE, TokenRefused, verifyAccessToken } from '../src/identity/access-token.ts';
import { fetchSigningKeys, KeysUnavailable } from '../src/identity/signing-keys.ts';

const issuer = 'http://keycloak.test/realms/ebuy';
const published: JWK[] = [];
let status = 200;
let asked = 0;
let isHanging = false;
/** Requests that whoever sent them has broken off. */
let givenUp = 0;
let server: Server;
let keys: JWTVerifyGetKey;

beforeEach(async () => {
  published.length = 0;
  status = 200;
  asked = 0;
  isHanging = false;
  givenUp = 0;
  server = createServer((request, response) => {
    asked += 1;
    request.once('close', () => {
      if (!response.writableEnded) givenUp += 1;
    });
    if (isHanging) return;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: published }));
  });
  await listen(server, '127.0.0.1', 0);
  keys = fetchSigningKeys(`http://127.0.0.1:${portOf(server)}/certs`);
});

afterEach(async () => {
  jest.restoreAllMocks();
  const closed = close(server);
  server.closeAllConnections();
  await closed;
});

async function publish(kid: string): Promise<string> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  published.push({ ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' });
  return new SignJWT({ typ: 'Bearer', azp: 'ebuy-storefront', sid: 's' })
    .setProtectedHeader({ alg: 'RS256', kid })
    .setIssuer(issuer)
    .setAudience(AUDIENCE)
    .setSubject('aa11')
    .setIssuedAt()
    .setExpirationTime('2d')
    .sign(privateKey);
}

const verify = (token: string) => verifyAccessToken(token, { issuer, keys });

/** Moves the clock that keys are aged by. */
function after(ms: number): void {
  const from = Date.now() + ms;
  jest.spyOn(Date, 'now').mockImplementation(() => from);
}

/** Counts its rounds: the clock stands still here. */
async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  for (let round = 0; round < 5_000; round += 1) {
    if (await check()) return;
    await sleep(2);
  }
  throw new Error('It did not happen');
}

test('keys are fetched once and kept', async () => {
  const token = await publish('k1');
  await Promise.all([verify(token), verify(token), verify(token)]);
  await verify(token);
  expect(asked).toBe(1);
});

test('a new key counts without a restart', async () => {
  await verify(await publish('k1'));
  const rotated = await publish('k2');
  await expect(verify(rotated)).rejects.toBeInstanceOf(TokenRefused);
  after(31_000);
  await expect(verify(rotated)).resolves.toMatchObject({ id: 'aa11' });
});

test('unknown key ids do not make us ask again and again', async () => {
  await verify(await publish('k1'));
  const unknown = await publish('k2');
  published.pop();
  for (let tries = 0; tries < 20; tries += 1) await expect(verify(unknown)).rejects.toBeInstanceOf(TokenRefused);
  expect(asked).toBe(1);
});

test('while Keycloak is away, the keys we know go on counting', async () => {
  const token = await publish('k1');
  await verify(token);
  status = 503;
  after(11 * 60_000);
  await expect(verify(token)).resolves.toMatchObject({ id: 'aa11' });
  await until(() => asked === 2);
  await verify(token);
  expect(asked).toBe(2);
  status = 200;
  // The failure may be heard of only now: from then on it is two seconds until Keycloak is asked again.
  await until(async () => {
    after(5_000);
    await verify(token);
    return asked === 3;
  });
});

test('while Keycloak does not answer, nobody waits for it', async () => {
  const token = await publish('k1');
  await verify(token);
  isHanging = true;
  after(11 * 60_000);
  for (let tries = 0; tries < 5; tries += 1) await expect(verify(token)).resolves.toMatchObject({ id: 'aa11' });
  expect(givenUp).toBe(0);
  await until(() => asked === 2);
});

test('but not for ever', async () => {
  const token = await publish('k1');
  await verify(token);
  status = 503;
  after(25 * 60 * 60_000);
  await expect(verify(token)).rejects.toBeInstanceOf(KeysUnavailable);
});

test('without any key, nothing is judged, and Keycloak is not hammered', async () => {
  const token = await publish('k1');
  status = 500;
  for (let tries = 0; tries < 10; tries += 1) await expect(verify(token)).rejects.toBeInstanceOf(KeysUnavailable);
  expect(asked).toBe(1);
});
