import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPortFree, openPortBook } from '@ebuy/engines';
import { afterEach, beforeEach, expect, it } from '@jest/globals';

let folder: string;
const servers: Server[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ebuy-ports-'));
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
  await rm(folder, { recursive: true });
});

/** Somebody else's server: on loopback, or on every address of the machine. */
const occupy = (host: string): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer();
    servers.push(server);
    server.listen(0, host, () => resolve((server.address() as { port: number }).port));
  });

it.each(['127.0.0.1', '0.0.0.0', '::'])('sees that a server on %s takes the port', async (host) => {
  expect(await isPortFree(await occupy(host))).toBe(false);
});

it('gives the preferred port when it is free, and another when it is taken', async () => {
  const taken = await occupy('127.0.0.1');
  const book = await openPortBook(join(folder, 'ports.json'));
  const other = await book.choose('kafka', taken);
  expect(other).not.toBe(taken);
  // Of those that nobody is given who asks for any.
  let free = 19_999;
  while (!(await isPortFree(free))) free -= 1;
  expect(await book.choose('redis', free)).toBe(free);
});

it('never gives one port to two owners, however many ask at once', async () => {
  const book = await openPortBook(join(folder, 'ports.json'));
  const preferred = await book.choose('first', null);
  const ports = await Promise.all(Array.from({ length: 20 }, (_, i) => book.choose(`owner-${i}`, preferred)));
  expect(new Set([...ports, preferred]).size).toBe(21);
});

it('remembers who had which', async () => {
  const file = join(folder, 'ports.json');
  const port = await (await openPortBook(file)).choose('mongodb', null);
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ mongodb: port });
  expect(await (await openPortBook(file)).choose('mongodb', null)).toBe(port);
});

it('starts with an empty book when the file is torn', async () => {
  const file = join(folder, 'ports.json');
  await writeFile(file, '{ "mongodb": 4');
  await expect((await openPortBook(file)).choose('mongodb', null)).resolves.toBeGreaterThan(0);
});
