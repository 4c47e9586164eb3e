import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { fileURLToPath } from 'node:url';
import { close, createLogger, listen, portOf } from '@ebuy/runtime';
import { eventually } from '@ebuy/testing';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { reindex } from '../src/commands/reindex.ts';
import { retireVersions } from '../src/commands/retire-versions.ts';
import { indexDocumentOf } from '../src/domain/document.ts';
import { openEngine } from '../src/store/engine.ts';
import { IndexVersions } from '../src/store/versions.ts';
import { documentWriter } from '../src/store/writer.ts';
import { type CatalogProduct, documentsOf, nextVersion, openStage, product, type Stage } from './stage.ts';

const logger = createLogger('test', 'silent');
const PRODUCTS = 150;

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

/** As `npm run reindex` does, in this process. */
async function runReindex(options: { fromTopic?: boolean } = {}, currency = 'USD') {
  const engine = openEngine(stage.opensearch.url);
  const versions = new IndexVersions(engine, stage.names, currency, logger);
  const writer = documentWriter(engine, stage.names, () => undefined);
  const needs = { engine, versions, writer, kafka: stage.kafka.settings, currency, logger, now: () => new Date() };
  try {
    return await reindex(needs, options);
  } finally {
    await engine.close();
  }
}

const list = async () => {
  const engine = openEngine(stage.opensearch.url);
  try {
    return await new IndexVersions(engine, stage.names, 'USD', logger).list();
  } finally {
    await engine.close();
  }
};

/**
 * Two hundred changes a second, one a product, so that no later one heals a lost one; then new products, until it is stopped. Every
 * seventeenth is withdrawn. Returns the last state of each.
 */
function writing(products: readonly CatalogProduct[]) {
  const last = new Map(products.map((one) => [one.productId, one]));
  let isStopping = false;
  let sent = 0;
  const done = (async () => {
    const startedAt = performance.now();
    while (!isStopping) {
      const states = Array.from({ length: 20 }, (_, index): CatalogProduct => {
        const before = products[sent + index] ?? product({ title: 'Late Thing' });
        const status = (sent + index) % 17 === 0 ? 'WITHDRAWN' : 'PUBLISHED';
        return { ...before, version: nextVersion(), unitsSold: sent + index + 1, status };
      });
      await stage.publish(...states);
      for (const one of states) last.set(one.productId, one);
      sent += states.length;
      const dueMs = startedAt + (sent / 200) * 1_000 - performance.now();
      if (dueMs > 0) await new Promise((resolve) => setTimeout(resolve, dueMs));
    }
  })();
  return {
    sent: () => sent,
    async stop() {
      isStopping = true;
      await done;
      return { last };
    },
  };
}

/** Each document of the index is what the last event of its product says, and there is no other. */
async function expectTruth(last: ReadonlyMap<string, CatalogProduct>, index?: string) {
  const expected = new Map(
    [...last].map(([id, state]) => [id, { version: state.version, source: indexDocumentOf(state) as never }]),
  );
  await eventually(async () => expect(await documentsOf(stage, index)).toEqual(expected), {
    timeoutMs: 60_000,
    everyMs: 250,
  });
}

/** A way to OpenSearch on which nobody begins to copy an index: `reached` when somebody would. */
async function wireBeforeCopy(url: string) {
  const reached = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/_reindex')) return reached.resolve();
    const { method, headers, url: path = '/' } = request;
    const onward = httpRequest(new URL(path, url), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  await listen(server, '127.0.0.1', 0);
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    reached: reached.promise,
    close() {
      server.closeAllConnections();
      return close(server);
    },
  };
}

const publishAll = async (count = PRODUCTS) => {
  const products = Array.from({ length: count }, (_, index) => product({ title: `Thing ${index}` }));
  await stage.fill(products);
  return products;
};

