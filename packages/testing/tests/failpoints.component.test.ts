import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Failpoint } from '@ebuy/events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { armFailpoint, disarm, eventually, failpointEnvironment, firedFailpoints } from '../src/index.ts';

const SERVICE = fileURLToPath(new URL('./fixtures/passing/src/main.ts', import.meta.url));

let dir: string;
const running: ChildProcess[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ebuy failpoints '));
});

afterEach(async () => {
  await Promise.all(
    running.splice(0).map(async (child) => {
      const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
      child.kill('SIGKILL');
      await ended;
    }),
  );
  await rm(dir, { recursive: true });
});

/** A process of the service that passes points on demand. */
function start(environment: Readonly<Record<string, string>> = failpointEnvironment(dir)) {
  const child = spawn(process.execPath, [SERVICE], { env: { PATH: process.env.PATH, ...environment } });
  running.push(child);
  const said: string[] = [];
  const errors: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => said.push(...text.split('\n').filter(Boolean)));
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
  // What is written to one that was killed is nobody's.
  child.stdin.on('error', () => undefined);
  // With all that it had said before: at its exit that may still be on the way.
  const exited = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  return {
    said,
    errors,
    exited,
    pid: child.pid!,
    pass: (point: Failpoint) => child.stdin.write(`${point}\n`),
    whenSaid: (...words: string[]) => eventually(() => expect(said).toEqual(words)),
  };
}

describe('an armed failpoint', () => {
  test('kills the service as it passes, before the next statement, and says which process it was', async () => {
    const service = start();
    await armFailpoint(dir, 'passing', 'store-before-commit');
    service.pass('store-after-commit');
    await service.whenSaid('up', 'store-after-commit');
    service.pass('store-before-commit');
    expect(await service.exited).toEqual([null, 'SIGKILL']);
    expect(service.said).toEqual(['up', 'store-after-commit']);
    expect(await firedFailpoints(dir)).toEqual([
      { service: 'passing', point: 'store-before-commit', pid: service.pid },
    ]);
    expect(await disarm(dir)).toEqual([]);
  });

  test('lets the asked number of passages go by', async () => {
    await armFailpoint(dir, 'passing', 'relay-after-publish', 2);
    const service = start();
    for (let passage = 0; passage < 3; passage += 1) service.pass('relay-after-publish');
    expect(await service.exited).toEqual([null, 'SIGKILL']);
    expect(service.said).toEqual(['up', 'relay-after-publish', 'relay-after-publish']);
  });

  test('is obeyed by one of two replicas, and by the other when it is armed again', async () => {
    const replicas = [start(), start()];
    await Promise.all(replicas.map(({ whenSaid }) => whenSaid('up')));
    await armFailpoint(dir, 'passing', 'consumer-before-offset');
    for (const { pass } of replicas) pass('consumer-before-offset');
    const killed = await Promise.race(replicas.map(async (replica) => (await replica.exited) && replica));
    const [other] = replicas.filter((replica) => replica !== killed);
    await other?.whenSaid('up', 'consumer-before-offset');
    expect(await firedFailpoints(dir)).toHaveLength(1);
    await armFailpoint(dir, 'passing', 'consumer-before-offset');
    other?.pass('consumer-before-offset');
    expect(await other?.exited).toEqual([null, 'SIGKILL']);
    expect(await firedFailpoints(dir)).toHaveLength(2);
  });

  test('can hold the service up instead: nothing of it runs meanwhile, and then it goes on', async () => {
    const service = start();
    await armFailpoint(dir, 'passing', 'store-before-commit', 0, 300);
    const from = performance.now();
    service.pass('store-before-commit');
    service.pass('store-after-commit');
    await service.whenSaid('up', 'store-before-commit', 'store-after-commit');
    expect(performance.now() - from).toBeGreaterThanOrEqual(300);
    expect(await firedFailpoints(dir)).toEqual([
      { service: 'passing', point: 'store-before-commit', pid: service.pid },
    ]);
  });

  test('may be written by hand, and is nothing for another service', async () => {
    const service = start();
    await writeFile(join(dir, 'orders.store-before-commit'), '');
    service.pass('store-before-commit');
    await service.whenSaid('up', 'store-before-commit');
    await writeFile(join(dir, 'passing.store-before-commit'), '');
    service.pass('store-before-commit');
    expect(await service.exited).toEqual([null, 'SIGKILL']);
  });

  test('is taken back', async () => {
    await armFailpoint(dir, 'passing', 'store-before-commit');
    expect(await disarm(dir)).toEqual(['passing.store-before-commit']);
    const service = start();
    service.pass('store-before-commit');
    await service.whenSaid('up', 'store-before-commit');
    expect(await readdir(dir)).toEqual([]);
  });
});

describe('the preload', () => {
  test('without a folder does nothing', async () => {
    const { NODE_OPTIONS } = failpointEnvironment(dir);
    await armFailpoint(dir, 'passing', 'store-before-commit');
    const service = start({ NODE_OPTIONS });
    service.pass('store-before-commit');
    await service.whenSaid('up', 'store-before-commit');
  });

  test('refuses production', async () => {
    const service = start({ ...failpointEnvironment(dir), NODE_ENV: 'production' });
    expect(await service.exited).toEqual([1, null]);
    expect(service.errors.join('')).toContain('are for tests only');
    expect(service.said).toEqual([]);
  });
});
