import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { supervise } from '@ebuy/engines';
import { eventually } from '@ebuy/testing';
import { afterEach, beforeEach, expect, it } from '@jest/globals';

const PARENT = fileURLToPath(new URL('./parent.fixture.ts', import.meta.url));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ebuy-supervise-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const shell = (script: string, graceMs = 5_000) =>
  supervise({
    name: 'test',
    command: '/bin/sh',
    args: ['-c', script],
    env: { PATH: process.env.PATH },
    cwd: folder,
    logFile: join(folder, 'log'),
    stopSignal: 'TERM',
    graceMs,
  });

const isUp = () => eventually(async () => expect(await readFile(join(folder, 'log'), 'utf8')).toMatch(/^up/));

it('asks a process to end, and waits', async () => {
  const process = await shell('trap "echo asked; exit 3" TERM; echo up; while :; do sleep 0.05; done');
  await isUp();
  await process.stop();
  expect(await process.exited).toBe(3);
  expect(await readFile(join(folder, 'log'), 'utf8')).toBe('up\nasked\n');
});

it('kills a process that does not listen, after the deadline', async () => {
  const process = await shell('trap "" TERM; echo up; while :; do sleep 0.05; done', 300);
  await isUp();
  const from = performance.now();
  await process.stop();
  expect(await process.exited).toBe(137);
  expect(performance.now() - from).toBeGreaterThan(250);
});

it('says how a process ended that ended by itself', async () => {
  const process = await shell('exit 7');
  expect(await process.exited).toBe(7);
  await process.stop();
  await process.kill();
});

const onLinux = process.platform === 'linux' ? it : it.skip;
onLinux('gives the process /dev/null and its log, and no end of the pipes between us and the supervisor', async () => {
  const process = await shell('ls -l /proc/$$/fd');
  await process.exited;
  const links = await readFile(join(folder, 'log'), 'utf8');
  expect(links).toContain('0 -> /dev/null');
  expect(links).toMatch(/1 -> \S+\/log\n/);
  expect(links).toMatch(/2 -> \S+\/log\n/);
  // Node's pipes to its children are sockets.
  expect(links).not.toContain('socket:');
});

it('rejects when the program is missing, with the exit code of a shell that did not find it', async () => {
  const process = await supervise({
    name: 'test',
    command: join(folder, 'no-such-program'),
    args: [],
    env: {},
    cwd: folder,
    logFile: join(folder, 'log'),
    stopSignal: 'TERM',
    graceMs: 1_000,
  });
  expect(await process.exited).toBe(127);
});

it('ends the process when its parent is killed with SIGKILL, and a stubborn one after the deadline', async () => {
  const parent = spawn(process.execPath, [PARENT, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pids = await new Promise<number[]>((resolve) => {
    parent.stdout.once('data', (text: Buffer) => resolve(JSON.parse(text.toString()) as number[]));
  });
  expect(pids.map(isAlive)).toEqual([true, true]);
  parent.kill('SIGKILL');
  await eventually(() => expect(pids.map(isAlive)).toEqual([false, false]));
});
