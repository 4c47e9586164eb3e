import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { close, IDENTITY_HEADER, listen, portOf, SIGNED_PURPOSES, verifyIdentity } from '@ebuy/runtime';
import { eventually, testKey } from '@ebuy/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { RunningRouter } from '../src/app.ts';
import { bearer, type FixtureRouter, signIn, signInPartner, startFixtureRouter } from './fixture-router.ts';

const MAX_BYTES = 3_000_000;
const IDLE_MS = 3_000;
const key = testKey();

/** What stands where products does: it checks who sends, counts what comes, and answers when it is whole. */
const received = { bytes: 0, hash: createHash('sha256'), whole: 0, broken: 0, caller: '', correlationId: '' };
const products = createServer((request, response) => {
  const token = String(request.headers[IDENTITY_HEADER]);
  const identity = verifyIdentity(token, { to: 'products', body: SIGNED_PURPOSES.uploads }, { router: key });
  if (identity === null || request.url !== '/uploads') return void response.writeHead(401).end('{}');
  received.caller = identity.caller.scopes.join();
  received.correlationId = identity.correlationId;
  request.on('data', (chunk: Buffer) => {
    received.bytes += chunk.length;
    received.hash.update(chunk);
  });
  request.on('error', () => {
    received.broken += 1;
  });
  request.on('end', () => {
    received.whole += 1;
    const answer = { uploadId: 'an-id', bytes: received.bytes, sha256: received.hash.digest('hex') };
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  return undefined;
});

let fixture: FixtureRouter;
let router: RunningRouter;
let merchandiser: Record<string, string>;

beforeAll(async () => {
  fixture = await startFixtureRouter();
  await listen(products, '127.0.0.1', 0);
  router = await fixture.start({
    ...fixture.config,
    subgraphUrls: { ...fixture.config.subgraphUrls, products: `http://127.0.0.1:${portOf(products)}/graphql` },
    identitySignKeys: { ...fixture.config.identitySignKeys, products: key },
    maxUploadBytes: MAX_BYTES,
    uploadIdleTimeoutMs: IDLE_MS,
  });
  merchandiser = bearer((await signIn('merchandiser')).access_token);
});

beforeEach(() => {
  Object.assign(received, { bytes: 0, hash: createHash('sha256'), whole: 0, broken: 0, caller: '', correlationId: '' });
});

afterAll(async () => {
  await fixture?.stop();
  await closed(products);
});

const addressOf = () => `http://127.0.0.1:${router.port}/uploads`;
const upload = (body: NonNullable<RequestInit['body']>, headers: Record<string, string> = merchandiser) =>
  fetch(addressOf(), {
    method: 'POST',
    headers: { 'content-type': 'text/csv', ...headers },
    body,
    ...({ duplex: 'half' } as object),
  });
const codeOf = async (response: Response) =>
  ((await response.json()) as { errors: { extensions: { code: string } }[] }).errors[0]?.extensions.code;

describe('a file for importProducts', () => {
  test('goes to products as it comes, signed for the one who sent it, and its hash comes back', async () => {
    const file = randomBytes(2_000_000);
    const response = await upload(file, { ...merchandiser, 'x-correlation-id': 'upload-1234' });
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({ uploadId: 'an-id', bytes: file.length, sha256: sha256(file) });
    expect(received.caller).toContain('catalog:write');
    expect([received.correlationId, response.headers.get('x-correlation-id')]).toEqual(['upload-1234', 'upload-1234']);
  });

  test('may come in chunks, each handed on before the next is there', async () => {
    const socket = openUpload({ 'transfer-encoding': 'chunked' });
    socket.write('5\r\nHandl\r\n');
    await eventually(() => expect(received.bytes).toBe(5));
    expect(received.whole).toBe(0);
    socket.write('1\r\ne\r\n0\r\n\r\n');
    expect(await answerOf(socket)).toMatch(/^HTTP\/1\.1 201 /);
    expect(received.bytes).toBe(6);
  });

  test('is not kept in the router’s memory', async () => {
    const before = process.memoryUsage().rss;
    let most = 0;
    async function* pieces() {
      for (let piece = 0; piece < 46; piece += 1) {
        most = Math.max(most, process.memoryUsage().rss - before);
        yield new Uint8Array(65_000);
      }
    }
    expect((await upload(ReadableStream.from(pieces()))).status).toBe(201);
    expect(received.bytes).toBe(46 * 65_000);
    expect(most).toBeLessThan(100_000_000);
  });

  test('that is too large is refused with the limit, announced or not', async () => {
    const announced = await upload(new Uint8Array(MAX_BYTES + 1));
    expect(announced.status).toBe(413);
    expect(await announced.text()).toContain(String(MAX_BYTES));
    expect(received.bytes).toBe(0);

    const socket = openUpload({ 'transfer-encoding': 'chunked' });
    const piece = `186a0\r\n${'x'.repeat(100_000)}\r\n`;
    for (let sent = 0; sent <= MAX_BYTES; sent += 100_000) socket.write(piece);
    expect(await answerOf(socket)).toMatch(/^HTTP\/1\.1 413 [\s\S]*BODY_TOO_LARGE/);
    await eventually(() => expect(received.broken).toBe(1));
    expect([received.whole, received.bytes <= MAX_BYTES]).toEqual([0, true]);
  });

  test('that breaks off breaks off at products, too', async () => {
    const socket = openUpload({ 'content-length': '1000' });
    socket.write('Handle');
    await eventually(() => expect(received.bytes).toBe(6));
    socket.destroy();
    await eventually(() => expect(received.broken).toBe(1));
    expect(received.whole).toBe(0);
  });

  test('whose sender falls silent is given up', async () => {
    const socket = openUpload({ 'content-length': '1000' });
    socket.write('Handle');
    expect(await answerOf(socket)).toMatch(/^HTTP\/1\.1 408 [\s\S]*REQUEST_TIMEOUT/);
    await eventually(() => expect(received.broken).toBe(1));
  });

  test('may take longer than a silence, as long as something comes', async () => {
    const socket = openUpload({ 'content-length': '5' });
    for (const letter of 'Handl') {
      await delay(IDLE_MS / 4);
      socket.write(letter);
    }
    expect(await answerOf(socket)).toMatch(/^HTTP\/1\.1 201 /);
  });
});

describe('who may not', () => {
  test('nobody, a shopper and a partner are refused before a byte is handed on', async () => {
    const nobody = await upload('x', {});
    expect([nobody.status, await codeOf(nobody)]).toEqual([401, 'UNAUTHENTICATED']);
    expect(nobody.headers.get('www-authenticate')).toContain('Bearer');
    const forged = await upload('x', { authorization: 'Bearer x.y.z', 'x-ebuy-identity': 'e30.e30.e30' });
    expect(forged.status).toBe(401);
    for (const { access_token: token } of [await signIn('shopper'), await signIn('support'), await signInPartner()]) {
      const response = await upload('x', bearer(token));
      expect([response.status, await codeOf(response)]).toEqual([403, 'FORBIDDEN']);
    }
    expect(received.bytes).toBe(0);
  });

  test.each([
    ['another type', { 'content-type': 'application/json' }],
    ['another charset', { 'content-type': 'text/csv; charset=latin1' }],
    ['something packed', { 'content-encoding': 'gzip' }],
  ])('%s is refused', async (_, headers) => {
    const response = await upload('x', { ...merchandiser, ...headers });
    expect([response.status, await codeOf(response)]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });

  test('another method is refused, and a page of another origin is let in as for the graph', async () => {
    expect((await fetch(addressOf(), { headers: merchandiser })).status).toBe(405);
    const preflight = (origin: string) =>
      fetch(addressOf(), { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
    expect((await preflight('http://shop.test')).headers.get('access-control-allow-origin')).toBe('http://shop.test');
    expect((await preflight('http://evil.test')).headers.get('access-control-allow-origin')).toBeNull();
  });

  test('products away: said so, and the router goes on', async () => {
    const away = await fixture.start({
      ...fixture.config,
      subgraphUrls: { ...fixture.config.subgraphUrls, products: 'http://127.0.0.1:9/graphql' },
      identitySignKeys: { ...fixture.config.identitySignKeys, products: key },
    });
    const response = await fetch(`http://127.0.0.1:${away.port}/uploads`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv', ...merchandiser },
      body: 'Handle',
    });
    expect([response.status, await codeOf(response)]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    expect((await fixture.post({ query: '{ __typename }' }, {}, away)).status).toBe(200);
  });
});

/** A request by hand, of which the body is still to come. */
function openUpload(headers: Record<string, string>) {
  const socket = connect(router.port, '127.0.0.1');
  const lines = Object.entries({ host: 'router', 'content-type': 'text/csv', ...merchandiser, ...headers });
  socket.on('error', () => undefined);
  socket.write(`POST /uploads HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
  return socket;
}

async function answerOf(socket: ReturnType<typeof connect>): Promise<string> {
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    if (/\r\n\r\n[\s\S]*\}/.test(text)) break;
  }
  return text;
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

async function closed(server: Server): Promise<void> {
  const ended = close(server);
  server.closeAllConnections();
  await ended;
}
