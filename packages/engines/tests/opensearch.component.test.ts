import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Engines, type RunningEngine, startEngines } from '@ebuy/engines';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Client } from '@opensearch-project/opensearch';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const artifactsDir = process.env.EBUY_ARTIFACTS_DIR ?? join(ROOT, '.ebuy', 'engines');
const WRITERS = 8;
const WRITES_BEFORE_THE_KILL = 400;

let folder: string;
let engines: Engines;
let node: RunningEngine;
let client: Client;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ebuy-opensearch-'));
  engines = await startEngines({
    dataDir: folder,
    artifactsDir,
    only: ['opensearch'],
    preferredPorts: 'free',
    opensearch: { isShortLived: true },
  });
  node = engines.get('opensearch');
}, 240_000);
afterAll(async () => {
  await engines?.stop();
  await rm(folder, { recursive: true, force: true });
}, 120_000);

beforeEach(async () => {
  client = new Client({ node: node.url, maxRetries: 0 });
  await client.indices.create({ index: 'words', body: { settings: { number_of_replicas: 0 } } });
});
afterEach(async () => {
  await client.indices.delete({ index: 'words' });
  await client.close();
});

const write = (id: string, version: number) =>
  client.index({ index: 'words', id, version, version_type: 'external', body: { version } });

it('loses no write that it acknowledged when it is killed under writers', async () => {
  const acknowledged: string[] = [];
  let isDown = false;
  const reached = Promise.withResolvers<void>();
  const writers = Array.from({ length: WRITERS }, async (_, writer) => {
    for (let count = 0; !isDown; count++) {
      const id = `${writer}-${count}`;
      const isWritten = await write(id, 1).then(
        () => true,
        () => false,
      );
      if (!isWritten) return;
      acknowledged.push(id);
      if (acknowledged.length >= WRITES_BEFORE_THE_KILL) reached.resolve();
    }
  });
  await reached.promise;
  await node.kill();
  isDown = true;
  await Promise.all(writers);
  await node.restart();
  const { body } = await client.mget({ index: 'words', body: { ids: acknowledged } });
  const missing = body.docs.filter((doc) => !('found' in doc) || doc.found !== true).map((doc) => doc._id);
  expect(acknowledged.length).toBeGreaterThanOrEqual(WRITES_BEFORE_THE_KILL);
  expect(missing).toEqual([]);
}, 240_000);

it('keeps documents over a restart, and knows which version it has of each', async () => {
  await write('kept', 7);
  await node.restart();
  await expect(write('kept', 7)).rejects.toMatchObject({ statusCode: 409 });
  await expect(write('kept', 8)).resolves.toMatchObject({ statusCode: 200 });
}, 240_000);

it('listens on loopback alone', async () => {
  const { body } = await client.nodes.info({ metric: ['http', 'transport'] });
  const addresses = Object.values(body.nodes).flatMap((one) => [
    ...(one.http?.bound_address ?? []),
    ...(one.transport?.bound_address ?? []),
  ]);
  expect(addresses).toHaveLength(2);
  for (const address of addresses) expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
});

it('makes no index by itself, and holds as many points in time as a shop may open', async () => {
  await expect(client.index({ index: 'wrods', body: {} })).rejects.toMatchObject({ statusCode: 404 });
  const { body } = await client.cluster.getSettings({ include_defaults: true, flat_settings: true });
  expect(body.defaults).toMatchObject({ 'search.max_open_pit_context': '2000' });
});

it('has the modules that search is built on', async () => {
  const { body } = await client.nodes.info({ metric: ['plugins'] });
  const plugins = Object.values(body.nodes).flatMap((one) => one.plugins?.map(({ name }) => name) ?? []);
  const last = plugins.map((name) => /(\w+?)(?:Module)?Plugin$/.exec(name ?? '')?.[1]);
  expect(last).toEqual(
    expect.arrayContaining(['Netty4', 'CommonAnalysis', 'MapperExtras', 'Painless', 'Reindex', 'RankEval', 'Mustache']),
  );
});
