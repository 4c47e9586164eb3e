import { join } from 'node:path';
import { close, listen, portOf } from '@ebuy/runtime';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { createPictureServer } from '../pictures/serve.ts';
import { SEED, webpSize } from './seed-files.ts';

const HERO = '/pictures/santoku-no-3/1-1200x1200.webp';
const errors: unknown[] = [];
const server = createPictureServer(join(SEED, 'pictures'), (error) => errors.push(error));
const ask = (target: string, options: Parameters<typeof request>[1] = {}) =>
  request(`http://127.0.0.1:${portOf(server)}${target}`, options);

beforeAll(() => listen(server, '127.0.0.1', 0));
afterAll(async () => {
  await close(server);
  expect(errors).toEqual([]);
});

describe('the picture server', () => {
  it.each([
    ['', '1200x1200'],
    ['?w=300', '320x320'],
    ['?w=640', '640x640'],
  ])('answers a picture%s of %s, for a year', async (query, size) => {
    const { statusCode, headers, body } = await ask(HERO + query);
    const bytes = Buffer.from(await body.arrayBuffer());
    expect([statusCode, headers['content-type'], Number(headers['content-length'])]).toEqual([
      200,
      'image/webp',
      bytes.length,
    ]);
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(webpSize(bytes)).toBe(size);
  });

  it('answers what did not change without its bytes, and HEAD as well', async () => {
    const first = await ask(HERO, { method: 'HEAD' });
    expect([first.statusCode, await first.body.text()]).toEqual([200, '']);
    const again = await ask(HERO, { headers: { 'if-none-match': String(first.headers.etag) } });
    expect([again.statusCode, await again.body.text()]).toEqual([304, '']);
  });

  it.each([
    '/pictures/no-such-thing/1-1200x1200.webp',
    '/pictures/LICENSE.md',
    '/',
    '/pictures/santoku-no-3/9-1200x1200.webp',
  ])('answers a plain 404 for %s', async (target) => {
    const { statusCode, headers, body } = await ask(target);
    expect([statusCode, headers['content-type'], await body.text()]).toEqual([404, 'text/plain', 'No such picture.\n']);
  });

  it('takes nothing in', async () => {
    const { statusCode, headers, body } = await ask(HERO, { method: 'PUT', body: 'x' });
    await body.dump();
    expect([statusCode, headers.allow]).toEqual([405, 'GET, HEAD']);
  });
});