describe('a reindex', () => {
  test('under two hundred writes a second loses nothing, and searches go on', async () => {
    // The first hundred are not written to: they must be copied. The others change before, during and after the copy.
    const products = await publishAll(1_000);
    const writes = writing(products.slice(100));
    let asked = 0;
    let isDone = false;
    const searching = (async () => {
      while (!isDone) {
        expect((await stage.search('thing', { first: 3 })).totalCount).toBeGreaterThan(900);
        asked += 1;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    const done = await runReindex();
    await eventually(() => {
      expect(writes.sent()).toBeGreaterThan(500);
      expect(asked).toBeGreaterThan(20);
    });
    isDone = true;
    await searching;
    const { last } = await writes.stop();
    for (const one of products) if (!last.has(one.productId)) last.set(one.productId, one);
    expect(done).toMatchObject({ from: stage.names.version(1), to: stage.names.version(2), source: 'index' });
    expect(done.documents).toBeGreaterThanOrEqual(1_000);
    await expectTruth(last, stage.names.version(2));
    expect(await list()).toMatchObject([
      { number: 1, isRead: false, isWritten: false, meta: { retiredAt: expect.any(String) } },
      { number: 2, isRead: true, isWritten: true },
    ]);
  });

  test('from the topic makes the same, and a cursor from before it goes on in the old version until that is retired', async () => {
    const products = await publishAll();
    await stage.publish({ ...(products[0] as CatalogProduct), version: nextVersion(), status: 'WITHDRAWN' });
    const gone = { ...(products[0] as CatalogProduct), version: nextVersion(), status: 'WITHDRAWN' as const };
    await stage.fill([gone]);
    const page = await stage.search('thing', { first: 10 });
    const done = await runReindex({ fromTopic: true });
    expect(done).toMatchObject({ source: 'topic', documents: PRODUCTS });
    const last = new Map(products.map((one) => [one.productId, one]));
    last.set(gone.productId, gone);
    await expectTruth(last);
    expect((await stage.search('thing', { first: 10, after: page.pageInfo.endCursor })).edges).toHaveLength(10);
    const engine = openEngine(stage.opensearch.url);
    const versions = new IndexVersions(engine, stage.names, 'USD', logger);
    expect(await retireVersions(versions, new Date())).toBe(0);
    expect(await retireVersions(versions, new Date(Date.now() + 3_600_000))).toBe(1);
    expect((await list()).map(({ number }) => number)).toEqual([2]);
    // As a reindex leaves one that is killed just after the swap.
    const [newest] = await list();
    expect(newest?.meta.filledAt).toEqual(expect.any(String));
    expect(await versions.create(1, [])).not.toBeNull();
    expect(await retireVersions(versions, new Date())).toBe(0);
    expect(await retireVersions(versions, new Date(Date.now() + 3_600_000))).toBe(1);
    await engine.close();
    expect((await list()).map(({ number }) => number)).toEqual([2]);
    expect(await stage.refused('thing', { first: 10, after: page.pageInfo.endCursor })).toBe('CURSOR_EXPIRED');
    expect((await stage.search('thing')).totalCount).toBe(PRODUCTS - 1);
  });

  test('takes the topic by itself when the shop has another currency', async () => {
    const eur = { amountMinor: 700, currency: 'EUR' };
    await stage.fill([product({ title: 'Thing', priceRange: { min: eur, max: eur } })]);
    expect((await runReindex({}, 'EUR')).source).toBe('topic');
    await stage.restart({ currency: 'EUR' });
    const found = await stage.search('thing', { filters: [{ field: 'price', max: 700 }] });
    expect(found.totalCount).toBe(1);
  });

  test('that is killed may be run again, and nothing is lost between', async () => {
    const products = await publishAll();
    const writes = writing(products);
    const wire = await wireBeforeCopy(stage.opensearch.url);
    const env = {
      ...process.env,
      EBUY_NAMESPACE: stage.kafka.namespace,
      KAFKA_BROKERS: stage.settings.kafkaBrokers.join(','),
      IDENTITY_VERIFY_KEYS: JSON.stringify(stage.settings.identityVerifyKeys),
      NODE_OPTIONS: '',
    };
    const run = (OPENSEARCH_URL: string) =>
      spawn(process.execPath, [fileURLToPath(new URL('../src/reindex.ts', import.meta.url))], {
        env: { ...env, OPENSEARCH_URL },
        stdio: 'ignore',
      });
    const killed = run(wire.url);
    await wire.reached;
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    await wire.close();
    expect(await list()).toMatchObject([{ isRead: true }, { number: 2, isRead: false, isWritten: true }]);
    const again = run(stage.opensearch.url);
    const [code] = await once(again, 'exit');
    expect(code).toBe(0);
    const { last } = await writes.stop();
    await expectTruth(last);
    // The number of what was removed is free again, or the next one was taken: either way one is searched.
    expect((await list()).filter(({ isRead }) => isRead)).toHaveLength(1);
    expect((await list()).filter(({ isWritten }) => isWritten)).toHaveLength(1);
  }, 240_000);
});

describe('an index that is lost', () => {
  test('is made again while the service runs, and filled with what the topic has', async () => {
    const products = await publishAll();
    await stage.opensearch.client.indices.delete({ index: stage.names.version(1) });
    await stage.search('thing').catch(() => undefined);
    await expectTruth(new Map(products.map((one) => [one.productId, one])));
    await eventually(async () => expect(await stage.ready()).toBe(200));
  });

  test('is filled at the start, although the group has read on', async () => {
    const products = await publishAll();
    await stage.opensearch.client.indices.delete({ index: stage.names.version(1) });
    await Promise.all([stage.restart()]);
    await expectTruth(new Map(products.map((one) => [one.productId, one])));
    expect((await stage.search('thing')).totalCount).toBe(PRODUCTS);
  });
});
