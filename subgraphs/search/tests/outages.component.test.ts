import { connect, createServer, type Socket } from 'node:net';
import { Fault } from '@ebuy/kernel';
import { eventually, freePort, testEngines } from '@ebuy/testing';
import { describe, expect, test } from '@jest/globals';
import { openEngine } from '../src/store/engine.ts';
import { openStage, product } from './stage.ts';

/** A way to OpenSearch that can be cut, or left open with nobody answering. */
async function wireTo(target: URL) {
  const sockets = new Set<Socket>();
  let isDeaf = false;
  const server = createServer((near) => {
    sockets.add(near);
    near.on('error', () => undefined).on('close', () => sockets.delete(near));
    if (isDeaf) return;
    const far = connect(Number(target.port), target.hostname);
    far.on('error', () => undefined).on('close', () => near.destroy());
    near.on('close', () => far.destroy());
    near.pipe(far).pipe(near);
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const port = await freePort();
  await listen(port);
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    cut() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      drop();
      return closed;
    },
    join: () => listen(port),
    deafen(deaf: boolean) {
      isDeaf = deaf;
      drop();
    },
  };
}

describe('OpenSearch away', () => {
  test('searches fail as they should, readiness says so, events wait, all heals by itself', async () => {
    const wire = await wireTo(new URL(testEngines().opensearch));
    const stage = await openStage({ opensearchUrl: wire.url });
    try {
      await stage.fill([product({ title: 'Early Kettle' })]);
      await eventually(async () => expect(await stage.ready()).toBe(200));
      const { pageInfo } = await stage.search('kettle', { first: 1 });
      await wire.cut();
      expect(await stage.refused('kettle')).toBe('SERVICE_UNAVAILABLE');
      expect(await stage.refused('kettle', { after: pageInfo.endCursor })).toBe('SERVICE_UNAVAILABLE');
      await expect(stage.suggest('ket')).rejects.toThrow('SERVICE_UNAVAILABLE');
      expect(await stage.ready()).toBe(503);
      await stage.publish(product({ title: 'Late Kettle' }));
      await new Promise((resolve) => setTimeout(resolve, 500));
      await wire.join();
      await eventually(async () => expect((await stage.search('kettle')).totalCount).toBe(2));
      await eventually(async () => expect(await stage.ready()).toBe(200));
    } finally {
      await wire.join().catch(() => undefined);
      await stage.close();
      await wire.cut();
    }
  });

  test('a start without it is a start: it is found once it is there', async () => {
    const wire = await wireTo(new URL(testEngines().opensearch));
    await wire.cut();
    const stage = await openStage({ opensearchUrl: wire.url });
    try {
      expect(await stage.refused('kettle')).toBe('SERVICE_UNAVAILABLE');
      expect(await stage.ready()).toBe(503);
      await wire.join();
      await stage.fill([product({ title: 'Kettle' })]);
      expect((await stage.search('kettle')).totalCount).toBe(1);
    } finally {
      await stage.close();
      await wire.cut();
    }
  });

  test('who does not answer is given up after two seconds, then at once', async () => {
    const wire = await wireTo(new URL(testEngines().opensearch));
    const engine = openEngine(wire.url);
    const ask = () => engine.ask({ method: 'GET', path: '/_cluster/health' });
    const tookMs = async () => {
      const startedAt = performance.now();
      await expect(ask()).rejects.toBeInstanceOf(Fault);
      return performance.now() - startedAt;
    };
    try {
      await ask();
      wire.deafen(true);
      // The connection that was open is gone: that one is noticed at once.
      await tookMs();
      const [one, other] = await Promise.all([tookMs(), tookMs()]);
      expect(Math.min(one, other)).toBeGreaterThan(1_500);
      expect(await tookMs()).toBeLessThan(1_000);
      wire.deafen(false);
      await eventually(ask);
    } finally {
      await engine.close();
      await wire.cut();
    }
  });
});

describe('two replicas', () => {
  test('that start at once make one index', async () => {
    const stage = await openStage();
    const engine = openEngine(stage.opensearch.url);
    try {
      const { client } = stage.opensearch;
      await eventually(async () => expect((await client.indices.exists({ index: stage.names.read })).body).toBe(true));
      const { body } = await client.indices.getAlias({ name: stage.names.write });
      expect(Object.keys(body)).toEqual([stage.names.version(1)]);
      const { IndexVersions } = await import('../src/store/versions.ts');
      const { createLogger } = await import('@ebuy/runtime');
      await client.indices.delete({ index: stage.names.version(1) });
      const versions = new IndexVersions(engine, stage.names, 'USD', createLogger('test', 'silent'));
      const made = await Promise.all(Array.from({ length: 5 }, () => versions.ensure()));
      expect(new Set(made.map(({ index }) => index)).size).toBe(1);
      expect((await versions.list()).length).toBe(1);
    } finally {
      await engine.close();
      await stage.close();
    }
  });
});
